package dev.lariat.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The values that options have, each with its range. */
final class Value {
  private Value() {}

  private static TypeConversionException refused(String value, String allowed) {
    return new TypeConversionException("'" + value + "' is not " + allowed);
  }

  /** A time in seconds, or zero. */
  static final class Seconds implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
      return seconds(value, true);
    }
  }

  /** A time in seconds that is not zero. */
  static final class PositiveSeconds implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
      return seconds(value, false);
    }
  }

  private static final BigDecimal SHORTEST = new BigDecimal("0.001");
  private static final BigDecimal LONGEST = BigDecimal.valueOf(Duration.ofDays(365).toSeconds());

  private static Duration seconds(String value, boolean zero) {
    String allowed = (zero ? "0, or " : "") + SHORTEST + " to " + LONGEST + " seconds";
    try {
      BigDecimal seconds = new BigDecimal(value);
      boolean fits = seconds.compareTo(SHORTEST) >= 0 && seconds.compareTo(LONGEST) <= 0;
      if (fits || zero && seconds.signum() == 0) {
        return Duration.ofNanos(seconds.movePointRight(9).longValue());
      }
    } catch (NumberFormatException e) {
      // it is refused like any other
    }
    throw refused(value, allowed);
  }

  /** How often something is done. */
  static final class Count implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return whole(value, Integer.MAX_VALUE);
    }
  }

  /** A port to listen on. */
  static final class Port implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return whole(value, 65535);
    }
  }

  private static int whole(String value, int max) {
    try {
      int number = Integer.parseInt(value);
      if (number >= 0 && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // it is refused like any other
    }
    throw refused(value, "a whole number from 0 to " + max);
  }

  /** A number of bytes: {@code 1000}, {@code 64k}, {@code 32M}, {@code 1G}. */
  static final class Size implements ITypeConverter<Integer> {
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,10})([kmg]?)(?:i?b)?");
    private static final long MAX = Integer.MAX_VALUE - 8; // what an array holds

    @Override
    public Integer convert(String value) {
      Matcher matcher = SIZE.matcher(value.toLowerCase(Locale.ROOT));
      if (matcher.matches()) {
        long size = Long.parseLong(matcher.group(1)) << shift(matcher.group(2));
        if (size >= 1 && size <= MAX) {
          return (int) size;
        }
      }
      throw refused(value, "a size from 1 to " + MAX + " bytes, such as 65536, 64k or 32M");
    }

    private static int shift(String unit) {
      return switch (unit) {
        case "k" -> 10;
        case "m" -> 20;
        case "g" -> 30;
        default -> 0;
      };
    }

    /** The shortest way to write this size. */
    static String words(long size) {
      String[] units = {"bytes", "KiB", "MiB", "GiB"};
      int unit = 0;
      while (unit < 3 && size % 1024 == 0 && size > 0) {
        size /= 1024;
        unit++;
      }
      return size + " " + units[unit];
    }
  }
}
