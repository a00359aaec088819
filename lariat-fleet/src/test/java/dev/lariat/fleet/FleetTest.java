package dev.lariat.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.fleet.internal.core.FleetCore;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.option.Backoff;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Request;
import dev.lariat.option.Rotation;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fleets in one process, against servers on real ports. */
@Timeout(30)
class FleetTest {
  private static final Backoff QUICK =
      Backoff.DEFAULT.delays(Duration.ofMillis(10), Duration.ofMillis(50));
  private static final LiveOptions LIVE =
      LiveOptions.DEFAULT.healing(Healing.DEFAULT.retry(QUICK).spread(Duration.ZERO));

  @TempDir Path folder;

  private final Numbered numbered = new Numbered();
  private final BlockingQueue<FeedEvent> written = new LinkedBlockingQueue<>();
  private final BlockingQueue<FleetEvent> happened = new LinkedBlockingQueue<>();
  private final FleetOptions options = FleetOptions.DEFAULT.slots(8).listener(happened::add);

  @Test
  void whenItsServerIsKilledAndRestartedAFeedLosesNoEventAndHasNoneTwice() throws Exception {
    try (Origin origin = Origin.start(numbered.webSockets());
        Fleet fleet = open()) {
      fleet.put(byQuery(origin));
      for (long number = 500; number <= 2500; number += 500) {
        numbered.publish(number);
        await(number - 499, number - 250);
        origin.refuse();
        origin.drop(); // while events are on their way
        origin.listen();
        await(number - 249, number);
      }
      assertThat(numbered.asked()).hasSizeGreaterThanOrEqualTo(5);
      assertThat(numbered.asked().getLast()).startsWith("/feed?token=1&after=");
    }
    assertThat(written).isEmpty();
  }

  @Test
  void afterARestartOfTheFleetAFeedContinuesAtItsPosition() throws Exception {
    try (Origin origin = Origin.start(numbered.webSockets())) {
      numbered.publish(10);
      try (Fleet fleet = open()) {
        fleet.put(byQuery(origin));
        await(1, 10);
      }
      numbered.publish(20);
      Fleet second = open();
      try (second) {
        second.put(byQuery(origin));
        await(11, 20);
      }
      assertThat(second.info().feeds().getFirst().position()).contains("20");
      assertThat(numbered.asked()).containsExactly("/feed?token=1", "/feed?token=1&after=10");
    }
    assertThat(written).isEmpty();
  }

  @Test
  void aPositionIsAskedForByAHeaderOrByTheFirstMessage() throws Exception {
    try (Origin byHeader = Origin.start(numbered.webSockets());
        Origin byMessage = Origin.start(numbered.commanded())) {
      Feed header =
          Feed.webSocket("h", byHeader.uri("ws", "/h").toString())
              .options(LIVE)
              .position(PositionFinder.json("/seq"))
              .resume(Resume.header("X-After"));
      Feed message =
          Feed.webSocket("m", byMessage.uri("ws", "/m").toString())
              .options(LIVE)
              .position(PositionFinder.json("/seq"))
              .onOpen(
                  (session, position) -> session.send(new Text("after " + position.orElse("0"))));
      numbered.publish(3);
      try (Fleet fleet = open()) {
        fleet.feeds(List.of(header, message));
        assertThat(take(6)).hasSize(6);
      }
      try (Fleet fleet = open()) {
        fleet.feeds(List.of(header, message));
        numbered.publish(5);
        assertThat(take(4)).hasSize(4);
      }
      assertThat(numbered.asked())
          .containsExactlyInAnyOrder("/h", "after 0", "/h after 3", "after 3");
    }
    assertThat(written).isEmpty();
  }

