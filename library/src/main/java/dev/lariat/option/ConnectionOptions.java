package dev.lariat.option;

import dev.lariat.cookie.CookieStore;
import dev.lariat.event.Listener;
import dev.lariat.message.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How a connection is made and kept.
 *
 * @param protocols what is spoken from the first byte on, by preference: one of {@code HTTP_1_1},
 *     which is the default, and {@code RAW}, which leaves the bytes to the user
 * @param tls TLS, where it is wanted; when empty, the scheme says it ({@code https:} and {@code
 *     wss:}), or the port (443)
 * @param retry when to try again
 * @param timeouts how long each step may take
 * @param limits what the server may make this side hold
 * @param http1 how HTTP/1.1 is spoken
 * @param sockets how its sockets are set up
 * @param cookies that there are cookies; none by default
 * @param listeners who is told every step, in this order; nobody by default, which costs nothing
 * @param platform where the connection lives; the machine by default
 * @param hideQueries whether events, Flight Recorder's too, and the {@code toString} of streams
 *     show {@code ***} in place of the values in a query: {@code /feed?token=***}. For APIs that
 *     want a token there; false by default. Reasons that name a redirect show its whole URI
 */
public record ConnectionOptions(
    List<Protocol> protocols,
    Optional<Tls> tls,
    Retry retry,
    Timeouts timeouts,
    Limits limits,
    Http1 http1,
    SocketOptions sockets,
    Optional<Cookies> cookies,
    List<Listener> listeners,
    Optional<Platform> platform,
    boolean hideQueries) {

  /** The defaults of every part. */
  public static final ConnectionOptions DEFAULT =
      new ConnectionOptions(
          List.of(Protocol.HTTP_1_1),
          Optional.empty(),
          Retry.DEFAULT,
          Timeouts.DEFAULT,
          Limits.DEFAULT,
          Http1.DEFAULT,
          SocketOptions.DEFAULT,
          Optional.empty(),
          List.of(),
          Optional.empty(),
          false);

  /** Checks the protocols, and copies the lists. */
  public ConnectionOptions {
    protocols = List.copyOf(protocols);
    listeners = List.copyOf(listeners);
    if (!protocols.equals(List.of(Protocol.HTTP_1_1)) && !protocols.equals(List.of(Protocol.RAW))) {
      throw Range.refused(
          "protocols",
          protocols,
          List.of(Protocol.HTTP_1_1) + " or " + List.of(Protocol.RAW) + ", alone for now");
    }
  }

  /** The same with other protocols, by preference. */
  public ConnectionOptions protocols(Protocol... protocols) {
    return new ConnectionOptions(
        List.of(protocols),
        tls,
        retry,
        timeouts,
        limits,
        http1,
        sockets,
        cookies,
        listeners,
        platform,
        hideQueries);
  }

  /** The same with TLS, whatever the scheme or port. */
  public ConnectionOptions tls(Tls tls) {
    return new ConnectionOptions(
        protocols,
        Optional.of(tls),
        retry,
        timeouts,
        limits,
        http1,
        sockets,
        cookies,
        listeners,
        platform,
        hideQueries);
  }

  /** The same with another retry policy. */
  public ConnectionOptions retry(Retry retry) {
    return new ConnectionOptions(
        protocols,
        tls,
        retry,
        timeouts,
        limits,
        http1,
        sockets,
        cookies,
        listeners,
        platform,
        hideQueries);
  }

  /** The same with other times. */
  public ConnectionOptions timeouts(Timeouts timeouts) {
    return new ConnectionOptions(
        protocols,
        tls,
        retry,
        timeouts,
        limits,
        http1,
        sockets,
        cookies,
        listeners,
        platform,
        hideQueries);
  }

  /** The same with other limits. */
  public ConnectionOptions limits(Limits limits) {
    return new ConnectionOptions(
        protocols,
        tls,
        retry,
        timeouts,
        limits,
        http1,
        sockets,
        cookies,
        listeners,
        platform,
        hideQueries);
  }

  /** The same with HTTP/1.1 spoken in another way. */
  public ConnectionOptions http1(Http1 http1) {
    return new ConnectionOptions(
        protocols,
        tls,
        retry,
        timeouts,
        limits,
        http1,
        sockets,
        cookies,
        listeners,
        platform,
        hideQueries);
  }

  /** The same with sockets that are set up in another way. */
  public ConnectionOptions sockets(SocketOptions sockets) {
    return new ConnectionOptions(
        protocols,
        tls,
        retry,
        timeouts,
        limits,
        http1,
        sockets,
        cookies,
        listeners,
        platform,
        hideQueries);
  }

  /** The same with the cookies of this store. */
  public ConnectionOptions cookies(CookieStore store) {
    return cookies(Cookies.in(store));
  }

  /** The same with cookies. */
  public ConnectionOptions cookies(Cookies cookies) {
    return new ConnectionOptions(
        protocols,
        tls,
        retry,
        timeouts,
        limits,
        http1,
        sockets,
        Optional.of(cookies),
        listeners,
        platform,
        hideQueries);
  }

  /** The same with one more listener. */
  public ConnectionOptions listener(Listener listener) {
    List<Listener> more = new ArrayList<>(listeners);
    more.add(listener);
    return new ConnectionOptions(
        protocols,
        tls,
        retry,
        timeouts,
        limits,
        http1,
        sockets,
        cookies,
        more,
        platform,
        hideQueries);
  }

  /** The same on this platform. */
  public ConnectionOptions platform(Platform platform) {
    return new ConnectionOptions(
        protocols,
        tls,
        retry,
        timeouts,
        limits,
        http1,
        sockets,
        cookies,
        listeners,
        Optional.of(platform),
        hideQueries);
  }

  /** The same with queries that events and logs show, or hide. */
  public ConnectionOptions hideQueries(boolean hideQueries) {
    return new ConnectionOptions(
        protocols,
        tls,
        retry,
        timeouts,
        limits,
        http1,
        sockets,
        cookies,
        listeners,
        platform,
        hideQueries);
  }
}
