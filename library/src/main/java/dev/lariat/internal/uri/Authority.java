package dev.lariat.internal.uri;

import java.net.IDN;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The host and the port of a URI (RFC 3986 section 3.2), the same for whoever names one: a user, an
 * endpoint, a redirect, a cookie. {@code java.net.URI} knows no host that has an underscore or
 * letters beyond ASCII, so it is not asked.
 *
 * @param host in lower case and in ASCII: a name, with the dot at its end if it has one, an IPv4
 *     address, or an IPv6 address in brackets
 * @param zone which of this machine's links an IPv6 address is on (RFC 6874); mostly empty
 * @param port 1 to 65535
 */
public record Authority(String host, String zone, int port) {
  private static final Pattern ADDRESS = // of IPv6, in brackets
      Pattern.compile("\\[([0-9A-Fa-f:.]+)(?:%(?:25(?=.))?([A-Za-z0-9._~-]+))?\\]");
  private static final Pattern DOTS = Pattern.compile("[\u3002\uff0e\uff61]"); // RFC 3490, 3.1

  /** What IDNA 2003, which is all that the JDK knows, makes other names of than IDNA 2008 does. */
  private static final Pattern DEVIATION = Pattern.compile("[\u00df\u03c2\u200c\u200d]");

  private static final int LONGEST_PORT = 5;
  private static final int LONGEST_NAME = 253;
  private static final int LONGEST_LABEL = 63; // RFC 1035 section 2.3.4

  /**
   * Reads what stands between the two slashes of a URI and its path.
   *
   * @param implied the port where none is named
   * @throws IllegalArgumentException with the part that is wrong and what is allowed
   */
  public static Authority parse(String text, int implied) {
    if (text.indexOf('@') >= 0) {
      throw new IllegalArgumentException(
          "user information, allowed none (RFC 9110 section 4.2.4)"); // it may be a secret
    }
    int end = text.indexOf(']') + 1; // brackets have colons of their own
    int colon = text.indexOf(':', end);
    String host = colon < 0 ? text : text.substring(0, colon);
    String port = colon < 0 ? "" : text.substring(colon + 1);
    boolean isHost =
        text.startsWith("[") ? end > 0 && host.length() == end : end == 0 && host.indexOf('[') < 0;
    boolean isPort = port.isEmpty() || port.length() <= LONGEST_PORT && isNumeric(port);
    if (!isHost || !isPort) {
      throw refused("\"" + shown(text) + "\"", "a host with a port or without");
    }
    return of(host, port.isEmpty() ? implied : Integer.parseInt(port));
  }

  /**
   * Reads that of a URI.
   *
   * @param implied the port where none is named
   * @throws IllegalArgumentException as {@link #parse}
   */
  public static Authority of(URI uri, int implied) {
    String text = uri.getRawAuthority();
    try {
      return parse(text == null ? "" : text, implied);
    } catch (IllegalArgumentException e) {
      if (uri.toString().indexOf('@') < 0) {
        throw e;
      }
      throw new IllegalArgumentException( // a slash in a password ends the authority early
          "user information or no host, allowed a host with a port or without (RFC 9110 section"
              + " 4.2.4)");
    }
  }

  /**
   * Refuses a URI that has something after its authority, which would be ignored.
   *
   * @param what how the URI is called
   */
  public static void alone(String what, URI uri) {
    String path = uri.getRawPath();
    String more =
        path != null && !path.isEmpty() && !path.equals("/")
            ? "the path " + path
            : uri.getRawQuery() != null
                ? "a query"
                : uri.getRawFragment() != null ? "a fragment" : "";
    if (!more.isEmpty()) {
      throw refused(what + ": one with " + more, "only an origin: a scheme, a host and a port");
    }
  }

