package dev.lariat.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.message.Binary;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonPointerTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          /seq     | {"seq":41}                                  | 41
          /seq     | {"a":{"seq":1},"b":[1,{"seq":2}],"seq":"x"} | x
          /a/b     | { "a" : { "b" : -1.5e3 } }                  | -1.5e3
          /a/1/b   | {"a":[{},{"b":7}]}                          | 7
          /1       | [true,12345678901234567890]                 | 12345678901234567890
          /a~1b/~0 | {"a/b":{"~":1}}                             | 1
          /s       | {"s":"\\u00e9\\n\\"\\\\/"}                  | `é
          "\\/`
          /é       | {"\\u00e9":3}                               | 3
          /a       | {"a":1,"a":2}                               | 1
          /a       | {"x":"}","a":1}                             | 1
          /        | {"":5}                                      | 5
          """)
  void findsStringsAndNumbers(String pointer, String text, String found) {
    assertThat(JsonPointer.of(pointer).find(text)).contains(found);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "{}",
        "[]",
        "seq",
        "{\"seq\":true}",
        "{\"seq\":null}",
        "{\"seq\":{}}",
        "{\"seq\":[1]}",
        "{\"seq\":",
        "{\"seq\"",
        "{\"a\":1 \"seq\":2}",
        "{\"a\":\"x",
        "{\"a\":\"\\u12",
        "{\"a\":\"\\x\",\"seq\":1}",
        "{\"seq\":\"a",
        "{\"x\":[1,2}",
        "\"seq\""
      })
  void findsNothingInOtherTexts(String text) {
    assertThat(JsonPointer.of("/seq").find(text)).isEmpty();
  }

  @Test
  void findsNothingInEveryCutOfATextWhoseMemberIsLast() {
    String text = "{\"a\":[1,{\"b\":\"\\u00e9\\n\"}],\"seq\":\"41\"}";
    for (int cut = 0; cut < text.length() - 1; cut++) {
      assertThat(JsonPointer.of("/seq").find(text.substring(0, cut))).as("cut at " + cut).isEmpty();
    }
    assertThat(JsonPointer.of("/seq").find(text)).contains("41");
  }

  @Test
  void aTextThatIsNestedTooDeeplyExhaustsNoStack() {
    String deep = "{\"a\":" + "[".repeat(1_000_000) + "]".repeat(1_000_000) + ",\"seq\":1}";
    assertThat(JsonPointer.of("/seq").find(deep)).isEmpty();
  }

  @Test
  void aBinaryHasNoPosition() {
    assertThat(JsonPointer.of("/seq").find(new Binary(new byte[] {1}))).isEqualTo(Optional.empty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "seq", "/a~", "/a~2b", "#/seq"})
  void refusesWhatIsNoPointer(String pointer) {
    assertThatThrownBy(() -> PositionFinder.json(pointer))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("feed.position: " + pointer)
        .hasMessageContaining("RFC 6901");
  }
}
