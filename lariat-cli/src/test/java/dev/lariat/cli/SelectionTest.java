package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SelectionTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        ".a.b | {\"a\":{\"b\":1.50}} | [1.50]",
        ".a | {\"x\":{\"a\":0}, \"a\" : { \"b\": [ ] } } | [{ \"b\": [ ] }]",
        ".a | {\"a\":\"x\\n\\u00e9\"} | `[x\né]`",
        ".a[1] | {\"a\":[1,true,null]} | [true]",
        ".a[2] | {\"a\":[1,true]} | []",
        ".[0][1] | [[1,2],3] | [2]",
        ".[].n | [{\"n\":1},{\"m\":2},{\"n\":[3]}] | [1, [3]]",
        ".[][] | [[1],[],[2,3],4] | [1, 2, 3]",
        ".[\"odd name\"] | {\"odd name\":1} | [1]",
        ".a[\"b.\\\"\"] | {\"a\":{\"b.\\\"\":1}} | [1]",
        ".\u00e9 | {\"\\u00e9\":1} | [1]",
        ". | ` [1] ` | [[1]]",
        ".a | {\"a\":1,\"a\":2} | [2]",
        ".a[] | {\"a\":[1],\"a\":3} | []",
        ".a | [1] | []",
        ".[0] | {\"0\":1} | []",
        ".a | {\"a\":1 | []",
        ".a | {\"a\":1} x | []",
        ".a | {\"a\":01} | []",
        ". | no JSON | []"
      })
  void aPathSelects(String path, String text, String selected) {
    assertThat(Selection.of(path).from(text)).hasToString(selected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "a",
        "..",
        ".a.",
        ".a..b",
        ".a[",
        ".a[x]",
        ".a[-1]",
        ".a b",
        "[0]",
        ".[\"a]",
        ".a[9999999999]",
        ".[\"\\x\"]"
      })
  void whatIsNoPathIsRefused(String path) {
    assertThatThrownBy(() -> Selection.of(path)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {600, 100_000})
  void deepTextsAndDeepPathsEnd(int depth) {
    String text = "[".repeat(depth) + "]".repeat(depth);

    assertThat(Selection.of(".").from(text)).isEmpty();
    assertThat(Selection.of("." + "[0]".repeat(depth - 1)).from(text)).isEmpty();
  }
}
