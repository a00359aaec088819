package dev.lariat.internal.text;

import java.math.BigDecimal;
import java.time.Duration;

/** Durations in words: {@code 365 days} and {@code 1 ms} instead of {@code PT8760H}. */
public final class Durations {
  private Durations() {}

  /**
   * The exact duration in words. A whole number of days is in days, and what is shorter than a
   * second is in milliseconds; all else is in seconds.
   */
  public static String words(Duration time) {
    BigDecimal seconds =
        BigDecimal.valueOf(time.getSeconds()).add(BigDecimal.valueOf(time.getNano(), 9));
    if (!time.isZero() && time.equals(Duration.ofDays(time.toDays()))) {
      return time.toDays() + (Math.abs(time.toDays()) == 1 ? " day" : " days");
    }
    boolean brief = !time.isZero() && seconds.abs().compareTo(BigDecimal.ONE) < 0;
    return brief ? plain(seconds.movePointRight(3)) + " ms" : plain(seconds) + " s";
  }

  private static String plain(BigDecimal number) {
    return number.stripTrailingZeros().toPlainString();
  }
}
