package dev.lariat.live;

import dev.lariat.option.Budget;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Limits the attempts per second of all live connections that share it. It allows a number of
 * attempts at once, and further ones at an even pace, in the order of the requests. You can call
 * all methods from any thread.
 */
public final class AttemptBudget implements Budget {
  private static final double SECOND = 1e9; // nanoseconds

  private final double perSecond;
  private final long interval; // nanoseconds between attempts
  private final long burst; // nanoseconds that an attempt may come before its turn
  private final Lock lock = new ReentrantLock();
  private long turn = Long.MIN_VALUE / 2; // when the next attempt is due; at first long ago

  private AttemptBudget(double perSecond, int burst) {
    this.perSecond = perSecond;
    this.interval = Math.max(1, (long) (SECOND / perSecond));
    this.burst = interval * (burst - 1);
  }

  /**
   * {@return a new budget}
   *
   * @param attempts how many attempts per second: 0.001 to 1,000,000
   * @param burst how many attempts may begin at once if there was none for a while: 1 to 1,000,000
   * @throws IllegalArgumentException if one is out of range
   */
  public static AttemptBudget perSecond(double attempts, int burst) {
    if (!(attempts >= 0.001 && attempts <= 1e6)) { // also refuses NaN
      throw new IllegalArgumentException(
          "budget.perSecond: " + attempts + ", allowed 0.001 to 1000000");
    }
    if (burst < 1 || burst > 1_000_000) {
      throw new IllegalArgumentException("budget.burst: " + burst + ", allowed 1 to 1000000");
    }
    return new AttemptBudget(attempts, burst);
  }

  @Override
  public long take(long nanos) {
    lock.lock();
    try {
      long at = Math.max(nanos, turn - burst);
      turn = Math.max(nanos, turn) + interval;
      return at - nanos;
    } finally {
      lock.unlock();
    }
  }

  /** The rate, for logs. */
  @Override
  public String toString() {
    return perSecond + " attempts per second";
  }
}
