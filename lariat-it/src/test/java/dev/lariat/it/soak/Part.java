package dev.lariat.it.soak;

import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A part of the soak: a load or an attack, with laws that must hold under it. */
interface Part {

  /**
   * Plays it for so long, and ends all that it began.
   *
   * @param random what happens when; the same seed gives the same plan
   */
  void run(Duration time, SplittableRandom random, Ledger ledger) throws Exception;

  /** Lets the others go on for so long. */
  static void pause(Duration length) throws InterruptedException {
    new CountDownLatch(1).await(length.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** A time from {@code from} to {@code to} milliseconds, drawn at random. */
  static Duration moment(SplittableRandom random, int from, int to) {
    return Duration.ofMillis(random.nextInt(from, to));
  }

  /** When so much time will be over, by {@link System#nanoTime}. */
  static long in(Duration time) {
    return System.nanoTime() + time.toNanos();
  }
}
