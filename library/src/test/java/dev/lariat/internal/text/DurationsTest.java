package dev.lariat.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationsTest {

  @ParameterizedTest
  @CsvSource({
    "PT0S, 0 s",
    "PT0.001S, 1 ms",
    "PT0.25S, 250 ms",
    "PT0.000999999S, 0.999999 ms",
    "PT1S, 1 s",
    "PT1.5S, 1.5 s",
    "PT2M, 120 s",
    "PT1H, 3600 s",
    "PT24H, 1 day",
    "PT8760H, 365 days",
    "PT8760H0.000000001S, 31536000.000000001 s",
    "PT-0.000000001S, -0.000001 ms",
    "PT-5S, -5 s",
    "PT-24H, -1 day",
    "PT2562047788015215H30M7.999999999S, 9223372036854775807.999999999 s"
  })
  void aDurationReadsAsAPersonWouldWriteIt(Duration time, String words) {
    assertThat(Durations.words(time)).isEqualTo(words);
  }
}
