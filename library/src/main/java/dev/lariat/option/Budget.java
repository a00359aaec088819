package dev.lariat.option;

/**
 * Attempts that a group of live connections may make, so that thousands of clients do not storm a
 * server that comes back. {@code AttemptBudget} is one; it is asked on the event loops of all
 * connections of the group, and must not block.
 */
@FunctionalInterface
public interface Budget {

  /**
   * Asks for one attempt.
   *
   * @param nanos the time, by a clock that only goes forward and has no meaning but for the
   *     differences of its values
   * @return 0 if it may be made now; otherwise in how many nanoseconds, without asking again
   */
  long take(long nanos);
}
