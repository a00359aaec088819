package dev.lariat.fleet;

import java.time.Duration;
import java.util.Objects;

/** The checks of options: a failure names the option, its value and the allowed range. */
final class Allowed {
  static final Duration MIN = Duration.ofMillis(1);

  private Allowed() {}

  static <T> T present(String option, T value) {
    return Objects.requireNonNull(value, () -> option + ": null, allowed any other value");
  }

  static long range(String option, long value, long min, long max) {
    if (value < min || value > max) {
      throw refused(option, value, min + " to " + max);
    }
    return value;
  }

  static Duration range(String option, Duration value, Duration min, Duration max) {
    present(option, value);
    if (value.compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw refused(option, words(value), words(min) + " to " + words(max));
    }
    return value;
  }

  /** The value is shown without what could begin another line of a log. */
  static IllegalArgumentException refused(String option, Object value, String allowed) {
    String shown = String.valueOf(value).replaceAll("\\p{Cntrl}", "?");
    return new IllegalArgumentException(option + ": " + shown + ", allowed " + allowed);
  }

  private static String words(Duration time) {
    return time.toMillis() < 1000 ? time.toMillis() + " ms" : time.toSeconds() + " s";
  }
}
