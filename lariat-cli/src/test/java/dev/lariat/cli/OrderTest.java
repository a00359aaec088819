package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Ping;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What a line at the prompt means. */
final class OrderTest {
  static Stream<Arguments> orders() {
    return Stream.of(
        Arguments.of("hello", new Order.Say("hello")),
        Arguments.of(" hello", new Order.Say("hello")),
        Arguments.of("  hello", new Order.Say(" hello")),
        Arguments.of("//ping", new Order.Say("/ping")),
        Arguments.of("///", new Order.Say("//")),
        Arguments.of("/send /ping", new Order.Say("/ping")),
        Arguments.of("/send", new Order.Say("")),
        Arguments.of("/send {\"a\":\n1", new Order.Say("{\"a\":\n1")),
        Arguments.of("/ping", new Order.SendPing(Ping.EMPTY)),
        Arguments.of(
            "/ping are you there", new Order.SendPing(new Ping(Bytes.ofUtf8("are you there")))),
        Arguments.of("/close", new Order.End(Close.NORMAL)),
        Arguments.of("/close 4001", new Order.End(new Close(4001, ""))),
        Arguments.of("/close 4001 see you later", new Order.End(new Close(4001, "see you later"))),
        Arguments.of(" /close", new Order.End(Close.NORMAL)),
        Arguments.of("/reconnect", new Order.Reconnect()),
        Arguments.of("/binary a file.bin", new Order.SendFile("a file.bin")),
        Arguments.of(
            "/binary hex 00fF 10", new Order.SendBytes(Bytes.wrap(new byte[] {0, -1, 16}))),
        Arguments.of("/binary hex", new Order.SendBytes(Bytes.EMPTY)),
        Arguments.of("/binary ./hex", new Order.SendFile("./hex")),
        Arguments.of("/save my session.jsonl", new Order.Save("my session.jsonl")),
        Arguments.of("/stats", new Order.Stats()),
        Arguments.of("/help ", new Order.Help()),
        Arguments.of("/quit", new Order.Quit()));
  }

  @ParameterizedTest
  @MethodSource("orders")
  void aLineIsAMessageOrACommand(String line, Order order) {
    assertThat(Order.of(line)).isEqualTo(order);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/pign | There is no command /pign. The nearest is /ping; //pign sends the text.",
        "/Close | There is no command /Close. The nearest is /close; //Close sends the text.",
        "/ | There is no command /. The nearest is",
        "/close me | /close: the code is \"me\", allowed is a number.",
        "/close 999 | /close: close code: 999, allowed 1000 to 1003",
        "/close 1006 | /close: close code: 1006, allowed",
        "/close 99999999999 | /close: the code is \"99999999999\", allowed is a number.",
        "/binary | /binary needs a file, or hex and digits.",
        "/binary hex 0 | /binary hex needs pairs of hexadecimal digits.",
        "/binary hex xy | /binary hex needs pairs of hexadecimal digits.",
        "/save | /save needs a file.",
        "/quit now | /quit takes nothing after it.",
      })
  void whatIsWrongIsNotSent(String line, String sentence) {
    assertThat(Order.of(line))
        .isInstanceOfSatisfying(
            Order.Refused.class, refused -> assertThat(refused.sentence()).startsWith(sentence));
  }

  @ParameterizedTest
  @CsvSource({"126, 126", "200, 200"})
  void aPingHasLittleRoom(int length, int told) {
    assertThat(Order.of("/ping " + "x".repeat(length)))
        .isInstanceOfSatisfying(
            Order.Refused.class,
            refused -> assertThat(refused.sentence()).contains(String.valueOf(told)));
  }

  static Stream<Arguments> ends() {
    return Stream.of(
        Arguments.of("hello", new Order.Whole()),
        Arguments.of("hello\\", new Order.GoesOn("hello")),
        Arguments.of("hello\\\\", new Order.Whole()),
        Arguments.of("hello\\\\\\", new Order.GoesOn("hello\\\\")),
        Arguments.of("a\\\nb", new Order.Whole()),
        Arguments.of("{}", new Order.Whole()),
        Arguments.of(" [1, 2]\n", new Order.Whole()),
        Arguments.of("{", new Order.GoesOn("{")),
        Arguments.of("{\"a\":", new Order.GoesOn("{\"a\":")),
        Arguments.of("[1", new Order.GoesOn("[1")),
        Arguments.of("[1,\n[", new Order.GoesOn("[1,\n[")),
        Arguments.of("[\n", mistaken(2, "the end", "a value")),
        Arguments.of("[1,\n ", mistaken(5, "the end", "a value")),
        Arguments.of("{\"a\":}", mistaken(5, "'}'", "a value")),
        Arguments.of(" {\"a\":}", mistaken(6, "'}'", "a value")),
        Arguments.of("{a", mistaken(1, "'a'", "a name in quotes")),
        Arguments.of("[tru", mistaken(4, "the end", "true")),
        Arguments.of("[\"a", mistaken(3, "the end", "a quote that ends the string")),
        Arguments.of("{} {", mistaken(3, "'{'", "the end")),
        Arguments.of("//{", new Order.Whole()),
        Arguments.of("/send {", new Order.Whole()),
        Arguments.of("/send a\\", new Order.GoesOn("/send a")),
        Arguments.of("/save C:\\", new Order.Whole()));
  }

  private static Order.Mistaken mistaken(int at, String found, String allowed) {
    return new Order.Mistaken(new Json.Fault(at, found, allowed));
  }

  @ParameterizedTest
  @MethodSource("ends")
  void theEndOfALineEndsAMessageThatIsComplete(String typed, Order.Entered entered) {
    assertThat(Order.entered(typed, true)).isEqualTo(entered);
  }

  @ParameterizedTest
  @CsvSource(value = {"{\"a\":}", "{", "[\n"})
  void nothingIsCheckedIfThatIsNotWanted(String typed) {
    assertThat(Order.entered(typed, false)).isEqualTo(new Order.Whole());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"{\"a\":[1,{\"b\":\"x\\n\"}],\"c\":-1.5e3,\"d\":[true,null]}", "[[],{},\"\"]"})
  void jsonThatIsCutAtALineEndGoesOnOrIsMistakenAndNeverWhole(String json) {
    for (int cut = 1; cut < json.length(); cut++) {
      assertThat(Order.entered(json.substring(0, cut), true))
          .as(json.substring(0, cut))
          .isNotInstanceOf(Order.Whole.class);
    }
    assertThat(Order.entered(json, true)).isInstanceOf(Order.Whole.class);
  }
}
