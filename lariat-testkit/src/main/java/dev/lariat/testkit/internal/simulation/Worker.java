package dev.lariat.testkit.internal.simulation;

import org.jspecify.annotations.Nullable;

/** A thread of a simulation, the driver's included; its fields are under the scheduler's lock. */
final class Worker {
  enum State {
    /** Has the turn, or will have it: nobody else runs. */
    RUNS,
    /** Waits for the turn. */
    READY,
    /** Waits in {@code park}, to be unparked. */
    PARKED,
    /** Not the scheduler's to say: blocked by something of its own, or not seen yet. */
    ELSEWHERE,
    /** Has ended. */
    ENDED
  }

  final String name;
  final Thread thread;
  final boolean serves; // an origin's, which ends when the test does
  State state = State.ELSEWHERE;
  boolean permit; // lets the next park return at once
  Object blocker = "nothing";
  long deadline = Scheduler.NEVER; // while parked
  volatile boolean interrupted; // while it waited; its thread's own flag was cleared
  volatile boolean awake; // has seen that it has the turn

  Worker(String name, Thread thread, boolean serves) {
    this.name = name;
    this.thread = thread;
    this.serves = serves;
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
