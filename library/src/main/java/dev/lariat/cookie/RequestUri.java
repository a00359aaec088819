package dev.lariat.cookie;

import dev.lariat.internal.uri.Authority;
import dev.lariat.internal.uri.Mask;
import java.net.URI;
import java.util.Locale;

/**
 * What of a request's URI cookies depend on (RFC 6265bis section 2.3). The port is not among it:
 * cookies do not keep ports apart.
 *
 * @param secure whether the connection is: whether it has TLS
 * @param host a name or an address, in lower case; IPv6 without brackets, a name without a dot at
 *     its end
 * @param path the path without the query; one that does not begin with a slash counts as {@code /}
 */
public record RequestUri(boolean secure, String host, String path) {

  /** Puts the host into lower case, without the dot at the end that only a lookup knows. */
  public RequestUri {
    host = host.toLowerCase(Locale.ROOT);
    host = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
  }

  /**
   * {@return that of a URI, with what is not ASCII in its path percent-encoded, as it is sent}
   *
   * @param uri a URI with the scheme {@code http}, {@code https}, {@code ws} or {@code wss}
   * @throws IllegalArgumentException if its scheme is none of http, https, ws and wss, or it has no
   *     host
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
   * {@return that of a request}
   *
   * @param secure whether the connection has TLS
   * @param authority the host as the {@code Host} header has it, with a port or without
   * @param target the request's target: a path with a query or without
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

  /** {@return the path of cookies that name none themselves (section 5.1.4)} */
  public String defaultPath() {
    int last = path.lastIndexOf('/');
    return last <= 0 || !path.startsWith("/") ? "/" : path.substring(0, last);
  }
}
