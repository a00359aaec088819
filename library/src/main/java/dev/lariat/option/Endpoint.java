package dev.lariat.option;

import dev.lariat.internal.uri.Authority;
import dev.lariat.internal.uri.Mask;
import dev.lariat.message.Headers;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/**
 * Where one session of a live connection goes, and with what it introduces itself.
 *
 * @param uri {@code ws}, {@code wss}, {@code http} or {@code https}, with a host and without user
 *     information; the path is {@code /} where it has none, a fragment is not sent
 * @param headers in addition to those of the options; none by default
 * @param subprotocols in place of those of the options, unless they are {@link Subprotocols#NONE}
 * @param tls in place of that of the options: another certificate of this side, or others to trust.
 *     Endpoints that are asked for before every attempt change them while the live connection goes
 *     on. As in the options, it means TLS whatever the scheme
 * @param credentials in place of those of the options. They are shown to this origin, and to none
 *     that a redirect leads to
 */
public record Endpoint(
    URI uri,
    Headers headers,
    Subprotocols subprotocols,
    Optional<Tls> tls,
    Optional<Credentials> credentials) {

  /** Checks the URI. */
  public Endpoint {
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    switch (scheme) {
      case "ws", "wss", "http", "https" -> {}
      default ->
          throw Range.refused(
              "uri", Mask.refused(uri.toString()), "the schemes http, https, ws and wss");
    }
    try {
      Authority.of(uri, 1); // which port it implies does not matter here
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("uri: " + e.getMessage(), e);
    }
    credentials.ifPresent(own -> Request.checkHasNone("endpoint.credentials", headers));
  }

  /** This place, with nothing of its own. */
  public static Endpoint of(URI uri) {
    return new Endpoint(uri, Headers.EMPTY, Subprotocols.NONE, Optional.empty(), Optional.empty());
  }

  /** This place, with nothing of its own. */
  public static Endpoint of(String uri) {
    try {
      return of(new URI(uri));
    } catch (URISyntaxException e) { // whose own words hold all of it
      String fault = e.getReason() + " at index " + e.getIndex();
      throw Range.refused("uri", Mask.refused(uri), "one by RFC 3986 (" + fault + ")");
    }
  }

  /** The same with one more header. */
  public Endpoint header(String name, String value) {
    return new Endpoint(uri, headers.with(name, value), subprotocols, tls, credentials);
  }

  /** The same with other headers. */
  public Endpoint headers(Headers headers) {
    return new Endpoint(uri, headers, subprotocols, tls, credentials);
  }

  /** The same with other subprotocols. */
  public Endpoint subprotocols(Subprotocols subprotocols) {
    return new Endpoint(uri, headers, subprotocols, tls, credentials);
  }

  /** The same with this TLS in place of that of the options. */
  public Endpoint tls(Tls tls) {
    return new Endpoint(uri, headers, subprotocols, Optional.of(tls), credentials);
  }

  /** The same with these credentials. */
  public Endpoint credentials(Credentials credentials) {
    return new Endpoint(uri, headers, subprotocols, tls, Optional.of(credentials));
  }

  /** Whether the scheme asks for TLS. */
  public boolean secure() {
    return uri.getScheme().equalsIgnoreCase("wss") || uri.getScheme().equalsIgnoreCase("https");
  }

  /** What is asked for there: the path and the query, as they are sent, in ASCII. */
  public String target() {
    URI sent = URI.create(uri.toASCIIString());
    String path =
        sent.getRawPath() == null || sent.getRawPath().isEmpty() ? "/" : sent.getRawPath();
    return sent.getRawQuery() == null ? path : path + "?" + sent.getRawQuery();
  }
}
