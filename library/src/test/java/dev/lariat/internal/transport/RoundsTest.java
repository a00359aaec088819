package dev.lariat.internal.transport;

import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.MINUTES;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class RoundsTest {
  private static final long ROUND = MILLISECONDS.toNanos(5);

  private final Rounds rounds = new Rounds(ROUND);

  /** Waits as those do who use it: whoever is woken looks whether the time is over. */
  private long waitFor(long nanos) {
    long start = System.nanoTime();
    for (long left = nanos; left > 0; left = nanos - (System.nanoTime() - start)) {
      rounds.park(this, left);
    }
    return System.nanoTime() - start;
  }

  private static <T> CompletableFuture<T> onVirtualThread(Supplier<T> task) {
    CompletableFuture<T> done = new CompletableFuture<>();
    Thread.startVirtualThread(() -> done.complete(task.get()));
    return done;
  }

  @Test
  void aLongWaitEndsWhenItsTimeIsOver() {
    List<CompletableFuture<Long>> waits = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      waits.add(onVirtualThread(() -> waitFor(8 * ROUND)));
    }
    assertThat(waits).allSatisfy(wait -> assertThat(wait.join()).isGreaterThanOrEqualTo(8 * ROUND));
  }

  @Test
  void aThreadThatIsWokenDoesNotWaitForARound() {
    Rounds rare = new Rounds(MINUTES.toNanos(1));
    CompletableFuture<Boolean> woken = new CompletableFuture<>();
    Thread thread =
        Thread.startVirtualThread(
            () -> {
              rare.park(this, MINUTES.toNanos(10));
              woken.complete(true);
            });
    while (!woken.isDone()) {
      LockSupport.unpark(thread);
      Thread.onSpinWait();
    }
    assertThat(woken.join()).isTrue();
  }

  @Test
  void nobodyMakesRoundsWhenNobodyWaits() {
    onVirtualThread(() -> waitFor(4 * ROUND)).join();
    while (rounds.areMade()) {
      Thread.onSpinWait();
    }
    assertThat(onVirtualThread(() -> waitFor(4 * ROUND)).join())
        .as("whoever comes later")
        .isGreaterThanOrEqualTo(4 * ROUND);
  }

  @Test
  void aPlatformThreadWaitsByTheSystemsTimer() {
    assertThat(waitFor(4 * ROUND)).isGreaterThanOrEqualTo(4 * ROUND);
    assertThat(rounds.areMade()).isFalse();
  }
}
