package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** JSON for people, and what is none. */
final class FoldingTest {
  private static String folded(String... pieces) {
    Folding folding = new Folding(false);
    StringBuilder all = new StringBuilder();
    for (String piece : pieces) {
      all.append(folding.of(piece));
    }
    return all.append(folding.end()).toString();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{} | {}~",
        "[ ] | []~",
        "1 | 1~",
        "\"a\\\"{b\" | \"a\\\"{b\"~",
        "{\"a\":1,\"b\":[true,null]} | {~  \"a\": 1,~  \"b\": [~    true,~    null~  ]~}~",
        "{ \"a\" : [ ] , \"b\" : { } } | {~  \"a\": [],~  \"b\": {}~}~",
        "[[1]] | [~  [~    1~  ]~]~",
      })
  void jsonIsFolded(String json, String lines) {
    assertThat(folded(json)).isEqualTo(lines.replace('~', '\n'));
  }

  @Test
  void linesOfJsonStayApart() {
    assertThat(folded("{\"a\":1}\n[2]\n")).isEqualTo("{\n  \"a\": 1\n}\n[\n  2\n]\n");
  }

  @Test
  void aCutDoesNotChangeIt() {
    String json = "{\"a\\\\\":[1.5e3,{\"b\":\"c\\\"d\"}],\"e\":false}";
    String whole = folded(json);

    for (int cut = 0; cut <= json.length(); cut++) {
      assertThat(folded(json.substring(0, cut), json.substring(cut))).isEqualTo(whole);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"}}]", "{\"a", "nonsense here", "", "{,}", "\\"})
  void whatIsNotJsonDoesNotBreakIt(String text) {
    String visible = text.replace(" ", "");

    assertThat(folded(text).replaceAll("\\s", "")).isEqualTo(visible);
  }

  @Test
  void eachColourEnds() {
    Folding folding = new Folding(true);
    String all = folding.of("{\"a\":[1,\"b\"]}") + folding.end();

    assertThat(all.split("\u001b\\[3[0-9]m", -1)).hasSize(4);
    assertThat(all.split("\u001b\\[0m", -1)).hasSize(4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[1, -0.5e+3, \"\\u00e4\\n\", true, null]",
        " {\"a\": {\"b\": []}} ",
        "0",
        "\"\""
      })
  void jsonHasNoFault(String json) {
    assertThat(Json.fault(json)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "'' | at character 1 is the end, allowed is a value",
        "{ | at character 2 is the end, allowed is a name in quotes",
        "{\"a\" 1} | at character 6 is '1', allowed is a colon",
        "[1 2] | at character 4 is '2', allowed is a comma or ]",
        "[1,] | at character 4 is ']', allowed is a value",
        "01 | at character 2 is '1', allowed is the end",
        "1. | at character 3 is the end, allowed is a digit",
        "\"a | at character 3 is the end, allowed is a quote that ends the string",
        "\"\\x\" | at character 3 is 'x', allowed is an escape of JSON",
        "\"\\u00g0\" | at character 6 is 'g', allowed is a hexadecimal digit",
        "tru | at character 4 is the end, allowed is true",
        "1 1 | at character 3 is '1', allowed is the end",
      })
  void aFaultIsNamedWithItsPlace(String json, String fault) {
    assertThat(Json.fault(json)).hasToString(fault);
  }

  @Test
  void aDeepNestIsAFaultAndNoCrash() {
    assertThat(Json.fault("[".repeat(100_000)))
        .hasToString("at character 514 is level 513 of nesting, allowed is up to 512");
  }
}
