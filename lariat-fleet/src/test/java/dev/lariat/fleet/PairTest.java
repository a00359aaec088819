package dev.lariat.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.message.Text;
import dev.lariat.option.Backoff;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Feeds that are collected twice, against servers on real ports. */
@Timeout(30)
class PairTest {
  private static final Backoff QUICK =
      Backoff.DEFAULT.delays(Duration.ofMillis(10), Duration.ofMillis(50));
  private static final LiveOptions LIVE =
      LiveOptions.DEFAULT.healing(Healing.DEFAULT.retry(QUICK).spread(Duration.ZERO));
  private static final Duration LONG = Duration.ofMinutes(1);

  private final BlockingQueue<FeedEvent> written = new LinkedBlockingQueue<>();
  private final BlockingQueue<FleetEvent> happened = new LinkedBlockingQueue<>();
  private final FleetOptions options = FleetOptions.DEFAULT.slots(4).listener(happened::add);

  /** A server that cannot resume: each session sends what it is given from then on. */
  private static final class Puppet {
    private final BlockingQueue<WebSocketVisit> sessions = new LinkedBlockingQueue<>();
    private WebSocketVisit session; // the newest

    Script script() {
      return visit -> {
        if (visit.head() != null) {
          WebSocketVisit socket = visit.acceptWebSocket();
          sessions.add(socket);
          socket.receive(); // until it is lost
        }
      };
    }

    void awaitSession() throws InterruptedException {
      session = sessions.poll(20, TimeUnit.SECONDS);
      assertThat(session).isNotNull();
    }

    void send(long from, long to) throws IOException {
      for (long number = from; number <= to; number++) {
        session.send(new Text("{\"seq\":" + number + "}"));
      }
    }
  }

  private final Puppet first = new Puppet();
  private final Puppet second = new Puppet();

  // ---- servers that cannot resume

  @Test
  void whenOneConnectionIsLostTheSinkHasEveryEventOnceAndInOrder() throws Exception {
    try (Origin one = Origin.start(first.script());
        Origin other = Origin.start(second.script());
        Fleet fleet = open()) {
      fleet.put(pair(one, other, Pair.DEFAULT));
      bothOpen();
      first.send(1, 3);
      second.send(1, 5);
      await(1, 5);
      one.refuse();
      one.drop();
      told(FleetEvent.ConnectionLost.class);
      second.send(6, 8);
      await(6, 8);
      PairInfo info = awaitInfo(fleet, 1);
      assertThat(info.second().state()).isEqualTo(FeedInfo.State.OPEN);
      assertThat(info.first().ahead() + info.second().ahead()).isEqualTo(8);
      assertThat(info.duplicates()).isEqualTo(3);
      FeedInfo feed = fleet.info().feeds().getFirst();
      assertThat(feed.state()).isEqualTo(FeedInfo.State.OPEN);
      assertThat(feed.gaps()).isZero();
      one.listen();
      first.awaitSession();
      told(FleetEvent.ConnectionOpen.class);
      second.send(9, 9);
      await(9, 9);
      first.send(9, 10);
      await(10, 10);
    }
    assertThat(written).isEmpty();
    assertThat(happened).noneMatch(FleetEvent.FeedWaiting.class::isInstance);
  }

  @Test
  void theConnectionThatIsBehindBringsWhatTheLostOneHadAndGoesOn() throws Exception {
    try (Origin one = Origin.start(first.script());
        Origin other = Origin.start(second.script());
        Fleet fleet = open()) {
      fleet.put(pair(one, other, Pair.DEFAULT));
      bothOpen();
      first.send(1, 1);
      second.send(1, 1);
      await(1, 1);
      first.send(2, 100);
      await(2, 100);
      one.refuse();
      one.drop();
      told(FleetEvent.ConnectionLost.class);
      second.send(2, 103);
      await(101, 103);
      awaitDuplicates(fleet, 100);
    }
    assertThat(written).isEmpty();
  }

