package dev.lariat.option;

import dev.lariat.internal.uri.WebUri;
import dev.lariat.message.Headers;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The URI to which a session of a live connection connects, and what it sends there. */
public final class Endpoint {

  private final Values values;

  private Endpoint(Values values) {
    values.check();
    this.values = values;
  }

  /**
   * {@return this endpoint, without headers or options}
   *
   * @param uri {@code ws}, {@code wss}, {@code http} or {@code https}, with a host and without user
   *     information; the path is {@code /} if it has none, and a fragment is not sent
   * @throws IllegalArgumentException if it is not such a URI
   */
  public static Endpoint of(URI uri) {
    return new Endpoint(new Values(uri));
  }

  /**
   * {@return this endpoint, without headers or options}
   *
   * @param uri a URI as in {@link #of(URI)}
   * @throws IllegalArgumentException if it is not such a URI
   */
  public static Endpoint of(String uri) {
    return of(WebUri.parse(uri).uri());
  }

  /** {@return the URI} */
  public URI uri() {
    return values.uri();
  }

  /** {@return the headers in addition to those of the options} */
  public Headers headers() {
    return values.headers;
  }

  /**
   * Adds a header to those of the options.
   *
   * @param name the name of the header
   * @param value the value
   * @return a copy of these options with this value
   */
  public Endpoint header(String name, String value) {
    return headers(values.headers.with(name, value));
  }

  /**
   * Sets the headers in addition to those of the options; none by default.
   *
   * @param headers the headers
   * @return a copy of these options with this value
   */
  public Endpoint headers(Headers headers) {
    return with(draft -> draft.headers = headers);
  }

  /** {@return the subprotocols instead of those of the options} */
  public Subprotocols subprotocols() {
    return values.subprotocols;
  }

  /**
   * Sets the subprotocols instead of those of the options. {@link Subprotocols#NONE}, the default,
   * uses those of the options.
   *
   * @param subprotocols the subprotocols
   * @return a copy of these options with this value
   */
  public Endpoint subprotocols(Subprotocols subprotocols) {
    return with(draft -> draft.subprotocols = subprotocols);
  }

  /** {@return the TLS instead of that of the options} */
  public Optional<Tls> tls() {
    return values.tls;
  }

  /**
   * Sets the TLS instead of that of the options, for example to use another client certificate or
   * to trust other certificates; by default, the options decide. An {@link Endpoints} function can
   * return another one for each attempt. As in the options, the session then uses TLS regardless of
   * the scheme.
   *
   * @param tls the TLS options
   * @return a copy of these options with this value
   */
  public Endpoint tls(Tls tls) {
    return with(draft -> draft.tls = Range.some("tls", tls));
  }

  /** {@return the credentials instead of those of the options} */
  public Optional<Credentials> credentials() {
    return values.credentials;
  }

  /**
   * Sets the credentials instead of those of the options; by default, the options decide. Lariat
   * sends them to this origin, and not to the target of a redirect.
   *
   * @param credentials the credentials
   * @return a copy of these options with this value
   */
  public Endpoint credentials(Credentials credentials) {
    return with(draft -> draft.credentials = Range.some("credentials", credentials));
  }

  /** {@return the Unix-domain socket to connect to} */
  public Optional<Path> unixSocket() {
    return values.unixSocket;
  }

  /**
   * Connects to this Unix-domain socket instead of the host and the port of the URI; by default, it
   * connects to these. Headers and TLS still name the host of the URI. Such a session has a
   * connection of its own, also where sessions share connections, and uses no proxy. A redirect to
   * another origin leaves the socket.
   *
   * @param path the path of the socket in the file system
   * @return a copy of these options with this value
   */
  public Endpoint unixSocket(Path path) {
    return with(draft -> draft.unixSocket = Range.some("unixSocket", path));
  }

  /** {@return whether the scheme asks for TLS} */
  public boolean secure() {
    return WebUri.of(uri()).secure();
  }

  /** {@return the path and the query that are requested, as they are sent, in ASCII} */
  public String target() {
    return WebUri.of(URI.create(uri().toASCIIString())).target();
  }

  private Endpoint with(Consumer<Values> change) {
    return new Endpoint(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Endpoint its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "Endpoint" + values;
  }

  private static final class Values extends Draft<Values> {
    private final String uri; // its text: a URI has five times as many bytes
    Headers headers = Headers.EMPTY;
    Subprotocols subprotocols = Subprotocols.NONE;
    Optional<Tls> tls = Optional.empty();
    Optional<Credentials> credentials = Optional.empty();
    Optional<Path> unixSocket = Optional.empty();

    Values(URI uri) {
      this.uri = uri.toString();
    }

    URI uri() {
      return URI.create(uri);
    }

    @Override
    void check() {
      WebUri.of(uri());
      headers.requireSendable();
      if (credentials.isPresent()) {
        Request.checkHasNone("endpoint.credentials", headers);
      }
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "uri", uri(),
        "headers", headers,
        "subprotocols", subprotocols,
        "tls", tls,
        "credentials", credentials,
        "unixSocket", unixSocket
      };
    }
  }
}
