package dev.lariat.option;

import dev.lariat.cookie.CookieStore;
import dev.lariat.event.Listener;
import dev.lariat.event.Tracer;
import dev.lariat.message.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How a connection connects, and how it stays connected. */
public final class ConnectionOptions {

  /** The defaults of every option. */
  public static final ConnectionOptions DEFAULT = new ConnectionOptions(new Values());

  private final Values values;

  private ConnectionOptions(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return the protocols that the connection may speak} */
  public List<Protocol> protocols() {
    return values.protocols;
  }

  /**
   * Sets the protocols that the connection may speak, by preference: {@code HTTP_1_1}, which is the
   * default, {@code HTTP_2}, or both; or {@code RAW} alone, which leaves the bytes to you. With
   * TLS, the server chooses by ALPN (RFC 7301). Without TLS, the connection speaks the first of
   * them; this is HTTP/2 with prior knowledge (RFC 9113 section 3.3).
   *
   * @param protocols the protocols, by preference
   * @return a copy of these options with this value
   */
  public ConnectionOptions protocols(Protocol... protocols) {
    return with(draft -> draft.protocols = Range.list("protocols", protocols));
  }

  /** {@return the TLS of the connection, regardless of its scheme or port} */
  public Optional<Tls> tls() {
    return values.tls;
  }

