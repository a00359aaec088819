package dev.lariat.option;

/**
 * How many attempts a group of live connections may make, so that thousands of clients do not
 * overwhelm a server that is available again. {@code AttemptBudget} is an implementation. Lariat
 * calls a budget on the event loops of all connections of the group, so it must not block.
 */
@FunctionalInterface
public interface Budget {

  /**
   * Requests one attempt.
   *
   * @param nanos the time of a monotonic clock, in nanoseconds; only differences of its values have
   *     a meaning
   * @return 0 if the attempt may begin now; otherwise after how many nanoseconds it may begin,
   *     without another call
   */
  long take(long nanos);
}
