package dev.lariat.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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

  /** A regular expression. */
  static final class Expression implements ITypeConverter<Pattern> {
    @Override
    public Pattern convert(String value) {
      try {
        return Pattern.compile(value);
      } catch (PatternSyntaxException e) {
        throw refused(value, "a regular expression: " + e.getDescription());
      }
    }
  }

  /** A path into a JSON value. */
  static final class Path implements ITypeConverter<Selection> {
    @Override
    public Selection convert(String value) {
      try {
        return Selection.of(value);
      } catch (IllegalArgumentException e) {
        throw refused(value, "a path such as .data[0].price: " + e.getMessage());
      }
    }
  }

  /** What is shown of each message. */
  static final class Details implements ITypeConverter<Set<Transcript.Detail>> {
    @Override
    public Set<Transcript.Detail> convert(String value) {
      if (value.equals("all")) {
        return EnumSet.allOf(Transcript.Detail.class);
      }
      try {
        return Stream.of(value.toUpperCase(Locale.ROOT).split(",", -1))
            .map(Transcript.Detail::valueOf)
            .collect(Collectors.toCollection(() -> EnumSet.noneOf(Transcript.Detail.class)));
      } catch (IllegalArgumentException e) {
        throw refused(value, "time, size and trip with commas between them, or all");
      }
    }
  }

  /** How many times as fast as it was recorded; 0 is at once. */
  static final class Speed implements ITypeConverter<Double> {
    private static final double SLOWEST = 0.01;
    private static final double FASTEST = 1000;

    @Override
    public Double convert(String value) {
      return value.equals("0")
          ? 0
          : number(value, SLOWEST, FASTEST, "0, or a number from 0.01 to 1000");
    }
  }

  /** How often something is done. */
  static final class Count implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return whole(value, Integer.MAX_VALUE);
    }
  }

  /** How many of something there are. */
  static final class Positive implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return whole(value, 1, Integer.MAX_VALUE);
    }
  }

  /** How many connections a load has. */
  static final class Connections implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return whole(value, 1, 10_000);
    }
  }

  /** How many requests a load has. */
  static final class Requests implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return whole(value, 1, 1_000_000_000);
    }
  }

  /** How many rounds a comparison has. */
  static final class Rounds implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return whole(value, 1, 100);
    }
  }

  /** Requests per second. */
  static final class Rate implements ITypeConverter<Double> {
    @Override
    public Double convert(String value) {
      return number(value, 0.1, 1_000_000, "a number from 0.1 to 1000000 per second");
    }
  }

  /** How long a load is measured, in seconds. */
  static final class Length implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
      double seconds = number(value, 0.1, 86_400, "a number from 0.1 to 86400 seconds");
      return Duration.ofNanos((long) (seconds * 1e9));
    }
  }

  /** How long a load is not measured yet, in seconds. */
  static final class WarmUp implements ITypeConverter<Duration> {
    @Override
    public Duration convert(String value) {
      double seconds = number(value, 0, 600, "a number from 0 to 600 seconds");
      return Duration.ofNanos((long) (seconds * 1e9));
    }
  }

  /** The size of a message of a load. */
  static final class MessageSize implements ITypeConverter<Integer> {
    private static final int MAX = 16 << 20; // what a message may have by default

    @Override
    public Integer convert(String value) {
      int size = value.equals("0") ? 0 : new Size().convert(value);
      if (size > MAX) {
        throw refused(value, "a size from 0 to 16M");
      }
      return size;
    }
  }

  private static double number(String value, double min, double max, String allowed) {
    try {
      double number = Double.parseDouble(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // it is refused like any other
    }
    throw refused(value, allowed);
  }

  /** A port to listen on. */
  static final class Port implements ITypeConverter<Integer> {
    @Override
    public Integer convert(String value) {
      return whole(value, 65535);
    }
  }

  private static int whole(String value, int max) {
    return whole(value, 0, max);
  }

  private static int whole(String value, int min, int max) {
    try {
      int number = Integer.parseInt(value);
      if (number >= min && number <= max) {
        return number;
      }
    } catch (NumberFormatException e) {
      // it is refused like any other
    }
    throw refused(value, "a whole number from " + min + " to " + max);
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

  /** A shell. */
  static final class ShellName implements ITypeConverter<Shell> {
    @Override
    public Shell convert(String value) {
      for (Shell shell : Shell.values()) {
        if (shell.toString().equals(value.toLowerCase(Locale.ROOT))) {
          return shell;
        }
      }
      throw refused(value, "bash, zsh or fish");
    }
  }
}
