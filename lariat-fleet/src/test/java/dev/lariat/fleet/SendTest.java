package dev.lariat.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.fleet.contract.SharedPositions;
import dev.lariat.fleet.internal.core.FleetCore;
import dev.lariat.message.Binary;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Frames for a feed, from the node that has it and from another one. */
@Timeout(30)
class SendTest {
  private static final int SLOTS = 4;
  private static final SendResult WRITTEN = new SendResult.Written();

  private final BlockingQueue<Frame> heard = new LinkedBlockingQueue<>();
  private final BlockingQueue<FleetEvent> happened = new LinkedBlockingQueue<>();
  private final SharedPositions positions = new SharedPositions();
  private final FleetOptions options =
      FleetOptions.DEFAULT
          .slots(SLOTS)
          .listener(happened::add)
          .answerTimeout(Duration.ofSeconds(9));

  @Test
  void theNodeThatHasAFeedSendsAtOnce() throws Exception {
    try (Origin origin = Origin.start(hears());
        Fleet fleet = Fleet.open(PositionStore.inMemory(), batch -> {}, options)) {
      fleet.put(feed("btc", origin));
      awaitOpen();
      assertThat(sent(fleet.send("btc", new Text("subscribe")))).isEqualTo(WRITTEN);
      assertThat(sent(fleet.send("btc", new Binary(new byte[] {1, 2})))).isEqualTo(WRITTEN);
      assertThat(heard.take()).isEqualTo(new Text("subscribe"));
      assertThat(heard.take()).isEqualTo(new Binary(new byte[] {1, 2}));
    }
  }

  @Test
  void anotherNodeSendsByTheOwnerInItsOrder() throws Exception {
    TwoNodes nodes = new TwoNodes(true);
    try (Origin origin = Origin.start(hears());
        Fleet owner = Fleet.open(positions, batch -> {}, options.placement(nodes));
        Fleet other = Fleet.open(positions, batch -> {}, options.placement(nodes))) {
      Feed feed = feed(idOfSlot(0), origin);
      owner.put(feed);
      other.put(feed);
      awaitOpen();
      List<CompletableFuture<SendResult>> results = new ArrayList<>();
      List<Frame> frames = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        Frame frame = i % 2 == 0 ? new Text("käse " + i) : new Binary(new byte[] {(byte) i});
        frames.add(frame);
        results.add(other.send(feed.id(), frame));
      }
      for (var result : results) {
        assertThat(sent(result)).isEqualTo(WRITTEN);
      }
      for (Frame frame : frames) {
        assertThat(heard.take()).isEqualTo(frame);
      }
    }
  }

  @Test
  void aFrameThatTheFeedRefusesIsDroppedWithTheReasonOnEveryNode() throws Exception {
    TwoNodes nodes = new TwoNodes(true);
    try (Origin origin = Origin.start(hears());
        Fleet owner = Fleet.open(positions, batch -> {}, options.placement(nodes));
        Fleet other = Fleet.open(positions, batch -> {}, options.placement(nodes))) {
      Feed feed = feed(idOfSlot(0), origin).options(LiveOptions.DEFAULT.outbox(Outbox.NONE));
      origin.refuse();
      owner.put(feed);
      other.put(feed);
      told(FleetEvent.FeedWaiting.class);
      SendResult here = sent(owner.send(feed.id(), new Text("now")));
      assertThat(here).isInstanceOf(SendResult.Dropped.class);
      assertThat(sent(other.send(feed.id(), new Text("now")))).isEqualTo(here);
    }
  }

  @Test
  void aFeedThatIsNotOpenDropsAFrame() throws Exception {
    try (Origin origin =
            Origin.start(
                visit -> {
                  visit.request();
                  visit.respond(403);
                });
        Fleet fleet = Fleet.open(PositionStore.inMemory(), batch -> {}, options)) {
      fleet.put(feed("btc", origin));
      told(FleetEvent.FeedGone.class);
      assertThat(sent(fleet.send("btc", new Text("now"))))
          .isEqualTo(new SendResult.Dropped("the feed is not open"));
    }
  }

  @Test
  void anAnswerThatDoesNotComeLeavesTheFateUnknown() throws Exception {
    TwoNodes nodes = new TwoNodes(true);
    nodes.deaf = true;
    FleetOptions quick = options.placement(nodes).answerTimeout(Duration.ofMillis(10));
    try (Fleet first = Fleet.open(positions, batch -> {}, quick)) {
      Feed feed = Feed.webSocket(idOfSlot(1), "ws://localhost/");
      first.put(feed);
      assertThat(sent(first.send(feed.id(), new Text("now"))))
          .isInstanceOf(SendResult.Unknown.class);
    }
  }

  @Test
  void aPlacementThatCarriesNothingNamesTheNodeThatHasTheFeed() throws Exception {
    TwoNodes nodes = new TwoNodes(false);
    try (Fleet first = Fleet.open(positions, batch -> {}, options.placement(nodes))) {
      Feed feed = Feed.webSocket(idOfSlot(1), "ws://localhost/");
      first.put(feed);
      assertThat(sent(first.send(feed.id(), new Text("now"))))
          .isEqualTo(new SendResult.Elsewhere(Optional.of("node 1")));
    }
  }

  @Test
  void misuseIsRefusedAtOnce() throws Exception {
    TwoNodes nodes = new TwoNodes(true);
    Fleet fleet = Fleet.open(positions, batch -> {}, options.placement(nodes));
    try (fleet) {
      Feed elsewhere = Feed.webSocket(idOfSlot(1), "ws://localhost/");
      fleet.feeds(List.of(Feed.events("events", "http://localhost/"), elsewhere));
      refused(
          () -> fleet.send("nobody", new Text("x")),
          "fleet.send.feed: nobody, allowed the id of a feed of the configuration");
      refused(
          () -> fleet.send("events", new Text("x")),
          "fleet.send.feed: events of server-sent events, allowed a WebSocket");
      refused(
          () -> fleet.send(elsewhere.id(), new Close(1000, "")),
          "fleet.send.frame: Close[code=1000, text=], allowed a text, binary, ping or pong");
      refused(
          () -> fleet.send(elsewhere.id(), new Text("\ud800")),
          "fleet.send.frame: an unpaired surrogate, allowed characters");
    }
    assertThatThrownBy(() -> fleet.send("events", new Text("x")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the fleet is closed");
  }

  private static void refused(Runnable misuse, String message) {
    assertThatThrownBy(misuse::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  // ---- the stage

  private Script hears() {
    return visit -> {
      if (visit.head() == null) {
        return;
      }
      WebSocketVisit socket = visit.acceptWebSocket();
      for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
        if (frame instanceof Close) {
          return;
        }
        heard.add(frame);
      }
    };
  }

  private static Feed feed(String id, Origin origin) {
    return Feed.webSocket(id, origin.uri("ws", "/").toString());
  }

  private static String idOfSlot(int slot) {
    for (int i = 0; ; i++) {
      if (FleetCore.slotOf("feed " + i, SLOTS) == slot) {
        return "feed " + i;
      }
    }
  }

  private static SendResult sent(CompletableFuture<SendResult> result) throws Exception {
    return result.get(20, TimeUnit.SECONDS);
  }

  private void awaitOpen() throws InterruptedException {
    told(FleetEvent.FeedOpen.class);
  }

  private <T extends FleetEvent> void told(Class<T> type) throws InterruptedException {
    FleetEvent event;
    do {
      event = happened.poll(20, TimeUnit.SECONDS);
      assertThat(event).as(type.getSimpleName()).isNotNull();
    } while (!type.isInstance(event));
  }
}
