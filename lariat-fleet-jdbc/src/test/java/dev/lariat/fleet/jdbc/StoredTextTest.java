package dev.lariat.fleet.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StoredTextTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"", "41", "a\\b", "\\u0000", "\0", "\\", "x\ud83dy", "\ude00\ud83d", "😀ü\n"})
  void everyTextComesBack(String text) {
    assertThat(StoredText.text(StoredText.of(text))).isEqualTo(text);
  }

  @Test
  void onlyWhatADatabaseRefusesIsWrittenDifferently() {
    assertThat(StoredText.of("BTC-USD \ud83d\ude00 'x'")).isEqualTo("BTC-USD \ud83d\ude00 'x'");
    assertThat(StoredText.of("\0\ud800\\")).isEqualTo("\\u0000\\ud800\\\\");
  }
}
