package dev.lariat.cookie;

import java.time.Instant;
import java.util.Optional;

/**
 * A cookie as a store keeps it (RFC 6265bis section 5.7). Its characters are those of ISO 8859-1,
 * one for each octet that the server sent.
 *
 * @param name its name, without {@code =}; can be empty if the value is not
 * @param value its value; can be empty if the name is not; the two together have at most 4096
 *     characters
 * @param domain the host that set it, or the domain that it named; in lower case, without a leading
 *     dot
 * @param path its path, which begins with a slash; it has a semicolon only if it comes from the
 *     path of a request that has one
 * @param expires when it expires; empty if it lasts for the session
 * @param created when a cookie with this name, domain and path was first set
 * @param hostOnly whether it is only for the domain itself and not for its subdomains
 * @param secure whether it is only for connections with TLS
 * @param httpOnly whether the server wants to hide it from scripts; Lariat only keeps this value
 * @param sameSite with which requests the server wants to receive it; Lariat only keeps this value
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

  /** How many characters a name and its value may have together (section 5.6). */
  public static final int SIZE = 4096;

  private static final String NO_HOST = "#/?@\\;";

  /**
   * Checks every component.
   *
   * @throws IllegalArgumentException if a component is not as documented, or has a character that a
   *     {@code Cookie} or {@code Set-Cookie} header cannot carry
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
   * {@return whether a cookie may have this domain: visible ASCII without upper case, without the
   * delimiters of a host in a URI, and without a leading dot}
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
   * {@return this cookie with this time of creation}
   *
   * @param created when it was created
   */
  public Cookie createdAt(Instant created) {
    return new Cookie(
        name, value, domain, path, expires, created, hostOnly, secure, httpOnly, sameSite);
  }

  /** {@return whether it lasts longer than the session} */
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
   * {@return whether it belongs to a request for this URI (section 5.8.3), regardless of its
   * expiry}
   *
   * @param uri the URI of the request
   */
  public boolean matches(RequestUri uri) {
    return (hostOnly ? domain.equals(uri.host()) : domainMatches(uri.host(), domain))
        && pathMatches(uri.path(), path)
        && (!secure || uri.secure());
  }

  /**
   * {@return whether a host is this domain or one of its subdomains (section 5.1.3)} An address has
   * no subdomains.
   *
   * @param host the host, in lower case
   * @param domain the domain, in lower case
   */
  public static boolean domainMatches(String host, String domain) {
    return host.equals(domain)
        || host.length() > domain.length()
            && host.endsWith(domain)
            && host.charAt(host.length() - domain.length() - 1) == '.'
            && !isAddress(host);
  }

  /**
   * {@return whether the path of a request is the path of a cookie or is below it (section 5.1.4)}
   *
   * @param requested the path of the request, without the query
   * @param path the path of the cookie
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

  /** {@return the cookie as in a {@code Cookie} header: {@code name=value}, or only the value} */
  public String pair() {
    return name.isEmpty() ? value : name + "=" + value;
  }

  /** Shows the cookie without its value, which can be a secret. */
  @Override
  public String toString() {
    return "Cookie[" + name + " of " + (hostOnly ? "" : ".") + domain + path + "]";
  }
}
