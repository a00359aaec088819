package dev.lariat.internal.codec;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A date of HTTP (RFC 9110 section 5.6.7). */
public final class HttpDate {
  private static final DateTimeFormatter IMF_FIXDATE = form("EEE, dd MMM uuuu HH:mm:ss 'GMT'");
  private static final DateTimeFormatter ASCTIME = form("EEE MMM ppd HH:mm:ss uuuu");

  private static final int LAST_YEAR = 9999; // of four digits

  private HttpDate() {}

  private static DateTimeFormatter form(String pattern) {
    return DateTimeFormatter.ofPattern(pattern, Locale.US);
  }

  /** Reads a date in one of its three forms; empty if it is in none. */
  public static Optional<Instant> parse(String value, Instant now) {
    String text = value.strip();
    for (DateTimeFormatter form : List.of(IMF_FIXDATE, rfc850(now), ASCTIME)) {
      try {
        LocalDateTime date = LocalDateTime.parse(text, form);
        boolean hasYear = date.getYear() >= 0 && date.getYear() <= LAST_YEAR;
        return Optional.of(date.toInstant(ZoneOffset.UTC)).filter(its -> hasYear);
      } catch (DateTimeException e) {
        // another form, or none
      }
    }
    return Optional.empty();
  }

  /** The date in the form that is sent. */
  public static String format(Instant date) {
    return IMF_FIXDATE.format(date.atOffset(ZoneOffset.UTC));
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
