package dev.lariat.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.option.Backoff;
import dev.lariat.option.Budget;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.testkit.Origin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class FleetBudgetTest {
  private static final long SECOND = 1_000_000_000;

  /** When attempts that are all requested at this time may begin, in seconds from the start. */
  private static List<Double> turns(Budget budget, double at, int attempts) {
    long now = (long) (at * SECOND);
    return IntStream.range(0, attempts)
        .mapToObj(i -> (now + budget.take(now)) / (double) SECOND)
        .toList();
  }

  @Test
  void oneNodeHasTheWholeBudget() {
    FleetBudget budget = FleetBudget.perSecond(10, 3);
    assertThat(turns(budget, 0, 6)).containsExactly(0.0, 0.0, 0.0, 0.1, 0.2, 0.3);
    assertThat(turns(budget, 10, 4)).containsExactly(10.0, 10.0, 10.0, 10.1); // the burst is back
  }

  @Test
  void nodesShareTheRateAndTheBurst() {
    FleetBudget budget = FleetBudget.perSecond(10, 8);
    budget.members(4);
    assertThat(turns(budget, 0, 5)).containsExactly(0.0, 0.0, 0.4, 0.8, 1.2);
  }

  @Test
  void aNodeMayAlwaysMakeOneAttempt() {
    FleetBudget budget = FleetBudget.perSecond(10, 1);
    budget.members(5);
    assertThat(turns(budget, 0, 3)).containsExactly(0.0, 0.5, 1.0);
  }

  @Test
  void whenANodeDiesTheOthersTakeItsShare() {
    FleetBudget budget = FleetBudget.perSecond(10, 1);
    budget.members(2);
    assertThat(turns(budget, 0, 3)).containsExactly(0.0, 0.2, 0.4);
    budget.members(1);
    assertThat(turns(budget, 0.4, 3)).containsExactly(0.6, 0.7, 0.8); // after those that wait
  }

  @Test
  void whenANodeComesTheOthersGiveAway() {
    FleetBudget budget = FleetBudget.perSecond(10, 4);
    assertThat(turns(budget, 0, 4)).containsOnly(0.0);
    budget.members(2);
    assertThat(turns(budget, 0.1, 2)).containsExactly(0.2, 0.4);
    budget.members(0); // as a placement may say when it knows none
    assertThat(turns(budget, 9, 5)).containsExactly(9.0, 9.0, 9.0, 9.0, 9.1);
  }

  @Test
  void misuseIsRefusedByNameValueAndRange() {
    assertThatThrownBy(() -> FleetBudget.perSecond(Double.NaN, 1))
        .hasMessage("fleet.budget.perSecond: NaN, allowed 0.001 to 1000000");
    assertThatThrownBy(() -> FleetBudget.perSecond(1, 0))
        .hasMessage("fleet.budget.burst: 0, allowed 1 to 1000000");
  }

  @Test
  @Timeout(60)
  void whenTheServerReturnsTheFeedsComeBackAtThePaceOfTheBudget() throws Exception {
    int feeds = 120;
    int rate = 100;
    int burst = 10;
    FleetBudget budget = FleetBudget.perSecond(rate, burst);
    ConcurrentLinkedQueue<Long> turns = new ConcurrentLinkedQueue<>();
    Budget noted =
        now -> {
          synchronized (turns) { // in the order of the turns
            long delay = budget.take(now);
            turns.add(now + delay);
            return delay;
          }
        };
    Backoff quick = Backoff.DEFAULT.delays(Duration.ofMillis(10), Duration.ofMillis(50));
    LiveOptions live =
        LiveOptions.DEFAULT.healing(Healing.DEFAULT.retry(quick).spread(Duration.ZERO));
    BlockingQueue<Long> opened = new LinkedBlockingQueue<>();
    long start = System.nanoTime();
    try (Origin origin =
            Origin.start(
                visit -> {
                  if (visit.head() != null) {
                    opened.add(System.nanoTime());
                    visit.acceptWebSocket().receive();
                  }
                });
        Fleet fleet =
            Fleet.open(PositionStore.inMemory(), batch -> {}, FleetOptions.DEFAULT.budget(noted))) {
      fleet.feeds(
          IntStream.range(0, feeds)
              .mapToObj(i -> Feed.webSocket("f" + i, origin.uri("ws", "/" + i).toString()))
              .map(feed -> feed.options(live))
              .toList());
      List<Long> all = new ArrayList<>(awaitAll(opened, feeds));
      origin.refuse();
      origin.drop();
      while (turns.size() < 2 * feeds) { // all have lost their connection, and try
        Thread.onSpinWait();
      }
      origin.listen();
      long back = System.nanoTime();
      all.addAll(awaitAll(opened, feeds));
      for (int i = 0; i < all.size(); i++) { // a late attempt only makes it less
        double elapsed = (all.get(i) - start) / (double) SECOND;
        assertThat(i + 1.0).isLessThanOrEqualTo(burst + rate * elapsed);
      }
      double took = (all.getLast() - back) / (double) SECOND;
      assertThat(took).isGreaterThan(0.8 * (feeds - burst) / rate);
    }
    List<Long> granted = List.copyOf(turns);
    for (int i = 0; i + burst + rate < granted.size(); i++) {
      assertThat(granted.get(i + burst + rate) - granted.get(i)).isGreaterThanOrEqualTo(SECOND);
    }
  }

  private static List<Long> awaitAll(BlockingQueue<Long> opened, int count) throws Exception {
    List<Long> all = new ArrayList<>();
    while (all.size() < count) {
      Long at = opened.poll(20, TimeUnit.SECONDS);
      assertThat(at).as("opening " + all.size()).isNotNull();
      all.add(at);
    }
    return all;
  }
}
