package dev.lariat.internal.transport;

import dev.lariat.internal.hop.Negotiation;
import dev.lariat.internal.protocol.Observer;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Step;
import dev.lariat.message.TunnelUp;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Proxy;
import io.netty.channel.Channel;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a {@link NetworkDialer}; all of it runs on the loop. It knows the step that runs
 * and its deadline, and calls the outcome, once.
 *
 * <p>The attempt is {@code over} when it was cancelled or its outcome was called. Netty's callbacks
 * may come later: each checks {@code over} first and closes its channel.
 */
final class Dialing implements Dialer.Attempt {
  private static final Logger LOG = System.getLogger("dev.lariat");

  final NetworkDialer dialer;
  final Loop loop;
  final Observer observer;

  /** Whom to call when the attempt has succeeded or failed. */
  private final Dialer.Outcome outcome;

  /** What is said to each of the proxies; it outlives a connection that one of them wants anew. */
  private final List<Negotiation> negotiations = new ArrayList<>(0);

  /** The users' authenticators that were asked, each for one proxy. */
  private final List<AskedUser> asked = new ArrayList<>(0);

  /** The channels that are connecting, or the one that is connected. */
  private final List<Channel> open = new ArrayList<>(1);

  /** The proxy that the step is about; null if it is about the server. */
  private @Nullable Hop hop;

  /** How the proxy that is asked has refused so far. */
  private Supplier<Optional<Reason>> refusal = Optional::empty;

  /** Connects to the first place; of an earlier connection too, if a proxy wanted another. */
  private @Nullable Reach reach;

  /** The step that runs. */
  private Step step = Step.LOOKUP;

  /** Whose name is looked up, in that step. */
  private String name = "";

  /** When {@code step} began. */
  private long stepAt;

  /** Fails the attempt when {@code step} takes too long; null before the first step. */
  private Loop.@Nullable Timer deadline;

  /** Whether the attempt was cancelled, or its outcome was called. */
  private boolean over;

  Dialing(NetworkDialer dialer, Loop loop, Dialer.Outcome outcome) {
    this.dialer = dialer;
    this.loop = loop;
    this.outcome = outcome;
    this.observer = outcome.observer();
  }

  // ---- the loop

  /** Runs a part of the attempt on the loop; an exception fails this attempt, and nothing else. */
  void later(Runnable part) {
    loop.execute(() -> guarded(part));
  }

  void guarded(Runnable part) {
    try {
      part.run();
    } catch (Throwable e) {
      LOG.log(Level.ERROR, "An attempt to connect failed.", e);
      fail(new Reason.Fault(e));
    }
  }

  boolean over() {
    return over;
  }

  // ---- the way

  void begin() {
    if (over) {
      return;
    }
    if (negotiations.size() < dialer.hops.size() - (dialer.endsAtProxy() ? 1 : 0)) {
      prepare(negotiations.size());
    } else {
      reach();
    }
  }

  /** Finds out where this hop is to lead, then goes on with the next one. */
  private void prepare(int index) {
    Hop its = dialer.hops.get(index);
    Authority next =
        index + 1 < dialer.hops.size() ? dialer.hops.get(index + 1).authority() : dialer.server();
    boolean literal = next.isAddress() && its.proxy().kind() != Proxy.Kind.HTTP; // sends text
    if (!its.proxy().resolve() && !literal) {
      prepared(its, next, null);
      return;
    }
    hop = its;
    lookup(
        next.lookup(),
        addresses -> {
          boolean old = isOfIpv4Only(its.proxy());
          Optional<InetAddress> first =
              addresses.stream().filter(a -> !old || a instanceof Inet4Address).findFirst();
          if (first.isPresent()) {
            prepared(its, next, first.get());
          } else {
            String why = "it has no IPv4 address, which SOCKS 4 needs";
            fail(new Reason.Unresolved(next.lookup(), why));
          }
        });
  }

  private static boolean isOfIpv4Only(Proxy proxy) {
    return switch (proxy.kind()) {
      case SOCKS4, SOCKS4A -> true;
      case SOCKS5, HTTP -> false;
    };
  }

  private void prepared(Hop its, Authority next, @Nullable InetAddress address) {
    negotiations.add(Negotiation.with(its.proxy(), next, address));
    begin();
  }

  /** Connects to the first proxy, or to the server. */
  private void reach() {
    hop = dialer.hops.isEmpty() ? null : dialer.hops.getFirst();
    reach = new Reach(this, hop == null ? dialer.place : new Place.Host(hop.authority()));
    reach.begin();
  }

  /** The first place is reached. */
  void reached(Channel channel, SocketAddress remote) {
    if (dialer.isPlain()) {
      succeed(channel); // without the classes that the rest needs
    } else {
      new Climb(this, channel, remote, negotiations).begin();
    }
  }

