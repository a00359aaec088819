package dev.lariat.live;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attempts that a group shares. */
class AttemptBudgetTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  @Test
  void grantsABurstAndThenAnEvenPace() {
    AttemptBudget budget = AttemptBudget.perSecond(10, 3);
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      waits.add(budget.take(5 * SECOND));
    }
    assertThat(waits).containsExactly(0L, 0L, 0L, SECOND / 10, 2 * SECOND / 10, 3 * SECOND / 10);
  }

  @Test
  void whatWasNotUsedForLongIsNoMoreThanTheBurst() {
    AttemptBudget budget = AttemptBudget.perSecond(1, 2);
    budget.take(0);
    budget.take(0);
    assertThat(budget.take(0)).isEqualTo(SECOND);
    assertThat(budget.take(1000 * SECOND)).isZero();
    assertThat(budget.take(1000 * SECOND)).isZero();
    assertThat(budget.take(1000 * SECOND)).isEqualTo(SECOND);
  }

  @Test
  void anyClockWillDoBeItNegative() {
    AttemptBudget budget = AttemptBudget.perSecond(1, 1);
    assertThat(budget.take(-SECOND)).isZero();
    assertThat(budget.take(-SECOND)).isEqualTo(SECOND);
    assertThat(budget.take(SECOND)).isZero();
  }

  @Test
  void tenThousandClientsComeBackAtThatPace() {
    AttemptBudget budget = AttemptBudget.perSecond(100, 50);
    long last = 0;
    for (int i = 0; i < 10_000; i++) {
      last = Math.max(last, budget.take(0));
    }
    assertThat(last).isEqualTo((10_000 - 50) * SECOND / 100);
  }

  @Test
  void threadsShareIt() throws Exception {
    AttemptBudget budget = AttemptBudget.perSecond(1000, 1);
    ConcurrentLinkedQueue<Long> waits = new ConcurrentLinkedQueue<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      threads.add(
          Thread.startVirtualThread(
              () -> {
                for (int k = 0; k < 100; k++) {
                  waits.add(budget.take(0));
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(waits).hasSize(800).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 0.0009, 1e7, Double.NaN})
  void aRateOutOfRangeIsRefused(double rate) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AttemptBudget.perSecond(rate, 1))
        .withMessage("budget.perSecond: " + rate + ", allowed 0.001 to 1000000");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1_000_001})
  void aBurstOutOfRangeIsRefused(int burst) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> AttemptBudget.perSecond(1, burst))
        .withMessage("budget.burst: " + burst + ", allowed 1 to 1000000");
  }
}
