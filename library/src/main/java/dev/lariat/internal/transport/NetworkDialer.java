package dev.lariat.internal.transport;

import dev.lariat.event.TlsSession;
import dev.lariat.internal.protocol.Observer;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Step;
import dev.lariat.option.SocketOptions;
import dev.lariat.option.Timeouts;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.NetUtil;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Dials over the network. An attempt ({@link Dialing}) goes through these steps on the connection's
 * loop, each with its own deadline, and none of them blocks the loop:
 *
 * <ol>
 *   <li><b>LOOKUP</b>: a thread of the {@link Lookup} asks for the addresses of the name;
 *   <li><b>CONNECT</b>: the {@link AddressRace} says which address comes next and when. Several
 *       sockets may be connecting at once; the first that succeeds has {@code won}, and the others
 *       are closed;
 *   <li><b>TLS</b>: the handshake, if the connection has TLS.
 * </ol>
 *
 * <p>An attempt is {@code over} when it was cancelled or its outcome was called, which happens
 * once. Netty's callbacks may come later: each checks {@code over} first and closes its channel.
 */
final class NetworkDialer implements Dialer {
  private static final Logger LOG = System.getLogger("dev.lariat");

  /**
   * With more than 64 KiB of unsent bytes a channel counts as not writable, until less than 32 KiB
   * are left.
   */
  private static final WriteBufferWaterMark WATER_MARK =
      new WriteBufferWaterMark(32 << 10, 64 << 10);

  /** Where to connect to: a host and port, or a Unix-domain socket. */
  private final Place place;

  /** Makes the TLS handlers; empty for a plain connection. */
  private final Optional<TlsContext> tls;

  private final Timeouts timeouts;

  private final SocketOptions sockets;

  /** The local address to connect from; null if the system chooses. */
  private final @Nullable InetSocketAddress local;

  private final Native transport;
  private final Lookup lookup;

  /** Makes a channel of the transport: epoll, kqueue or NIO. */
  private final ChannelFactory<? extends Channel> channels;

  /** A dialer to this place. */
  NetworkDialer(Place place, Optional<TlsContext> tls, Timeouts timeouts, SocketOptions sockets) {
    this(place, tls, timeouts, sockets, Native.BEST);
  }

  /** A dialer of this transport, whose loops it needs. */
  NetworkDialer(
      Place place,
      Optional<TlsContext> tls,
      Timeouts timeouts,
      SocketOptions sockets,
      Native transport) {
    this(
        place,
        tls,
        timeouts,
        sockets,
        transport,
        SystemLookup.THE_SYSTEM,
        transport.channels(place instanceof Place.Unix));
  }

  /** A dialer over another network. */
  NetworkDialer(
      Place place,
      Optional<TlsContext> tls,
      Timeouts timeouts,
      SocketOptions sockets,
      Lookup lookup,
      ChannelFactory<? extends Channel> channels) {
    this(place, tls, timeouts, sockets, Native.BEST, lookup, channels);
  }

  private NetworkDialer(
      Place place,
      Optional<TlsContext> tls,
      Timeouts timeouts,
      SocketOptions sockets,
      Native transport,
      Lookup lookup,
      ChannelFactory<? extends Channel> channels) {
    this.place = place;
    this.tls = tls;
    this.timeouts = timeouts;
    this.sockets = sockets;
    this.local = sockets.local().orElse(null);
    this.transport = transport;
    this.lookup = lookup;
    this.channels = channels;
  }

  @Override
  public Attempt dial(Loop loop, Outcome outcome) {
    Dialing dialing = new Dialing(loop, outcome);
    dialing.later(dialing::begin);
    return dialing;
  }

  /** One attempt; all of it runs on the loop. */
  private final class Dialing implements Attempt {
    private final Loop loop;

    /** Whom to call when the attempt has succeeded or failed. */
    private final Outcome outcome;

    private final Observer observer;

    /** The channels that are connecting, or the one that is in the TLS handshake. */
    private final List<Channel> open = new ArrayList<>(1);

    /** Each address that was tried, as users write it, and why it failed if it did. */
    private final SequencedMap<String, Optional<Reason>> tried = new LinkedHashMap<>(2);

    /** The step that runs. */
    private Step step = Step.LOOKUP;

    /** When {@code step} began. */
    private long stepAt;

    /** Fails the attempt when {@code step} takes too long; null before the first step. */
    private Loop.@Nullable Timer deadline;

    /** Tries the next address; null if none is to be tried. */
    private Loop.@Nullable Timer nextAddress;

    /** Whether an address has connected. */
    private boolean won;

    /** Whether the attempt was cancelled, or its outcome was called. */
    private boolean over;