  /**
   * Reads a host.
   *
   * @param host a name or an address, IPv6 with brackets or without
   * @throws IllegalArgumentException as {@link #parse}
   */
  public static Authority of(String host, int port) {
    if (port < 1 || port > 65535) {
      throw refused("port: " + port, "1 to 65535");
    }
    boolean bare = host.indexOf(':') >= 0 && !host.startsWith("[");
    String text = bare ? "[" + host + "]" : host;
    if (!text.startsWith("[")) {
      return new Authority(name(host), "", port);
    }
    Matcher address = ADDRESS.matcher(text);
    if (!address.matches() || !isAddress(address.group(1))) {
      throw refused("host: \"" + shown(host) + "\"", "an IPv6 address in brackets");
    }
    String zone = address.group(2);
    return new Authority(
        "[" + address.group(1).toLowerCase(Locale.ROOT) + "]", zone == null ? "" : zone, port);
  }

  /** Java knows what is one; brackets keep it from looking for a name. */
  private static boolean isAddress(String text) {
    try {
      return text.indexOf(':') >= 0 && InetAddress.getByName("[" + text + "]") != null;
    } catch (UnknownHostException e) {
      return false;
    }
  }

  /** The name in ASCII, or an IPv4 address. */
  private static String name(String given) {
    String name = isFinal(given) ? given : mapped(given);
    if (isNumeric(name.substring(name.lastIndexOf('.') + 1)) && !isIpv4(name)) {
      throw refused("host: \"" + shown(given) + "\"", "an IPv4 address of four numbers, 0 to 255");
    }
    return name;
  }

  /** Whether it is in ASCII and lower case already, as most are. */
  private static boolean isFinal(String name) {
    int length = 0; // of the label
    boolean is = name.length() <= LONGEST_NAME;
    for (int i = 0; i < name.length() && is; i++) {
      boolean dot = name.charAt(i) == '.';
      is = dot ? length > 0 : isOfLabel(name.charAt(i)) && length < LONGEST_LABEL;
      length = dot ? 0 : length + 1;
    }
    return is && length > 0;
  }

  /** The name in ASCII and lower case. A number has no dot at its end. */
  private static String mapped(String given) {
    boolean plain = isAscii(given) && given.indexOf('%') < 0;
    String text = plain ? given : DOTS.matcher(decoded(given)).replaceAll(".");
    if (!plain && DEVIATION.matcher(text).find()) {
      throw refused(
          "host: \"" + shown(given) + "\"",
          "its form in ASCII (xn--…), since the versions of IDNA differ in one of its characters");
    }
    boolean rooted = text.endsWith(".");
    String[] labels = (rooted ? text.substring(0, text.length() - 1) : text).split("\\.", -1);
    for (int i = 0; i < labels.length; i++) {
      labels[i] = label(labels[i], given);
    }
    String name = String.join(".", labels);
    if (name.length() > LONGEST_NAME) {
      throw refused("host: " + name.length() + " characters", "1 to " + LONGEST_NAME);
    }
    return rooted && !isNumeric(labels[labels.length - 1]) ? name + "." : name;
  }

  /** One of a name's parts, checked behind the mapping too, which makes a slash of some letters. */
  private static String label(String label, String host) {
    String mapped = label.toLowerCase(Locale.ROOT);
    if (!isAscii(label)) {
      try {
        mapped = IDN.toASCII(label, IDN.ALLOW_UNASSIGNED).toLowerCase(Locale.ROOT);
      } catch (IllegalArgumentException e) {
        mapped = "";
      }
    }
    if (!isLabel(mapped)) {
      throw refused(
          "host: \"" + shown(host) + "\"",
          "a name whose parts have 1 to 63 letters, digits, hyphens and underscores, or an"
              + " address");
    }
    return mapped;
  }

  private static boolean isLabel(String label) {
    boolean is = !label.isEmpty() && label.length() <= LONGEST_LABEL;
    for (int i = 0; i < label.length() && is; i++) {
      is = isOfLabel(label.charAt(i));
    }
    return is;
  }

  private static boolean isOfLabel(char c) {
    return c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_';
  }

  private static boolean isIpv4(String text) {
    int octets = 0;
    int end;
    for (int begin = 0; begin <= text.length(); begin = end + 1) {
      int dot = text.indexOf('.', begin);
      end = dot < 0 ? text.length() : dot;
      octets += isOctet(text, begin, end) ? 1 : 5; // one that is wrong is too many
    }
    return octets == 4;
  }

