package dev.lariat.internal.transport;

import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Step;
import dev.lariat.option.SocketOptions;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Gets a channel to the first place of an attempt: looks its name up, and races its addresses.
 * Several sockets may be connecting at once; the first that succeeds has {@code won}.
 */
final class Reach {
  /**
   * With more than 64 KiB of unsent bytes a channel counts as not writable, until less than 32 KiB
   * are left.
   */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(32 << 10, 64 << 10);

  private final Dialing dialing;
  private final Place place;
  private final SocketOptions sockets;
  private final Loop loop;

  /** The local address to connect from; null if the system chooses. */
  private final @Nullable InetSocketAddress local;

  /** Each address that was tried, as users write it, and why it failed if it did. */
  private final SequencedMap<String, Optional<Reason>> tried = new LinkedHashMap<>(2);

  /** Tries the next address; null if none is to be tried. */
  private Loop.@Nullable Timer nextAddress;

  /** Whether an address has connected, or none is to connect any more. */
  private boolean won;

  Reach(Dialing dialing, Place place) {
    this.dialing = dialing;
    this.place = place;
    this.sockets = dialing.dialer.sockets;
    this.loop = dialing.loop;
    this.local = sockets.local().orElse(null);
  }

  void begin() {
    switch (place) {
      case Place.Host(var authority) ->
          dialing.lookup(authority.lookup(), addresses -> resolved(authority, addresses));
      case Place.Unix(var path, var authority) -> {
        dialing.step(Step.CONNECT, dialing.dialer.timeouts.connect());
        connect(Native.BEST.address(path), path.toString(), null);
      }
      case Place.Tunnelled(var authority) -> { // which has its deadline where it is asked for
        dialing.stepWithoutDeadline(Step.CONNECT);
        connect(
            InetSocketAddress.createUnresolved(authority.name(), authority.port()),
            authority.toString(),
            null);
      }
    }
  }

  /** Tries no further address. */
  void stop() {
    if (nextAddress != null) {
      nextAddress.cancel();
      nextAddress = null;
    }
  }

  /** Why no address has connected; those that have not failed get this word. */
  Reason unanswered(String word) {
    return Failures.connecting(
        tried.entrySet().stream()
            .map(
                each ->
                    each.getValue().orElseGet(() -> new Reason.Unreachable(each.getKey(), word)))
            .toList());
  }

  private void resolved(Authority authority, List<InetAddress> addresses) {
    List<InetAddress> within = addresses.stream().filter(this::isWithinReach).toList();
    if (local != null && within.isEmpty()) {
      InetAddress from = local.getAddress();
      String family = from instanceof Inet4Address ? "IPv4" : "IPv6";
      String needs = ", which the local address " + from.getHostAddress() + " needs";
      dialing.fail(
          new Reason.Unresolved(authority.lookup(), "it has no " + family + " address" + needs));
      return;
    }
    dialing.step(Step.CONNECT, dialing.dialer.timeouts.connect());
    long delay = dialing.dialer.timeouts.attemptDelay().toNanos();
    tryNext(new AddressRace(within, delay), authority.port());
  }

  /** Whether a socket with the local address can connect to this one: both are IPv4, or IPv6. */
  private boolean isWithinReach(InetAddress address) {
    InetAddress from = local == null ? null : local.getAddress();
    return from == null || from.isAnyLocalAddress() || from.getClass() == address.getClass();
  }

  private void tryNext(AddressRace race, int port) {
    stop();
    InetAddress address = dialing.over() || won ? null : race.next(loop.now());
    if (address == null) {
      return;
    }
    InetSocketAddress to = new InetSocketAddress(address, port);
    connect(to, shown(address) + ":" + port, race);
    long delay = race.delay(loop.now());
    if (delay >= 0) {
      nextAddress = loop.schedule(() -> dialing.guarded(() -> tryNext(race, port)), delay);
    }
  }

