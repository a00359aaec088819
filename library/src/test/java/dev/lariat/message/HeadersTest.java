package dev.lariat.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Iterator;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadersTest {
  private static final String TCHAR =
      "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

  @Test
  void fieldsKeepTheirOrderAndMayRepeat() {
    Headers headers = Headers.of("B", "1", "a", "2", "b", "3");
    assertThat(headers)
        .containsExactly(
            new Headers.Field("b", "1"), new Headers.Field("a", "2"), new Headers.Field("b", "3"));
    assertThat(headers.all("b")).containsExactly("1", "3");
    assertThat(headers.first("b")).contains("1");
    assertThat(headers.size()).isEqualTo(3);
    assertThat(headers).hasToString("{b: 1, a: 2, b: 3}");
  }

  @Test
  void namesAreInLowerCaseAndFoundInAnyCase() {
    Headers headers = Headers.EMPTY.with("Content-Type", "text/plain");
    assertThat(headers.iterator().next().name()).isEqualTo("content-type");
    assertThat(headers.first("CONTENT-TYPE")).contains("text/plain");
    assertThat(headers.contains("Content-type")).isTrue();
    assertThat(headers.contains("content")).isFalse();
    assertThat(headers.all("content")).isEmpty();
    assertThat(headers).isEqualTo(Headers.of("CONTENT-TYPE", "text/plain"));
  }

  @Test
  void oneMoreFieldLeavesTheOthersAsTheyWere() {
    Headers one = Headers.of("a", "1");
    Headers two = one.with("b", "2");
    assertThat(one.size()).isEqualTo(1);
    assertThat(two).isEqualTo(Headers.of("a", "1", "b", "2"));
    assertThat(two).hasSameHashCodeAs(Headers.of("a", "1", "b", "2")).isNotEqualTo(one);
  }

  @Test
  void fieldsComeFromAListToo() {
    assertThat(Headers.of(List.of(new Headers.Field("A", "1")))).isEqualTo(Headers.of("a", "1"));
    assertThat(Headers.of()).isSameAs(Headers.EMPTY);
    assertThat(Headers.EMPTY.isEmpty()).isTrue();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Headers.of(List.of(new Headers.Field("a", "1\r\nb: 2"))));
  }

  @Test
  void fieldsCannotBeRemovedThroughTheIterator() {
    Iterator<Headers.Field> fields = Headers.of("a", "1").iterator();
    fields.next();
    assertThatExceptionOfType(UnsupportedOperationException.class).isThrownBy(fields::remove);
  }

  @Test
  void aNameWithoutAValueIsRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Headers.of("a", "1", "b"))
        .withMessage("headers: 3 strings, allowed an even number: names and values in turn");
  }

  @Test
  void everyCharacterOfANameIsJudgedAsTheRfcDoes() {
    for (char c = 0; c < 0x200; c++) {
      assertThat(Headers.isToken("a" + c + "b"))
          .as("U+%04X", (int) c)
          .isEqualTo(TCHAR.indexOf(c) >= 0);
    }
    assertThat(Headers.isToken("")).isFalse();
  }

  @Test
  void everyCharacterOfAValueIsJudgedAsTheRfcDoes() {
    for (char c = 0; c < 0x200; c++) {
      assertThat(Headers.isValue("a" + c + "b"))
          .as("U+%04X", (int) c)
          .isEqualTo(c != 0 && c != '\r' && c != '\n' && c <= 0xff);
    }
    assertThat(Headers.isValue("")).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a:", "a\r\nb", "a\0", "ä", "(a)", " a"})
  void aNameThatIsNoTokenIsRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Headers.of(name, "1"))
        .withMessageStartingWith("header name: \"")
        .withMessageEndingWith("\", allowed a token (RFC 9110 section 5.6.2)");
    assertThatIllegalArgumentException().isThrownBy(() -> Headers.EMPTY.with(name, "1"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\r\nb: 2", "a\n", "\r", "\0", "a€"})
  void aValueThatWouldBreakTheMessageIsRefused(String value) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Headers.of("a", value))
        .withMessageMatching(
            "header value of a: character \\d+ of \\d+ is U\\+[0-9A-F]{4}, allowed ISO 8859-1"
                + " without CR, LF and NUL \\(RFC 9110 section 5\\.5\\)");
    assertThatIllegalArgumentException().isThrownBy(() -> Headers.EMPTY.with("a", value));
  }

  @ParameterizedTest
  @ValueSource(strings = {"\u0001", "a\u000b", "\u001fa", "\u007f"})
  void whatComesMayHoldControlCharactersAndWhatIsSentNoneButTheTab(String value) {
    Headers come = Headers.of("a", value);
    assertThatIllegalArgumentException()
        .isThrownBy(come::requireSendable)
        .withMessageMatching(
            "header value of a: character \\d+ of \\d+ is U\\+[0-9A-F]{4}, allowed no control"
                + " character but the tab \\(RFC 9110 section 5\\.5\\)");
    Headers sent = Headers.of("a", "a\tb\u00e9");
    assertThat(sent.requireSendable()).isSameAs(sent);
  }

  @Test
  void aRefusedValueIsNotInTheMessage() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Headers.of("Authorization", "Bearer 12345\n"))
        .withMessage(
            "header value of authorization: character 13 of 13 is U+000A, allowed ISO 8859-1"
                + " without CR, LF and NUL (RFC 9110 section 5.5)");
  }

  @Test
  void secretsAreNotShown() {
    Headers headers =
        Headers.of(
            "Authorization",
            "Bearer 1",
            "Proxy-Authorization",
            "Basic 2",
            "Cookie",
            "a=3",
            "Set-Cookie",
            "b=4",
            "Accept",
            "5");
    assertThat(headers)
        .hasToString(
            "{authorization: ***, proxy-authorization: ***, cookie: ***, set-cookie: ***,"
                + " accept: 5}");
    assertThat(headers.iterator().next()).hasToString("authorization: ***");
    assertThat(headers.first("Cookie")).contains("a=3");
  }

  @Property
  void noRefusalBreaksALogLine(@ForAll String name, @ForAll String value) {
    try {
      assertThat(Headers.of(name, value).size()).isEqualTo(1);
      assertThat(Headers.isToken(name) && Headers.isValue(value)).isTrue();
    } catch (IllegalArgumentException e) {
      assertThat(Headers.isToken(name) && Headers.isValue(value)).isFalse();
      assertThat(e.getMessage().chars()).noneMatch(c -> c < ' ' || c == 0x7f);
    }
  }
}
