package dev.lariat.internal.codec;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The {@code Retry-After} field (RFC 9110 section 10.2.3). */
public final class RetryAfter {
  private static final Pattern SECONDS = Pattern.compile("[0-9]+");
  private static final int DIGITS = 10; // centuries: more is as good as never
  private static final Duration NEVER = Duration.ofSeconds(9_999_999_999L);

  private static final DateTimeFormatter IMF_FIXDATE = format("EEE, dd MMM uuuu HH:mm:ss 'GMT'");
  private static final DateTimeFormatter ASCTIME = format("EEE MMM ppd HH:mm:ss uuuu");

  private RetryAfter() {}

  private static DateTimeFormatter format(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.US);
  }

  /**
   * How long to wait, from seconds or a date in one of the three forms of section 5.6.7; nothing of
   * a date that has passed. Empty if the value is neither.
   */
  public static Optional<Duration> parse(String value, Instant now) {
    String text = value.strip();
    if (SECONDS.matcher(text).matches()) {
      return Optional.of(text.length() > DIGITS ? NEVER : Duration.ofSeconds(Long.parseLong(text)));
    }
    for (DateTimeFormatter form : List.of(IMF_FIXDATE, rfc850(now), ASCTIME)) {
      try {
        Instant date = LocalDateTime.parse(text, form).toInstant(ZoneOffset.UTC);
        return Optional.of(date.isBefore(now) ? Duration.ZERO : Duration.between(now, date));
      } catch (DateTimeException e) {
        // another form, or none
      }
    }
    return Optional.empty();
  }

  /** A year of two digits is no more than 50 years ahead (section 5.6.7). */
  private static DateTimeFormatter rfc850(Instant now) {
    int earliest = now.atOffset(ZoneOffset.UTC).getYear() - 49;
    return new DateTimeFormatterBuilder()
        .appendPattern("EEEE, dd-MMM-")
        .appendValueReduced(ChronoField.YEAR, 2, 2, earliest)
        .appendPattern(" HH:mm:ss 'GMT'")
        .toFormatter(Locale.US);
  }
}
