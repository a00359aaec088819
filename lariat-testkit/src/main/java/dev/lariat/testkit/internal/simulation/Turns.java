package dev.lariat.testkit.internal.simulation;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How threads take turns in real time. A thread that is ready sleeps until the {@link Roster} says
 * that it has the turn. The driver, which has given it away, sleeps until it is back.
 *
 * <p>Two things make this hard. A thread that has the turn may block by something that is not
 * simulated. From outside this looks like a thread that is just about to go on, so the driver looks
 * at its state many times before it takes the turn back; and before each of its next steps, it
 * waits until all such threads are at rest again. And a wait in real time must not end at once for
 * ever because its thread was interrupted, so the interrupt is put aside until after the wait.
 */
final class Turns {
  /**
   * How often a driver on a platform thread looks before it sleeps, because to wake it takes longer
   * than most turns. One processor cannot run both threads, so there it sleeps at once.
   */
  private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 1000 : 0;

  /** How long the driver sleeps before it looks again, in nanoseconds of real time. */
  private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(1);

  /** After so many slices at rest a thread is blocked: no lock of Netty's or a logger's lasts. */
  private static final int BLOCKED = 20;

  /** After so many slices a thread that does not come to rest is given up: ten seconds. */
  private static final int PATIENCE = 10_000;

  private final Roster roster;
  private final Trace trace;
  private final Failures failures;
  private final StallReport stalls;
  private final Worker driver;

  Turns(Roster roster, Trace trace, Failures failures, StallReport stalls) {
    this.roster = roster;
    this.trace = trace;
    this.failures = failures;
    this.stalls = stalls;
    this.driver = roster.driver();
  }

  // ---- what a thread does

  /** Starts a thread, which waits for its turn; from any thread. */
  Thread start(String name, Runnable task, boolean serves) {
    Thread thread = Thread.ofVirtual().name(name).unstarted(() -> play(task));
    roster.start(name, thread, serves);
    thread.start();
    knock();
    return thread;
  }

  private void play(Runnable task) {
    Worker me = roster.worker(Thread.currentThread());
    awaitTurn(me);
    try {
      task.run();
      trace.note(me, "ends");
    } catch (Throwable e) { // whatever a user's code throws
      if (!roster.isEnding()) {
        failures.add(me.name, e);
      }
    } finally {
      roster.leave(me);
    }
  }

  /** Waits for the turn if the caller does not have it, as {@link Scheduler#enter} says. */
  void enter() {
    Thread thread = Thread.currentThread();
    if (!roster.mayRun(thread)) {
      awaitTurn(roster.enter(thread));
    }
  }

  /** Waits as {@link LockSupport#park} does, for so long at the most; not on the driver. */
  void park(Object blocker, long nanos) {
    awaitTurn(roster.park(Thread.currentThread(), blocker, nanos));
  }

  /** Ends the wait of this thread, or the next one if it does not wait; from any thread. */
  void unpark(@Nullable Thread thread) {
    if (thread != null) {
      roster.unpark(thread);
      knock();
    }
  }

  /** Something may have become ready: a driver that waits in real time looks again. */
  void knock() {
    if (!roster.mayRun(Thread.currentThread())) {
      roster.wakeDriver();
    }
  }

  private void awaitTurn(Worker me) {
    while (roster.turn() != me) {
      LockSupport.park(this);
      me.takeInterrupt();
    }
    me.awake = true;
    me.restoreInterrupt();
  }

  // ---- what the driver does

  /** Gives the turn to one of those that are ready, and waits until it is back. */
  void give(int chosen) {
    Worker worker = roster.give(chosen);
    LockSupport.unpark(worker.thread);
    int spins = driver.thread.isVirtual() ? 0 : SPINS;
    while (roster.turn() == worker && spins-- > 0) {
      Thread.onSpinWait();
    }
    int blocked = 0;
    for (int slices = 0; roster.turn() == worker; slices++) {
      pause(SLICE);
      Thread.State state = worker.thread.getState();
      blocked = worker.awake && Worker.isAtRest(state) ? blocked + 1 : 0;
      if (blocked > BLOCKED || state == Thread.State.TERMINATED) {
        roster.takeBack(worker, state);
      } else if (slices > PATIENCE) {
        throw stalls.restless(worker, "has the turn and does not come to rest. It is " + state);
      }
    }
    if (worker.state == Worker.State.ENDED && roster.hasElsewhere()) {
      while (worker.thread.isAlive()) { // somebody may wait for just that
        pause(SLICE / 10);
      }
    }
  }

  /** Waits while a thread that was blocked by something else goes on. */
  void letOthersRest() {
    for (int slices = 0; ; slices++) {
      Worker busy = roster.busyElsewhere();
      if (busy == null) {
        return;
      }
      if (slices > PATIENCE) {
        throw stalls.restless(busy, "does not come to rest. It is");
      }
      pause(SLICE / 10);
    }
  }

  /**
   * Waits for a thread that is blocked by something else to make this true.
   *
   * @return whether one did
   */
  boolean awaitOthers(BooleanSupplier somethingCanHappen) {
    for (int slices = 0; slices <= PATIENCE && roster.hasElsewhere(); slices++) {
      pause(SLICE);
      letOthersRest();
      if (somethingCanHappen.getAsBoolean()) {
        return true;
      }
    }
    return false;
  }

  private void pause(long nanos) {
    LockSupport.parkNanos(this, nanos);
    driver.takeInterrupt();
  }
}
