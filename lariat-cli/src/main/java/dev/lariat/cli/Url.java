package dev.lariat.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** URLs that a user gives; a refusal never shows a password in one. */
final class Url {
  private static final Set<String> SCHEMES = Set.of("http", "https", "ws", "wss");

  private static final Pattern PORT = Pattern.compile(":([0-9]+)$");

  private Url() {}

  /**
   * The URL that these words are.
   *
   * @param scheme what is proposed if there is none
   */
  static URI of(String url, String scheme) {
    String shown = "\"" + shown(url) + "\"";
    if (!url.contains("://")) {
      String host = url.startsWith(":") ? "localhost" : ""; // as httpie has it
      throw new UsageException(
          shown + " has no scheme: did you mean " + scheme + "://" + host + shown(url) + "?");
    }
    URI uri;
    try {
      uri = new URI(url);
    } catch (URISyntaxException e) {
      throw new UsageException(shown + " is not a URL: " + fault(url, e) + ".");
    }
    String its = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    if (!SCHEMES.contains(its)) {
      throw new UsageException(
          shown + " has the scheme " + its + ", allowed are http, https, ws and wss.");
    }
    String authority = String.valueOf(uri.getRawAuthority());
    if (uri.getRawAuthority() == null || authority.startsWith(":")) {
      throw new UsageException(shown + " has no host.");
    }
    if (authority.contains("@")) {
      throw new UsageException(
          shown + " has a user name in it: --user takes a name and a password.");
    }
    Matcher port = PORT.matcher(authority);
    if (port.find() && !isPort(port.group(1))) {
      throw new UsageException(
          shown + " has the port " + port.group(1) + ", allowed are 1 to 65535.");
    }
    return uri;
  }

  private static String fault(String url, URISyntaxException e) {
    boolean character = e.getReason().startsWith("Illegal character") && e.getIndex() >= 0;
    if (!character || e.getIndex() >= url.length()) {
      return e.getReason();
    }
    String its = Character.toString(url.codePointAt(e.getIndex()));
    return "'"
        + Line.plain(its)
        + "' is not allowed in it, write "
        + DataOptions.percent(its.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean isPort(String port) {
    return port.length() <= 5 && Integer.parseInt(port) >= 1 && Integer.parseInt(port) <= 65535;
  }

  /** The URL with the scheme in lower case, http for ws and https for wss. */
  static URI asHttp(URI url) {
    String scheme = url.getScheme().toLowerCase(Locale.ROOT).replaceFirst("^ws", "http");
    return URI.create(scheme + url.toString().substring(url.getScheme().length()));
  }

  /** The same resource, asked for at another place. */
  static URI at(Address.Place place, URI url) {
    String path = url.getRawPath() == null ? "" : url.getRawPath();
    String query = url.getRawQuery() == null ? "" : "?" + url.getRawQuery();
    return URI.create(url.getScheme() + "://" + place + path + query);
  }

  /** The URL without what may be a name and a password: all before the last at sign. */
  private static String shown(String url) {
    int at = url.lastIndexOf('@');
    int slashes = url.indexOf("://");
    int start = slashes < 0 || slashes > at ? 0 : slashes + 3;
    return Line.plain(at < 0 ? url : url.substring(0, start) + "***" + url.substring(at));
  }
}
