package dev.lariat;

import java.util.concurrent.locks.AbstractOwnableSynchronizer;
import java.util.concurrent.locks.LockSupport;

/** Threads that wait until something happens, with or without a limit, and not for a lock. */
public final class Asleep {
  private Asleep() {}

  /** Waits until this thread does. */
  public static void await(Thread thread) {
    while (!isAsleep(thread)) {
      Thread.onSpinWait();
    }
  }

  private static boolean isAsleep(Thread thread) {
    Object blocker = LockSupport.getBlocker(thread);
    Thread.State state = thread.getState();
    return (state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING)
        && !(blocker instanceof AbstractOwnableSynchronizer);
  }
}
