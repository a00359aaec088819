package dev.lariat.internal.uri;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/**
 * A whole URI of a request or a WebSocket, as a user names one: read and checked once.
 *
 * @param uri as it was given
 * @param secure whether its scheme asks for TLS
 * @param webSocket whether its scheme is that of a WebSocket
 * @param authority its host and port
 */
public record WebUri(URI uri, boolean secure, boolean webSocket, Authority authority) {
  private static final int PORT = 80;
  private static final int SECURE_PORT = 443;

  /** The port that a scheme implies. */
  public static int port(boolean secure) {
    return secure ? SECURE_PORT : PORT;
  }

  /**
   * Reads a text.
   *
   * @throws IllegalArgumentException if it is no URI by RFC 3986, or as {@link #of}
   */
  public static WebUri parse(String text) {
    try {
      return of(new URI(text));
    } catch (URISyntaxException e) { // whose own words hold all of it
      String fault = e.getReason() + " at index " + e.getIndex();
      throw refused(text, "one by RFC 3986 (" + fault + ")");
    }
  }

  /**
   * Reads a URI.
   *
   * @throws IllegalArgumentException with the part that is wrong and what is allowed
   */
  public static WebUri of(URI uri) {
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    return switch (scheme) {
      case "http" -> of(uri, false, false);
      case "https" -> of(uri, true, false);
      case "ws" -> of(uri, false, true);
      case "wss" -> of(uri, true, true);
      default -> throw refused(uri.toString(), "the schemes http, https, ws and wss");
    };
  }

  private static WebUri of(URI uri, boolean secure, boolean webSocket) {
    try {
      return new WebUri(uri, secure, webSocket, Authority.of(uri, port(secure)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("uri: " + e.getMessage(), e);
    }
  }

  private static IllegalArgumentException refused(String uri, String allowed) {
    return new IllegalArgumentException("uri: " + Mask.refused(uri) + ", allowed " + allowed);
  }

  /** The path and the query that are requested, as the URI has them. */
  public String target() {
    String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
    return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
  }
}
