package dev.lariat.option;

import dev.lariat.cookie.CookieStore;
import dev.lariat.event.Listener;
import dev.lariat.message.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How a connection is made and kept. */
public final class ConnectionOptions {

  /** The defaults of every option. */
  public static final ConnectionOptions DEFAULT = new ConnectionOptions(new Values());

  private final Values values;

  private ConnectionOptions(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return what is spoken from the first byte on} */
  public List<Protocol> protocols() {
    return values.protocols;
  }

  /**
   * Sets what is spoken from the first byte on, by preference: {@code HTTP_1_1}, which is the
   * default, {@code HTTP_2}, or both; or {@code RAW} alone, which leaves the bytes to you. With TLS
   * the server chooses by ALPN (RFC 7301). Without TLS the first is spoken, HTTP/2 with prior
   * knowledge (RFC 9113 section 3.3).
   *
   * @param protocols the protocols, by preference
   * @return a copy of these options with this value
   */
  public ConnectionOptions protocols(Protocol... protocols) {
    return with(draft -> draft.protocols = List.of(protocols));
  }

  /** {@return the TLS of the connection, whatever its scheme or port} */
  public Optional<Tls> tls() {
    return values.tls;
  }

  /**
   * Sets the TLS of the connection, whatever its scheme or port. By default the scheme decides
   * ({@code https} and {@code wss}), or the port (443), and TLS has its own defaults.
   *
   * @param tls the TLS options
   * @return a copy of these options with this value
   */
  public ConnectionOptions tls(Tls tls) {
    return tls(Optional.of(tls));
  }

  /**
   * Sets the TLS of the connection, or leaves the choice to the scheme or the port if empty.
   *
   * @param tls the TLS options
   * @return a copy of these options with this value
   */
  public ConnectionOptions tls(Optional<Tls> tls) {
    return with(draft -> draft.tls = tls);
  }

  /** {@return when to try again} */
  public Backoff retry() {
    return values.retry;
  }

  /**
   * Sets when to try again; without end by default.
   *
   * @param retry the retry policy
   * @return a copy of these options with this value
   */
  public ConnectionOptions retry(Backoff retry) {
    return with(draft -> draft.retry = retry);
  }

  /** {@return how long each step may take} */
  public Timeouts timeouts() {
    return values.timeouts;
  }

  /**
   * Sets how long each step may take; {@link Timeouts#DEFAULT} by default.
   *
   * @param timeouts the timeouts
   * @return a copy of these options with this value
   */
  public ConnectionOptions timeouts(Timeouts timeouts) {
    return with(draft -> draft.timeouts = timeouts);
  }

  /** {@return what the server may make this side hold} */
  public Limits limits() {
    return values.limits;
  }

  /**
   * Sets what the server may make this side hold; {@link Limits#DEFAULT} by default.
   *
   * @param limits the limits
   * @return a copy of these options with this value
   */
  public ConnectionOptions limits(Limits limits) {
    return with(draft -> draft.limits = limits);
  }

  /** {@return how HTTP/1.1 is spoken} */
  public Http1 http1() {
    return values.http1;
  }

  /**
   * Sets how HTTP/1.1 is spoken; {@link Http1#DEFAULT} by default.
   *
   * @param http1 the options of HTTP/1.1
   * @return a copy of these options with this value
   */
  public ConnectionOptions http1(Http1 http1) {
    return with(draft -> draft.http1 = http1);
  }

  /** {@return how HTTP/2 is spoken} */
  public Http2 http2() {
    return values.http2;
  }

  /**
   * Sets how HTTP/2 is spoken; {@link Http2#DEFAULT} by default.
   *
   * @param http2 the options of HTTP/2
   * @return a copy of these options with this value
   */
  public ConnectionOptions http2(Http2 http2) {
    return with(draft -> draft.http2 = http2);
  }

  /** {@return how the sockets are set up} */
  public SocketOptions sockets() {
    return values.sockets;
  }