  /**
   * Sets the TLS of the connection, regardless of its scheme or port. By default the scheme ({@code
   * https} or {@code wss}) or the port (443) decides, and TLS uses {@link Tls#DEFAULT}. In the
   * options of a {@code Client}, the scheme always decides.
   *
   * @param tls the TLS options
   * @return a copy of these options with this value
   */
  public ConnectionOptions tls(Tls tls) {
    return tls(Range.some("tls", tls));
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

  /** {@return the retry policy} */
  public Backoff retry() {
    return values.retry;
  }

  /**
   * Sets the retry policy: when to make another attempt. By default the number of attempts has no
   * limit.
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

  /** {@return how much the server may make this side keep} */
  public Limits limits() {
    return values.limits;
  }

  /**
   * Sets how much the server may make this side keep; {@link Limits#DEFAULT} by default.
   *
   * @param limits the limits
   * @return a copy of these options with this value
   */
  public ConnectionOptions limits(Limits limits) {
    return with(draft -> draft.limits = limits);
  }

  /** {@return how the connection speaks HTTP/1.1} */
  public Http1 http1() {
    return values.http1;
  }

  /**
   * Sets how the connection speaks HTTP/1.1; {@link Http1#DEFAULT} by default.
   *
   * @param http1 the options of HTTP/1.1
   * @return a copy of these options with this value
   */
  public ConnectionOptions http1(Http1 http1) {
    return with(draft -> draft.http1 = http1);
  }

  /** {@return how the connection speaks HTTP/2} */
  public Http2 http2() {
    return values.http2;
  }

  /**
   * Sets how the connection speaks HTTP/2; {@link Http2#DEFAULT} by default.
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

  /** {@return the proxies, the nearest first; none for a direct connection} */
  public List<Proxy> via() {
    return values.via;
  }

  /**
   * Sets the proxies through which the connection goes; see {@link #via(List)}.
   *
   * @param proxies the proxies, the nearest first
   * @return a copy of these options with this value
   */
  public ConnectionOptions via(Proxy... proxies) {
    return via(Range.list("via", proxies));
  }

  /**
   * Sets the proxies through which the connection goes, the nearest first: 0 to 16, none by
   * default. Lariat connects to the first one, asks it for a tunnel to the second one, and so on.
   * The last one opens the tunnel to the server. Each attempt to connect begins with the first
   * proxy again. Not possible with a Unix-domain socket.
   *
   * @param proxies the proxies, the nearest first
   * @return a copy of these options with this value
   */
  public ConnectionOptions via(List<Proxy> proxies) {
    return with(draft -> draft.via = Range.list("via", proxies));
  }

  /** {@return the header of the PROXY protocol that each connection begins with} */
  public Optional<ProxyProtocol> proxyProtocol() {
    return values.proxyProtocol;
  }

  /**
   * Sends the header of the PROXY protocol as the first bytes of each connection to the server or,
   * with {@link #via(List)}, to the first proxy; none by default. A server that does not expect it
   * takes it for a bad request.
   *
   * @param proxyProtocol the version of the protocol, and the addresses that it reports
   * @return a copy of these options with this value
   */
  public ConnectionOptions proxyProtocol(ProxyProtocol proxyProtocol) {
    return with(draft -> draft.proxyProtocol = Range.some("proxyProtocol", proxyProtocol));
  }

  /** {@return the cookies of the connection} */
  public Optional<Cookies> cookies() {
    return values.cookies;
  }

  /**
   * Keeps the cookies of every response in this store. No cookies by default.
   *
   * @param store the store
   * @return a copy of these options with this value
   */
  public ConnectionOptions cookies(CookieStore store) {
    return cookies(Cookies.in(Range.present("cookies", store, "null")));
  }

  /**
   * Sets which cookies are kept, and in which store. No cookies by default.
   *
   * @param cookies where cookies are kept
   * @return a copy of these options with this value
   */
  public ConnectionOptions cookies(Cookies cookies) {
    return with(draft -> draft.cookies = Range.some("cookies", cookies));
  }

  /** {@return the listeners, in their order} */
  public List<Listener> listeners() {
    return values.listeners;
  }

  /**
   * Adds a listener after the existing ones. It receives an event for each step. There is none by
   * default, which costs nothing.
   *
   * @param listener the listener
   * @return a copy of these options with this value
   */
  public ConnectionOptions listener(Listener listener) {
    return with(
        draft -> {
          List<Listener> more = new ArrayList<>(draft.listeners);
          more.add(Range.present("listener", listener, "null"));
          draft.listeners = List.copyOf(more);
        });
  }

  /** {@return what traces the requests} */
  public Optional<Tracer> tracer() {
    return values.tracer;
  }

  /**
   * Sets what traces the requests; nothing by default, which costs nothing. It can add headers to
   * each request, such as {@code traceparent}.
   *
   * @param tracer what traces the requests
   * @return a copy of these options with this value
   */
  public ConnectionOptions tracer(Tracer tracer) {
    return with(draft -> draft.tracer = Range.some("tracer", tracer));
  }

  /** {@return the platform that the connection uses} */
  public Optional<Platform> platform() {
    return values.platform;
  }

  /**
   * Sets the platform that the connection uses; by default, the machine.
   *
   * @param platform the platform
   * @return a copy of these options with this value
   */
  public ConnectionOptions platform(Platform platform) {
    return with(draft -> draft.platform = Range.some("platform", platform));
  }

  /** {@return whether {@code ***} replaces the values in a query} */
  public boolean hideQueries() {
    return values.hideQueries;
  }

  /**
   * Sets whether {@code ***} replaces the values in a query, as in {@code /feed?token=***}; false
   * by default. This applies to events, including those of Flight Recorder, and to the {@code
   * toString} of streams. Use it for APIs that expect a token in the query. Reasons that name a
   * redirect show its whole URI.
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
    List<Proxy> via = List.of();
    Optional<ProxyProtocol> proxyProtocol = Optional.empty();
    Optional<Cookies> cookies = Optional.empty();
    List<Listener> listeners = List.of();
    Optional<Tracer> tracer = Optional.empty();
    Optional<Platform> platform = Optional.empty();
    boolean hideQueries = false;

    private static final int MOST_PROXIES = 16;

    @Override
    void check() {
      if (via.size() > MOST_PROXIES) {
        throw Range.refused("via", via.size() + " proxies", "0 to " + MOST_PROXIES);
      }
      checkAbsoluteForm();
      boolean raw = protocols.equals(List.of(Protocol.RAW));
      boolean http =
          !protocols.isEmpty()
              && Set.copyOf(protocols).size() == protocols.size()
              && Set.of(Protocol.HTTP_2, Protocol.HTTP_1_1).containsAll(protocols);
      if (!raw && !http) {
        throw Range.refused("protocols", protocols, "h2 and http/1.1, each once, or raw alone");
      }
    }

    private void checkAbsoluteForm() {
      for (int i = 0; i + 1 < via.size(); i++) {
        if (via.get(i).absoluteForm()) {
          throw Range.refused(
              "proxy.absoluteForm",
              "true for proxy " + (i + 1) + " of " + via.size(),
              "false, except for the last one");
        }
      }
      boolean absoluteForm = !via.isEmpty() && via.getLast().absoluteForm();
      if (absoluteForm && protocols.contains(Protocol.RAW)) {
        throw Range.refused(
            "proxy.absoluteForm", "true with raw", "false, since raw has no requests");
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
        "via", via,
        "proxyProtocol", proxyProtocol,
        "cookies", cookies,
        "listeners", listeners,
        "tracer", tracer,
        "platform", platform,
        "hideQueries", hideQueries
      };
    }
  }
}
