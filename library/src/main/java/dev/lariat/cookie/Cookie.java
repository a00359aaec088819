package dev.lariat.cookie;

import java.time.Instant;
import java.util.Optional;

/**
 * A cookie as it is kept (RFC 6265bis section 5.7). Its characters are those of ISO 8859-1, one for
 * each octet that the server sent.
 *
 * @param name without {@code =}; may be empty where the value is not
 * @param value may be empty where the name is not; with the name at most 4096 characters
 * @param domain the host that set it, or the domain that it named; in lower case, without a dot at
 *     its beginning
 * @param path begins with a slash; has a semicolon only where it is the folder of a request that
 *     has one
 * @param expires when it does; empty where it lives as long as the session
 * @param created when a cookie of this name, domain and path was first set
 * @param hostOnly whether it is for the domain itself alone and not for those beneath it
 * @param secure whether it is for connections with TLS alone
 * @param httpOnly whether the server wants it hidden from scripts; here it is only kept
 * @param sameSite which requests the server wants it to go with; here it is only kept
 */
public record Cookie(
    String name,
    String value,
    String domain,
    String path,
    Optional<Instant> expires,
    Instant created,
    boolean hostOnly,
    boolean secure,
    boolean httpOnly,
    SameSite sameSite) {

  /** How many characters a name and its value have together at the most (section 5.6). */
  public static final int SIZE = 4096;

  private static final String NO_HOST = "#/?@\\;";

  /**
   * Checks every component.
   *
   * @throws IllegalArgumentException if one is not as documented, or has a character that neither a
   *     {@code Cookie} header nor a {@code Set-Cookie} header can carry
   */
  public Cookie {
    String pair = name + "=" + value;
    if (name.isEmpty() && value.isEmpty()) {
      throw new IllegalArgumentException("cookie: without name and value, allowed one of them");
    }
    if (pair.length() > SIZE + 1) {
      throw new IllegalArgumentException(
          "cookie: a name and value of " + (pair.length() - 1) + " characters, allowed " + SIZE);
    }
    if (name.indexOf('=') >= 0
        || !isText(pair)
        || pair.indexOf(';') >= 0
        || !name.equals(name.trim())) {
      throw refused(
          "name or value",
          pair,
          "ISO 8859-1 without control characters and semicolons, a name without = and spaces"
              + " around");
    }
    if (!value.equals(value.trim())) {
      throw refused("value", value, "no white space around it");
    }
    if (!isDomain(domain)) {
      throw refused("domain", domain, "a host in lower case and in ASCII");
    }
    if (!path.startsWith("/") || !isText(path)) {
      throw refused(
          "path", path, "one that begins with a slash, of ISO 8859-1 without control characters");
    }
  }

  private static IllegalArgumentException refused(String what, String value, String allowed) {
    return new IllegalArgumentException(
        "cookie's "
            + what
            + ": \""
            + value.replaceAll("\\p{Cntrl}", "?")
            + "\", allowed "
            + allowed);
  }

  private static boolean isText(String text) {
    return text.chars().allMatch(c -> (c >= ' ' || c == '\t') && c != 0x7f && c <= 0xff);
  }

  /**
   * {@return whether a cookie may have this domain: visible ASCII without what ends or parts a host
   * in a URI, nothing in upper case, no dot at the beginning}
   *
   * @param text the text
   */
  public static boolean isDomain(String text) {
    return !text.isEmpty()
        && !text.startsWith(".")
        && text.chars()
            .allMatch(c -> c > ' ' && c < 0x7f && NO_HOST.indexOf(c) < 0 && (c < 'A' || c > 'Z'));
  }

  /**
   * {@return this cookie, with this time of creation}
   *
   * @param created when it was created
   */
  public Cookie createdAt(Instant created) {
    return new Cookie(
        name, value, domain, path, expires, created, hostOnly, secure, httpOnly, sameSite);
  }

  /** {@return whether it outlives the session} */
  public boolean persistent() {
    return expires.isPresent();
  }

  /**
   * {@return whether it has expired}
   *
   * @param now the current time
   */
  public boolean expired(Instant now) {
    return expires.isPresent() && !expires.get().isAfter(now);
  }

  /**
   * {@return whether it goes with a request for this URI (section 5.8.3), its time apart}
   *
   * @param uri where the request goes
   */
  public boolean matches(RequestUri uri) {
    return (hostOnly ? domain.equals(uri.host()) : domainMatches(uri.host(), domain))
        && pathMatches(uri.path(), path)
        && (!secure || uri.secure());
  }

  /**
   * {@return whether a host is a domain or lies beneath it (section 5.1.3)} Nothing lies beneath an
   * address.
   *
   * @param host in lower case
   * @param domain in lower case
   */
  public static boolean domainMatches(String host, String domain) {
    return host.equals(domain)
        || host.length() > domain.length()
            && host.endsWith(domain)
            && host.charAt(host.length() - domain.length() - 1) == '.'
            && !isAddress(host);
  }

  /**
   * {@return whether a request's path is a cookie's path or lies beneath it (section 5.1.4)}
   *
   * @param requested the request's, without the query
   * @param path the cookie's
   */
  public static boolean pathMatches(String requested, String path) {
    String asked = requested.startsWith("/") ? requested : "/";
    return asked.startsWith(path)
        && (asked.length() == path.length()
            || path.endsWith("/")
            || asked.charAt(path.length()) == '/');
  }

  /** An address and no name: IPv6, or IPv4, the last part of which is a number. */
  private static boolean isAddress(String host) {
    char last = host.charAt(host.length() - 1);
    return host.indexOf(':') >= 0 || last >= '0' && last <= '9' && endsInNumber(host);
  }

  private static boolean endsInNumber(String host) {
    return host.substring(host.lastIndexOf('.') + 1).chars().allMatch(c -> c >= '0' && c <= '9');
  }

  /**
   * {@return the cookie as the {@code Cookie} header carries it: {@code name=value}, or the value
   * alone}
   */
  public String pair() {
    return name.isEmpty() ? value : name + "=" + value;
  }

  /** The cookie without its value, which may be a secret. */
  @Override
  public String toString() {
    return "Cookie[" + name + " of " + (hostOnly ? "" : ".") + domain + path + "]";
  }
}
