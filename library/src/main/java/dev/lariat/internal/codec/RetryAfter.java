package dev.lariat.internal.codec;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/** The {@code Retry-After} field (RFC 9110 section 10.2.3). */
public final class RetryAfter {
  private static final Pattern SECONDS = Pattern.compile("[0-9]+");
  private static final int DIGITS = 10; // centuries: more is as good as never
  private static final Duration NEVER = Duration.ofSeconds(9_999_999_999L);

  private RetryAfter() {}

  /**
   * How long to wait, from seconds or a date in one of the three forms of section 5.6.7; nothing of
   * a date that has passed. Empty if the value is neither.
   */
  public static Optional<Duration> parse(String value, Instant now) {
    String text = value.strip();
    if (SECONDS.matcher(text).matches()) {
      return Optional.of(text.length() > DIGITS ? NEVER : Duration.ofSeconds(Long.parseLong(text)));
    }
    return HttpDate.parse(text, now)
        .map(date -> date.isBefore(now) ? Duration.ZERO : Duration.between(now, date));
  }
}
