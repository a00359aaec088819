package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ToolsTest extends CommandTest {
  @Test
  void helpListsAll() {
    assertThat(run("", "--help")).isEqualTo(0);
    assertThat(out.text()).contains("record", "replay", "serve", "check", "report", "bench");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "record | 9 | The server closed the WebSocket with a code other than",
        "replay | 12 | The other side differs from the recording (--strict).",
        "serve | 12 | The other side differs from the recording (--strict).",
        "check | 12 | There is a problem.",
        "report | 12 | There is a problem.",
        "bench | 12 | There were errors."
      })
  void eachDocumentsItsExitCodes(String name, int code, String meaning) {
    assertThat(run("", name, "--help")).isEqualTo(0);
    assertThat(out.text())
        .containsPattern("(?m)^ *" + code + " +" + meaning.replaceAll("[()]", "."));
  }

  @ParameterizedTest
  @ValueSource(strings = {"record", "replay", "serve", "check", "report", "bench"})
  void aMissingArgumentIsWrongUsage(String name) {
    assertThat(run("", name)).isEqualTo(2);
    assertThat(err.text()).startsWith("lariat: Missing required parameter").hasLineCount(1);
  }
}