  @Test
  void serverSentEventsContinueAfterTheirLastIdOverRestartsOfBothSides() throws Exception {
    try (Origin origin = Origin.start(numbered.events())) {
      Feed feed = Feed.events("e", origin.uri("http", "/events").toString());
      numbered.publish(3);
      try (Fleet fleet = open()) {
        fleet.put(feed);
        await(1, 3);
      }
      numbered.publish(5);
      try (Fleet fleet = open()) {
        fleet.put(feed);
        await(4, 5);
        origin.drop();
        numbered.publish(7);
        await(6, 7);
      }
      assertThat(numbered.asked()).containsExactly("0", "3", "5");
    }
    assertThat(written).isEmpty();
  }

  @Test
  void aHeaderOfTheResponseSaysAfterWhichPositionASessionBegins() throws Exception {
    BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    Deque<String> begins = new ConcurrentLinkedDeque<>(List.of("7", "7", "9"));
    PositionStore store = PositionStore.inMemory();
    try (Origin origin =
        Origin.start(
            visit -> {
              var head = visit.head();
              if (head != null) {
                Headers headers = Headers.of("X-Seq", begins.isEmpty() ? "" : begins.removeFirst());
                WebSocketVisit socket = visit.acceptWebSocket(headers);
                asked.add(head.target()); // when the headers are sent
                socket.receive();
              }
            })) {
      Feed feed =
          Feed.webSocket("btc", origin.uri("ws", "/").toString())
              .options(LIVE)
              .position(PositionFinder.json("/seq"))
              .resume(Resume.query("after"))
              .positionHeader("X-Seq");
      try (Fleet fleet = Fleet.open(store, sink(), options)) {
        fleet.put(feed);
        assertThat(asked.take()).isEqualTo("/");
        told(FleetEvent.FeedOpen.class);
        assertThat(fleet.info().feeds().getFirst().position()).contains("7");
        origin.drop(); // before any event
        assertThat(asked.take()).isEqualTo("/?after=7");
        told(FleetEvent.FeedOpen.class);
        origin.drop();
        assertThat(asked.take()).isEqualTo("/?after=7");
        assertThat(told(FleetEvent.PositionSkipped.class))
            .isEqualTo(new FleetEvent.PositionSkipped("btc", "7", "9"));
      }
      try (Fleet fleet = Fleet.open(store, sink(), options)) {
        fleet.put(feed);
        assertThat(asked.take()).isEqualTo("/?after=9");
      }
    }
  }

  @Test
  void aSinkThatThrowsGetsTheSameBatchAgainAndNothingIsLost() throws Exception {
    int[] failures = {3};
    Sink sink =
        batch -> {
          if (failures[0]-- > 0) {
            throw new IOException("full");
          }
          written.addAll(batch.events());
        };
    try (Origin origin = Origin.start(numbered.webSockets());
        Fleet fleet = Fleet.open(store(), sink, options)) {
      fleet.put(byQuery(origin));
      numbered.publish(5);
      await(1, 5);
      assertThat(told(FleetEvent.SinkFailed.class).cause()).hasMessage("full");
      told(FleetEvent.SinkRecovered.class);
      assertThat(happened).noneMatch(FleetEvent.SinkFailed.class::isInstance); // once for all three
    }
    assertThat(written).isEmpty();
  }

  @Test
  void aSlotWhoseSinkKnowsANewerOwnerIsTakenAgainAndItsFeedContinues() throws Exception {
    Sink sink =
        batch -> {
          if (batch.epoch() == 1) {
            throw new FencedException(batch.slot(), batch.epoch());
          }
          written.addAll(batch.events());
        };
    try (Origin origin = Origin.start(numbered.webSockets());
        Fleet fleet = Fleet.open(store(), sink, options)) {
      fleet.put(byQuery(origin));
      numbered.publish(5);
      await(1, 5);
      FleetEvent.SlotLost lost = told(FleetEvent.SlotLost.class);
      assertThat(lost.epoch()).isEqualTo(1);
      assertThat(lost.loss()).isEqualTo(FleetEvent.Loss.REFUSED);
      assertThat(happened).noneMatch(FleetEvent.SinkFailed.class::isInstance);
    }
    assertThat(written).isEmpty();
  }

