package dev.lariat.fleet.pekko;

import java.time.Duration;

/** The checks of options: a failure names the option, its value and the allowed range. */
final class Allowed {
  private Allowed() {}

  static void seconds(String option, Duration value, long min, long max) {
    if (value.compareTo(Duration.ofSeconds(min)) < 0
        || value.compareTo(Duration.ofSeconds(max)) > 0) {
      throw refused(option, value, min + " to " + max + " s");
    }
  }

  /** The value is shown without what could begin another line of a log. */
  static IllegalArgumentException refused(String option, Object value, String allowed) {
    String shown = String.valueOf(value).replaceAll("\\p{Cntrl}", "?");
    return new IllegalArgumentException(option + ": " + shown + ", allowed " + allowed);
  }
}
