package dev.lariat.option;

import dev.lariat.message.Headers;
import dev.lariat.message.Receiver;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The options of a tunnel through a proxy. */
public final class TunnelOptions {

  /** The defaults of every option. */
  public static final TunnelOptions DEFAULT = new TunnelOptions(new Values());

  private final Values values;

  private TunnelOptions(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return the options of the connection inside the tunnel} */
  public ConnectionOptions connection() {
    return values.connection;
  }

  /**
   * Sets the options of the connection inside the tunnel: its protocols, its TLS, its limits and so
   * on; by default {@link ConnectionOptions#DEFAULT}. It must not have {@code via}. Its {@code
   * retry}, {@code sockets} and {@code platform} have no effect.
   *
   * @param connection the options
   * @return a copy of these options with this value
   */
  public TunnelOptions connection(ConnectionOptions connection) {
    return with(draft -> draft.connection = connection);
  }

  /** {@return the retry policy of the tunnel} */
  public Backoff retry() {
    return values.retry;
  }

  /**
   * Sets the retry policy: when to ask the proxy again after it has refused, or after the tunnel
   * was lost. While there is no connection to the proxy, the request for the tunnel waits for it.
   * By default {@link Backoff#NEVER}: the tunnel ends. It also ends if the connection that carries
   * it has ended for good.
   *
   * @param retry the retry policy
   * @return a copy of these options with this value
   */
  public TunnelOptions retry(Backoff retry) {
    return with(draft -> draft.retry = retry);
  }

  /** {@return the headers of the request for the tunnel} */
  public Headers headers() {
    return values.headers;
  }

  /**
   * Sets the headers of the {@code CONNECT} request, which are for the proxy alone; by default
   * none. Headers that frame the request or are about the connection are not allowed: {@code Host},
   * {@code Content-Length}, {@code Transfer-Encoding}, {@code Trailer}, {@code TE}, {@code
   * Connection}, {@code Proxy-Connection}, {@code Keep-Alive} and {@code Upgrade}.
   *
   * @param headers the headers
   * @return a copy of these options with this value
   */
  public TunnelOptions headers(Headers headers) {
    return with(draft -> draft.headers = headers);
  }

  /** {@return the credentials for the proxy, if there are any} */
  public Optional<Credentials> credentials() {
    return values.credentials;
  }

  /**
   * Sets the credentials for the proxy, which answer its challenge (407, RFC 9110 section 11.7); by
   * default none. The origin never sees them.
   *
   * @param credentials the credentials
   * @return a copy of these options with this value
   */
  public TunnelOptions credentials(Credentials credentials) {
    return with(draft -> draft.credentials = Range.some("credentials", credentials));
  }

  /** {@return the owner of the tunnel, if it is not the owner of the connection that carries it} */
  public Optional<Receiver> replyTo() {
    return values.replyTo;
  }

  /**
   * Sets the owner of the tunnel; by default, it is the owner of the connection that carries it.
   *
   * @param receiver the owner
   * @return a copy of these options with this value
   */
  public TunnelOptions replyTo(Receiver receiver) {
    return with(draft -> draft.replyTo = Range.some("replyTo", receiver));
  }

  private TunnelOptions with(Consumer<Values> change) {
    return new TunnelOptions(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof TunnelOptions its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  /** The options as text. Headers that can be secrets are hidden. */
  @Override
  public String toString() {
    return "TunnelOptions" + values;
  }

  private static final class Values extends Draft<Values> {
    ConnectionOptions connection = ConnectionOptions.DEFAULT;
    Backoff retry = Backoff.NEVER;
    Headers headers = Headers.EMPTY;
    Optional<Credentials> credentials = Optional.empty();
    Optional<Receiver> replyTo = Optional.empty();

    @Override
    void check() {
      if (!connection.via().isEmpty()) {
        throw Range.refused(
            "tunnel.connection.via", connection.via(), "none: ask a tunnel for a tunnel");
      }
      ConnectHeaders.check("tunnel", headers, credentials);
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "connection", connection,
        "retry", retry,
        "headers", headers,
        "credentials", credentials,
        "replyTo", replyTo
      };
    }
  }
}
