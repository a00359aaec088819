package dev.lariat.cookie;

import dev.lariat.internal.uri.Authority;
import dev.lariat.internal.uri.Mask;
import java.net.URI;
import java.util.Locale;

/**
 * The parts of a request's URI that matter for cookies (RFC 6265bis section 2.3). The port is not
 * one of them: cookies do not depend on the port.
 *
 * @param secure whether the connection has TLS
 * @param host a name or an address, in lower case; IPv6 without brackets, a name without a trailing
 *     dot
 * @param path the path without the query; a path that does not begin with a slash counts as {@code
 *     /}
 */
public record RequestUri(boolean secure, String host, String path) {

  /**
   * Converts the host to lower case, and removes a trailing dot, which matters only for a lookup.
   */
  public RequestUri {
    host = host.toLowerCase(Locale.ROOT);
    host = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
  }

  /**
   * {@return the parts of this URI, with the path percent-encoded as it is sent}
   *
   * @param uri a URI with the scheme {@code http}, {@code https}, {@code ws} or {@code wss}
   * @throws IllegalArgumentException if the URI has another scheme, or no host
   */
  public static RequestUri of(URI uri) {
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean secure = scheme.equals("https") || scheme.equals("wss");
    if (!secure && !scheme.equals("http") && !scheme.equals("ws")) {
      throw new IllegalArgumentException(
          "uri: " + Mask.refused(uri.toString()) + ", allowed the schemes http, https, ws and wss");
    }
    Authority authority;
    try {
      authority = Authority.of(uri, 1); // cookies do not ask for the port
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("uri: " + e.getMessage(), e);
    }
    return new RequestUri(secure, authority.name(), URI.create(uri.toASCIIString()).getRawPath());
  }

  /**
   * {@return the parts of the URI of this request}
   *
   * @param secure whether the connection has TLS
   * @param authority the value of the {@code Host} header, with or without a port
   * @param target the request's target: a path with or without a query
   */
  public static RequestUri of(boolean secure, String authority, String target) {
    int bracket = authority.indexOf(']');
    int colon = authority.indexOf(':', Math.max(0, bracket));
    String host = colon < 0 ? authority : authority.substring(0, colon);
    int query = target.indexOf('?');
    return new RequestUri(
        secure,
        bracket > 0 && host.startsWith("[") ? host.substring(1, bracket) : host,
        query < 0 ? target : target.substring(0, query));
  }

  /** {@return the path of cookies that do not name one (section 5.1.4)} */
  public String defaultPath() {
    int last = path.lastIndexOf('/');
    return last <= 0 || !path.startsWith("/") ? "/" : path.substring(0, last);
  }
}