    Dialing(Loop loop, Outcome outcome) {
      this.loop = loop;
      this.outcome = outcome;
      this.observer = outcome.observer();
    }

    /** Runs a step on the loop; an exception in it fails this attempt, and nothing else. */
    private void later(Runnable step) {
      loop.execute(() -> guarded(step));
    }

    private void guarded(Runnable step) {
      try {
        step.run();
      } catch (Throwable e) {
        LOG.log(Level.ERROR, "An attempt to connect failed.", e);
        fail(new Reason.Fault(e));
      }
    }

    void begin() {
      if (over) {
        return;
      }
      switch (place) {
        case Place.Host(var authority) -> {
          String host = authority.lookup();
          observer.lookupStart(host);
          step(Step.LOOKUP, timeouts.lookup());
          lookup
              .of(host)
              .whenComplete((addresses, e) -> later(() -> resolved(authority, addresses)));
        }
        case Place.Unix(var path) -> {
          step(Step.CONNECT, timeouts.connect());
          connect(Native.BEST.address(path), path.toString(), null);
        }
      }
    }

    private void step(Step next, Duration limit) {
      step = next;
      stepAt = loop.now();
      if (deadline != null) {
        deadline.cancel();
      }
      deadline = loop.schedule(() -> fail(late(limit)), limit.toNanos());
    }

    private Reason late(Duration limit) {
      return new Reason.Timeout(step, limit, unanswered(step, "no answer"));
    }

    @Override
    public Optional<Reason> soFar() {
      Duration passed = Duration.ofMillis(deadline == null ? 0 : (loop.now() - stepAt) / 1_000_000);
      if (passed.isZero()) {
        return Optional.empty(); // no time has passed yet
      }
      return unanswered(step, "no answer so far").or(() -> Optional.of(ongoing(passed)));
    }

    private Reason ongoing(Duration passed) {
      return new Reason.Ongoing(step, passed);
    }

    /** Who has not answered in this step; empty if it is none that asks somebody. */
    private Optional<Reason> unanswered(Step step, String word) {
      if (step == Step.LOOKUP && place instanceof Place.Host(var authority)) {
        return Optional.of(new Reason.Unresolved(authority.lookup(), word));
      }
      return step == Step.CONNECT ? Optional.of(unanswered(word)) : Optional.empty();
    }

    /** Why no address has connected; those that have not failed get this word. */
    private Reason unanswered(String word) {
      return Failures.connecting(
          tried.entrySet().stream()
              .map(
                  each ->
                      each.getValue().orElseGet(() -> new Reason.Unreachable(each.getKey(), word)))
              .toList());
    }

    private void resolved(Authority authority, @Nullable List<InetAddress> addresses) {
      if (over) {
        return;
      }
      String host = authority.lookup();
      if (addresses == null) {
        String why = // the message of the JDK's exception only repeats the name
            authority.zone().isEmpty()
                ? "no address is known for it"
                : "this machine has no network interface " + authority.zone();
        fail(new Reason.Unresolved(host, why));
        return;
      }
      observer.lookupEnd(host, addresses);
      List<InetAddress> within = addresses.stream().filter(this::isWithinReach).toList();
      if (local != null && within.isEmpty()) {
        InetAddress from = local.getAddress();
        String family = from instanceof Inet4Address ? "IPv4" : "IPv6";
        String needs = ", which the local address " + from.getHostAddress() + " needs";
        fail(new Reason.Unresolved(host, "it has no " + family + " address" + needs));
        return;
      }
      step(Step.CONNECT, timeouts.connect());
      tryNext(new AddressRace(within, timeouts.attemptDelay().toNanos()), authority.port());
    }

    /** Whether a socket with the local address can connect to this one: both are IPv4, or IPv6. */
    private boolean isWithinReach(InetAddress address) {
      InetAddress from = local == null ? null : local.getAddress();
      return from == null || from.isAnyLocalAddress() || from.getClass() == address.getClass();
    }

    private void tryNext(AddressRace race, int port) {
      if (nextAddress != null) {
        nextAddress.cancel();
        nextAddress = null;
      }
      InetAddress address = over || won ? null : race.next(loop.now());
      if (address == null) {
        return;
      }
      InetSocketAddress to = new InetSocketAddress(address, port);
      connect(to, shown(address) + ":" + port, race);
      long delay = race.delay(loop.now());
      if (delay >= 0) {
        nextAddress = loop.schedule(() -> guarded(() -> tryNext(race, port)), delay);
      }
    }

    /** The address as users write it (RFC 5952), with its zone. */
    private static String shown(InetAddress address) {
      String text = NetUtil.toAddressString(address);
      String whole = address.getHostAddress();
      int zone = whole.indexOf('%');
      return whole.contains(":")
          ? "[" + text + (zone < 0 ? "" : whole.substring(zone)) + "]"
          : text;
    }