  @Test
  void aNewSessionThatIsAheadOfTheOtherConnectionWaitsForIt() throws Exception {
    try (Origin one = Origin.start(first.script());
        Origin other = Origin.start(second.script());
        Fleet fleet = open()) {
      fleet.put(pair(one, other, Pair.DEFAULT.patience(LONG)));
      bothOpen();
      first.send(1, 1);
      second.send(1, 1);
      await(1, 1);
      one.drop();
      told(FleetEvent.ConnectionLost.class);
      first.awaitSession();
      told(FleetEvent.ConnectionOpen.class);
      first.send(5, 6); // it has missed three, which are on their way to the other one
      second.send(2, 4);
      await(2, 4);
      second.send(5, 5);
      await(5, 6);
    }
    assertThat(written).isEmpty();
  }

  @Test
  void eventsAreNotHeldLongerThanThePatience() throws Exception {
    try (Origin one = Origin.start(first.script());
        Origin other = Origin.start(second.script());
        Fleet fleet = open()) {
      fleet.put(pair(one, other, Pair.DEFAULT.patience(Duration.ofMillis(20))));
      bothOpen();
      first.send(1, 1);
      second.send(1, 1);
      await(1, 1);
      one.drop();
      first.awaitSession();
      first.send(2, 3); // and the other one sends nothing more
      await(2, 3);
    }
  }

  @Test
  void whatOneNeverHadComesFromTheOther() throws Exception {
    try (Origin one = Origin.start(first.script());
        Origin other = Origin.start(second.script());
        Fleet fleet = open()) {
      fleet.put(pair(one, other, Pair.DEFAULT));
      bothOpen();
      first.send(1, 1);
      second.send(1, 3);
      await(1, 3);
      first.send(4, 4); // without two and three
      await(4, 4);
      second.send(4, 5);
      await(5, 5);
    }
    assertThat(written).isEmpty();
  }

  @Test
  void whenBothAreLostTheGapIsTold() throws Exception {
    try (Origin one = Origin.start(first.script());
        Origin other = Origin.start(second.script());
        Fleet fleet = open()) {
      fleet.put(pair(one, other, Pair.DEFAULT));
      bothOpen();
      one.refuse();
      other.refuse();
      one.drop();
      other.drop();
      told(FleetEvent.FeedWaiting.class);
      assertThat(awaitInfo(fleet, 0).open()).isZero();
      one.listen();
      told(FleetEvent.FeedOpen.class);
      assertThat(fleet.info().feeds().getFirst().gaps()).isOne();
      first.awaitSession();
      first.send(9, 9);
      await(9, 9);
    }
  }

  @Test
  void aConnectionThatIsRefusedForGoodDoesNotEndTheOther() throws Exception {
    try (Origin one = Origin.start(first.script());
        Origin other =
            Origin.start(
                visit -> {
                  visit.request();
                  visit.respond(403);
                });
        Fleet fleet = open()) {
      fleet.put(pair(one, other, Pair.DEFAULT));
      first.awaitSession();
      FleetEvent.ConnectionLost lost = told(FleetEvent.ConnectionLost.class);
      assertThat(lost.ended()).isTrue();
      assertThat(lost.connection()).isEqualTo(2);
      first.send(1, 2);
      await(1, 2);
      assertThat(awaitInfo(fleet, 1).second().state()).isEqualTo(FeedInfo.State.GONE);
      one.script(
          visit -> {
            visit.request();
            visit.respond(403);
          });
      one.drop();
      assertThat(told(FleetEvent.FeedGone.class).feed()).isEqualTo("btc");
      assertThat(fleet.info().feeds().getFirst().state()).isEqualTo(FeedInfo.State.GONE);
    }
  }

