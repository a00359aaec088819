package dev.lariat.internal.transport;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Long waits of virtual threads. For a wait with a limit the JDK sets a timer and cancels it again,
 * and wakes a thread of its own for both. Nearly all waits for an answer have a limit and end long
 * before it. So a long one has no timer: rounds are made as long as anybody waits, and whose time
 * is over soon after the next round is woken on this one. It looks, and waits for the short rest by
 * a timer.
 */
final class Rounds {
  private final long round; // nanoseconds
  private final Map<Thread, Long> until = new ConcurrentHashMap<>(); // the end, or before it
  private final AtomicBoolean running = new AtomicBoolean(); // whether rounds are made
  private final AtomicLong last = new AtomicLong(System.nanoTime()); // when one was made last

  /**
   * Rounds that nobody makes yet.
   *
   * @param round how many nanoseconds are between two of them
   */
  Rounds(long round) {
    this.round = round;
  }

  /** Parks the current thread, for this long at most; it may be woken for no reason. */
  void park(Object blocker, long nanos) {
    Thread self = Thread.currentThread();
    if (nanos < 2 * round || !self.isVirtual()) {
      LockSupport.parkNanos(blocker, nanos);
      return;
    }
    until.put(self, last.get() + nanos); // too early, by what has passed since then
    begin(); // behind this, so that whoever makes the last round sees it
    try {
      LockSupport.park(blocker);
    } finally {
      until.remove(self);
    }
  }

  private void begin() {
    if (!running.get() && running.compareAndSet(false, true)) {
      Thread.ofVirtual()
          .name("lariat-rounds")
          .inheritInheritableThreadLocals(false) // or an application could not be unloaded
          .start(this::run);
    }
  }

  private void run() {
    do {
      while (!until.isEmpty()) {
        long now = System.nanoTime();
        last.set(now);
        until.forEach((thread, end) -> look(thread, end - now));
        LockSupport.parkNanos(this, round);
      }
      running.set(false);
    } while (!until.isEmpty() && running.compareAndSet(false, true));
  }

  private void look(Thread thread, long left) {
    if (left < 2 * round) { // the next round may be late
      LockSupport.unpark(thread);
    }
  }

  /** Whether anybody makes rounds. */
  boolean areMade() {
    return running.get();
  }
}
