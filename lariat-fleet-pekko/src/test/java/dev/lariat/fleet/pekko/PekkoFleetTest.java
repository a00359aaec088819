package dev.lariat.fleet.pekko;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.fleet.Feed;
import dev.lariat.fleet.FeedInfo;
import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetEvent;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.PositionFinder;
import dev.lariat.fleet.Resume;
import dev.lariat.fleet.SendResult;
import dev.lariat.fleet.contract.SharedPositions;
import dev.lariat.message.Binary;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.cluster.Cluster;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Fleets with feeds on the nodes of a cluster. */
@Timeout(120)
class PekkoFleetTest {
  private static final int FEEDS = 12;

  private final BlockingQueue<Frame> heard = new LinkedBlockingQueue<>();
  private final Map<String, AtomicInteger> open = new ConcurrentHashMap<>(); // sessions of a feed
  private final BlockingQueue<String> doubled = new LinkedBlockingQueue<>();
  private final BlockingQueue<String> resumed = new LinkedBlockingQueue<>();
  private final SharedPositions positions = new SharedPositions();
  private final BlockingQueue<FleetEvent> happened = new LinkedBlockingQueue<>();
  private final FleetOptions options = FleetOptions.DEFAULT.slots(8);

  @Test
  void everyNodeSendsToEveryFeed() throws Exception {
    try (Origin origin = Origin.start(talks());
        Systems systems = new Systems();
        Fleet first = open(systems.start());
        Fleet second = open(systems.start())) {
      first.feeds(feeds(origin));
      second.feeds(feeds(origin));
      awaitShares(first, second);
      for (Fleet fleet : List.of(first, second)) {
        for (Feed feed : feeds(origin)) {
          awaitWritten(fleet, feed, new Text("for " + feed.id()));
        }
      }
      List<Frame> all = new ArrayList<>();
      while (all.size() < 2 * FEEDS) {
        all.add(heard.take());
      }
      for (Feed feed : feeds(origin)) {
        assertThat(all).filteredOn(new Text("for " + feed.id())::equals).hasSize(2);
      }
      Feed elsewhere = feeds(origin).stream().filter(feed -> !isOpen(first, feed)).findAny().get();
      assertThatThrownBy(() -> first.send(elsewhere.id(), new Binary(new byte[300_000])))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith("fleet.send.frame: 3000")
          .hasMessageContaining("allowed 0 to 258048 to another node");
    }
    assertThat(doubled).isEmpty();
  }

  @Test
  void aNodeWhoseSystemIsShutDownLeavesItsFeedsInGoodOrder() throws Exception {
    try (Origin origin = Origin.start(talks());
        Systems systems = new Systems();
        Fleet staying = open(systems.start())) {
      ActorSystem ending = systems.start();
      Fleet leaving =
          Fleet.open(
              positions,
              batch -> {},
              options.placement(PekkoPlacement.over(ending)).listener(happened::add));
      try (leaving) {
        staying.feeds(feeds(origin));
        leaving.feeds(feeds(origin));
        awaitShares(staying, leaving);
        CoordinatedShutdown.get(ending) // as the end of the process does
            .runAll(CoordinatedShutdown.jvmExitReason())
            .toCompletableFuture()
            .get(30, TimeUnit.SECONDS);
        awaitOpen(staying, FEEDS);
        assertThat(happened).filteredOn(FleetEvent.SlotLeft.class::isInstance).isNotEmpty();
        assertThat(happened).noneMatch(FleetEvent.SlotLost.class::isInstance);
      }
      for (String target : resumed) { // each has sent one event, and no session gets it again
        assertThat(target).endsWith("?after=1");
      }
    }
    assertThat(doubled).isEmpty();
  }

  @Test
  void aNodeThatIsRemovedTellsItsEndAndClosesItsFeeds() throws Exception {
    try (Origin origin = Origin.start(talks());
        Systems systems = new Systems();
        Fleet staying = open(systems.start())) {
      ActorSystem ending = systems.start();
      Fleet removed =
          Fleet.open(
              positions,
              batch -> {},
              options.placement(PekkoPlacement.over(ending)).listener(happened::add));
      try (removed) {
        staying.feeds(feeds(origin));
        removed.feeds(feeds(origin));
        awaitShares(staying, removed);
        Cluster.get(ending).down(Cluster.get(ending).selfAddress());
        await("its end", () -> removed.info().ended().isPresent());
        assertThat(removed.info().members()).isZero();
        assertThat(removed.info().owners()).isEmpty();
        await("no slots", () -> removed.info().slots().isEmpty());
        await("its word", () -> happened.stream().anyMatch(FleetEvent.NodeEnded.class::isInstance));
        awaitOpen(staying, FEEDS);
      }
    }
    assertThat(happened).filteredOn(FleetEvent.NodeEnded.class::isInstance).hasSize(1);
  }

  // ---- the stage

  private Fleet open(ActorSystem system) throws IOException {
    return Fleet.open(positions, batch -> {}, options.placement(PekkoPlacement.over(system)));
  }

  private static List<Feed> feeds(Origin origin) {
    List<Feed> feeds = new ArrayList<>();
    for (int i = 0; i < FEEDS; i++) {
      feeds.add(
          Feed.webSocket("feed " + i, origin.uri("ws", "/" + i).toString())
              .position(PositionFinder.json("/seq"))
              .resume(Resume.query("after")));
    }
    return feeds;
  }

  /** Sends one event if none is asked for after, and hears what is said. */
  private Script talks() {
    return visit -> {
      var request = visit.head();
      if (request == null) {
        return;
      }
      String target = request.target();
      String feed = target.replaceAll("\\?.*", "");
      if (open.computeIfAbsent(feed, any -> new AtomicInteger()).incrementAndGet() > 1) {
        doubled.add(feed);
      }
      try {
        WebSocketVisit socket = visit.acceptWebSocket();
        if (target.equals(feed)) {
          socket.send(new Text("{\"seq\":1}"));
        } else {
          resumed.add(target);
        }
        for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
          if (frame instanceof Close) {
            return;
          }
          heard.add(frame);
        }
      } finally {
        open.get(feed).decrementAndGet();
      }
    };
  }

  private static boolean isOpen(Fleet fleet, Feed feed) {
    return fleet.info().feeds().stream()
        .anyMatch(its -> its.id().equals(feed.id()) && its.state() == FeedInfo.State.OPEN);
  }

  private static void awaitShares(Fleet first, Fleet second) throws InterruptedException {
    await(
        "half of the slots on each",
        () -> first.info().slots().size() == 4 && second.info().slots().size() == 4);
    await("all feeds", () -> opened(first) + opened(second) == FEEDS);
  }

  private static void awaitOpen(Fleet fleet, int count) throws InterruptedException {
    await(count + " feeds", () -> opened(fleet) == count);
  }

  private static long opened(Fleet fleet) {
    return fleet.info().feeds().stream()
        .filter(feed -> feed.state() == FeedInfo.State.OPEN && feed.position().isPresent())
        .count();
  }

  private static void awaitWritten(Fleet fleet, Feed feed, Frame frame) throws Exception {
    assertThat(fleet.send(feed.id(), frame).get(20, TimeUnit.SECONDS))
        .isEqualTo(new SendResult.Written());
  }

  private static void await(String what, java.util.function.BooleanSupplier so)
      throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!so.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as(what).isNegative();
      Thread.onSpinWait();
    }
  }
}
