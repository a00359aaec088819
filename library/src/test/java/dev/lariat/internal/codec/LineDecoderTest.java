package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Bytes;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Bodies whose lines are values, each cut everywhere. */
class LineDecoderTest {
  private static final int LIMIT = 100;

  record Line(long number, String text) {}

  /** What a decoder makes of parts. */
  record Decoded(List<Line> lines, @Nullable Reason violation) {
    static Decoded of(int limit, byte[]... parts) {
      List<Line> lines = new ArrayList<>();
      LineDecoder decoder = new LineDecoder(limit);
      try {
        for (byte[] part : parts) {
          ByteBuffer buffer = ByteBuffer.wrap(part);
          Bytes line = decoder.next(buffer);
          while (line != null) {
            lines.add(new Line(decoder.number(), line.utf8()));
            line = decoder.next(buffer);
          }
          assertThat(buffer.hasRemaining()).isFalse();
        }
      } catch (Violation v) {
        return new Decoded(lines, v.reason());
      }
      Bytes last = decoder.last();
      if (last != null) {
        lines.add(new Line(decoder.number(), last.utf8()));
      }
      assertThat(decoder.last()).isNull();
      return new Decoded(lines, null);
    }

    /** Whole, cut once at every place, and into single bytes: the same each time. */
    static Decoded everywhere(int limit, byte[] body) {
      Decoded whole = of(limit, body);
      for (int at = 0; at <= body.length; at++) {
        assertThat(of(limit, Arrays.copyOf(body, at), Arrays.copyOfRange(body, at, body.length)))
            .as("cut at " + at)
            .isEqualTo(whole);
      }
      byte[][] single =
          IntStream.range(0, body.length)
              .mapToObj(i -> new byte[] {body[i]})
              .toArray(byte[][]::new);
      assertThat(of(limit, single)).isEqualTo(whole);
      return whole;
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<Line> lines(String body) {
    Decoded decoded = Decoded.everywhere(LIMIT, utf8(body));
    assertThat(decoded.violation()).isNull();
    return decoded.lines();
  }

  @Test
  void aLineEndsWithALineFeed() {
    assertThat(lines("{\"a\":1}\n[2]\n"))
        .containsExactly(new Line(1, "{\"a\":1}"), new Line(2, "[2]"));
  }

  @Test
  void theLastLineNeedsNoEnd() {
    assertThat(lines("1\n2")).containsExactly(new Line(1, "1"), new Line(2, "2"));
  }

  @Test
  void anEmptyBodyHasNoLine() {
    assertThat(lines("")).isEmpty();
    assertThat(lines("\n")).isEmpty();
  }

  @Test
  void blankLinesAreNotGivenAndCount() {
    assertThat(lines("\n1\n\r\n \t\r\n2\n\n \t"))
        .containsExactly(new Line(2, "1"), new Line(5, "2"));
  }

  @Test
  void aCarriageReturnIsWhiteSpaceOfTheValue() {
    assertThat(lines("1\r\n[2,\r3]\r\n"))
        .containsExactly(new Line(1, "1\r"), new Line(2, "[2,\r3]\r"));
  }

  @Test
  void aLineSeparatorOfUnicodeStandsWithinAValue() {
    assertThat(lines("\"a\u2028b\u0085c\"\n")).containsExactly(new Line(1, "\"a\u2028b\u0085c\""));
  }

  @Test
  void aCharacterMayBeCutInTheMiddle() {
    assertThat(lines("\"z\u00fcrich \ud83d\ude80\"\n\"\u20ac\""))
        .containsExactly(new Line(1, "\"z\u00fcrich \ud83d\ude80\""), new Line(2, "\"\u20ac\""));
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheFirstLine() {
    assertThat(lines("\ufeff1\n\ufeff2")).containsExactly(new Line(1, "1"), new Line(2, "\ufeff2"));
    assertThat(lines("\ufeff\n1")).containsExactly(new Line(2, "1"));
  }

  @Test
  void aLineOfTheLimitIsGivenAndALongerOneIsNot() {
    String longest = "1".repeat(LIMIT);
    assertThat(lines(longest + "\n" + longest))
        .containsExactly(new Line(1, longest), new Line(2, longest));
    Reason tooLong = new Reason.Limit(Bound.BODY, LIMIT);
    assertThat(Decoded.everywhere(LIMIT, utf8("1\n" + longest + "1\n")))
        .isEqualTo(new Decoded(List.of(new Line(1, "1")), tooLong));
    assertThat(Decoded.everywhere(LIMIT, utf8(" ".repeat(LIMIT + 1))).violation())
        .isEqualTo(tooLong);
  }

  @Property(tries = 300)
  void whatIsOnLinesIsReadFromThem(
      @ForAll @Size(max = 8)
          List<@StringLength(min = 1, max = 9) @CharRange(from = '0', to = '~') String> values) {
    String body = values.stream().collect(Collectors.joining("\n"));
    assertThat(lines(body)).extracting(Line::text).isEqualTo(values);
  }
}