  @Test
  void anEventIsRecognizedByItsIdentityAndOneWithoutIsWrittenFromBoth() throws Exception {
    try (Origin one = Origin.start(first.script());
        Fleet fleet = open()) {
      fleet.put(
          Feed.webSocket("btc", one.uri("ws", "/").toString())
              .options(LIVE)
              .pair(Pair.DEFAULT.identity(PositionFinder.json("/id"))));
      first.awaitSession();
      WebSocketVisit session = first.session;
      first.awaitSession();
      told(FleetEvent.ConnectionOpen.class);
      told(FleetEvent.ConnectionOpen.class);
      for (WebSocketVisit each : List.of(session, first.session)) {
        each.send(new Text("{\"id\":\"a\"}"));
        each.send(new Text("{\"id\":\"b\"}"));
        each.send(new Text("{}"));
      }
      assertThat(take(4).stream().map(FeedEvent::data))
          .containsExactlyInAnyOrder(
              new Text("{\"id\":\"a\"}"),
              new Text("{\"id\":\"b\"}"),
              new Text("{}"),
              new Text("{}"));
    }
    assertThat(written).isEmpty();
  }

  @Test
  void aFrameIsSentOnceOnAConnectionThatHasASession() throws Exception {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    try (Origin one = Origin.start(visit -> hear(visit.acceptWebSocket(), "first", heard));
        Origin other = Origin.start(visit -> hear(visit.acceptWebSocket(), "second", heard));
        Fleet fleet = open()) {
      fleet.put(pair(one, other, Pair.DEFAULT));
      told(FleetEvent.ConnectionOpen.class);
      told(FleetEvent.ConnectionOpen.class);
      assertThat(fleet.send("btc", new Text("1")).get()).isEqualTo(new SendResult.Written());
      assertThat(heard.take()).isEqualTo("first 1");
      one.refuse();
      one.drop();
      told(FleetEvent.ConnectionLost.class);
      assertThat(fleet.send("btc", new Text("2")).get()).isEqualTo(new SendResult.Written());
      assertThat(heard.take()).isEqualTo("second 2");
    }
    assertThat(heard).isEmpty();
  }

  private static void hear(WebSocketVisit socket, String name, BlockingQueue<String> heard)
      throws IOException {
    while (socket.receive() instanceof Text(var text)) {
      heard.add(name + " " + text);
    }
  }

  // ---- servers that can

  @Test
  void withServersThatResumeNothingIsLostOrTwiceHoweverOftenBothAreKilled() throws Exception {
    Numbered one = new Numbered();
    Numbered other = new Numbered();
    try (Origin first = Origin.start(one.webSockets());
        Origin second = Origin.start(other.webSockets());
        Fleet fleet = open()) {
      fleet.put(pair(first, second, Pair.DEFAULT).resume(Resume.query("after")));
      for (long number = 500; number <= 3000; number += 500) {
        one.publish(number);
        other.publish(number - 100);
        await(number - 499, number - 250);
        first.drop(); // while events are on their way
        await(number - 249, number - 150);
        second.drop();
        first.drop();
        await(number - 149, number);
        other.publish(number);
      }
    }
    assertThat(written).isEmpty();
  }

  @Test
  void serverSentEventsAreRecognizedByTheirIdsAndContinueAfterARestart() throws Exception {
    Numbered numbered = new Numbered();
    numbered.publish(10);
    PositionStore store = PositionStore.inMemory();
    try (Origin origin = Origin.start(numbered.events())) {
      Feed feed = Feed.events("e", origin.uri("http", "/").toString()).pair(Pair.DEFAULT);
      try (Fleet fleet = Fleet.open(store, batch -> written.addAll(batch.events()), options)) {
        fleet.put(feed);
        await(1, 10);
        numbered.awaitAsked(2);
        awaitDuplicates(fleet, 10);
      }
      numbered.publish(12);
      try (Fleet fleet = Fleet.open(store, batch -> written.addAll(batch.events()), options)) {
        fleet.put(feed);
        await(11, 12);
        numbered.awaitAsked(4);
        awaitDuplicates(fleet, 2);
      }
      assertThat(numbered.asked()).containsExactly("0", "0", "10", "10");
    }
    assertThat(written).isEmpty();
  }

  // ---- misuse

