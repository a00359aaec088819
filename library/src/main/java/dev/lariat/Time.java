package dev.lariat;

import java.time.Duration;
import java.time.Instant;

/** The clocks that a call goes by. */
interface Time {
  /** The machine's. */
  Time SYSTEM =
      new Time() {
        @Override
        public long nanos() {
          return System.nanoTime();
        }

        @Override
        public Instant now() {
          return Instant.now();
        }

        @Override
        public void pause(Duration length) throws InterruptedException {
          Thread.sleep(length);
        }
      };

  /** Nanoseconds since some moment. */
  long nanos();

  /** The time of day, against which a server's dates are read. */
  Instant now();

  /** Lets this much time pass. */
  void pause(Duration length) throws InterruptedException;
}
