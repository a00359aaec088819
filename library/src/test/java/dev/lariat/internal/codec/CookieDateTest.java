package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Dates of cookies: RFC 6265bis section 5.1.1. */
class CookieDateTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Wed, 09 Jun 2027 10:18:14 GMT | 2027-06-09T10:18:14Z",
        "Wednesday, 09-Jun-27 10:18:14 GMT | 2027-06-09T10:18:14Z",
        "Wed Jun  9 10:18:14 2027 | 2027-06-09T10:18:14Z",
        "10:18:14 2027 jun 9 | 2027-06-09T10:18:14Z",
        "9 JUNE 2027 1:2:3 | 2027-06-09T01:02:03Z",
        "09-Jun-2027 10:18:14 +0200 | 2027-06-09T10:18:14Z",
        "10:18:14x 9th Junk 2027AD | 2027-06-09T10:18:14Z",
        "9 Jun 69 00:00:00 | 2069-06-09T00:00:00Z",
        "9 Jun 70 00:00:00 | 1970-06-09T00:00:00Z",
        "9 Jun 99 00:00:00 | 1999-06-09T00:00:00Z",
        "9 Jun 00 00:00:00 | 2000-06-09T00:00:00Z",
        "1 Jan 1601 00:00:00 | 1601-01-01T00:00:00Z",
        "29 Feb 2028 23:59:59 | 2028-02-29T23:59:59Z",
        "31 Dec 9999 23:59:59 | 9999-12-31T23:59:59Z",
      })
  void aDateIsReadHoweverItIsWritten(String text, Instant time) {
    assertThat(CookieDate.parse(text)).contains(time);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "tomorrow",
        "Wed, 09 Jun 2027",
        "Jun 2027 10:18:14",
        "9 2027 10:18:14",
        "9 Jun 10:18:14",
        "0 Jun 2027 10:18:14",
        "32 Jun 2027 10:18:14",
        "31 Jun 2027 10:18:14",
        "29 Feb 2027 10:18:14",
        "9 Jun 1600 10:18:14",
        "9 Jun 123 10:18:14",
        "9 Jun 20271 10:18:14",
        "9 Jun 2027 24:18:14",
        "9 Jun 2027 10:60:14",
        "9 Jun 2027 10:18:60",
        "9 Jun 2027 10:18",
        "9 Jun 2027 10:18:140",
        "9 Ju 2027 10:18:14",
        "009 Jun 2027 10:18:14",
      })
  void whatIsNoDateIsNone(String text) {
    assertThat(CookieDate.parse(text)).isEmpty();
  }

  @Property
  void everyTimeIsReadAsItWasWritten(
      @ForAll @LongRange(min = 0, max = 253_402_300_799L) long seconds) {
    Instant time = Instant.ofEpochSecond(seconds);
    String text =
        DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
            .format(time.atOffset(ZoneOffset.UTC));
    assertThat(CookieDate.parse(text)).contains(time);
  }
}