  @Test
  void aNodeThatHasEndedSaysSoAndDoesNotCountAsLiving() throws Exception {
    CompletableFuture<Placement.Node> joined = new CompletableFuture<>();
    Placement placement =
        new Placement() {
          @Override
          public Membership join(int slots, Node node) throws IOException {
            joined.complete(node);
            return Placement.alone().join(slots, node);
          }

          @Override
          public boolean shared() {
            return false;
          }
        };
    try (Fleet fleet = Fleet.open(store(), batch -> {}, options.placement(placement))) {
      assertThat(fleet.info().ended()).isEmpty();
      assertThat(fleet.info().members()).isEqualTo(1);
      joined.join().ended("its process has slept");
      assertThat(told(FleetEvent.NodeEnded.class))
          .isEqualTo(new FleetEvent.NodeEnded("alone", "its process has slept"));
      assertThat(fleet.info().ended()).contains("its process has slept");
      assertThat(fleet.info().members()).isZero();
      assertThat(StatusText.of(fleet.info(), 8, List.of(), List.of()))
          .contains("\"ended\":\"its process has slept\"");
    }
  }

  @Test
  void aPlacementThatDoesNotReachItsStoreIsToldWithoutAPositionToStore() throws Exception {
    IOException cause = new IOException("no answer");
    Placement placement =
        new Placement() {
          @Override
          public Membership join(int slots, Node node) throws IOException {
            node.storeFailed(cause);
            node.storeRecovered();
            return Placement.alone().join(slots, node);
          }

          @Override
          public boolean shared() {
            return false;
          }
        };
    try (Fleet fleet = Fleet.open(store(), batch -> {}, options.placement(placement))) {
      assertThat(told(FleetEvent.StoreFailed.class).cause()).isSameAs(cause);
      told(FleetEvent.StoreRecovered.class);
      assertThat(fleet.info().feeds()).isEmpty();
    }
  }

  @Test
  void aStoreIsToldWhenASlotIsReleased() throws Exception {
    BlockingQueue<String> released = new LinkedBlockingQueue<>();
    PositionStore store =
        new PositionStore() {
          private final PositionStore memory = PositionStore.inMemory();

          @Override
          public void open(int slots) throws IOException {
            memory.open(slots);
          }

          @Override
          public Map<Integer, Claimed> claim(Set<Integer> slots) throws Exception {
            return memory.claim(slots);
          }

          @Override
          public Set<Integer> save(List<Saving> all) throws Exception {
            return memory.save(all);
          }

          @Override
          public void released(int slot, long epoch) {
            released.add(slot + " of epoch " + epoch);
          }

          @Override
          public boolean shared() {
            return false;
          }

          @Override
          public void close() throws IOException {
            memory.close();
          }
        };
    Sink sink =
        batch -> {
          throw new FencedException(batch.slot(), batch.epoch());
        };
    try (Origin origin = Origin.start(numbered.webSockets());
        Fleet fleet = Fleet.open(store, sink, options)) {
      Feed feed = byQuery(origin);
      fleet.put(feed);
      numbered.publish(1);
      String slot = Integer.toString(FleetCore.slotOf(feed.id(), 8));
      assertThat(released.take()).isEqualTo(slot + " of epoch 1");
    }
  }

