package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams of server-sent events (HTML, section 9.2), each cut everywhere. */
class EventDecoderTest {
  private static final int LIMIT = 1000;
  private static final int ID_LIMIT = 100;

  record Event(String id, String type, String data, Optional<Duration> retry) {}

  /** What a decoder makes of parts. */
  record Decoded(List<Event> events, @Nullable Reason violation) {
    static Decoded of(int limit, byte[]... parts) {
      List<Event> events = new ArrayList<>();
      EventDecoder decoder = new EventDecoder(limit, ID_LIMIT);
      try {
        for (byte[] part : parts) {
          ByteBuffer buffer = ByteBuffer.wrap(part);
          decoder.decode(
              buffer, (id, type, data, retry) -> events.add(new Event(id, type, data, retry)));
          assertThat(buffer.hasRemaining()).isFalse();
        }
      } catch (Violation v) {
        return new Decoded(events, v.reason());
      }
      return new Decoded(events, null);
    }

    /** Whole, cut once at every place, and into single bytes: the same each time. */
    static Decoded everywhere(int limit, byte[] stream) {
      Decoded whole = of(limit, stream);
      for (int at = 0; at <= stream.length; at++) {
        assertThat(
                of(limit, Arrays.copyOf(stream, at), Arrays.copyOfRange(stream, at, stream.length)))
            .as("cut at " + at)
            .isEqualTo(whole);
      }
      byte[][] single =
          IntStream.range(0, stream.length)
              .mapToObj(i -> new byte[] {stream[i]})
              .toArray(byte[][]::new);
      assertThat(of(limit, single)).isEqualTo(whole);
      return whole;
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<Event> events(String stream) {
    Decoded decoded = Decoded.everywhere(LIMIT, utf8(stream));
    assertThat(decoded.violation()).isNull();
    return decoded.events();
  }

  private static Event message(String data) {
    return new Event("", "message", data, Optional.empty());
  }

  private static Event message(String id, String data) {
    return new Event(id, "message", data, Optional.empty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"\n", "\r", "\r\n"})
  void aLineEndsByAnyOfThree(String end) {
    String stream = "data: YHOO\ndata: +2\ndata: 10\n\nevent: add\nid: 7\ndata: x\n\n";
    assertThat(events(stream.replace("\n", end)))
        .containsExactly(message("YHOO\n+2\n10"), new Event("7", "add", "x", Optional.empty()));
  }

  @Test
  void theEndsOfLinesMayDiffer() {
    assertThat(events("data:a\r\ndata:b\rdata:c\n\r\ndata:d\n\rdata:e\r\r"))
        .containsExactly(message("a\nb\nc"), message("d"), message("e"));
  }

  @Test
  void theUtf8ByteOrderMarkIsPassedOver() {
    assertThat(events("\uFEFFdata: a\n\n")).containsExactly(message("a"));
  }

  @Test
  void onlyOneByteOrderMarkIsPassedOverAndOnlyAtTheBeginning() {
    assertThat(events("\uFEFF\uFEFFdata: a\n\ndata: b\n\n")).containsExactly(message("b"));
    assertThat(events("data: a\n\n\uFEFFdata: b\n\n")).containsExactly(message("a"));
    assertThat(events("data: \uFEFFa\n\n")).containsExactly(message("\uFEFFa"));
  }

  @Test
  void whatIsNotUtf8IsReplaced() {
    byte[] stream = utf8("data: a?b\n\n");
    stream[7] = (byte) 0xff;
    assertThat(Decoded.everywhere(LIMIT, stream).events()).containsExactly(message("a\uFFFDb"));
  }

  @Test
  void oneSpaceBehindTheColonIsNoPartOfTheValue() {
    assertThat(events("data:test\n\ndata: test\n\ndata:  test\n\n"))
        .containsExactly(message("test"), message("test"), message(" test"));
  }

  @Test
  void aFieldWithoutAColonHasAnEmptyValue() {
    assertThat(events("data\n\ndata\ndata\n\ndata:")).containsExactly(message(""), message("\n"));
  }

  @Test
  void commentsAndUnknownFieldsAreIgnored() {
    assertThat(events(": test\n\ndata: a\n:\nfoo: b\nDATA: c\n data: d\n\n"))
        .containsExactly(message("a"));
  }

  @Test
  void theIdStaysUntilAnother() {
    assertThat(events("data: a\nid: 1\n\ndata: b\n\ndata: c\nid\n\ndata: d\n\n"))
        .containsExactly(message("1", "a"), message("1", "b"), message("", "c"), message("", "d"));
  }

  @Test
  void anIdWithoutAnEventIsThatOfTheNext() {
    assertThat(events("id: 1\n\ndata: a\n\n")).containsExactly(message("1", "a"));
  }

  @Test
  void anIdWithNulIsIgnored() {
    assertThat(events("id: 1\nid: a\0b\ndata: a\n\n")).containsExactly(message("1", "a"));
  }

  @Test
  void anEventWithoutDataIsNotDispatchedAndItsTypeForgotten() {
    assertThat(events("event: a\n\ndata: b\n\n")).containsExactly(message("b"));
  }

  @Test
  void theLastTypeCounts() {
    assertThat(events("event: a\nevent: b\ndata: c\n\nevent: a\nevent\ndata: d\n\n"))
        .containsExactly(new Event("", "b", "c", Optional.empty()), message("d"));
  }

  @Test
  void anUnfinishedEventIsDropped() {
    assertThat(events("data: a\n\ndata: b\n")).containsExactly(message("a"));
  }

  @Test
  void theRetryTimeIsThatOfTheNextEventOnly() {
    assertThat(events("retry: 1000\n\ndata: a\n\ndata: b\n\n"))
        .containsExactly(
            new Event("", "message", "a", Optional.of(Duration.ofSeconds(1))), message("b"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5", "1s", " 1", "\u0663", "0x1"})
  void aRetryTimeThatIsNotOnlyDigitsIsIgnored(String value) {
    assertThat(events("retry: " + value + "\ndata: a\n\n")).containsExactly(message("a"));
  }

  @Test
  void aRetryTimeBeyondAllMeasureIsTheLongest() {
    assertThat(events("retry: " + "9".repeat(100) + "\ndata: a\n\n").getFirst().retry())
        .hasValue(Duration.ofMillis(Long.MAX_VALUE));
  }

  @Test
  void aLineIsTakenUpToTheLimit() {
    Decoded whole = Decoded.everywhere(8, utf8("data:123\n\n"));
    assertThat(whole.events()).containsExactly(message("123"));
    Decoded longer = Decoded.everywhere(8, utf8("data:a\n\ndata:1234\n\n"));
    assertThat(longer.events()).containsExactly(message("a"));
    assertThat(longer.violation()).isEqualTo(new Reason.Limit(Bound.EVENT, 8));
  }

  @Test
  void anIdIsTakenUpToItsLimitInUtf8() {
    String longest = "é".repeat(50);
    Decoded taken = Decoded.everywhere(LIMIT, utf8("id: " + longest + "\ndata\n\n"));
    assertThat(taken.events()).extracting(Event::id).containsExactly(longest);
    Decoded longer =
        Decoded.everywhere(LIMIT, utf8("id: 1\ndata\n\nid: " + longest + "x\ndata\n\n"));
    assertThat(longer.events()).extracting(Event::id).containsExactly("1");
    assertThat(longer.violation()).isEqualTo(new Reason.Limit(Bound.EVENT_ID, 100));
  }

  @Test
  void aLineWithoutEndPassesTheLimit() {
    for (String line : List.of("data", ": a comment", "x")) {
      assertThat(Decoded.everywhere(20, utf8(line.repeat(21))).violation())
          .isEqualTo(new Reason.Limit(Bound.EVENT, 20));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"data\n", "id: 1\n", "x\r\n"})
  void linesWithoutEndPassTheLimit(String line) {
    assertThat(Decoded.everywhere(30, utf8(line.repeat(31))).violation())
        .isEqualTo(new Reason.Limit(Bound.EVENT, 30));
  }

  @Test
  void manyCommentsAreNoEvent() {
    assertThat(Decoded.of(10, utf8(": ping\n".repeat(100) + "data: a\n\n")).events())
        .containsExactly(message("a"));
  }

  @Test
  void manyEventsAreNoLargeOne() {
    assertThat(Decoded.of(10, utf8("data: a\n\n".repeat(1000))).events()).hasSize(1000);
  }

  @Property
  void howAStreamIsCutDoesNotMatter(
      @ForAll @Size(max = 12) List<@StringLength(max = 8) String> lines,
      @ForAll @IntRange(max = 5) int seed,
      @ForAll @Size(max = 6) List<@IntRange(max = 200) Integer> cuts) {
    String[] names = {"data: ", "id:", "event: ", "", ":", "retry: 1"};
    String[] ends = {"\n", "\r\n", "\r"};
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < lines.size(); i++) {
      text.append(names[(i * 5 + seed) % 6]).append(lines.get(i)).append(ends[(i + seed) % 3]);
      if ((i + seed) % 4 == 0) {
        text.append(ends[seed % 3]);
      }
    }
    byte[] stream = utf8(text.toString());
    int[] at =
        IntStream.concat(
                cuts.stream().mapToInt(cut -> Math.min(cut, stream.length)),
                IntStream.of(0, stream.length))
            .sorted()
            .toArray();
    byte[][] parts = new byte[at.length - 1][];
    for (int i = 0; i + 1 < at.length; i++) {
      parts[i] = Arrays.copyOfRange(stream, at[i], at[i + 1]);
    }
    assertThat(Decoded.of(64, parts)).isEqualTo(Decoded.of(64, stream));
  }

  // ---- floods

  private static final Reason FLOOD = new Reason.Limit(Bound.EMPTY_EVENTS, 1000);

  private static EventDecoder decoder() {
    return new EventDecoder(16 << 20, ID_LIMIT);
  }

  private static int decode(EventDecoder decoder, byte[] part) throws Violation {
    int[] taken = {0};
    decoder.decode(ByteBuffer.wrap(part), (id, type, data, retry) -> taken[0]++);
    return taken[0];
  }

  @ParameterizedTest
  @ValueSource(strings = {":\n", ": a comment\r\n", "\n", "\r", "id: 1\n\n", "event: a\n\n"})
  void aThousandCommentsOrEmptyEventsPassAndOneMoreIsAFlood(String each) {
    byte[] thousand = utf8(each.repeat(1000));
    byte[] more = utf8(each.repeat(1000) + (each.equals("\r") ? "\r\r" : each));
    for (int piece : new int[] {1, 2, 3, 1024, more.length}) {
      assertThat(violation(piece, thousand)).as("in pieces of %d", piece).isNull();
      assertThat(violation(piece, more)).as("in pieces of %d", piece).isEqualTo(FLOOD);
    }
  }

  private static @Nullable Reason violation(int piece, byte[] stream) {
    byte[][] parts = new byte[(stream.length + piece - 1) / piece][];
    for (int i = 0; i < parts.length; i++) {
      int to = Math.min(stream.length, (i + 1) * piece);
      parts[i] = Arrays.copyOfRange(stream, i * piece, to);
    }
    return Decoded.of(LIMIT, parts).violation();
  }

  @Test
  void aLongCommentCountsForItsLength() {
    byte[] comment = utf8(":" + "x".repeat(1 << 20) + "\n");
    EventDecoder decoder = decoder();
    int passed = 0;
    try {
      for (; passed < 1000; passed++) {
        decode(decoder, comment);
      }
    } catch (Violation v) {
      assertThat(v.reason()).isEqualTo(FLOOD);
    }
    assertThat(passed).isEqualTo(1000 / (1 + (1 << 20) / 4096));
  }

  @Test
  void aCommentEach15SecondsIsAHeartbeatForAWeek() throws Violation {
    EventDecoder decoder = decoder();
    for (long second = 1; second < 7 * 86_400; second += 15) {
      decoder.at(second * 1_000_000_000L, 0);
      assertThat(decode(decoder, utf8(": still here\n\n"))).isZero();
    }
  }

  @Test
  void aDaysCommentsComeAtOnceWhenNothingWasRead() throws Violation {
    EventDecoder decoder = decoder();
    decoder.at(1, 0);
    decode(decoder, utf8("data: a\n\n"));
    long later = 86_400 * 1_000_000_000L;
    decoder.at(later, later);
    assertThat(decode(decoder, utf8(":\n\n".repeat(86_400 / 15)))).isZero();
  }

  @Test
  void aCommentWithEachEventIsNoFlood() throws Violation {
    byte[] event = utf8(": the price of an apple\ndata: 1\n\n");
    EventDecoder decoder = decoder();
    for (int i = 0; i < 20_000; i++) {
      assertThat(decode(decoder, event)).isOne();
    }
  }
}
