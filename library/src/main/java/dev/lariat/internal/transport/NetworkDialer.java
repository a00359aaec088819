package dev.lariat.internal.transport;

import dev.lariat.internal.protocol.Forward;
import dev.lariat.internal.uri.Authority;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.ProxyProtocol;
import dev.lariat.option.SocketOptions;
import dev.lariat.option.Timeouts;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Dials over the network. An attempt ({@link Dialing}) goes through these steps on the connection's
 * loop, each with its own deadline, and none of them blocks the loop:
 *
 * <ol>
 *   <li><b>LOOKUP</b>: a thread of the {@link Lookup} asks for the addresses of the name;
 *   <li><b>CONNECT</b>: the {@link AddressRace} says which address comes next and when. Several
 *       sockets may be connecting at once; the first that succeeds has won, and the others are
 *       closed ({@link Reach});
 *   <li>for each proxy ({@link Climb}): <b>TLS</b> to the proxy, if it has any, and <b>PROXY</b>,
 *       its answer to the request for a tunnel to the next host;
 *   <li><b>TLS</b>: the handshake with the server, if the connection has TLS.
 * </ol>
 *
 * <p>If the last proxy receives the requests themselves ({@link Forward}), the attempt ends after
 * TLS to that proxy.
 *
 * <p>With proxies, the first two steps are for the first proxy. Lookups of names that a proxy is
 * not to resolve come before them.
 */
final class NetworkDialer implements Dialer {
  /** Where to connect to: a host and port, or a Unix-domain socket. */
  final Place place;

  /** Makes the TLS handlers for the server; empty for a plain connection. */
  final Optional<TlsContext> tls;

  final ConnectionOptions options;
  final Timeouts timeouts;
  final SocketOptions sockets;

  /** The proxies on the way, the nearest first. Only the loop changes it. */
  List<Hop> hops;

  /** What each socket begins with. */
  final Optional<ProxyProtocol> header;

  final Native transport;
  final Lookup lookup;

  /** Makes a channel of the transport: epoll, kqueue or NIO. */
  final ChannelFactory<? extends Channel> channels;

  /** A dialer to this place. */
  NetworkDialer(Place place, Optional<TlsContext> tls, ConnectionOptions options) {
    this(place, tls, options, Native.BEST);
  }

  /** A dialer of this transport, whose loops it needs. */
  NetworkDialer(
      Place place, Optional<TlsContext> tls, ConnectionOptions options, Native transport) {
    this(
        place,
        tls,
        options,
        transport,
        SystemLookup.THE_SYSTEM,
        transport.channels(place instanceof Place.Unix));
  }

  /** A dialer over another network. */
  NetworkDialer(
      Place place,
      Optional<TlsContext> tls,
      ConnectionOptions options,
      Lookup lookup,
      ChannelFactory<? extends Channel> channels) {
    this(place, tls, options, Native.BEST, lookup, channels);
  }

  private NetworkDialer(
      Place place,
      Optional<TlsContext> tls,
      ConnectionOptions options,
      Native transport,
      Lookup lookup,
      ChannelFactory<? extends Channel> channels) {
    this.place = place;
    this.tls = tls;
    this.options = options;
    this.timeouts = options.timeouts();
    this.sockets = options.sockets();
    this.hops = Hop.through(options);
    this.header = options.proxyProtocol();
    this.transport = transport;
    this.lookup = lookup;
    this.channels = channels;
  }

  @Override
  public Attempt dial(Loop loop, Outcome outcome) {
    Dialing dialing = new Dialing(this, loop, outcome);
    dialing.later(dialing::begin);
    return dialing;
  }

  /** This proxy demands HTTP/1.1, of this attempt and of those that follow; on the loop. */
  void fallBack(Hop hop) {
    List<Hop> changed = new ArrayList<>(hops);
    changed.set(hop.number() - 1, hop.withoutHttp2());
    hops = List.copyOf(changed);
  }

  /** Whether the last proxy opens no tunnel: it receives the requests themselves. */
  boolean endsAtProxy() {
    return Forward.proxy(options).isPresent();
  }

  /** Whether bytes go to the server as they are, from the first one on. */
  boolean isPlain() {
    return hops.isEmpty() && header.isEmpty() && tls.isEmpty();
  }

  /** What TLS to the server calls it. */
  Authority server() {
    return switch (place) {
      case Place.Host(var authority) -> authority;
      case Place.Tunnelled(var authority) -> authority;
      case Place.Unix(var path, var authority) -> authority;
    };
  }
}