  @Test
  void aSinkThatBlocksStopsTheReadingOfItsSlotAndNoOther() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    String slow = "feed 0";
    String quick = idOfAnotherSlot(slow);
    Sink sink =
        batch -> {
          if (batch.events().getFirst().feed().equals(slow)) {
            blocked.await();
          }
          written.addAll(batch.events());
        };
    Numbered endless = new Numbered();
    endless.publish(20_000);
    try (Origin busy = Origin.start(endless.webSockets());
        Origin origin = Origin.start(numbered.webSockets());
        Fleet fleet = Fleet.open(store(), sink, options.buffer(100))) {
      fleet.put(Feed.webSocket(slow, busy.uri("ws", "/").toString()).options(LIVE));
      fleet.put(byQuery(quick, origin));
      numbered.publish(10);
      await(1, 10);
      blocked.countDown();
      List<FeedEvent> all = take(20_000);
      assertThat(all.getFirst().data()).isEqualTo(new Text("{\"seq\":1}"));
      assertThat(all.getLast().data()).isEqualTo(new Text("{\"seq\":20000}"));
    }
  }

  @Test
  void aChangedFeedContinuesWithItsNewConfiguration() throws Exception {
    try (Origin origin = Origin.start(numbered.webSockets());
        Fleet fleet = open()) {
      Feed feed = byQuery(origin);
      fleet.put(feed);
      numbered.publish(3);
      await(1, 3);
      fleet.put(feed); // nothing has changed
      fleet.put(byQuery(origin).resume(Resume.header("x-after")));
      numbered.awaitAsked(2);
      numbered.publish(5);
      await(4, 5);
      assertThat(numbered.asked()).containsExactly("/feed?token=1", "/feed?token=1 after 3");
    }
    assertThat(written).isEmpty();
  }

  @Test
  void aRemovedFeedIsClosedAndItsPositionIsKept() throws Exception {
    try (Origin origin = Origin.start(numbered.webSockets());
        Fleet fleet = open()) {
      fleet.put(byQuery(origin));
      numbered.publish(3);
      await(1, 3);
      fleet.feeds(List.of());
      assertThat(fleet.info().feeds()).isEmpty();
      fleet.put(byQuery(origin));
      numbered.awaitAsked(2);
      numbered.publish(5);
      await(4, 5);
      assertThat(numbered.asked().getLast()).isEqualTo("/feed?token=1&after=3");
    }
    assertThat(written).isEmpty();
  }

  @Test
  void aFeedThatIsRefusedForGoodIsListedAndOpensAgainWhenItIsPutAgain() throws Exception {
    try (Origin origin =
            Origin.start(
                visit -> {
                  visit.request();
                  visit.respond(403);
                });
        Fleet fleet = open()) {
      fleet.put(byQuery(origin));
      FleetEvent.FeedGone gone = told(FleetEvent.FeedGone.class);
      assertThat(gone.feed()).isEqualTo("btc");
      assertThat(gone.reason()).isInstanceOf(Reason.Status.class);
      FeedInfo info = fleet.info().feeds().getFirst();
      assertThat(info.state()).isEqualTo(FeedInfo.State.GONE);
      assertThat(info.reason()).contains(gone.reason());
      origin.script(numbered.webSockets());
      numbered.publish(1);
      fleet.put(byQuery(origin));
      await(1, 1);
    }
  }

  @Test
  void anEventWithoutAReadablePositionIsWrittenAndTold() throws Exception {
    try (Origin origin = Origin.start(numbered.webSockets());
        Fleet fleet = open()) {
      fleet.put(
          Feed.webSocket("btc", origin.uri("ws", "/").toString())
              .position(
                  data -> {
                    throw new IOException("unreadable");
                  }));
      numbered.publish(1);
      assertThat(take(1).getFirst().position()).isEmpty();
      assertThat(told(FleetEvent.PositionUnreadable.class).cause()).hasMessage("unreadable");
    }
  }

  @Test
  void listenersLearnWhatHappensInOrder() throws Exception {
    try (Origin origin = Origin.start(numbered.webSockets())) {
      try (Fleet fleet = Fleet.open(store(), sink(), options.slots(1))) {
        fleet.put(byQuery(origin));
        numbered.publish(1);
        await(1, 1);
        assertThat(fleet.info().slots()).isEqualTo(Map.of(0, 1L));
        assertThat(fleet.info().owners()).isEqualTo(Map.of(0, fleet.info().node()));
        assertThat(fleet.info().members()).isEqualTo(1);
        assertThat(fleet.info().feeds().getFirst().state()).isEqualTo(FeedInfo.State.OPEN);
      }
      assertThat(happened)
          .containsExactly(
              new FleetEvent.SlotTaken(0, 1),
              new FleetEvent.FeedOpen("btc", 1),
              new FleetEvent.SlotLeft(0, 1));
    }
  }

  @Test
  void aStoreThatFailsIsAskedAgain() throws Exception {
    PositionStore store = new Failing(PositionStore.inMemory());
    try (Origin origin = Origin.start(numbered.webSockets());
        Fleet fleet = Fleet.open(store, sink(), options)) {
      fleet.put(byQuery(origin));
      numbered.publish(1);
      await(1, 1);
      assertThat(told(FleetEvent.StoreFailed.class).cause()).hasMessage("down");
      told(FleetEvent.StoreRecovered.class);
    }
  }

  /** Fails once. */
  private record Failing(PositionStore store, boolean[] failed) implements PositionStore {
    Failing(PositionStore store) {
      this(store, new boolean[1]);
    }

    @Override
    public void open(int slots) throws IOException {
      store.open(slots);
    }

    @Override
    public Map<Integer, Claimed> claim(Set<Integer> slots) throws Exception {
      if (!failed[0]) {
        failed[0] = true;
        throw new IOException("down");
      }
      return store.claim(slots);
    }

    @Override
    public Set<Integer> save(List<Saving> all) throws Exception {
      return store.save(all);
    }

    @Override
    public boolean shared() {
      return store.shared();
    }

    @Override
    public void close() throws IOException {
      store.close();
    }
  }

  @Test
  void closeEndsEvenIfTheSinkBlocks() throws Exception {
    CountDownLatch reached = new CountDownLatch(1);
    Sink sink =
        batch -> {
          reached.countDown();
          new CountDownLatch(1).await();
        };
    try (Origin origin = Origin.start(numbered.webSockets())) {
      Fleet fleet = Fleet.open(store(), sink, options.closing(Duration.ofMillis(50)));
      fleet.put(byQuery(origin));
      numbered.publish(1);
      reached.await();
      fleet.close();
      assertThatThrownBy(() -> fleet.put(byQuery(origin)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the fleet is closed");
      try (Fleet next = open()) { // the position was not stored
        next.put(byQuery(origin));
        await(1, 1);
      }
    }
  }

  @Test
  void aStoreOfOneMachineIsRefusedForSeveralNodes() {
    Placement several =
        new Placement() {
          @Override
          public Membership join(int slots, Node node) {
            throw new AssertionError("it is refused before");
          }

          @Override
          public boolean shared() {
            return true;
          }
        };
    assertThatThrownBy(
            () -> Fleet.open(PositionStore.inMemory(), sink(), options.placement(several)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("fleet.positions: a store of one machine, allowed a shared one");
  }

  @Test
  void infoShowsGapsSilenceAndHowFarTheSinkIsBehind() throws Exception {
    CountDownLatch blocked = new CountDownLatch(1);
    CountDownLatch reached = new CountDownLatch(1);
    Sink sink =
        batch -> {
          if (batch.events().getLast().position().orElse("").equals("2")) {
            reached.countDown();
            blocked.await();
          }
          written.addAll(batch.events());
        };
    try (Origin origin = Origin.start(numbered.webSockets());
        Fleet fleet = Fleet.open(store(), sink, options)) {
      Instant start = Instant.now();
      fleet.put(byQuery(origin));
      numbered.publish(1);
      await(1, 1);
      origin.drop();
      told(FleetEvent.FeedWaiting.class);
      numbered.awaitAsked(2);
      numbered.publish(2);
      reached.await();
      FleetInfo info = fleet.info();
      FeedInfo feed = info.feeds().getFirst();
      assertThat(feed.gaps()).isOne();
      assertThat(feed.lastGap().orElseThrow()).isPositive().isLessThan(since(start));
      assertThat(feed.lost()).isEmpty();
      assertThat(info.unwritten().orElseThrow()).isBetween(start, Instant.now());
      assertThat(info.written()).isOne();
      assertThat(info.oldestEvent().orElseThrow().lastEvent().orElseThrow())
          .isBetween(start, Instant.now());
      assertThat(info.states())
          .containsEntry(FeedInfo.State.OPEN, 1L)
          .containsEntry(FeedInfo.State.WAITING, 0L);
      blocked.countDown();
      await(2, 2);
      origin.refuse();
      origin.drop();
      Instant lost = Instant.EPOCH;
      while (lost.equals(Instant.EPOCH)) {
        told(FleetEvent.FeedWaiting.class);
        lost = fleet.info().feeds().getFirst().lost().orElse(Instant.EPOCH);
      }
      assertThat(lost).isBetween(start, Instant.now());
      assertThat(fleet.info().unwritten()).isEmpty();
    }
  }

  private static Duration since(Instant start) {
    return Duration.between(start, Instant.now());
  }

  @Test
  void aSlotIsLeftWhenTheServersHaveAnsweredTheCloseFramesOfItsFeeds() throws Exception {
    List<Integer> left = new CopyOnWriteArrayList<>();
    CompletableFuture<Placement.Node> joined = new CompletableFuture<>();
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    Script answersLate =
        visit -> {
          if (visit.head() != null) {
            WebSocketVisit socket = visit.acceptWebSocket();
            socket.automatic(false);
            socket.send(new Text("{\"seq\":1}"));
            Frame last = socket.receive();
            socket.send(new Text("{\"seq\":2}"));
            heard.add(last + ", left " + left);
            socket.send(Close.NORMAL);
          }
        };
    Placement placement =
        new Placement() {
          @Override
          public Membership join(int slots, Node node) {
            node.members(1);
            node.taken(0, 1);
            joined.complete(node);
            return new Leaver(left);
          }

          @Override
          public boolean shared() {
            return false;
          }
        };
    try (Origin origin = Origin.start(answersLate);
        Fleet fleet = Fleet.open(store(), sink(), options.slots(1).placement(placement))) {
      fleet.put(byQuery(origin));
      await(1, 1);
      joined.join().leave(0);
      assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo(Close.GOING_AWAY + ", left []");
      await(2, 2); // what the server still sends is written
      told(FleetEvent.SlotLeft.class);
    }
    assertThat(left).containsExactly(0);
  }

  @Test
  void aFeedThatIsRemovedSaysGoodbyeWithItsOwnCloseFrame() throws Exception {
    BlockingQueue<Frame> heard = new LinkedBlockingQueue<>();
    Script hearing =
        visit -> {
          if (visit.head() != null) {
            WebSocketVisit socket = visit.acceptWebSocket();
            socket.automatic(false);
            socket.send(new Text("{\"seq\":1}"));
            heard.add(socket.receive());
          }
        };
    try (Origin origin = Origin.start(hearing);
        Fleet fleet = open()) {
      fleet.put(byQuery(origin).goodbye(new Close(4000, "moves")));
      await(1, 1);
      fleet.feeds(List.of());
      assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo(new Close(4000, "moves"));
    }
  }

  private record Leaver(List<Integer> left) implements Placement.Membership {
    @Override
    public boolean holds(int slot, long grant) {
      return true;
    }

    @Override
    public void left(int slot, long grant) {
      left.add(slot);
    }

    @Override
    public String node() {
      return "leaver";
    }

    @Override
    public Optional<String> owner(int slot) {
      return Optional.empty();
    }

    @Override
    public void close() {}
  }

  @Test
  void aNodeThatDoesNotHaveTheSlotAnyMoreOpensNoSessionEvenIfItDoesNotKnowYet() throws Exception {
    AtomicBoolean holds = new AtomicBoolean(true);
    Placement placement =
        new Placement() {
          @Override
          public Membership join(int slots, Node node) {
            node.members(1);
            for (int slot = 0; slot < slots; slot++) {
              node.taken(slot, 1);
            }
            return new Asleep(holds);
          }

          @Override
          public boolean shared() {
            return false;
          }
        };
    try (Origin origin = Origin.start(numbered.webSockets());
        Fleet fleet = Fleet.open(store(), sink(), options.placement(placement))) {
      fleet.put(byQuery(origin));
      fleet.put(Feed.webSocket("plain", origin.uri("ws", "/plain").toString()).options(LIVE));
      numbered.awaitAsked(2);
      holds.set(false);
      origin.drop();
      Set<String> refused = new HashSet<>();
      while (refused.size() < 2) {
        FleetEvent.FeedWaiting waiting = told(FleetEvent.FeedWaiting.class);
        if (waiting.reason() instanceof Reason.EndpointThrew(var cause)) {
          assertThat(cause).hasMessage("this node does not have the feed any more");
          refused.add(waiting.feed());
        }
      }
      assertThat(numbered.asked()).hasSize(2);
      holds.set(true);
      numbered.awaitAsked(4);
    }
  }

  private record Asleep(AtomicBoolean awake) implements Placement.Membership {
    @Override
    public boolean holds(int slot, long grant) {
      return awake.get();
    }

    @Override
    public void left(int slot, long grant) {}

    @Override
    public String node() {
      return "sleeper";
    }

    @Override
    public Optional<String> owner(int slot) {
      return Optional.empty();
    }

    @Override
    public void close() {}
  }

  @Test
  void aStreamOfEventsBeginsAgainWhereItsHeaderSaidIfNoEventFollowed() throws Exception {
    BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    try (Origin origin =
            Origin.start(
                visit -> {
                  var head = visit.request();
                  if (head != null) {
                    asked.add(head.target());
                    visit.events(Headers.of("Last-Event-ID", "7"));
                    visit.awaitEnd();
                  }
                });
        Fleet fleet = open()) {
      fleet.put(
          Feed.events("e", origin.uri("http", "/e").toString())
              .resume(Resume.query("after"))
              .positionHeader("Last-Event-ID"));
      assertThat(asked.take()).isEqualTo("/e");
      told(FleetEvent.FeedOpen.class);
      origin.drop();
      assertThat(asked.take()).isEqualTo("/e?after=7");
    }
  }

  @Test
  void aBudgetOfTheFleetFollowsTheNumberOfItsNodes() throws Exception {
    AtomicReference<Placement.Node> joined = new AtomicReference<>();
    Placement placement =
        new Placement() {
          @Override
          public Membership join(int slots, Node node) throws IOException {
            joined.set(node);
            return Placement.alone().join(slots, node);
          }

          @Override
          public boolean shared() {
            return false;
          }
        };
    FleetBudget budget = FleetBudget.perSecond(10, 1);
    try (Fleet fleet = Fleet.open(store(), sink(), options.placement(placement).budget(budget))) {
      joined.get().members(5);
      assertThat(budget.take(0)).isZero();
      assertThat(budget.take(0)).isEqualTo(Duration.ofMillis(500).toNanos());
      assertThat(fleet.info().members()).isEqualTo(5);
    }
  }

  @Test
  void aListenerCanComeAndGoWhileTheFleetRuns() throws Exception {
    try (Origin origin = Origin.start(numbered.webSockets());
        Fleet fleet = open()) {
      BlockingQueue<FleetEvent> also = new LinkedBlockingQueue<>();
      FleetListener listener = also::add;
      fleet.listen(
          event -> {
            throw new IllegalStateException("one that throws does not keep others from it");
          });
      fleet.listen(listener);
      fleet.put(byQuery(origin));
      assertThat(told(FleetEvent.FeedOpen.class)).isEqualTo(new FleetEvent.FeedOpen("btc", 1));
      FleetEvent event = also.take();
      while (!(event instanceof FleetEvent.FeedOpen)) {
        event = also.take();
      }
      fleet.unlisten(listener);
    }
    assertThat(happened).anyMatch(FleetEvent.SlotLeft.class::isInstance);
  }

  @Test
  void misuseIsRefusedAtOnceByNameValueAndRange() {
    Feed socket = Feed.webSocket("a", "ws://localhost/");
    Feed events = Feed.events("a", "http://localhost/");
    refused(() -> FleetOptions.DEFAULT.slots(0), "fleet.slots: 0, allowed 1 to 65536");
    refused(
        () -> FleetOptions.DEFAULT.saveInterval(Duration.ZERO),
        "fleet.saveInterval: 0 ms, allowed 1 ms to 3600 s");
    refused(
        () -> FleetOptions.DEFAULT.closing(Duration.ofDays(1)),
        "fleet.closing: 86400 s, allowed 1 ms to 3600 s");
    refused(
        () -> FleetOptions.DEFAULT.answerTimeout(Duration.ZERO),
        "fleet.answerTimeout: 0 ms, allowed 1 ms to 3600 s");
    refused(() -> FleetOptions.DEFAULT.batch(0), "fleet.batch: 0, allowed 1 to 100000");
    refused(() -> FleetOptions.DEFAULT.buffer(0), "fleet.buffer: 0, allowed 1 to 1073741824");
    refused(
        () -> FleetOptions.DEFAULT.bufferBytes(0),
        "fleet.bufferBytes: 0, allowed 1 to 1099511627776");
    refused(() -> Feed.webSocket("", "ws://localhost/"), "feed.id: 0 characters, allowed 1 to 200");
    refused(
        () -> events.goodbye(Close.NORMAL),
        "feed.goodbye: one of server-sent events, allowed one of a WebSocket");
    refused(
        () -> events.onOpen(new Text("x")),
        "feed.onOpen: one of server-sent events, allowed one of a WebSocket");
    refused(
        () -> socket.request(Request.of("GET", "/")),
        "feed.request: one of a WebSocket, allowed one of server-sent events");
    refused(
        () ->
            socket.options(
                LiveOptions.DEFAULT.rotation(Rotation.DEFAULT.maxAge(Duration.ofHours(1)))),
        "feed.options.rotation.maxAge: PT1H, allowed the default");
    refused(
        () -> events.options(LiveOptions.DEFAULT),
        "feed.options: LiveOptions, allowed EventOptions for a feed of server-sent events");
  }

  @Test
  void twoFeedsWithOneIdAreRefused() throws Exception {
    try (Fleet fleet = open()) {
      Feed feed = Feed.webSocket("a", "ws://localhost/");
      refused(
          () -> fleet.feeds(List.of(feed, feed)),
          "fleet.feeds: two with the id a, allowed one for each id");
      assertThat(fleet.info().feeds()).isEmpty();
    }
  }

  private static void refused(Runnable misuse, String message) {
    assertThatThrownBy(misuse::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  // ---- the stage

  private PositionStore store() {
    return PositionStore.file(folder.resolve("positions"));
  }

  private Sink sink() {
    return batch -> written.addAll(batch.events());
  }

  private Fleet open() throws IOException {
    return Fleet.open(store(), sink(), options);
  }

  private static Feed byQuery(Origin origin) {
    return byQuery("btc", origin);
  }

  private static Feed byQuery(String id, Origin origin) {
    return Feed.webSocket(id, origin.uri("ws", "/feed?token=1").toString())
        .options(LIVE)
        .position(PositionFinder.json("/seq"))
        .resume(Resume.query("after"));
  }

  private String idOfAnotherSlot(String id) {
    for (int i = 1; ; i++) {
      String other = "feed " + i;
      if (slotOf(other) != slotOf(id)) {
        return other;
      }
    }
  }

  private int slotOf(String id) {
    return FleetCore.slotOf(id, options.slots());
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
