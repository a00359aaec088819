package dev.lariat.fleet;

import dev.lariat.option.Budget;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Limits the attempts per second of a whole fleet. Each node takes an equal share of the rate and
 * of the burst, and its share follows the number of nodes that live. So the nodes need not talk to
 * each other about attempts. You can call all methods from any thread.
 *
 * <p>A feed whose turn is fixed already keeps it when the number of nodes changes. For as long as
 * such feeds wait, a fleet to which a node has come may make more attempts than its rate.
 */
public final class FleetBudget implements Budget {
  private static final double SECOND = 1e9; // nanoseconds

  private final double perSecond;
  private final int burst;
  private final Lock lock = new ReentrantLock();
  private int nodes = 1; // under the lock
  private long turn = Long.MIN_VALUE / 2; // when the next attempt is due; at first long ago

  private FleetBudget(double perSecond, int burst) {
    this.perSecond = perSecond;
    this.burst = burst;
  }

  /**
   * {@return a new budget}
   *
   * @param attempts how many attempts per second all nodes make together: 0.001 to 1,000,000
   * @param burst how many attempts all nodes together may begin at once if there was none for a
   *     while, but at least one on each node: 1 to 1,000,000
   * @throws IllegalArgumentException if one is out of range
   */
  public static FleetBudget perSecond(double attempts, int burst) {
    if (!(attempts >= 0.001 && attempts <= 1e6)) { // also refuses NaN
      throw Allowed.refused("fleet.budget.perSecond", attempts, "0.001 to 1000000");
    }
    Allowed.range("fleet.budget.burst", burst, 1, 1_000_000);
    return new FleetBudget(attempts, burst);
  }

  /** {@return how many attempts per second all nodes make together} */
  public double perSecond() {
    return perSecond;
  }

  /** {@return how many attempts all nodes together may begin at once} */
  public int burst() {
    return burst;
  }

  /** So many nodes share it from now on. */
  void members(int living) {
    lock.lock();
    try {
      nodes = Math.max(1, living);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long take(long nanos) {
    lock.lock();
    try {
      long interval = Math.max(1, (long) (SECOND * nodes / perSecond));
      long early = interval * (Math.max(1, burst / nodes) - 1);
      long at = Math.max(nanos, turn - early);
      turn = Math.max(nanos, turn) + interval;
      return at - nanos;
    } finally {
      lock.unlock();
    }
  }

  /** The rate of the fleet, for logs. */
  @Override
  public String toString() {
    return perSecond + " attempts per second of the whole fleet";
  }
}