  /**
   * Sets how the sockets are set up; {@link SocketOptions#DEFAULT} by default.
   *
   * @param sockets the options of the sockets
   * @return a copy of these options with this value
   */
  public ConnectionOptions sockets(SocketOptions sockets) {
    return with(draft -> draft.sockets = sockets);
  }

  /** {@return the cookies of the connection} */
  public Optional<Cookies> cookies() {
    return values.cookies;
  }

  /**
   * Keeps cookies in this store, those of every response. No cookies by default.
   *
   * @param store the store
   * @return a copy of these options with this value
   */
  public ConnectionOptions cookies(CookieStore store) {
    return cookies(Cookies.in(store));
  }

  /**
   * Sets which cookies are kept, and in which store. No cookies by default.
   *
   * @param cookies where cookies are kept
   * @return a copy of these options with this value
   */
  public ConnectionOptions cookies(Cookies cookies) {
    return with(draft -> draft.cookies = Optional.of(cookies));
  }

  /** {@return the listeners, in their order} */
  public List<Listener> listeners() {
    return values.listeners;
  }

  /**
   * Adds a listener, which receives every step, after those that are there. There is none by
   * default, which costs nothing.
   *
   * @param listener the listener
   * @return a copy of these options with this value
   */
  public ConnectionOptions listener(Listener listener) {
    return with(
        draft -> {
          List<Listener> more = new ArrayList<>(draft.listeners);
          more.add(listener);
          draft.listeners = List.copyOf(more);
        });
  }

  /** {@return where the connection lives} */
  public Optional<Platform> platform() {
    return values.platform;
  }

  /**
   * Sets where the connection lives; on the machine by default.
   *
   * @param platform the platform
   * @return a copy of these options with this value
   */
  public ConnectionOptions platform(Platform platform) {
    return with(draft -> draft.platform = Optional.of(platform));
  }

  /** {@return whether {@code ***} takes the place of the values in a query} */
  public boolean hideQueries() {
    return values.hideQueries;
  }

  /**
   * Sets whether {@code ***} takes the place of the values in a query, as in {@code
   * /feed?token=***}, in events, also those of Flight Recorder, and in the {@code toString} of
   * streams; false by default. For APIs that want a token there. Reasons that name a redirect show
   * its whole URI.
   *
   * @param hideQueries whether queries are hidden
   * @return a copy of these options with this value
   */
  public ConnectionOptions hideQueries(boolean hideQueries) {
    return with(draft -> draft.hideQueries = hideQueries);
  }

  private ConnectionOptions with(Consumer<Values> change) {
    return new ConnectionOptions(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ConnectionOptions its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "ConnectionOptions" + values;
  }

  private static final class Values extends Draft<Values> {
    List<Protocol> protocols = List.of(Protocol.HTTP_1_1);
    Optional<Tls> tls = Optional.empty();
    Backoff retry = Backoff.DEFAULT;
    Timeouts timeouts = Timeouts.DEFAULT;
    Limits limits = Limits.DEFAULT;
    Http1 http1 = Http1.DEFAULT;
    Http2 http2 = Http2.DEFAULT;
    SocketOptions sockets = SocketOptions.DEFAULT;
    Optional<Cookies> cookies = Optional.empty();
    List<Listener> listeners = List.of();
    Optional<Platform> platform = Optional.empty();
    boolean hideQueries = false;

    @Override
    void check() {
      boolean raw = protocols.equals(List.of(Protocol.RAW));
      boolean http =
          !protocols.isEmpty()
              && Set.copyOf(protocols).size() == protocols.size()
              && Set.of(Protocol.HTTP_2, Protocol.HTTP_1_1).containsAll(protocols);
      if (!raw && !http) {
        throw Range.refused("protocols", protocols, "h2 and http/1.1, each once, or raw alone");
      }
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "protocols", protocols,
        "tls", tls,
        "retry", retry,
        "timeouts", timeouts,
        "limits", limits,
        "http1", http1,
        "http2", http2,
        "sockets", sockets,
        "cookies", cookies,
        "listeners", listeners,
        "platform", platform,
        "hideQueries", hideQueries
      };
    }
  }
}
