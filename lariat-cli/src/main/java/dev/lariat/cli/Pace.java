package dev.lariat.cli;

import java.time.Duration;

/**
 * The time of a recording, played faster or slower, from now on.
 *
 * <p>Where the one who plays had to wait for the other side, it is moved by {@link #reached}: the
 * distances to what follows stay as they were recorded.
 */
final class Pace {
  private final double speed;
  private long start = System.nanoTime();

  /**
   * It begins now.
   *
   * @param speed how many times as fast; 0 for at once
   */
  Pace(double speed) {
    this.speed = speed;
  }

  private long scaled(Duration recorded) {
    return speed == 0 ? 0 : (long) (recorded.toNanos() / speed);
  }

  /** How long it is until the moment that was this long after the beginning; never negative. */
  Duration until(Duration recorded) {
    return Duration.ofNanos(Math.max(0, start + scaled(recorded) - System.nanoTime()));
  }

  /** The moment that was this long after the beginning is not before now. */
  void reached(Duration recorded) {
    start = Math.max(start, System.nanoTime() - scaled(recorded));
  }

  boolean atOnce() {
    return speed == 0;
  }
}
