package dev.lariat.cli;

import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;

/**
 * When something happens.
 *
 * @param nanos by a clock that only goes forward, to measure with
 * @param clock on the wall, to show
 */
record Moment(long nanos, LocalTime clock) {
  static Moment now() {
    return new Moment(System.nanoTime(), LocalTime.now(ZoneId.systemDefault()));
  }

  Duration since(Moment before) {
    return Duration.ofNanos(nanos - before.nanos);
  }
}
