package dev.lariat.internal.transport;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The clocks, and how a thread waits by them. */
public interface Time {

  /** Nanoseconds since some moment. */
  long nanos();

  /** The time of day, against which a server's dates are read. */
  Instant now();

  /**
   * Lets this thread wait until it is {@linkplain #unpark unparked} or interrupted, or this much
   * time is over; and sometimes for less, so whoever waits for something looks again.
   *
   * @param blocker what is waited for, for whoever looks at the thread
   * @param nanos {@link Long#MAX_VALUE} for no limit
   */
  void park(Object blocker, long nanos);

  /** Ends the wait of this thread, or the next one if it does not wait. */
  void unpark(@Nullable Thread thread);

  /** Lets this much time pass. */
  default void pause(Duration length) throws InterruptedException {
    long start = nanos();
    for (long left = length.toNanos(); left > 0; left = length.toNanos() - (nanos() - start)) {
      park(this, left);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }
}
