package dev.lariat.internal.entrance;

import dev.lariat.internal.transport.Time;

/**
 * A wait with a limit. It begins when somebody first has to wait, so that nobody asks for the time
 * who need not: that costs as much as many a step of a request.
 */
public final class Wait {
  private static final long NO_LIMIT = Long.MAX_VALUE;

  private final long nanos;
  private long start;
  private boolean begun;

  /**
   * A wait that has not begun.
   *
   * @param nanos how long it may be; {@link Long#MAX_VALUE} for no limit
   */
  public Wait(long nanos) {
    this.nanos = nanos;
  }

  /** How many nanoseconds are left, 0 or less if it is over. It begins with the first question. */
  public long left(Time time) {
    if (nanos == NO_LIMIT) {
      return NO_LIMIT;
    }
    if (!begun) {
      begun = true;
      start = time.nanos();
      return nanos;
    }
    return nanos - (time.nanos() - start);
  }
}
