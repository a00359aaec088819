package dev.lariat.option;

import dev.lariat.internal.text.Durations;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/** The checks of options: a failure names the option, its value and the allowed range. */
final class Range {
  static final Duration MIN = Duration.ofMillis(1); // what a timer can tell apart
  static final Duration MAX = Duration.ofDays(365); // nanoseconds of it fit a long many times over

  private Range() {}

  /** This value of an option that may have none. */
  static <T> Optional<T> some(String option, T value) {
    return Optional.of(present(option, value, "null"));
  }

  /** A copy of these values, in which nothing is null. */
  static <T> List<T> list(String option, T[] values) {
    return list(option, Arrays.asList(present(option, values, "null")));
  }

  /** A copy of these values, in which nothing is null. */
  static <T> List<T> list(String option, List<T> values) {
    for (T value : present(option, values, "null")) {
      present(option, value, "null in it");
    }
    return List.copyOf(values);
  }

  /** Callers without checks for null may give one. */
  static <T> T present(String option, T value, String shown) {
    return Objects.requireNonNull(value, () -> option + ": " + shown + ", allowed any other value");
  }

  static void check(String option, long value, long min, long max) {
    if (value < min || value > max) {
      throw refused(option, value, min + " to " + max);
    }
  }

  /** Checks a value if there is one, as the checks of optional durations do. */
  static void check(String option, OptionalInt value, long min, long max) {
    if (value.isPresent()) {
      check(option, value.getAsInt(), min, max);
    }
  }

  static void check(String option, Optional<Duration> value, Duration min) {
    check(option, value, min, MAX);
  }

  static void check(String option, Optional<Duration> value, Duration min, Duration max) {
    if (value.isPresent()) {
      check(option, value.get(), min, max);
    }
  }

  static void check(String option, Duration value, Duration min) {
    check(option, value, min, MAX);
  }

  static void check(String option, Duration value, Duration min, Duration max) {
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw refused(
          option, Durations.words(value), Durations.words(min) + " to " + Durations.words(max));
    }
  }

  /** The value is shown without what could begin another line of a log. */
  static IllegalArgumentException refused(String option, Object value, String allowed) {
    String shown = String.valueOf(value).replaceAll("\\p{Cntrl}", "?");
    return new IllegalArgumentException(option + ": " + shown + ", allowed " + allowed);
  }
}
