package dev.lariat.testkit.internal.simulation;

import org.jspecify.annotations.Nullable;

/**
 * A thread of a simulation; the driver is one, too. What changes is the {@link Roster}'s, under its
 * lock, but for the two volatile fields.
 */
final class Worker {
  /** What a thread does. {@link Roster} has the map of these states. */
  enum State {
    /** Has the turn, or will have it: nobody else runs. */
    RUNS,
    /** Waits for the turn. */
    READY,
    /** Waits in {@code park}, to be unparked. */
    PARKED,
    /** Not the simulation's to say: it is blocked by something else, or was not seen yet. */
    ELSEWHERE,
    /** Has ended. */
    ENDED
  }

  /** Its name in the trace; no other worker of the simulation has the same. */
  final String name;

  final Thread thread;

  /** Whether it plays an origin's script, which ends when the test does. */
  final boolean serves;

  State state = State.ELSEWHERE;

  /** Whether it was unparked, so that its next park returns at once. */
  boolean permit;

  /** What it waits for, or waited for last: words, or an object whose class is named. */
  Object blocker = "nothing";

  /** When its park ends by itself; {@link Agenda#NEVER} while it is not parked. */
  long deadline = Agenda.NEVER;

  /**
   * Whether its thread was interrupted while it waited in real time. Such a wait clears the
   * thread's own flag, or it would return at once for ever; the flag is set again after the wait.
   */
  volatile boolean interrupted;

  /** Whether it has seen that it has the turn. Until then it may be at rest and not blocked. */
  volatile boolean awake;

  Worker(String name, Thread thread, boolean serves) {
    this.name = name;
    this.thread = thread;
    this.serves = serves;
  }

  /** Whether a thread in this state waits for something. */
  static boolean isAtRest(Thread.State state) {
    return state == Thread.State.WAITING
        || state == Thread.State.TIMED_WAITING
        || state == Thread.State.BLOCKED;
  }

  /** Whether an interrupt should end its wait. */
  boolean isInterrupted() {
    // in this order: the flag here is set before the thread's own is cleared
    return thread.isInterrupted() || interrupted;
  }

  /** Notes an interrupt of its thread, whose own flag it clears; on that thread. */
  void takeInterrupt() {
    if (Thread.currentThread().isInterrupted()) {
      interrupted = true; // before the other is cleared: whoever looks sees one of them
      boolean cleared = Thread.interrupted();
      assert cleared;
    }
  }

  /** Sets the thread's own flag again if an interrupt was noted; on that thread. */
  void restoreInterrupt() {
    if (interrupted) {
      interrupted = false;
      thread.interrupt();
    }
  }

  /** What it waits for, for people; names only, since an identity differs from run to run. */
  String waitsFor() {
    return blocker instanceof String words ? words : "a " + kind(blocker.getClass());
  }

  private static String kind(@Nullable Class<?> type) {
    return type == null || type.getSimpleName().isEmpty() ? "wait" : type.getSimpleName();
  }

  /** For traces. */
  @Override
  public String toString() {
    return name;
  }
}
