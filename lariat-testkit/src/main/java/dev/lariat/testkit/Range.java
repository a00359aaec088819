package dev.lariat.testkit;

import dev.lariat.internal.text.Durations;
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
          argument
              + ": "
              + Durations.words(time)
              + ", allowed "
              + Durations.words(least)
              + " to "
              + Durations.words(MAX));
    }
    return time.toNanos();
  }

  static long atLeast(String argument, long value, long least) {
    if (value < least) {
      throw new IllegalArgumentException(
          argument + ": " + value + ", allowed " + least + " or more");
    }
    return value;
  }

  static int within(String argument, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          argument + ": " + value + ", allowed " + least + " to " + most);
    }
    return value;
  }
}
