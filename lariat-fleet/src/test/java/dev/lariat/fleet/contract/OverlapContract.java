package dev.lariat.fleet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.Batch;
import dev.lariat.fleet.Feed;
import dev.lariat.fleet.FeedEvent;
import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.Placement;
import dev.lariat.fleet.PositionFinder;
import dev.lariat.fleet.PositionStore;
import dev.lariat.fleet.Resume;
import dev.lariat.fleet.stage.FeedServer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Feeds that are open on two nodes of one process while they move as planned. */
@Timeout(120)
public abstract class OverlapContract {
  protected static final int SLOTS = 32;
  protected static final int FEEDS = 64;
  private static final Duration SLICE = Duration.ofMillis(20); // of what the server sees

  protected FeedServer server;

  private final Lock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();
  private final Map<String, Long> written = new HashMap<>(); // the newest of each feed
  private String fault = "";

  /** The placement of a new node; all nodes of one test are of the same fleet. */
  protected abstract Placement placement(String node) throws Exception;

  /** The positions that they share. */
  protected abstract PositionStore positions() throws Exception;

  @BeforeEach
  void begin() throws Exception {
    server = new FeedServer(SLOTS, true);
  }

  @AfterEach
  void end() {
    server.close();
  }

  protected final Fleet open(String node, boolean overlap) throws Exception {
    return open(node, placement(node), positions(), overlap);
  }

  protected final Fleet open(
      String node, Placement placement, PositionStore positions, boolean overlap) throws Exception {
    FleetOptions options = FleetOptions.DEFAULT.slots(SLOTS).placement(placement);
    Fleet fleet = Fleet.open(positions, its -> write(its), options);
    fleet.feeds(
        IntStream.range(0, FEEDS)
            .mapToObj(
                number ->
                    Feed.webSocket(
                            "feed-" + number,
                            "ws://127.0.0.1:%d/feed-%d?node=%s"
                                .formatted(server.port(), number, node))
                        .position(PositionFinder.json("/seq"))
                        .resume(Resume.query("from"))
                        .overlap(overlap))
            .toList());
    return fleet;
  }

  private void write(Batch batch) {
    lock.lock();
    try {
      for (FeedEvent event : batch.events()) {
        long number = Long.parseLong(event.position().orElseThrow());
        long last = written.getOrDefault(event.feed(), 0L);
        if (number != last + 1) {
          fault = event.feed() + " has event " + number + " after " + last;
        }
        written.put(event.feed(), number);
      }
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until this is so, while events come. */
  protected final void await(String what, BooleanSupplier so) throws InterruptedException {
    lock.lock();
    try {
      while (!so.getAsBoolean()) {
        boolean unused = more.await(SLICE.toMillis(), TimeUnit.MILLISECONDS);
      }
      assertThat(fault).as(what).isEmpty();
    } finally {
      lock.unlock();
    }
  }

  protected final void awaitShares(String... nodes) throws InterruptedException {
    await(
        "shares",
        () -> {
          Map<String, Set<Integer>> all = server.slotsByNode();
          return all.keySet().equals(Set.of(nodes))
              && server.openFeeds() == FEEDS
              && server.doubledNow() == 0
              && all.values().stream().mapToInt(Set::size).sum() == usedSlots();
        });
  }

  private static int usedSlots() {
    return (int)
        IntStream.range(0, FEEDS).map(number -> slotOf("feed-" + number)).distinct().count();
  }

  private static int slotOf(String feed) {
    CRC32 sum = new CRC32();
    sum.update(feed.getBytes(StandardCharsets.UTF_8));
    return (int) (sum.getValue() % SLOTS);
  }

  @Test
  void aNodeThatJoinsAndLeavesMakesNoGapAndEachEventIsWrittenOnce() throws Exception {
    try (Fleet first = open("first", true)) {
      awaitShares("first");
      server.look();
      Fleet second = open("second", true);
      awaitShares("first", "second");
      awaitHalf(first);
      awaitEvents();
      FeedServer.Seen joined = server.look();
      noneAway(joined);
      assertThat(joined.doubled).isBetween(1, FEEDS);
      second.close();
      awaitShares("first");
      awaitEvents();
      noneAway(server.look());
    }
  }

  @Test
  void theOldestNodeMakesNoGapAsItLeaves() throws Exception {
    Fleet first = open("first", true);
    try (Fleet second = open("second", true);
        Fleet third = open("third", true)) {
      awaitShares("first", "second", "third");
      await("a third of the slots", () -> second.info().slots().size() < SLOTS / 2);
      awaitEvents();
      server.look();
      first.close();
      awaitShares("second", "third");
      awaitHalf(second);
      awaitHalf(third);
      awaitEvents();
      noneAway(server.look());
    }
  }

  protected static void noneAway(FeedServer.Seen seen) {
    assertThat(seen.longestGap).as("gap, %s", seen.longestGapOf).isZero();
    assertThat(seen.fewestOpen).isEqualTo(FEEDS);
  }

  @Test
  void withoutAnOverlapNoFeedIsOpenTwiceAndEachEventIsWrittenOnce() throws Exception {
    try (Fleet first = open("first", false)) {
      awaitShares("first");
      server.look();
      Fleet second = open("second", false);
      awaitHalf(first);
      awaitEvents();
      second.close();
      awaitShares("first");
      awaitEvents();
      FeedServer.Seen seen = server.look();
      assertThat(seen.doubled).isZero();
      assertThat(seen.longestGap).isPositive();
    }
  }

  protected final void awaitHalf(Fleet fleet) throws InterruptedException {
    await("half of the slots", () -> fleet.info().slots().size() == SLOTS / 2);
  }

  /** Waits until each feed has two more events. */
  protected final void awaitEvents() throws InterruptedException {
    Map<String, Long> before;
    lock.lock();
    try {
      before = Map.copyOf(written);
    } finally {
      lock.unlock();
    }
    await(
        "events",
        () ->
            IntStream.range(0, FEEDS)
                .mapToObj(number -> "feed-" + number)
                .allMatch(
                    feed -> written.getOrDefault(feed, 0L) >= before.getOrDefault(feed, 0L) + 2));
  }
}