  /** The address as users write it (RFC 5952), with its zone. */
  private static String shown(InetAddress address) {
    String text = NetUtil.toAddressString(address);
    String whole = address.getHostAddress();
    int zone = whole.indexOf('%');
    return whole.contains(":") ? "[" + text + (zone < 0 ? "" : whole.substring(zone)) + "]" : text;
  }

  /** Connects channels of this kind, with what all channels of an attempt have. */
  static Bootstrap bootstrap(Loop loop, ChannelFactory<? extends Channel> channels) {
    return new Bootstrap()
        .group(loop.netty())
        .channelFactory(channels)
        .disableResolver() // it gets resolved addresses only
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0) // the step has a deadline
        .option(ChannelOption.RECVBUF_ALLOCATOR, new ReadBuffers())
        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
        .option(ChannelOption.AUTO_READ, false)
        .option(ChannelOption.AUTO_CLOSE, false) // after a failed write, read on
        .handler(new Nothing());
  }

  private void connect(SocketAddress address, String shown, @Nullable AddressRace race) {
    tried.put(shown, Optional.empty());
    Bootstrap bootstrap = bootstrap(loop, dialing.dialer.channels);
    if (!(place instanceof Place.Tunnelled)) { // which is no socket
      dialing
          .dialer
          .transport
          .options(sockets, place instanceof Place.Unix)
          .forEach((option, value) -> set(bootstrap, option, value));
    }
    ChannelFuture connecting =
        bootstrap.connect(address, place instanceof Place.Host ? local : null);
    dialing.observer.connectStart(connecting.channel(), Wire.plain(address));
    if (connecting.channel().isRegistered()) { // false if the channel could not be made
      dialing.opened(connecting.channel());
    }
    connecting.addListener(done -> onLoop(() -> ended(connecting, address, shown, race)));
  }

  /** If a channel could not be made, Netty calls its listener on another thread. */
  private void onLoop(Runnable step) {
    if (loop.isCurrent()) {
      dialing.guarded(step);
    } else {
      dialing.later(step);
    }
  }

  private void ended(
      ChannelFuture connecting, SocketAddress address, String shown, @Nullable AddressRace race) {
    if (dialing.over() || won) {
      if (connecting.isSuccess()) { // Netty closes a channel that failed
        connecting.channel().close();
      }
    } else if (connecting.isSuccess()) {
      connected(connecting.channel(), Wire.plain(address));
    } else {
      failed(address, shown, connecting.cause(), connecting.channel(), race);
    }
  }

  private void failed(
      SocketAddress address,
      String shown,
      Throwable cause,
      Channel channel,
      @Nullable AddressRace race) {
    Reason reason = Failures.connecting(shown, cause);
    dialing.observer.failed(channel, reason);
    dialing.closed(channel);
    tried.put(shown, Optional.of(reason));
    if (race != null) {
      race.failed(loop.now());
      if (!race.lost()) {
        tryNext(race, ((InetSocketAddress) address).getPort());
        return;
      }
    }
    dialing.fail(unanswered("no answer")); // every address has failed
  }

  private void connected(Channel channel, SocketAddress remote) {
    won = true;
    dialing.observer.connectEnd(channel, remote, Wire.local(channel));
    if (channel instanceof StreamChannel tunnel) {
      dialing.tunnelUp(tunnel.opened());
    }
    dialing.observer.givenUp(Optional.empty()); // another address was faster
    stop();
    dialing.keepOnly(channel);
    dialing.reached(channel, remote);
  }

  @SuppressWarnings("unchecked") // the map has each option's own kind of value
  private static <T> void set(Bootstrap bootstrap, ChannelOption<T> option, Object value) {
    bootstrap.option(option, (T) value);
  }

  /** Bootstrap requires a handler. This one leaves; see {@link HostHandler} on adapters. */
  private static final class Nothing implements ChannelHandler {
    @Override
    public void handlerAdded(ChannelHandlerContext context) {
      context.pipeline().remove(this);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {}

    @Override
    @SuppressWarnings("deprecation") // of the interface
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.fireExceptionCaught(cause);
    }
  }
}
