package dev.lariat.internal.transport;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.event.Event;
import dev.lariat.internal.protocol.Observer;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.SocketOptions;
import dev.lariat.option.Timeouts;
import dev.lariat.option.Tls;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Dialing over a network that connects when the test says, on a loop without a thread. */
class NetworkDialerTest {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final InetAddress ONE = address("192.0.2.1");
  private static final InetAddress TWO = address("192.0.2.2");
  private static final InetAddress THREE = address("192.0.2.3");
  private static final Timeouts TIMEOUTS = Timeouts.DEFAULT;
  private static final ConnectionOptions OPTIONS = ConnectionOptions.DEFAULT.timeouts(TIMEOUTS);
  private static final Reason UNANSWERED =
      new Reason.Timeout(
          Reason.Step.LOOKUP,
          TIMEOUTS.lookup(),
          Optional.of(new Reason.Unresolved("host.invalid", "no answer")));

  private final MockTicker ticker = Ticker.newMockTicker();
  private final EmbeddedChannel home = EmbeddedChannel.builder().ticker(ticker).build();
  private final Loop loop = new Loop(home.eventLoop(), new SecureRandom());
  private final Map<InetAddress, Socket> sockets = new LinkedHashMap<>();
  private final ConnectionRef connection = () -> "host.invalid:443";
  private final List<Event> events = new ArrayList<>();
  private final Observer observer =
      Observer.of(
          connection,
          ConnectionOptions.DEFAULT.listener(events::add),
          loop::now,
          loop,
          detail -> {});
  private Dialer.Attempt attempt = () -> {};

  /** A socket that connects when it is told to, and fails like any other when it is closed. */
  private final class Socket extends ChannelOutboundHandlerAdapter {
    final EmbeddedChannel channel =
        EmbeddedChannel.builder().ticker(ticker).register(false).handlers(this).build();
    private ChannelPromise connecting = channel.voidPromise();

    @Override
    public void connect(
        ChannelHandlerContext context,
        SocketAddress remote,
        SocketAddress local,
        ChannelPromise promise) {
      connecting = promise;
      sockets.put(((InetSocketAddress) remote).getAddress(), this);
      channel.closeFuture().addListener(done -> promise.tryFailure(new ClosedChannelException()));
    }

    void connects() {
      connecting.setSuccess();
      run();
    }

    void fails() {
      connecting.setFailure(new ConnectException("Connection refused"));
      run();
    }
  }

  /** What an attempt came to. */
  private final class Told implements Dialer.Outcome {
    final CompletableFuture<Object> outcome = new CompletableFuture<>();

    @Override
    public void connected(Channel channel) {
      assertThat(outcome.complete(channel)).isTrue();
    }

    @Override
    public void failed(Reason reason) {
      assertThat(outcome.complete(reason)).isTrue();
    }

    @Override
    public Observer observer() {
      return observer;
    }
  }

  @Test
  void aZoneIsLookedUpWithItsAddressAndAnUnknownOneIsNamed() {
    Told told = new Told();
    List<String> asked = new ArrayList<>();
    Lookup lookup =
        host -> {
          asked.add(host);
          return CompletableFuture.failedFuture(new UnknownHostException());
        };
    new NetworkDialer(
            new Place.Host("[fe80::1%25eth7]", 80),
            Optional.empty(),
            OPTIONS,
            lookup,
            () -> new Socket().channel)
        .dial(loop, told);
    run();
    assertThat(asked).containsExactly("fe80::1%eth7");
    assertThat(told.outcome)
        .isCompletedWithValue(
            new Reason.Unresolved("fe80::1%eth7", "this machine has no network interface eth7"));
  }

  @Test
  void theSystemsLookupKnowsTheZonesOfThisMachine() throws Exception {
    String loopback = NetworkInterface.getByInetAddress(InetAddress.getLoopbackAddress()).getName();
    List<InetAddress> found =
        SystemLookup.THE_SYSTEM.of("::1%" + loopback).get(30, TimeUnit.SECONDS);
    assertThat(found)
        .singleElement()
        .isInstanceOfSatisfying(
            Inet6Address.class,
            address -> assertThat(address.getScopedInterface().getName()).isEqualTo(loopback));
  }

  private Told dial(Optional<TlsContext> tls, InetAddress... addresses) {
    Told told = new Told();
    Lookup lookup = host -> CompletableFuture.completedFuture(List.of(addresses));
    Place place = new Place.Host("host.invalid", 443);
    new NetworkDialer(place, tls, OPTIONS, lookup, () -> new Socket().channel).dial(loop, told);
    run();
    return told;
  }