  /** A number of 0 to 255 without zeros before it, which some read as octal. */
  private static boolean isOctet(String text, int begin, int end) {
    int value = 0;
    boolean is = end > begin && end - begin <= 3 && (end - begin == 1 || text.charAt(begin) != '0');
    for (int i = begin; i < end && is; i++) {
      is = text.charAt(i) >= '0' && text.charAt(i) <= '9';
      value = 10 * value + text.charAt(i) - '0';
    }
    return is && value <= 255;
  }

  /** With its percent-encoded octets as the letters beyond ASCII that they are in UTF-8. */
  private static String decoded(String host) {
    if (host.indexOf('%') < 0) {
      return host;
    }
    byte[] octets = host.getBytes(StandardCharsets.UTF_8);
    ByteBuffer out = ByteBuffer.allocate(octets.length);
    for (int i = 0; i < octets.length; i++) {
      if (octets[i] != '%') {
        out.put(octets[i]);
        continue;
      }
      int high = i + 2 < octets.length ? Character.digit(octets[i + 1], 16) : -1;
      int low = i + 2 < octets.length ? Character.digit(octets[i + 2], 16) : -1;
      if (high < 8 || low < 0) { // of ASCII nothing needs it
        throw refused("host: \"" + shown(host) + "\"", "percent-encoded octets of UTF-8 alone");
      }
      out.put((byte) (high << 4 | low));
      i += 2;
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(out.flip()).toString();
    } catch (CharacterCodingException e) {
      throw refused("host: \"" + shown(host) + "\"", "percent-encoded octets of UTF-8 alone");
    }
  }

  private static boolean isAscii(String text) {
    boolean is = true;
    for (int i = 0; i < text.length() && is; i++) {
      is = text.charAt(i) < 0x80;
    }
    return is;
  }

  private static String shown(String text) {
    return text.replaceAll("\\p{Cntrl}", "?");
  }

  private static IllegalArgumentException refused(String what, String allowed) {
    return new IllegalArgumentException(what + ", allowed " + allowed);
  }

  /** What is looked up or connected to: IPv6 without brackets and with its zone. */
  public String lookup() {
    return zone.isEmpty() ? bare() : bare() + "%" + zone;
  }

  /** Whether it is an address and no name. */
  public boolean isAddress() {
    return host.startsWith("[") || isNumeric(host.substring(host.lastIndexOf('.') + 1));
  }

  private static boolean isNumeric(String label) {
    boolean is = !label.isEmpty();
    for (int i = 0; i < label.length() && is; i++) {
      is = label.charAt(i) >= '0' && label.charAt(i) <= '9';
    }
    return is;
  }

  /**
   * What the server calls itself in its certificate and its cookies: IPv6 without brackets, a name
   * without the dot at its end (RFC 6066 section 3), never a zone, which is this machine's alone.
   */
  public String name() {
    String bare = bare();
    return bare.endsWith(".") ? bare.substring(0, bare.length() - 1) : bare;
  }

  private String bare() {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /**
   * What a {@code Host} header says, without the zone (RFC 6874 section 4).
   *
   * @param implied the port that is not named
   */
  public String field(int implied) {
    return port == implied ? host : host + ":" + port;
  }

  /**
   * In the form of a URI, with the zone.
   *
   * @param implied the port that is not named
   */
  public String uri(int implied) {
    String shown =
        zone.isEmpty() ? host : host.substring(0, host.length() - 1) + "%25" + zone + "]";
    return port == implied ? shown : shown + ":" + port;
  }

  /** By hand, as {@link #hashCode} is: pools ask several times for each request. */
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || other instanceof Authority its
            && port == its.port
            && host.equals(its.host)
            && zone.equals(its.zone);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * host.hashCode() + zone.hashCode()) + port;
  }

  /** In the form of a URI, with the zone and the port. */
  @Override
  public String toString() {
    return uri(0);
  }
}
