package dev.lariat.internal.codec;

import dev.lariat.internal.uri.Authority;
import dev.lariat.internal.uri.WebUri;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An {@code http} or {@code https} URI (RFC 9110 section 4.2).
 *
 * @param secure whether it is {@code https}
 * @param authority its host and port
 * @param target what a request names: the path with its query
 * @param fragment what stands behind the number sign
 */
public record HttpUri(
    boolean secure, Authority authority, String target, Optional<String> fragment) {
  private static final Pattern REFERENCE = // RFC 3986 appendix B
      Pattern.compile("(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(\\?[^#]*)?(?:#(.*))?");
  private static final Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*");
  private static final String ENCODED = " \"<>\\^`{|}"; // what no URI has, and servers send

  /** The root of an origin. */
  public static HttpUri of(boolean secure, Authority authority) {
    return new HttpUri(secure, authority, "/", Optional.empty());
  }

  /** That of a whole URI, without its fragment. */
  public static HttpUri of(WebUri whole) {
    return of(whole.secure(), whole.authority()).target(whole.target());
  }

  /** The port that a scheme implies. */
  public static int port(boolean secure) {
    return WebUri.port(secure);
  }

  /** The same origin with this target. */
  public HttpUri target(String target) {
    return new HttpUri(secure, authority, target, Optional.empty());
  }

  /** Whether both have the same scheme, host and port (RFC 9110 section 4.3.1). */
  public boolean sameOrigin(HttpUri other) {
    return secure == other.secure && authority.equals(other.authority);
  }

  /** What the {@code Host} header of a request says. */
  public String hostField() {
    return authority.field(port(secure));
  }

  /** The origin as a URI, without a path. */
  public String origin() {
    return (secure ? "https://" : "http://") + authority.uri(port(secure));
  }

  /** By hand, as {@link #hashCode} is: pools ask several times for each request. */
  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || other instanceof HttpUri its
            && sameOrigin(its)
            && target.equals(its.target)
            && fragment.equals(its.fragment);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * authority.hashCode() + target.hashCode()) + Boolean.hashCode(secure);
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
    String given = reference.group(2);
    String path = reference.group(3);
    String query = reference.group(4) == null ? "" : reference.group(4);
    if (given != null) {
      return new HttpUri(secureNext, named(given, secureNext), withoutDots(path) + query, next);
    }
    if (scheme != null
        || path.startsWith(":")) { // an HTTP URI has an authority, and a scheme a name
      throw malformed();
    }
    int own = target.indexOf('?');
    String ownPath = own < 0 ? target : target.substring(0, own);
    if (path.isEmpty()) {
      String kept = query.isEmpty() && own >= 0 ? target.substring(own) : query;
      return new HttpUri(secure, authority, withoutDots(ownPath) + kept, next);
    }
    String merged =
        path.startsWith("/") ? path : ownPath.substring(0, ownPath.lastIndexOf('/') + 1) + path;
    return new HttpUri(secure, authority, withoutDots(merged) + query, next);
  }

  /** The host that a Location names. This one keeps its zone, of which the server knows nothing. */
  private Authority named(String text, boolean secureNext) throws Violation {
    try {
      Authority named = Authority.parse(text, port(secureNext));
      boolean zoned = !named.zone().isEmpty() || !named.host().equals(authority.host());
      return zoned ? named : new Authority(named.host(), authority.zone(), named.port());
    } catch (IllegalArgumentException e) { // user information is refused too
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
