package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Text;
import java.time.Duration;
import java.time.LocalTime;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.jline.utils.AttributedString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a person reads of a message. */
final class TranscriptTest {
  private static final Moment NOON = new Moment(0, LocalTime.of(12, 0, 1, 23_000_000));

  private static Transcript transcript(int width, Transcript.Detail... details) {
    Set<Transcript.Detail> shown = EnumSet.noneOf(Transcript.Detail.class);
    shown.addAll(Set.of(details));
    return new Transcript(new Transcript.Look(true, true, shown), () -> width);
  }

  private static AttributedString received(int width, String text) {
    return transcript(width).received(new Text(text), NOON, Optional.empty());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "80 | hello | < hello",
        "80 | {\"a\":[1,2]} | < {\"a\": [1, 2]}",
        "12 | {\"a\":[1,2]} | < {~    \"a\": [~      1,~      2~    ]~  }",
        "23 | {\"a\":[[1,2],[3]],\"b[\":\"}\"} | < {~    \"a\": [[1, 2], [3]],~    \"b[\": \"}\"~ "
            + " }",
        "16 | {\"a\":[[1,2],[3]]} | < {~    \"a\": [~      [1, 2],~      [3]~    ]~  }",
        "9 | [[],{},[{}]] | < [~    [],~    {},~    [{}]~  ]",
        "80 | {\"a\": | < {\"a\":",
        "80 | two~lines | < two~  lines",
        "80 | a\u001b[2Jb | < a␛[2Jb",
        "80 | {\"a\":\"\u202eb\"} | < {\"a\": \"<U+202E>b\"}",
        "20 | 日本語日本語日本語日 | < 日本語日本語日本語日",
        "80 | 👩‍👩‍👧 ok | < 👩‍👩‍👧 ok",
      })
  void aTextIsShownHarmlesslyAndJsonAsItFits(int width, String text, String shown) {
    assertThat(received(width, text.replace('~', '\n'))).hasToString(shown.replace('~', '\n'));
  }

  @Test
  void jsonHasColoursUnlessTheyAreUnwanted() {
    Transcript.Look plain = new Transcript.Look(true, false, Set.of());
    AttributedString without =
        new Transcript(plain, () -> 80).received(new Text("{\"a\":1}"), NOON, Optional.empty());

    assertThat(received(80, "{\"a\":1}").toAnsi()).contains("\u001b[34m\"a\"", "\u001b[36m1");
    assertThat(without.toAnsi()).doesNotContain("[3");
  }

  @Test
  void aMessageThatIsVeryLongIsCut() {
    String shown = received(80, "x".repeat(16_383) + "👍" + "y".repeat(1 << 20)).toString();

    assertThat(shown).startsWith("< xxx").endsWith("x\n  … 1.0 MiB in all").hasSizeLessThan(16_450);
  }

  @Test
  void detailsStandBeforeTheMessage() {
    Transcript all = transcript(80, Transcript.Detail.values());
    Optional<Duration> trip = Optional.of(Duration.ofMillis(12));

    assertThat(all.received(new Text("hé"), NOON, trip))
        .hasToString("< 12:00:01.023  3 B  after 12.0 ms  hé");
    assertThat(all.sent(new Binary(Bytes.wrap(new byte[] {0, -1})), NOON))
        .hasToString("> 12:00:01.023  2 B  Binary     2 bytes: 00ff");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "80 | {\"a\":} |   {\"a\":}~       ^",
        "80 | [1,~2 3] |   2 3]~    ^",
        "80 | [\"日本\" 1] |   [\"日本\" 1]~          ^",
        "20 | [\"aaaaaaaaaaaaaaaaaaaaaa\" 1, 2, 3, 4] |   aaaaaaaa\" 1, 2, 3,~            ^",
        "80 | [1, |   [1,~     ^",
      })
  void aMistakeHasACaretBeneathIt(int width, String json, String lines) {
    String text = json.replace('~', '\n');
    Json.Fault fault = Json.fault(text);

    assertThat(transcript(width).mistake(text, fault).toString())
        .isEqualTo(
            lines.replace('~', '\n').replaceAll("^ *", "  ")
                + "\n* Not sent   expected here: "
                + fault.allowed());
  }
}
