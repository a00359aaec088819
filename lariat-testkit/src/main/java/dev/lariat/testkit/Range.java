package dev.lariat.testkit;

import java.time.Duration;

/** The checks of arguments: a failure names the argument, its value and the allowed range. */
final class Range {
  private static final Duration MAX = Duration.ofDays(365);

  private Range() {}

  /** A time from zero to 365 days, in nanoseconds. */
  static long nanos(String argument, Duration time) {
    return nanos(argument, time, Duration.ZERO);
  }

  /** A time from {@code least} to 365 days, in nanoseconds. */
  static long nanos(String argument, Duration time, Duration least) {
    if (time.compareTo(least) < 0 || time.compareTo(MAX) > 0) {
      throw new IllegalArgumentException(
          argument + ": " + time + ", allowed " + least + " to " + MAX);
    }
    return time.toNanos();
  }

  static long positive(String argument, long value) {
    if (value < 1) {
      throw new IllegalArgumentException(argument + ": " + value + ", allowed 1 or more");
    }
    return value;
  }
}
