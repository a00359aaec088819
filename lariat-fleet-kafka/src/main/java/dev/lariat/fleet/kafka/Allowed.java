package dev.lariat.fleet.kafka;

import java.time.Duration;
import java.util.Objects;
import java.util.regex.Pattern;

/** The checks of options: a failure names the option, its value and what is allowed. */
final class Allowed {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,100}");
  private static final Pattern TOPIC = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,249}");

  private Allowed() {}

  static <T> T present(String option, T value) {
    return Objects.requireNonNull(value, () -> option + ": null, allowed any other value");
  }

  static String name(String option, String value) {
    return matching(option, value, NAME, "1 to 100 of the characters A-Z a-z 0-9 . _ -");
  }

  static String topic(String option, String value) {
    return matching(
        option, value, TOPIC, "1 to 249 of the characters A-Z a-z 0-9 . _ -, but not . or ..");
  }

  private static String matching(String option, String value, Pattern pattern, String allowed) {
    if (!pattern.matcher(present(option, value)).matches()) {
      throw refused(option, value, allowed);
    }
    return value;
  }

  static Duration range(String option, Duration value, Duration min, Duration max) {
    if (present(option, value).compareTo(min) < 0 || value.compareTo(max) > 0) {
      throw refused(
          option, value.toMillis() + " ms", min.toMillis() + " ms to " + max.toSeconds() + " s");
    }
    return value;
  }

  /** The value is shown without what could begin another line of a log. */
  static IllegalArgumentException refused(String option, String value, String allowed) {
    String shown = value.replaceAll("\\p{Cntrl}", "?");
    return new IllegalArgumentException(option + ": " + shown + ", allowed " + allowed);
  }
}
