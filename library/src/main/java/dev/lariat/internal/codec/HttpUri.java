package dev.lariat.internal.codec;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * An {@code http} or {@code https} URI (RFC 9110 section 4.2).
 *
 * @param secure whether it is {@code https}
 * @param host in lower case, IPv6 with its brackets
 * @param port 1 to 65535
 * @param target what a request names: the path with its query
 * @param fragment what stands behind the number sign
 */
public record HttpUri(
    boolean secure, String host, int port, String target, Optional<String> fragment) {
  private static final Pattern REFERENCE = // RFC 3986 appendix B
      Pattern.compile("(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(\\?[^#]*)?(?:#(.*))?");
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*");
  private static final Pattern AUTHORITY =
      Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9._~!$&'()*+,;=-]+)(?::([0-9]{0,5}))?");
  private static final int HTTP = 80;
  private static final int HTTPS = 443;
  private static final String ENCODED = " \"<>\\^`{|}"; // what no URI has, and servers send

  /** The root of an origin, from what a {@code Host} field says. */
  public static HttpUri of(boolean secure, String hostField) {
    int colon = hostField.lastIndexOf(':');
    boolean implied = colon < 0 || hostField.endsWith("]");
    return new HttpUri(
        secure,
        (implied ? hostField : hostField.substring(0, colon)).toLowerCase(Locale.ROOT),
        implied ? (secure ? HTTPS : HTTP) : Integer.parseInt(hostField.substring(colon + 1)),
        "/",
        Optional.empty());
  }

  /** The same origin with this target. */
  public HttpUri target(String target) {
    return new HttpUri(secure, host, port, target, Optional.empty());
  }

  /** Whether both have the same scheme, host and port (RFC 9110 section 4.3.1). */
  public boolean sameOrigin(HttpUri other) {
    return secure == other.secure && port == other.port && host.equals(other.host);
  }

  /** The origin as a URI, without a path. */
  public String origin() {
    boolean implied = port == (secure ? HTTPS : HTTP);
    return (secure ? "https://" : "http://") + host + (implied ? "" : ":" + port);
  }

  @Override
  public String toString() {
    return origin() + (target.equals("*") ? "" : target) + fragment.map(f -> "#" + f).orElse("");
  }

  /**
   * Where a {@code Location} field leads from here (RFC 3986 section 5.2). A fragment goes on with
   * it where it has none of its own (RFC 9110 section 10.2.2). Characters that no URI has are
   * percent-encoded, as browsers do.
   */
  public HttpUri resolve(String location) throws Violation {
    Matcher reference = REFERENCE.matcher(encoded(location.strip()));
    if (location.isBlank() || !reference.matches()) {
      throw malformed();
    }
    String scheme = reference.group(1);
    if (scheme != null && !SCHEME.matcher(scheme).matches()) {
      throw malformed();
    }
    boolean secureNext = scheme == null ? secure : isSecure(scheme);
    Optional<String> next = Optional.ofNullable(reference.group(5)).or(() -> fragment);
    String authority = reference.group(2);
    String path = reference.group(3);
    String query = reference.group(4) == null ? "" : reference.group(4);
    if (authority != null) {
      Matcher parts = AUTHORITY.matcher(authority);
      if (!parts.matches()) { // user information is refused too (RFC 9110 section 4.2.4)
        throw malformed();
      }
      String given = parts.group(2) == null ? "" : parts.group(2);
      int portNext = given.isEmpty() ? (secureNext ? HTTPS : HTTP) : Integer.parseInt(given);
      if (portNext < 1 || portNext > 65535) {
        throw malformed();
      }
      String hostNext = parts.group(1).toLowerCase(Locale.ROOT);
      checkAddress(hostNext);
      return new HttpUri(secureNext, hostNext, portNext, withoutDots(path) + query, next);
    }
    if (scheme != null
        || path.startsWith(":")) { // an HTTP URI has an authority, and a scheme a name
      throw malformed();
    }
    int own = target.indexOf('?');
    String ownPath = own < 0 ? target : target.substring(0, own);
    if (path.isEmpty()) {
      String kept = query.isEmpty() && own >= 0 ? target.substring(own) : query;
      return new HttpUri(secure, host, port, withoutDots(ownPath) + kept, next);
    }
    String merged =
        path.startsWith("/") ? path : ownPath.substring(0, ownPath.lastIndexOf('/') + 1) + path;
    return new HttpUri(secure, host, port, withoutDots(merged) + query, next);
  }

  /** What stands in brackets must be an address, which Java's URI knows. */
  private static void checkAddress(String host) throws Violation {
    try {
      new URI("//" + host);
    } catch (URISyntaxException e) {
      throw malformed();
    }
  }

  private static boolean isSecure(String scheme) throws Violation {
    return switch (scheme.toLowerCase(Locale.ROOT)) {
      case "https" -> true;
      case "http" -> false;
      default ->
          throw Violation.protocol(
              "the server's Location has the scheme " + scheme + ", which is not HTTP's",
              "RFC 9110 section 4.2");
    };
  }

  /** Without the segments {@code .} and {@code ..} (RFC 3986 section 5.2.4); never empty. */
  private static String withoutDots(String path) {
    StringBuilder out = new StringBuilder();
    int at = path.startsWith("/") ? 1 : 0;
    boolean more = true;
    while (more) {
      int slash = path.indexOf('/', at);
      more = slash >= 0;
      String segment = path.substring(at, more ? slash : path.length());
      at = slash + 1;
      if (segment.equals("..")) {
        out.setLength(Math.max(0, out.lastIndexOf("/")));
      } else if (!segment.equals(".")) {
        out.append('/').append(segment);
        continue;
      }
      if (!more) {
        out.append('/'); // what they name is a folder
      }
    }
    return out.toString();
  }

  private static String encoded(String location) throws Violation {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < location.length(); i++) {
      char c = location.charAt(i);
      if (c < ' ' || c == 0x7f) {
        throw malformed();
      }
      boolean encode = c > 0x7f || ENCODED.indexOf(c) >= 0;
      text.append(encode ? String.format("%%%02X", (int) c) : String.valueOf(c));
    }
    return text.toString();
  }

  private static Violation malformed() {
    return Violation.protocol("the server's Location is malformed", "RFC 9110 section 10.2.2");
  }
}