    private void connect(SocketAddress address, String shown, @Nullable AddressRace race) {
      tried.put(shown, Optional.empty());
      Bootstrap bootstrap =
          new Bootstrap()
              .group(loop.netty())
              .channelFactory(channels)
              .disableResolver() // it gets resolved addresses only
              .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 0) // the step has a deadline
              .option(ChannelOption.RECVBUF_ALLOCATOR, new ReadBuffers())
              .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
              .option(ChannelOption.AUTO_READ, false)
              .option(ChannelOption.AUTO_CLOSE, false) // after a failed write, read on
              .handler(new Nothing());
      transport
          .options(sockets, place instanceof Place.Unix)
          .forEach((option, value) -> set(bootstrap, option, value));
      ChannelFuture connecting =
          bootstrap.connect(address, address instanceof InetSocketAddress ? local : null);
      observer.connectStart(connecting.channel(), Wire.plain(address));
      if (connecting.channel().isRegistered()) { // false if the channel could not be made
        open.add(connecting.channel());
      }
      connecting.addListener(done -> onLoop(() -> ended(connecting, address, shown, race)));
    }

    /** If a channel could not be made, Netty calls its listener on another thread. */
    private void onLoop(Runnable step) {
      if (loop.isCurrent()) {
        guarded(step);
      } else {
        later(step);
      }
    }

    private void ended(
        ChannelFuture connecting, SocketAddress address, String shown, @Nullable AddressRace race) {
      if (over || won) {
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
      observer.failed(channel, reason);
      open.remove(channel);
      tried.put(shown, Optional.of(reason));
      if (race != null) {
        race.failed(loop.now());
        if (!race.lost()) {
          tryNext(race, ((InetSocketAddress) address).getPort());
          return;
        }
      }
      fail(unanswered("no answer")); // every address has failed
    }

    private void connected(Channel channel, SocketAddress remote) {
      won = true;
      observer.connectEnd(channel, remote, Wire.local(channel));
      observer.givenUp(Optional.empty()); // another address was faster
      if (nextAddress != null) {
        nextAddress.cancel();
      }
      open.remove(channel);
      closeAll(); // the losers of the race
      open.add(channel);
      if (tls.isEmpty()) {
        succeed(channel);
        return;
      }
      step(Step.TLS, timeouts.tls());
      SslHandler handler =
          tls.get()
              .handler(
                  channel,
                  place instanceof Place.Host(var authority)
                      ? authority
                      : Authority.of("localhost", 443));
      observer.tlsStart(channel, remote);
      channel.pipeline().addLast(new NoRenegotiation(), handler, new Untold());
      channel.config().setAutoRead(true);
      handler
          .handshakeFuture()
          .addListener(
              done -> {
                if (over) {
                  channel.close();
                } else if (done.isSuccess()) {
                  Optional<TlsSession> session = Wire.tls(channel);
                  observer.tlsEnd(channel, session);
                  Optional<Reason> refusal = tls.get().refuses(session.flatMap(TlsSession::alpn));
                  if (refusal.isPresent()) {
                    fail(refusal.get());
                    return;
                  }
                  channel.config().setAutoRead(false);
                  channel.pipeline().remove(Untold.class);
                  if (handler.engine().getSession().getProtocol().equals("TLSv1.3")) {
                    channel.pipeline().remove(NoRenegotiation.class);
                  }
                  succeed(channel);
                } else {
                  fail(Failures.handshake(done.cause()));
                }
              });
    }

    private void succeed(Channel channel) {
      open.remove(channel);
      finish();
      outcome.connected(channel);
    }

    private void fail(Reason reason) {
      if (!over) {
        observer.givenUp(Optional.of(reason));
        finish();
        outcome.failed(reason);
      }
    }

    @Override
    public void cancel() {
      observer.givenUp(Optional.empty());
      finish();
    }

    private void finish() {
      over = true;
      if (deadline != null) {
        deadline.cancel();
      }
      if (nextAddress != null) {
        nextAddress.cancel();
      }
      closeAll();
    }

    private void closeAll() {
      List<Channel> losers = List.copyOf(open);
      open.clear();
      losers.forEach(Wire::abort);
    }
  }

  @SuppressWarnings("unchecked") // the map has each option's own kind of value
  private static <T> void set(Bootstrap bootstrap, ChannelOption<T> option, Object value) {
    bootstrap.option(option, (T) value);
  }

  /** The end of the pipeline during the handshake: drops exceptions, since the future has them. */
  private static final class Untold extends ChannelInboundHandlerAdapter {
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {}
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
