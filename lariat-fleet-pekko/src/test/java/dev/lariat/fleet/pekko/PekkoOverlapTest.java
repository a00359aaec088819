package dev.lariat.fleet.pekko;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.Placement;
import dev.lariat.fleet.PositionStore;
import dev.lariat.fleet.contract.OverlapContract;
import dev.lariat.fleet.contract.SharedPositions;
import dev.lariat.fleet.stage.FeedServer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.ActorSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The nodes of a cluster, each in an actor system. */
class PekkoOverlapTest extends OverlapContract {
  private final Systems systems = new Systems();
  private final SharedPositions positions = new SharedPositions();

  @AfterEach
  void endAll() {
    systems.close();
  }

  @Override
  protected Placement placement(String node) {
    return PekkoPlacement.over(systems.start());
  }

  @Override
  protected PositionStore positions() {
    return positions;
  }

  @Test
  void aNextOwnerThatDiesWhileItPreparesMakesNoGap() throws Exception {
    try (Fleet first = open("first", true);
        Fleet second = open("second", true)) {
      awaitShares("first", "second");
      awaitHalf(first);
      awaitEvents();
      server.look();
      ActorSystem dying = systems.start();
      Stuck stuck = new Stuck(positions);
      try (Fleet third = open("third", PekkoPlacement.over(dying), stuck, true)) {
        assertThat(stuck.asked.await(60, TimeUnit.SECONDS)).isTrue();
        systems.awaitUp();
        systems.kill(dying);
        awaitHalf(first);
        awaitHalf(second);
        awaitEvents();
        assertThat(third.info().slots()).isEmpty();
        stuck.end.countDown();
      }
      FeedServer.Seen seen = server.look();
      noneAway(seen);
      assertThat(seen.opened).isZero();
    }
  }

  /** Positions that cannot be read before the end of the test. */
  private static final class Stuck implements PositionStore {
    final CountDownLatch asked = new CountDownLatch(1);
    final CountDownLatch end = new CountDownLatch(1);
    private final PositionStore its;

    Stuck(PositionStore its) {
      this.its = its;
    }

    @Override
    public void open(int slots) throws IOException {
      its.open(slots);
    }

    @Override
    public Map<Integer, Claimed> claim(Set<Integer> slots) throws Exception {
      return its.claim(slots);
    }

    @Override
    public Set<Integer> save(List<Saving> all) throws Exception {
      return its.save(all);
    }

    @Override
    public Map<Integer, Map<String, String>> positions(Set<Integer> slots) throws Exception {
      asked.countDown();
      end.await();
      return its.positions(slots);
    }

    @Override
    public boolean shared() {
      return true;
    }

    @Override
    public void close() {}
  }
}
