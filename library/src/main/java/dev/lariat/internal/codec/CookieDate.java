package dev.lariat.internal.codec;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads the date of an {@code Expires} attribute, forgivingly (RFC 6265bis section 5.1.1). */
final class CookieDate {
  private static final Pattern DELIMITERS = Pattern.compile("[\\t -/;-@\\[-`{-~]+");
  private static final String TAIL = "(?:\\D.*)?";
  private static final Pattern TIME =
      Pattern.compile("(\\d{1,2}):(\\d{1,2}):(\\d{1,2})" + TAIL, Pattern.DOTALL);
  private static final Pattern DAY = Pattern.compile("(\\d{1,2})" + TAIL, Pattern.DOTALL);
  private static final Pattern YEAR = Pattern.compile("(\\d{2,4})" + TAIL, Pattern.DOTALL);
  private static final List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
  private static final int EARLIEST = 1601; // the first year that has a date at all

  private int hour = -1;
  private int minute;
  private int second;
  private int day = -1;
  private int month = -1;
  private int year = -1;

  private CookieDate() {}

  /** The time that a text means, if it means any. */
  static Optional<Instant> parse(String text) {
    CookieDate date = new CookieDate();
    DELIMITERS.splitAsStream(text).forEach(date::take);
    return date.instant();
  }

  /** Each token is the first thing that is still missing and that it may be. */
  private void take(String token) {
    Matcher time = TIME.matcher(token);
    Matcher number = DAY.matcher(token);
    Matcher years = YEAR.matcher(token);
    if (hour < 0 && time.matches()) {
      hour = Integer.parseInt(time.group(1));
      minute = Integer.parseInt(time.group(2));
      second = Integer.parseInt(time.group(3));
    } else if (day < 0 && number.matches()) {
      day = Integer.parseInt(number.group(1));
    } else if (month < 0 && monthOf(token) >= 0) {
      month = monthOf(token);
    } else if (year < 0 && years.matches()) {
      int written = Integer.parseInt(years.group(1));
      year = written < 70 ? written + 2000 : written < 100 ? written + 1900 : written;
    }
  }

  private static int monthOf(String token) {
    return token.length() < 3 ? -1 : MONTHS.indexOf(token.substring(0, 3).toLowerCase(Locale.ROOT));
  }

  private Optional<Instant> instant() {
    if (hour < 0 || day < 0 || month < 0 || year < EARLIEST) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          LocalDateTime.of(year, month + 1, day, hour, minute, second).toInstant(ZoneOffset.UTC));
    } catch (DateTimeException e) {
      return Optional.empty(); // no such day or time
    }
  }
}
