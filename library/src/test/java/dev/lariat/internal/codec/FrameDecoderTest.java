package dev.lariat.internal.codec;

import static dev.lariat.internal.codec.ServerFrames.frame;
import static dev.lariat.internal.codec.ServerFrames.header;
import static dev.lariat.internal.codec.ServerFrames.hex;
import static dev.lariat.internal.codec.ServerFrames.join;
import static dev.lariat.internal.codec.ServerFrames.pattern;
import static dev.lariat.internal.codec.ServerFrames.ping;
import static dev.lariat.internal.codec.ServerFrames.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.CompositeByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameDecoderTest {
  private static final int MAX = 1 << 17;

  /**
   * One line of the catalogue.
   *
   * @param name begins with the section of RFC 6455
   */
  record Row(String name, byte[] input, List<Frame> frames, @Nullable Reason reason, int code) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Row good(String name, byte[] input, Frame... frames) {
    return new Row(name, input, List.of(frames), null, 0);
  }

  /** Broken in its last frame, behind a good one. */
  private static Row bad(String name, String section, String rule, byte[] input) {
    return new Row(
        name,
        join(text("ok"), input, text("never")),
        List.of(new Text("ok")),
        new Reason.Protocol(rule, "RFC 6455 section " + section),
        1002);
  }

  private static Row notUtf8(String name, byte[] input, Frame... before) {
    return new Row(
        name,
        join(input, text("never")),
        List.of(before),
        new Reason.Protocol("text is not UTF-8", "RFC 6455 section 8.1"),
        1007);
  }

  private static Row tooLarge(String name, byte[] input, Frame... before) {
    return new Row(
        name,
        join(input, text("never")),
        List.of(before),
        new Reason.Limit(Reason.Bound.MESSAGE, MAX),
        1009);
  }

  static Stream<Row> catalogue() {
    List<Row> rows = new ArrayList<>();
    Text hello = new Text("Hello");
    rows.add(good("5.7 a single-frame unmasked text message", hex("81 05 48 65 6c 6c 6f"), hello));
    rows.add(
        good("5.7 a fragmented unmasked text message", hex("01 03 48 65 6c 80 02 6c 6f"), hello));
    rows.add(
        good("5.7 an unmasked ping", hex("89 05 48 65 6c 6c 6f"), new Ping(Bytes.ofUtf8("Hello"))));
    rows.add(good("5.5.3 an unsolicited pong", hex("8a 01 2a"), new Pong(Bytes.wrap(hex("2a")))));
    rows.add(good("5.7 256 bytes of binary", frame(0x82, pattern(256)), binary(256)));
    rows.add(good("5.7 64 KiB of binary", frame(0x82, pattern(65536)), binary(65536)));
    for (int length : new int[] {0, 1, 125, 126, 127, 128, 65535, 65536, 65537}) {
      String ascii = "x".repeat(length);
      rows.add(
          good("5.2 binary of length " + length, frame(0x82, pattern(length)), binary(length)));
      rows.add(good("5.2 text of length " + length, text(ascii), new Text(ascii)));
      rows.add(
          good(
              "5.4 length " + length + " as a first and as a last fragment",
              join(
                  frame(0x02, pattern(length)),
                  frame(0x80),
                  frame(0x02),
                  frame(0x80, pattern(length))),
              binary(length),
              binary(length)));
    }
    rows.add(
        good(
            "5.5 a ping of 125 bytes",
            frame(0x89, pattern(125)),
            new Ping(Bytes.wrap(pattern(125)))));
    rows.add(
        good(
            "5.4 pings and pongs between the fragments of a message, in a character of it",
            join(
                frame(0x01, hex("e2")),
                ping("a"),
                frame(0x00, hex("82")),
                hex("8a 00"),
                hex("00 00"),
                ping(""),
                frame(0x80, hex("ac"))),
            new Ping(Bytes.ofUtf8("a")),
            new Pong(Bytes.EMPTY),
            new Ping(Bytes.EMPTY),
            new Text("€")));
    rows.add(
        good(
            "5.4 only empty fragments",
            hex("01 00 00 00 80 00 02 00 80 00"),
            new Text(""),
            binary(0)));
    rows.add(
        good(
            "5.5.1 nothing counts behind a close frame",
            join(text("a"), hex("88 02 03 e8"), text("never"), hex("ff ff")),
            new Text("a"),
            Close.NORMAL));
    rows.add(good("5.5.1 a close frame without a code", hex("88 00"), Close.EMPTY));
    rows.add(
        good(
            "5.5.1 a close frame with 123 bytes of text",
            ServerFrames.close(4999, "é".repeat(61) + "!"),
            new Close(4999, "é".repeat(61) + "!")));
    rows.add(
        good(
            "5.5.1 a close frame inside a fragmented text, in a character of it",
            join(frame(0x01, hex("e2 82")), ServerFrames.close(1001, "€")),
            new Close(1001, "€")));
    rows.add(good("8.1 U+FFFD itself", text("a\uFFFDb"), new Text("a\uFFFDb")));
    rows.add(
        good(
            "8.1 U+FFFD itself in fragments",
            join(frame(0x01, hex("ef bf")), frame(0x80, hex("bd"))),
            new Text("\uFFFD")));
    rows.add(
        good(
            "8.1 the first and last character of each length, and U+FFFF",
            text("\0\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\ud800\udc00\udbff\udfff"),
            new Text("\0\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff\ud800\udc00\udbff\udfff")));
    rows.add(good("5.2 a message of the largest size", frame(0x82, pattern(MAX)), binary(MAX)));
    rows.add(
        good(
            "5.4 fragments of the largest size together",
            join(frame(0x02, pattern(MAX)), frame(0x80)),
            binary(MAX)));

    String reserved = "a frame has reserved bits set";
    for (int bits = 1; bits < 8; bits++) {
      rows.add(
          bad("5.2 reserved bits " + bits + " of text", "5.2", reserved, hex2(0x81 | bits << 4)));
      rows.add(
          bad("5.2 reserved bits " + bits + " of a ping", "5.2", reserved, hex2(0x89 | bits << 4)));
    }
    for (int opcode : new int[] {3, 4, 5, 6, 7, 0xb, 0xc, 0xd, 0xe, 0xf}) {
      String rule = "a frame has the reserved opcode " + opcode;
      rows.add(bad("5.2 opcode " + opcode, "5.2", rule, hex2(0x80 | opcode)));
      rows.add(bad("5.2 opcode " + opcode + " as a fragment", "5.2", rule, hex2(opcode)));
    }
    String minimal = "a frame's length does not use the fewest bytes";
    String tooLong = "a control frame has an extended length, but at most 125 bytes are allowed";
    for (int first : new int[] {0x81, 0x82, 0x01, 0x89}) {
      String rule = first == 0x89 ? tooLong : minimal;
      String section = first == 0x89 ? "5.5" : "5.2";
      for (int length : new int[] {0, 1, 125}) {
        rows.add(
            bad(
                section + " %02x of length %d in two bytes".formatted(first, length),
                section,
                rule,
                join(new byte[] {(byte) first, 126, 0, (byte) length}, pattern(length))));
      }
      for (int length : new int[] {0, 125, 126, 65535}) {
        rows.add(
            bad(
                section + " %02x of length %d in eight bytes".formatted(first, length),
                section,
                rule,
                join(
                    new byte[] {(byte) first, 127, 0, 0, 0, 0, 0, 0},
                    new byte[] {(byte) (length >> 8), (byte) length},
                    pattern(length))));
      }
    }
    String highest = "a frame's length has its highest bit set";
    rows.add(
        bad("5.2 the length's highest bit", "5.2", highest, hex("81 7f 80 00 00 00 00 00 00 00")));
    rows.add(
        bad("5.2 every bit of the length", "5.2", highest, hex("82 7f ff ff ff ff ff ff ff ff")));
    rows.add(
        bad(
            "5.2 the highest bit of a fragment's length",
            "5.2",
            highest,
            hex("01 7f ff ff ff ff ff ff ff ff")));
    String masked = "the server masked a frame";
    rows.add(bad("5.1 a masked text", "5.1", masked, hex("81 85 37 fa 21 3d 7f 9f 4d 51 58")));
    rows.add(bad("5.1 a masked empty text", "5.1", masked, hex("81 80 00 00 00 00")));
    rows.add(bad("5.1 a masked ping", "5.1", masked, hex("89 80 00 00 00 00")));
    rows.add(bad("5.1 a masked close", "5.1", masked, hex("88 82 00 00 00 00 03 e8")));
    rows.add(
        bad(
            "5.1 a masked text of 126 bytes",
            "5.1",
            masked,
            join(hex("81 fe 00 7e 01 02 03 04"), pattern(126))));
    rows.add(
        bad(
            "5.1 a masked text of 64 KiB",
            "5.1",
            masked,
            join(hex("81 ff 00 00 00 00 00 01 00 00 01 02 03 04"), pattern(65536))));
    String fragmented = "a control frame is fragmented";
    rows.add(bad("5.5 a fragmented ping", "5.5", fragmented, hex("09 00")));
    rows.add(bad("5.5 a fragmented pong", "5.5", fragmented, hex("0a 00")));
    rows.add(bad("5.5 a fragmented close", "5.5", fragmented, hex("08 02 03 e8")));
    for (int first : new int[] {0x88, 0x89, 0x8a}) {
      rows.add(
          bad(
              "5.5 %02x of 126 bytes".formatted(first),
              "5.5",
              tooLong,
              frame(first, pattern(126))));
      rows.add(
          bad("5.5 %02x of 64 KiB".formatted(first), "5.5", tooLong, frame(first, pattern(65536))));
    }
    String continuesNothing = "a continuation frame continues nothing";
    rows.add(bad("5.4 a last fragment first", "5.4", continuesNothing, hex("80 00")));
    rows.add(bad("5.4 a middle fragment first", "5.4", continuesNothing, hex("00 00")));
    rows.add(
        bad("5.4 a last fragment twice", "5.4", continuesNothing, hex("80 01 61"))); // behind "ok"
    String inside = "a new message begins inside a fragmented one";
    for (int first : new int[] {0x01, 0x02, 0x81, 0x82}) {
      rows.add(
          bad(
              "5.4 %02x inside a fragmented message".formatted(first),
              "5.4",
              inside,
              join(hex("01 01 61"), frame(first, (byte) 'b'))));
    }
    rows.add(
        bad(
            "5.5.1 a close frame of one byte",
            "5.5.1",
            "a close frame's payload is one byte long",
            hex("88 01 03")));

    rows.add(
        notUtf8(
            "8.1 a text that is not UTF-8, behind frames",
            join(text("a"), ping("b"), frame(0x81, hex("ff"))),
            new Text("a"),
            new Ping(Bytes.ofUtf8("b"))));
    rows.add(notUtf8("8.1 U+FFFD and then what is not UTF-8", frame(0x81, hex("ef bf bd 80"))));
    rows.add(notUtf8("8.1 the text of a close frame", join(header(0x88, 4), hex("03 e8 c3 28"))));
    rows.add(
        notUtf8(
            "8.1 the text of a close frame, cut in a character",
            join(header(0x88, 4), hex("03 e8 e2 82"))));
    rows.add(
        notUtf8(
            "8.1 a character that the last fragment does not complete",
            join(frame(0x01, hex("e2 82")), frame(0x80))));
    rows.add(
        notUtf8(
            "8.1 a character that the next fragment does not continue",
            join(frame(0x01, hex("e2 82")), frame(0x00, hex("28")))));

    rows.add(tooLarge("5.2 one byte past the limit", frame(0x82, pattern(MAX + 1))));
    rows.add(tooLarge("5.2 one byte past the limit, as text", frame(0x81, new byte[MAX + 1])));
    rows.add(
        tooLarge(
            "5.2 the largest length there is",
            join(text("a"), hex("82 7f 7f ff ff ff ff ff ff ff")),
            new Text("a")));
    rows.add(tooLarge("5.2 4 GiB", hex("82 7f 00 00 00 01 00 00 00 00")));
    rows.add(
        tooLarge(
            "5.4 one byte past the limit by fragments",
            join(frame(0x02, pattern(MAX)), frame(0x80, (byte) 0))));
    rows.add(
        tooLarge(
            "5.4 the largest length there is as a fragment",
            join(frame(0x02, (byte) 0), hex("80 7f 7f ff ff ff ff ff ff ff"))));
    return rows.stream();
  }

  private static byte[] hex2(int first) {
    return new byte[] {(byte) first, 0};
  }

  private static Binary binary(int length) {
    return new Binary(Bytes.wrap(pattern(length)));
  }

  private static void assertRow(Row row, Decoded decoded) {
    assertThat(decoded).isEqualTo(new Decoded(row.frames, row.reason, row.code));
  }

  @ParameterizedTest
  @MethodSource("catalogue")
  void aWholeInputGivesItsFrames(Row row) {
    assertRow(row, Decoded.of(row.input, MAX, null));
  }

  @ParameterizedTest
  @MethodSource("catalogue")
  void everyCutOfTheInputGivesTheSame(Row row) {
    places(row.input.length).forEach(cut -> assertRow(row, Decoded.of(row.input, MAX, null, cut)));
  }

  private static IntStream places(int length) {
    return length < 1000
        ? IntStream.rangeClosed(0, length)
        : IntStream.concat(IntStream.range(0, 40), IntStream.rangeClosed(length - 20, length));
  }

  @ParameterizedTest
  @MethodSource("catalogue")
  void anInputByteByByteGivesTheSame(Row row) {
    Decoded.Run run = new Decoded.Run(MAX, null);
    ByteBuf octets = Unpooled.wrappedBuffer(row.input);
    while (octets.isReadable()) {
      run.feed(octets.readRetainedSlice(1));
    }
    assertRow(row, run.result());
  }

  @ParameterizedTest
  @MethodSource("catalogue")
  void partsGiveTheSameHoweverTheInputIsCutButHaveNoLimit(Row row) {
    boolean limited = row.reason instanceof Reason.Limit;
    places(row.input.length)
        .mapToObj(cut -> Decoded.inParts(row.input, null, cut))
        .forEach(
            decoded -> {
              if (limited) {
                assertThat(decoded.reason()).isNull();
              } else {
                assertRow(row, decoded);
              }
            });
  }

  @ParameterizedTest
  @MethodSource("catalogue")
  void everyKindOfBufferGivesTheSame(Row row) {
    int half = row.input.length / 2;
    CompositeByteBuf composite = Unpooled.compositeBuffer();
    composite.addComponent(true, Unpooled.wrappedBuffer(row.input, 0, half));
    composite.addComponent(
        true, Unpooled.directBuffer().writeBytes(row.input, half, row.input.length - half));
    ByteBuf offset = Unpooled.buffer().writeZero(3).writeBytes(row.input).skipBytes(3);
    ByteBuf single = Unpooled.compositeBuffer().addComponent(true, offset.retainedSlice());
    for (ByteBuf buffer :
        List.of(
            Unpooled.directBuffer().writeZero(5).writeBytes(row.input).skipBytes(5),
            composite,
            offset,
            single)) {
      Decoded.Run run = new Decoded.Run(MAX, null);
      run.feed(buffer);
      assertRow(row, run.result());
    }
  }

  @Test
  void anEmptyBufferChangesNothing() {
    Decoded.Run run = new Decoded.Run(MAX, null);
    run.feed(Unpooled.compositeBuffer());
    run.feed(Unpooled.buffer(0));
    run.feed(text("a"));
    assertThat(run.result().frames()).containsExactly(new Text("a"));
  }

  // ---- RFC 6455 section 7.4

  @Test
  void everyCloseCodeIsAllowedOrRefused() {
    for (int code = 0; code <= 0xffff; code++) {
      boolean allowed =
          code >= 1000 && code <= 1003
              || code >= 1007 && code <= 1014
              || code >= 3000 && code <= 4999;
      Decoded expected =
          allowed
              ? new Decoded(List.of(new Close(code, "")), null, 0)
              : new Decoded(
                  List.of(),
                  new Reason.Protocol("a close frame has the code " + code, "RFC 6455 section 7.4"),
                  1002);
      byte[] frame = ServerFrames.close(code, "");
      assertThat(Decoded.of(frame)).isEqualTo(expected);
      assertThat(Decoded.of(frame, MAX, null, 3)).isEqualTo(expected);
    }
  }

  @Test
  void aWrongCloseCodeFailsBeforeItsText() {
    Decoded.Run run = new Decoded.Run(MAX, null);
    run.feed(hex("88 50 03"));
    assertThat(run.failed()).isFalse();
    run.feed(hex("ed"));
    assertThat(run.failed()).isTrue();
  }

  // ---- as early as possible

  /** Markus Kuhn's classes, each with the place of the first octet that cannot be continued. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "continuation alone: |80",
        "last continuation alone: |bf",
        "continuation behind a character: c3 a9 |80",
        "FE: |fe",
        "FF: |ff",
        "overlong of 2 octets: |c0 af",
        "last overlong of 2 octets: |c1 bf",
        "overlong of 3 octets: e0 |80 af",
        "last overlong of 3 octets: e0 |9f bf",
        "overlong of 4 octets: f0 |80 80 af",
        "last overlong of 4 octets: f0 |8f bf bf",
        "5 octets: |f8 88 80 80 80",
        "6 octets: |fc 84 80 80 80 80",
        "first high surrogate: ed |a0 80",
        "last high surrogate: ed |af bf",
        "first low surrogate: ed |b0 80",
        "last low surrogate: ed |bf bf",
        "surrogate pair: ed |a0 80 ed b0 80",
        "past U+10FFFF: f4 |90 80 80",
        "far past U+10FFFF: |f5 80 80 80",
        "2 octets cut by ASCII: c3 |41",
        "3 octets cut by ASCII: e2 82 |41",
        "4 octets cut by ASCII: f0 9f 92 |41",
        "2 octets cut by another: c3 |c3 a9",
        "4 octets cut by another: f0 9f |e2 82 ac",
        "behind ASCII of more than eight: 61 61 61 61 61 61 61 61 61 61 61 61 61 |c0 80",
      })
  void textFailsAtTheFirstOctetThatCannotBeContinued(String row) {
    String octets = row.substring(row.indexOf(':') + 2);
    int before = octets.substring(0, octets.indexOf('|')).replace(" ", "").length() / 2;
    byte[] payload = hex(octets.replace("|", ""));
    for (byte[] start :
        List.of(
            header(0x81, 100),
            header(0x01, 100),
            join(hex("01 01 61"), header(0x80, 100)),
            hex("88 64 03 e8"))) {
      for (boolean inParts : new boolean[] {false, true}) {
        Decoded.Run run = new Decoded.Run(MAX, inParts, Long.MAX_VALUE, null);
        run.feed(start);
        for (int i = 0; i < before; i++) {
          run.feed(payload[i]);
          assertThat(run.failed()).isFalse();
        }
        run.feed(payload[before]);
        assertThat(run.result().closeCode()).isEqualTo(1007);
      }
    }
    assertThat(Decoded.of(frame(0x81, payload)).closeCode()).isEqualTo(1007);
    assertThat(Decoded.inParts(frame(0x81, payload), null).closeCode()).isEqualTo(1007);
  }

  @ParameterizedTest
  @ValueSource(strings = {"c3", "e2", "e2 82", "f0", "f0 9f", "f0 9f 92"})
  void textThatEndsInACharacterFailsAtItsEnd(String octets) {
    for (String before : List.of("", "61", "c3 a9", "61 61 61 61 61 61 61 61")) {
      byte[] frame = frame(0x81, hex(before + octets));
      for (int cut = 0; cut < frame.length; cut++) {
        assertThat(Decoded.of(frame, MAX, null, cut).closeCode()).isEqualTo(1007);
        assertThat(Decoded.inParts(frame, null, cut).closeCode()).isEqualTo(1007);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0x83, 0x8b, 0x91, 0xc1, 0x09, 0x80, 0x00})
  void aWrongFirstOctetFailsAlone(int first) {
    Decoded.Run run = new Decoded.Run(MAX, null);
    run.feed((byte) first);
    assertThat(run.failed()).isTrue();
  }

  @Test
  void aWrongHeaderFailsBeforeItsPayload() {
    for (String header :
        List.of("81 80", "89 7e 00 7e", "82 7e 00 05", "82 7f 00 00 00 00 00 02 00 01")) {
      assertThat(Decoded.of(hex(header), MAX, null).reason()).as(header).isNotNull();
    }
  }

  // ---- memory

  @Test
  void aDeclaredLengthIsNotAllocated() {
    byte[] largest = join(header(0x82, 16 << 20), pattern(10));
    byte[] fragments =
        join(header(0x02, 10), pattern(10), header(0x80, (16 << 20) - 10), pattern(10));
    byte[] beyond = join(header(0x82, Integer.MAX_VALUE), pattern(10));
    byte[] compressed = join(header(0xc2, Integer.MAX_VALUE), hex("f2 48"));
    DeflateTerms terms = new DeflateTerms(false, false, 15, 15);
    long before = allocated();
    Decoded.of(largest, 16 << 20, null, 12);
    Decoded.of(fragments, 16 << 20, null);
    Decoded.of(beyond, 16 << 20, null);
    Decoded.of(compressed, 16 << 20, terms);
    assertThat(allocated() - before).isLessThan(1 << 20);
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  @Test
  void aLargeMessageInSmallPiecesIsJoined() {
    byte[] payload = pattern(3 << 20);
    Decoded.Run run = new Decoded.Run(16 << 20, null);
    run.feed(header(0x82, payload.length));
    for (int at = 0; at < payload.length; at += 7001) {
      run.feed(Arrays.copyOfRange(payload, at, Math.min(payload.length, at + 7001)));
    }
    assertThat(run.result().frames()).containsExactly(new Binary(Bytes.wrap(payload)));
  }

  // ---- the end

  @Test
  void aReleasedDecoderTakesNothing() {
    Decoded.Run run = new Decoded.Run(MAX, null);
    run.feed(frame(0x01, (byte) 'a'));
    run.decoder.release();
    run.feed(frame(0x80, (byte) 'b'));
    assertThat(run.result().frames()).isEmpty();
  }

  // ---- random messages, randomly cut

  @Property(tries = 300)
  void randomMessagesAreTheSameHoweverTheyAreCut(
      @ForAll("messages") List<Sent> sent,
      @ForAll List<@net.jqwik.api.constraints.IntRange(max = 100_000) Integer> places) {
    byte[] input = join(sent.stream().map(Sent::octets).toArray(byte[][]::new));
    List<Frame> frames = sent.stream().flatMap(message -> message.frames.stream()).toList();
    int[] cuts = places.stream().mapToInt(place -> place % (input.length + 1)).sorted().toArray();
    assertThat(Decoded.of(input, MAX, null, cuts)).isEqualTo(new Decoded(frames, null, 0));
  }

  record Sent(byte[] octets, List<Frame> frames) {}

  @Provide
  Arbitrary<List<Sent>> messages() {
    Arbitrary<Sent> texts =
        Combinators.combine(Arbitraries.strings().ofMaxLength(200), fragmentCuts())
            .as(
                (string, cuts) -> {
                  String valid =
                      new String(string.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
                  return fragments(
                      1, valid.getBytes(StandardCharsets.UTF_8), new Text(valid), cuts);
                });
    Arbitrary<Sent> binaries =
        Combinators.combine(Arbitraries.integers().between(0, 70_000), fragmentCuts())
            .as((length, cuts) -> fragments(2, pattern(length), binary(length), cuts));
    Arbitrary<Sent> pings =
        Arbitraries.integers()
            .between(0, 125)
            .map(n -> new Sent(frame(0x89, pattern(n)), List.of(new Ping(Bytes.wrap(pattern(n))))));
    return Arbitraries.oneOf(texts, binaries, pings).list().ofMaxSize(8);
  }

  private static Arbitrary<List<Integer>> fragmentCuts() {
    return Arbitraries.integers().between(0, 70_000).list().ofMaxSize(3);
  }

  private static Sent fragments(int opcode, byte[] payload, Frame whole, List<Integer> places) {
    int[] cuts = places.stream().mapToInt(place -> place % (payload.length + 1)).sorted().toArray();
    List<byte[]> parts = new ArrayList<>();
    List<Frame> frames = new ArrayList<>();
    int from = 0;
    int first = opcode;
    for (int cut : cuts) {
      parts.add(frame(first, Arrays.copyOfRange(payload, from, cut)));
      parts.add(ping("between"));
      frames.add(new Ping(Bytes.ofUtf8("between")));
      first = 0;
      from = cut;
    }
    parts.add(frame(0x80 | first, Arrays.copyOfRange(payload, from, payload.length)));
    frames.add(whole);
    return new Sent(join(parts.toArray(byte[][]::new)), frames);
  }
}