  private void advance(Duration time) {
    ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
    run();
  }

  private void run() {
    home.runPendingTasks();
    home.runPendingTasks(); // what a timer has posted
  }

  private static InetAddress address(String literal) {
    try {
      return InetAddress.getByName(literal);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void rfc8305_5_theNextAddressIsTriedBesideOneThatIsSlow() {
    Told told = dial(Optional.empty(), ONE, TWO);
    assertThat(sockets).containsOnlyKeys(ONE);
    advance(TIMEOUTS.attemptDelay());
    assertThat(sockets).containsOnlyKeys(ONE, TWO);
    sockets.get(TWO).connects();
    assertThat(told.outcome).isCompletedWithValue(sockets.get(TWO).channel);
    assertThat(sockets.get(ONE).channel.isOpen()).isFalse();
  }

  @Test
  void theNextAddressIsTriedAtOnceWhenOneFails() {
    Told told = dial(Optional.empty(), ONE, TWO);
    sockets.get(ONE).fails();
    assertThat(told.outcome).isNotDone();
    sockets.get(TWO).fails();
    assertThat(told.outcome)
        .as("each address is named")
        .isCompletedWithValue(new Reason.Refused(List.of("192.0.2.1:443", "192.0.2.2:443")));
  }

  @Test
  void anAddressOfIpv6IsNamedInItsShortForm() {
    Told told = dial(Optional.empty(), address("2001:db8::1"));
    sockets.get(address("2001:db8::1")).fails();
    assertThat(told.outcome).isCompletedWithValue(new Reason.Refused("[2001:db8::1]:443"));
  }

  @Test
  void anAddressThatRefusedAndOneThatDoesNotAnswerAreBothNamed() {
    Told told = dial(Optional.empty(), ONE, TWO);
    sockets.get(ONE).fails();
    advance(TIMEOUTS.connect());
    assertThat(told.outcome)
        .isCompletedWithValue(
            new Reason.Timeout(
                Reason.Step.CONNECT,
                TIMEOUTS.connect(),
                Optional.of(
                    new Reason.Unreachable(
                        "192.0.2.2:443", "no answer; 192.0.2.1:443 refused the connection"))));
  }

  @Test
  void anAttemptThatRunsSaysWhatItWaitsFor() {
    CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
    dial(host -> answer);
    advance(SECOND);
    assertThat(attempt.soFar()).contains(new Reason.Unresolved("host.invalid", "no answer so far"));
    answer.complete(List.of(ONE));
    run();
    advance(SECOND);
    assertThat(attempt.soFar())
        .contains(new Reason.Unreachable("192.0.2.1:80", "no answer so far"));
  }

  @Test
  void anAttemptThatHasWaitedForNobodyYetNamesNobody() {
    CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
    advance(SECOND);
    begin(host -> answer);
    assertThat(attempt.soFar()).as("before its first turn").isEmpty();
    run();
    assertThat(attempt.soFar()).isEmpty();
    advance(Duration.ofMillis(1));
    assertThat(attempt.soFar()).contains(new Reason.Unresolved("host.invalid", "no answer so far"));
  }

  @Test
  void theRaceIsOverWhenAnAddressHasConnectedThoughTlsIsYetToCome() {
    Told told = dial(Optional.of(TlsContext.of(Tls.INSECURE)), ONE, TWO, THREE);
    advance(TIMEOUTS.attemptDelay());
    sockets.get(ONE).connects();
    assertThat(sockets.get(TWO).channel.isOpen()).as("the loser, which fails by that").isFalse();
    advance(TIMEOUTS.attemptDelay().multipliedBy(4));
    assertThat(sockets).containsOnlyKeys(ONE, TWO);
    assertThat(sockets.get(ONE).channel.isOpen()).as("the winner").isTrue();
    assertThat(told.outcome).isNotDone();
    advance(TIMEOUTS.tls());
    assertThat(told.outcome)
        .isCompletedWithValue(new Reason.Timeout(Reason.Step.TLS, TIMEOUTS.tls()));
    assertThat(sockets.get(ONE).channel.isOpen()).isFalse();
  }

  @Test
  void onlyAddressesThatTheLocalOneReachesAreDialed() {
    InetAddress six = address("2001:db8::1");
    SocketOptions four = SocketOptions.DEFAULT.local(address("192.0.2.9"));
    Told told = dial(four, six, ONE);
    assertThat(sockets).containsOnlyKeys(ONE);
    sockets.get(ONE).connects();
    assertThat(told.outcome).isCompletedWithValue(sockets.get(ONE).channel);
    sockets.clear();
    assertThat(dial(four, six).outcome.join())
        .isEqualTo(
            new Reason.Unresolved(
                "host.invalid", "it has no IPv4 address, which the local address 192.0.2.9 needs"));
    assertThat(sockets).isEmpty();
    dial(SocketOptions.DEFAULT.local(address("0.0.0.0")), six);
    assertThat(sockets).containsOnlyKeys(six);
  }

  private Told dial(SocketOptions options, InetAddress... addresses) {
    Told told = new Told();
    Lookup lookup = host -> CompletableFuture.completedFuture(List.of(addresses));
    Place place = new Place.Host("host.invalid", 80);
    new NetworkDialer(
            place, Optional.empty(), OPTIONS.sockets(options), lookup, () -> new Socket().channel)
        .dial(loop, told);
    run();
    return told;
  }

  @Test
  void aLookupThatFindsNothingIsTold() {
    Told told = dial(host -> CompletableFuture.failedFuture(new UnknownHostException(host)));
    assertThat(told.outcome.join()).isInstanceOf(Reason.Unresolved.class);
  }

  private Told dial(Lookup lookup) {
    Told told = begin(lookup);
    run();
    return told;
  }

  /** An attempt that has not had its first turn. */
  private Told begin(Lookup lookup) {
    Told told = new Told();
    attempt =
        new NetworkDialer(
                new Place.Host("host.invalid", 80),
                Optional.empty(),
                OPTIONS,
                lookup,
                () -> new Socket().channel)
            .dial(loop, told);
    return told;
  }

  @Test
  void aLookupHasADeadlineThatDoesNotWaitForIt() {
    CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
    Told told = dial(host -> answer);
    advance(TIMEOUTS.lookup().minusNanos(1));
    assertThat(told.outcome).isNotDone();
    advance(Duration.ofNanos(1));
    assertThat(told.outcome).isCompletedWithValue(UNANSWERED);
    answer.complete(List.of(ONE));
    run();
    assertThat(sockets).as("what an answer that comes too late begins").isEmpty();
  }

  @Test
  void connectingHasADeadlineOverAllAddressesThatBeginsBehindTheLookup() {
    CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
    Told told = dial(host -> answer);
    advance(TIMEOUTS.lookup().minusNanos(1));
    answer.complete(List.of(ONE, TWO));
    run();
    advance(TIMEOUTS.connect().minusNanos(1));
    assertThat(told.outcome).isNotDone();
    advance(Duration.ofNanos(1));
    assertThat(told.outcome)
        .isCompletedWithValue(
            new Reason.Timeout(
                Reason.Step.CONNECT,
                TIMEOUTS.connect(),
                Optional.of(
                    new Reason.Unreachable("192.0.2.1:80", "no answer; 192.0.2.2:80: no answer"))));
    assertThat(sockets.get(ONE).channel.isOpen()).isFalse();
    assertThat(sockets.get(TWO).channel.isOpen()).isFalse();
  }

  @Test
  void anAttemptThatIsCancelledTellsNothingAndLeavesNothingOpen() {
    CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
    Told lookingUp = dial(host -> answer);
    attempt.cancel();
    answer.complete(List.of(ONE));
    run();
    assertThat(sockets).isEmpty();
    Told connecting = dial(host -> CompletableFuture.completedFuture(List.of(ONE, TWO)));
    attempt.cancel();
    run();
    assertThat(sockets.get(ONE).channel.isOpen()).isFalse();
    advance(Duration.ofDays(1));
    assertThat(sockets).as("the next address").containsOnlyKeys(ONE);
    assertThat(lookingUp.outcome).isNotDone();
    assertThat(connecting.outcome).isNotDone();
  }

  @Test
  void whatNobodyForesawInAStepFailsTheAttempt() {
    Error noThread = new OutOfMemoryError("unable to create native thread, on purpose");
    Told begun =
        dial(
            host -> {
              throw noThread;
            });
    assertThat(begun.outcome).isCompletedWithValue(new Reason.Fault(noThread));
    Told resolved = dial(host -> CompletableFuture.completedFuture(List.of()));
    assertThat(resolved.outcome.getNow(null)).isInstanceOf(Reason.Fault.class);
  }

  // ---- what a listener is told

  private static InetSocketAddress port(int port, InetAddress address) {
    return new InetSocketAddress(address, port);
  }

  @Test
  void everyAddressOfARaceHasItsStartAndItsEnd() {
    dial(Optional.empty(), ONE, TWO, THREE);
    sockets.get(ONE).fails();
    advance(TIMEOUTS.attemptDelay());
    sockets.get(THREE).connects();
    Optional<SocketAddress> local = Optional.of(sockets.get(THREE).channel.localAddress());
    assertThat(events)
        .containsExactly(
            new Event.LookupStart(connection, "host.invalid"),
            new Event.LookupEnd(
                connection,
                "host.invalid",
                List.of(ONE, TWO, THREE),
                Optional.empty(),
                Duration.ZERO),
            new Event.ConnectStart(connection, port(443, ONE)),
            new Event.ConnectEnd(
                connection,
                port(443, ONE),
                Optional.empty(),
                false,
                Optional.of(new Reason.Refused("192.0.2.1:443")),
                Duration.ZERO),
            new Event.ConnectStart(connection, port(443, TWO)),
            new Event.ConnectStart(connection, port(443, THREE)),
            new Event.ConnectEnd(
                connection, port(443, THREE), local, true, Optional.empty(), Duration.ZERO),
            new Event.ConnectEnd(
                connection,
                port(443, TWO),
                Optional.empty(),
                false,
                Optional.empty(),
                TIMEOUTS.attemptDelay()));
  }

  @Test
  void aHandshakeThatTakesTooLongHasAnEndThatSaysSo() {
    dial(Optional.of(TlsContext.of(Tls.INSECURE)), ONE);
    sockets.get(ONE).connects();
    advance(TIMEOUTS.tls());
    assertThat(events.subList(events.size() - 2, events.size()))
        .containsExactly(
            new Event.TlsStart(connection, port(443, ONE)),
            new Event.TlsEnd(
                connection,
                Optional.empty(),
                Optional.of(new Reason.Timeout(Reason.Step.TLS, TIMEOUTS.tls())),
                TIMEOUTS.tls()));
  }

  @Test
  void aLookupThatIsTooLateHasOneEnd() {
    CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();
    dial(host -> answer);
    advance(TIMEOUTS.lookup());
    answer.complete(List.of(ONE));
    run();
    assertThat(events)
        .containsExactly(
            new Event.LookupStart(connection, "host.invalid"),
            new Event.LookupEnd(
                connection, "host.invalid", List.of(), Optional.of(UNANSWERED), TIMEOUTS.lookup()));
  }

  @Test
  void whatIsCancelledEndsWithoutAFailure() {
    dial(host -> CompletableFuture.completedFuture(List.of(ONE, TWO)));
    advance(Duration.ofMillis(1));
    attempt.cancel();
    run();
    assertThat(events.getLast())
        .isEqualTo(
            new Event.ConnectEnd(
                connection,
                port(80, ONE),
                Optional.empty(),
                false,
                Optional.empty(),
                Duration.ofMillis(1)));
  }

  // ---- on a loop with a thread

  private static NetworkDialer withoutChannels() {
    return new NetworkDialer(
        new Place.Unix(Path.of("socket"), Authority.of("localhost", 80)),
        Optional.empty(),
        OPTIONS,
        SystemLookup.THE_SYSTEM,
        () -> {
          throw new IllegalStateException("too many open files");
        });
  }

  /** Netty tells of it on a thread of its own. */
  @Test
  void aSocketThatCannotBeMadeIsToldOnTheLoop() throws Exception {
    Loop threaded = Loops.SHARED.next();
    CompletableFuture<Boolean> onTheLoop = new CompletableFuture<>();
    withoutChannels()
        .dial(
            threaded,
            new Dialer.Outcome() {
              @Override
              public void connected(Channel channel) {
                onTheLoop.completeExceptionally(new AssertionError("connected"));
              }

              @Override
              public void failed(Reason reason) {
                onTheLoop.complete(threaded.isCurrent());
              }
            });
    assertThat(onTheLoop.get(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void anAttemptWhoseSocketCannotBeMadeCanBeCancelled() throws Exception {
    Loop threaded = Loops.SHARED.next();
    CompletableFuture<Boolean> cancelled = new CompletableFuture<>();
    Told told = new Told();
    threaded.execute(
        () -> {
          Dialer.Attempt attempt = withoutChannels().dial(threaded, told);
          threaded.execute( // behind the attempt's beginning
              () -> {
                try {
                  attempt.cancel();
                  cancelled.complete(true);
                } catch (RuntimeException e) {
                  cancelled.completeExceptionally(e);
                }
              });
        });
    assertThat(cancelled.get(10, TimeUnit.SECONDS)).isTrue();
    assertThat(told.outcome).isNotDone();
  }
}
