package dev.lariat.testkit.internal.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How threads of a simulation wait, and go on. The test's thread is the driver. */
@Timeout(60)
class SchedulerTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final Scheduler scheduler = new Scheduler(1);
  private final List<String> seen = new ArrayList<>(); // one thread runs at a time

  @AfterEach
  void ends() {
    scheduler.end();
    assertThat(scheduler.failures()).isEmpty();
  }

  /** Starts a thread that parks once, for so long at the most. */
  private Thread parked(long nanos) {
    Thread thread =
        scheduler.start(
            "parked",
            () -> {
              scheduler.park("something", nanos);
              boolean interrupted = Thread.currentThread().isInterrupted();
              seen.add((interrupted ? "interrupted" : "went on") + " at " + scheduler.elapsed());
            });
    scheduler.settle();
    assertThat(seen).isEmpty();
    return thread;
  }

  /** Waits in real time until this thread waits for its turn. */
  private static void awaitWaiting(Thread thread) {
    while (thread.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
  }

  @Test
  void aParkEndsWhenItsTimeIsOver() {
    parked(SECOND);
    scheduler.advance(Duration.ofMillis(999));
    assertThat(seen).isEmpty();
    scheduler.advance(Duration.ofSeconds(1));
    assertThat(seen).containsExactly("went on at PT1S");
  }

  @Test
  void anUnparkEndsAPark() {
    scheduler.unpark(parked(SECOND));
    scheduler.settle();
    assertThat(seen).containsExactly("went on at PT0S");
  }

  @Test
  void anInterruptEndsAPark() {
    parked(SECOND).interrupt();
    scheduler.settle();
    assertThat(seen).containsExactly("interrupted at PT0S");
  }

  @Test
  void anUnparkBeforeAParkLetsItReturnAtOnceAndOnlyOnce() {
    scheduler.start(
        "eager",
        () -> {
          scheduler.unpark(Thread.currentThread());
          scheduler.unpark(Thread.currentThread());
          scheduler.park("the first", SECOND);
          seen.add("first at " + scheduler.elapsed());
          scheduler.park("the second", SECOND);
          seen.add("second at " + scheduler.elapsed());
        });
    scheduler.advance(Duration.ofSeconds(2));
    assertThat(seen).containsExactly("first at PT0S", "second at PT1S");
  }

  @Test
  void anInterruptBeforeTheFirstTurnOfAThreadIsSeen() {
    Thread thread =
        scheduler.start(
            "late", () -> seen.add("interrupted: " + Thread.currentThread().isInterrupted()));
    awaitWaiting(thread);
    thread.interrupt();
    while (thread.isInterrupted()) { // its wait for the turn clears the flag
      Thread.onSpinWait();
    }
    scheduler.settle();
    assertThat(seen).containsExactly("interrupted: true");
  }

  @Test
  void theDriversOwnParkLetsOthersRun() {
    Thread driver = Thread.currentThread();
    scheduler.start(
        "waker",
        () -> {
          scheduler.park("its time", SECOND);
          scheduler.unpark(driver);
        });
    scheduler.park("the waker", 5 * SECOND);
    assertThat(scheduler.elapsed()).isEqualTo(Duration.ofSeconds(1));

    scheduler.park("nobody", 5 * SECOND);
    assertThat(scheduler.elapsed()).isEqualTo(Duration.ofSeconds(6));
  }

  @Test
  void aThreadThatOthersStartedWaitsForItsTurn() throws InterruptedException {
    AtomicBoolean entered = new AtomicBoolean();
    Thread stranger =
        Thread.ofPlatform()
            .name("stranger")
            .start(
                () -> {
                  scheduler.enter();
                  entered.set(true);
                });
    awaitWaiting(stranger);
    assertThat(entered).as("the driver has the turn").isFalse();
    scheduler.settle();
    assertThat(entered).isTrue();
    stranger.join();
    assertThat(scheduler.trace()).anyMatch(line -> line.contains("stranger runs"));
  }

  @Test
  void onlyTheDriverLetsTimePassAndOutsideOfALoop() {
    SimulatedLoop loop = scheduler.newLoop();
    loop.execute(() -> refused("allowed outside"));
    scheduler.start("other", () -> refused("which made the simulation"));
    scheduler.settle();
    assertThat(seen).containsExactlyInAnyOrder("allowed outside", "which made the simulation");
  }

  private void refused(String why) {
    assertThatThrownBy(() -> scheduler.advance(Duration.ofSeconds(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(why);
    seen.add(why);
  }

  @Test
  void aTaskThatStartsItselfForEverIsToldAndTheSimulationCanBeEnded() {
    SimulatedLoop loop = scheduler.newLoop();
    AtomicBoolean over = new AtomicBoolean();
    loop.execute(
        new Runnable() {
          @Override
          public void run() {
            if (!over.get()) {
              loop.execute(this);
            }
          }
        });
    assertThatThrownBy(scheduler::settle)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("does not come to rest at one moment", "Seed 1");
    over.set(true);
  }

  @Test
  void twoThreadsOfOneNameAreToldApart() {
    parked(SECOND);
    parked(SECOND);
    assertThat(scheduler.unfinished())
        .containsExactly(
            "thread parked waits for something", "thread parked#2 waits for something");
  }
}