  /** A proxy wants to be asked again on another connection. */
  void anew() {
    observer.givenUp(Optional.empty());
    closeAll();
    reach();
  }

  /** What follows is about this proxy; about the server, if it is null. */
  void at(@Nullable Hop hop) {
    this.hop = hop;
  }

  /** A proxy is asked, whose refusal this gives as far as it has come. */
  void asks(Supplier<Optional<Reason>> refusal) {
    this.refusal = refusal;
  }

  // ---- steps

  /** A step begins, which may take so long. */
  void step(Step next, Duration limit) {
    stepWithoutDeadline(next);
    deadline = loop.schedule(() -> fail(late(limit)), limit.toNanos());
  }

  /** A step begins whose time somebody else limits. */
  void stepWithoutDeadline(Step next) {
    step = next;
    stepAt = loop.now();
    if (deadline != null) {
      deadline.cancel();
    }
  }

  /** Looks a name up, and goes on with its addresses. */
  void lookup(String host, Consumer<List<InetAddress>> then) {
    observer.lookupStart(host);
    name = host;
    step(Step.LOOKUP, dialer.timeouts.lookup());
    dialer
        .lookup
        .of(host)
        .whenComplete((addresses, e) -> later(() -> resolved(host, addresses, then)));
  }

  private void resolved(
      String host, @Nullable List<InetAddress> addresses, Consumer<List<InetAddress>> then) {
    if (over) {
      return;
    }
    if (addresses == null) {
      int zone = host.indexOf('%');
      String why = // the message of the JDK's exception only repeats the name
          zone < 0
              ? "no address is known for it"
              : "this machine has no network interface " + host.substring(zone + 1);
      fail(new Reason.Unresolved(host, why));
      return;
    }
    observer.lookupEnd(host, addresses);
    then.accept(addresses);
  }

  private Reason late(Duration limit) {
    if (step == Step.PROXY && hop != null) {
      Optional<Reason> known = refusal.get();
      if (known.isPresent()) {
        return known.get(); // only the rest of its explanation is missing
      }
    }
    return new Reason.Timeout(step, limit, unanswered("no answer"));
  }

  @Override
  public Optional<Reason> soFar() {
    Duration passed = Duration.ofMillis(deadline == null ? 0 : (loop.now() - stepAt) / 1_000_000);
    if (passed.isZero()) {
      return Optional.empty(); // no time has passed yet
    }
    return unanswered("no answer so far")
        .or(() -> Optional.of(new Reason.Ongoing(step, passed)))
        .map(this::atItsHop);
  }

  /** Who has not answered in this step; empty if it is none that asks somebody. */
  private Optional<Reason> unanswered(String word) {
    if (step == Step.LOOKUP && !name.isEmpty()) {
      return Optional.of(new Reason.Unresolved(name, word));
    }
    return step == Step.CONNECT && reach != null
        ? Optional.of(reach.unanswered(word))
        : Optional.empty();
  }

  private Reason atItsHop(Reason reason) {
    return hop == null ? reason : hop.failed(reason);
  }

  /** The user's authenticator for this proxy. */
  AskedUser asks(Hop hop) {
    for (AskedUser known : asked) {
      if (known.isFor(hop)) {
        return known;
      }
    }
    AskedUser user = new AskedUser(this, hop);
    asked.add(user);
    return user;
  }

  // ---- the end

  /** A connection carries the attempt through its proxy. */
  void tunnelUp(TunnelUp opened) {
    outcome.tunnelUp(opened);
  }

  /** This channel is closed if the attempt comes to nothing. */
  void opened(Channel channel) {
    open.add(channel);
  }

  /** Makes a connection of this channel, which is not the attempt's any more. */
  Carrier carrier(Channel channel, ConnectionRef ref, ConnectionOptions options) {
    Carrier carrier = outcome.carrier(channel, loop, ref, options);
    open.remove(channel);
    return carrier;
  }

  /** This channel has failed by itself. */
  void closed(Channel channel) {
    open.remove(channel);
  }

  /** The others are not needed. */
  void keepOnly(Channel channel) {
    open.remove(channel);
    closeAll();
    open.add(channel);
  }

  void succeed(Channel channel) {
    open.remove(channel);
    finish();
    outcome.connected(channel);
  }

  /** It comes to nothing for this reason, which is about the current hop, if there is one. */
  void fail(Reason reason) {
    if (!over) {
      Reason whole = atItsHop(reason);
      observer.givenUp(Optional.of(whole));
      finish();
      outcome.failed(whole);
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
    asked.forEach(AskedUser::end);
    closeAll();
  }

  private void closeAll() {
    if (reach != null) {
      reach.stop();
    }
    List<Channel> losers = List.copyOf(open);
    open.clear();
    losers.forEach(Wire::abort);
  }
}