  @Test
  void misuseIsRefusedAtOnceByNameValueAndRange() throws Exception {
    Feed socket = Feed.webSocket("a", "ws://localhost/");
    Feed events = Feed.events("a", "http://localhost/");
    refused(() -> Pair.DEFAULT.window(0), "feed.pair.window: 0, allowed 1 to 1000000");
    refused(
        () -> Pair.DEFAULT.patience(Duration.ofHours(1)),
        "feed.pair.patience: 3600 s, allowed 0 ms to 60 s");
    refused(
        () -> socket.pair(Pair.DEFAULT.second(Endpoint.of("http://localhost/"))),
        "feed.pair.second: http://localhost/, allowed ws or wss");
    refused(
        () -> events.pair(Pair.DEFAULT.second(Endpoint.of("ws://localhost/"))),
        "feed.pair.second: ws://localhost/, allowed http or https");
    try (Fleet fleet = open()) {
      String message =
          "feed.pair: one of a, whose events have no position, allowed one with a position or an"
              + " identity";
      refused(() -> fleet.put(socket.pair(Pair.DEFAULT)), message);
      refused(() -> fleet.feeds(List.of(socket.pair(Pair.DEFAULT))), message);
      refused(
          () -> fleet.put(events.positionHeader("Last-Event-ID")),
          "feed.positionHeader: one of a, which never asks for its position, allowed one with"
              + " resume, or with onOpen of a WebSocket");
      assertThat(fleet.info().feeds()).isEmpty();
    }
  }

  private static void refused(Runnable misuse, String message) {
    assertThatThrownBy(misuse::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  // ---- the stage

  private Fleet open() throws IOException {
    return Fleet.open(PositionStore.inMemory(), batch -> written.addAll(batch.events()), options);
  }

  private static Feed pair(Origin first, Origin second, Pair pair) {
    return Feed.webSocket("btc", first.uri("ws", "/").toString())
        .options(LIVE)
        .position(PositionFinder.json("/seq"))
        .pair(pair.second(Endpoint.of(second.uri("ws", "/"))));
  }

  private void bothOpen() throws InterruptedException {
    first.awaitSession();
    second.awaitSession();
    told(FleetEvent.ConnectionOpen.class);
    told(FleetEvent.ConnectionOpen.class);
  }

  private static PairInfo pairInfo(Fleet fleet) {
    return fleet.info().feeds().getFirst().pair().orElseThrow();
  }

  /** Waits until so many connections have a session. */
  private static PairInfo awaitInfo(Fleet fleet, int open) {
    while (pairInfo(fleet).open() != open) {
      Thread.onSpinWait();
    }
    return pairInfo(fleet);
  }

  private static void awaitDuplicates(Fleet fleet, long count) {
    while (fleet.info().feeds().getFirst().pair().map(PairInfo::duplicates).orElse(0L) < count) {
      Thread.onSpinWait();
    }
    assertThat(pairInfo(fleet).duplicates()).isEqualTo(count);
  }

  private List<FeedEvent> take(int count) throws InterruptedException {
    List<FeedEvent> taken = new ArrayList<>();
    while (taken.size() < count) {
      FeedEvent event = written.poll(20, TimeUnit.SECONDS);
      assertThat(event).as("event after " + taken.size()).isNotNull();
      taken.add(event);
    }
    return taken;
  }

  /** The next events that are written are exactly those with these positions, in their order. */
  private void await(long first, long last) throws InterruptedException {
    assertThat(take((int) (last - first + 1)).stream().map(event -> event.position().orElseThrow()))
        .containsExactlyElementsOf(
            LongStream.rangeClosed(first, last).mapToObj(Long::toString).toList());
  }

  /** Waits for an event of this type, and leaves all others out. */
  private <T extends FleetEvent> T told(Class<T> type) throws InterruptedException {
    while (true) {
      FleetEvent event = happened.poll(20, TimeUnit.SECONDS);
      assertThat(event).as(type.getSimpleName()).isNotNull();
      if (type.isInstance(event)) {
        return type.cast(event);
      }
    }
  }
}
