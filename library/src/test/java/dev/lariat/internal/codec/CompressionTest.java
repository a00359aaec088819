package dev.lariat.internal.codec;

import static dev.lariat.internal.codec.ServerFrames.frame;
import static dev.lariat.internal.codec.ServerFrames.hex;
import static dev.lariat.internal.codec.ServerFrames.join;
import static dev.lariat.internal.codec.ServerFrames.pattern;
import static dev.lariat.internal.codec.ServerFrames.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
  private static final DeflateTerms TAKEOVER = new DeflateTerms(false, false, 15);
  private static final DeflateTerms NO_TAKEOVER = new DeflateTerms(true, true, 15);
  private static final int MAX = 4 << 20;
  private static final byte[] SCRATCH = new byte[64];

  /** A server's sending half, by hand: RFC 7692 section 7.2.1. */
  static byte[] deflated(Deflater deflater, byte[] message) {
    deflater.setInput(message);
    byte[] room = new byte[2 * message.length + 100];
    int length = deflater.deflate(room, 0, room.length, Deflater.SYNC_FLUSH);
    return length == 0 ? new byte[1] : Arrays.copyOf(room, length - 4);
  }

  static byte[] deflated(byte[] message) {
    Deflater deflater = new Deflater(9, true);
    try {
      return deflated(deflater, message);
    } finally {
      deflater.end();
    }
  }

  private static byte[] deflated(String text) {
    return deflated(utf8(text));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** The input gives this at every cut. */
  private static void assertDecodes(byte[] input, Frame... frames) {
    assertDecodes(new Decoded(List.of(frames), null, 0), input);
  }

  private static void assertDecodes(Decoded expected, byte[] input) {
    assertThat(Decoded.of(input, MAX, TAKEOVER)).isEqualTo(expected);
    for (int cut = 0; cut <= input.length; cut += 1 + input.length / 300) {
      assertThat(Decoded.of(input, MAX, TAKEOVER, cut)).as("cut at %d", cut).isEqualTo(expected);
      assertThat(Decoded.inParts(input, TAKEOVER, cut)).as("in parts").isEqualTo(expected);
    }
    Decoded.Run run = new Decoded.Run(MAX, new Inflation(TAKEOVER, 300));
    for (byte octet : input) {
      run.feed(octet);
    }
    run.decoder.release();
    assertThat(run.result()).isEqualTo(expected);
  }

  private static Decoded protocol(int code, String section, String rule, Frame... before) {
    return new Decoded(List.of(before), new Reason.Protocol(rule, section), code);
  }

  // ---- RFC 7692 section 7.2.3: its examples

  @Test
  void rfc7692_7231_aMessageInOneBlock() {
    assertDecodes(hex("c1 07 f2 48 cd c9 c9 07 00"), new Text("Hello"));
  }

  @Test
  void rfc7692_7231_aMessageInTwoFragments() {
    assertDecodes(hex("41 03 f2 48 cd 80 04 c9 c9 07 00"), new Text("Hello"));
  }

  @Test
  void rfc7692_7232_theWindowIsSharedByMessages() {
    assertDecodes(
        hex("c1 07 f2 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00"),
        new Text("Hello"),
        new Text("Hello"));
  }

  @Test
  void rfc7692_7233_aBlockWithoutCompression() {
    assertDecodes(hex("c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 00"), new Text("Hello"));
  }

  @Test
  void rfc7692_7234_aBlockWithBfinal() {
    assertDecodes(
        hex("c1 08 f3 48 cd c9 c9 07 00 00 c1 07 f2 48 cd c9 c9 07 00"),
        new Text("Hello"),
        new Text("Hello"));
  }

  @Test
  void rfc7692_7234_blocksBehindABlockWithBfinal() {
    assertDecodes(
        hex("c1 0f f3 48 cd c9 c9 07 00 f3 48 cd c9 c9 07 00 00 81 01 61"),
        new Text("HelloHello"),
        new Text("a"));
  }

  @Test
  void rfc7692_7235_twoBlocksInOneMessage() {
    assertDecodes(hex("c1 0d f2 48 05 00 00 00 ff ff ca c9 c9 07 00"), new Text("Hello"));
  }

  @Test
  void rfc7692_7236_anEmptyMessage() {
    assertDecodes(
        hex("c1 01 00 c2 01 00 c1 07 f2 48 cd c9 c9 07 00"),
        new Text(""),
        new Binary(Bytes.EMPTY),
        new Text("Hello"));
  }

  @Test
  void anEmptyMessageInEmptyFragments() {
    assertDecodes(hex("41 00 00 01 00 80 00"), new Text(""));
  }

  @Test
  void compressedAndPlainMessagesAlternate() {
    assertDecodes(
        join(text("a"), frame(0xc1, deflated("bb")), text("c"), frame(0xc2, deflated("dd"))),
        new Text("a"),
        new Text("bb"),
        new Text("c"),
        new Binary(Bytes.utf8("dd")));
  }

  @Test
  void aPingMayComeInsideACompressedMessage() {
    assertDecodes(
        hex("41 03 f2 48 cd 89 01 70 80 04 c9 c9 07 00"),
        new Ping(Bytes.utf8("p")),
        new Text("Hello"));
  }

  @Test
  void charactersMayBeCutByFragmentsOfACompressedMessage() {
    String text = "€uro, 💶 and U+FFFD: \uFFFD".repeat(20);
    byte[] payload = deflated(text);
    for (int cut = 0; cut <= payload.length; cut += 3) {
      byte[] input =
          join(
              frame(0x41, Arrays.copyOf(payload, cut)),
              frame(0x80, Arrays.copyOfRange(payload, cut, payload.length)));
      assertDecodes(input, new Text(text));
    }
  }

  // ---- what is refused

  @ParameterizedTest
  @ValueSource(strings = {"c9 00", "ca 00", "c8 02 03 e8"})
  void rfc7692_61_controlFramesAreNotCompressed(String frame) {
    String rule = "a frame that does not begin a message is marked as compressed";
    assertDecodes(
        protocol(1002, "RFC 7692 section 6.1", rule, new Text("a")), join(text("a"), hex(frame)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"c0 04 c9 c9 07 00", "40 00"})
  void rfc7692_61_continuationsAreNotMarked(String frame) {
    String rule = "a frame that does not begin a message is marked as compressed";
    assertDecodes(
        protocol(1002, "RFC 7692 section 6.1", rule), join(hex("41 03 f2 48 cd"), hex(frame)));
  }

  @Test
  void rsv1WithoutAnAgreementIsRefused() {
    byte[] input = join(text("a"), hex("c1 07 f2 48 cd c9 c9 07 00"));
    assertThat(Decoded.of(input))
        .isEqualTo(
            protocol(1002, "RFC 6455 section 5.2", "a frame has reserved bits set", new Text("a")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ff ff ff ff", // the reserved block type
        "07 00", // the reserved block type, smallest
        "00 05 00 fa fe 48 65 6c 6c 6f 00", // NLEN is not the complement of LEN
        "f2 00 11 00 00", // a distance past the window's begin
        "ed fd 01 01 00 00", // code lengths that are over-subscribed
      })
  void rfc7692_722_corruptDataIsInvalid(String payload) {
    assertDecodes(
        protocol(
            1007, "RFC 7692 section 7.2.2", "a compressed message does not inflate", new Text("a")),
        join(text("a"), frame(0xc1, hex(payload)), text("never")));
  }

  @Test
  void garbageBehindTheLastBlockIsInvalid() {
    byte[] payload = join(hex("f3 48 cd c9 c9 07 00"), hex("ff ff"));
    assertThat(Decoded.of(frame(0xc1, payload), MAX, TAKEOVER).closeCode()).isEqualTo(1007);
  }

  @Test
  void inflatedTextIsCheckedAsUtf8() {
    byte[] invalid = join(utf8("valid"), hex("ed a0 80"));
    assertDecodes(
        protocol(1007, "RFC 6455 section 8.1", "text is not UTF-8"),
        frame(0xc1, deflated(invalid)));
    assertDecodes(
        new Decoded(List.of(new Binary(invalid)), null, 0), frame(0xc2, deflated(invalid)));
    assertDecodes(
        protocol(1007, "RFC 6455 section 8.1", "text is not UTF-8"),
        frame(0xc1, deflated(hex("61 e2 82"))));
  }

  @Test
  void withoutContextTakeoverAnEarlierWindowIsGone() {
    byte[] input = hex("c1 07 f2 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00");
    Decoded decoded = Decoded.of(input, MAX, NO_TAKEOVER);
    assertThat(decoded.frames()).containsExactly(new Text("Hello"));
    assertThat(decoded.closeCode()).isEqualTo(1007);
  }

  // ---- bombs

  @Test
  void aMessageOfTheLargestInflatedSizePassesAndOneByteMoreDoesNot() {
    for (int max : new int[] {1, 1023, 1024, 1025, 70_000}) {
      byte[] exact = pattern(max);
      byte[] more = pattern(max + 1);
      assertThat(Decoded.of(frame(0xc2, deflated(exact)), max, TAKEOVER))
          .isEqualTo(new Decoded(List.of(new Binary(exact)), null, 0));
      Decoded limited = new Decoded(List.of(), new Reason.Limit(Reason.Bound.MESSAGE, max), 1009);
      assertThat(Decoded.of(frame(0xc2, deflated(more)), max, TAKEOVER)).isEqualTo(limited);
      byte[] payload = deflated(more);
      byte[] fragments =
          join(
              frame(0x42, Arrays.copyOf(payload, payload.length / 2)),
              frame(0x80, Arrays.copyOfRange(payload, payload.length / 2, payload.length)));
      assertThat(Decoded.of(fragments, max, TAKEOVER)).isEqualTo(limited);
    }
  }

  @Test
  void aBombIsStoppedByItsRatioLongBeforeItsSize() {
    byte[] payload = deflated(new byte[64 << 20]);
    Decoded.Run run = new Decoded.Run(Integer.MAX_VALUE - 64, new Inflation(TAKEOVER, 300));
    run.feed(frame(0xc2, payload));
    run.decoder.release();
    assertThat(run.result())
        .isEqualTo(new Decoded(List.of(), new Reason.Limit(Reason.Bound.INFLATE_RATIO, 300), 1009));
  }

  @Test
  void theRatioSaysNothingAboutAShortMessage() {
    byte[] letters = new byte[Inflation.RATIO_FROM];
    byte[] payload = deflated(letters);
    assertThat(Decoded.of(frame(0xc2, payload), MAX, TAKEOVER).frames())
        .containsExactly(new Binary(letters));
    byte[] more = deflated(new byte[Inflation.RATIO_FROM + 1]);
    assertThat(Decoded.of(frame(0xc2, more), MAX, TAKEOVER).reason())
        .isEqualTo(new Reason.Limit(Reason.Bound.INFLATE_RATIO, 300));
  }

  @Test
  void aRatioAtTheLimitPassesAndOnePastDoesNot() {
    byte[] message = new byte[Inflation.RATIO_FROM + 400_000];
    byte[] payload = deflated(message);
    int ratio = (message.length + payload.length - 1) / payload.length;
    for (int limit : new int[] {ratio, ratio - 1}) {
      Decoded.Run run = new Decoded.Run(MAX, new Inflation(TAKEOVER, limit));
      run.feed(frame(0xc2, payload));
      run.decoder.release();
      assertThat(run.failed()).as("limit %d", limit).isEqualTo(limit < ratio);
    }
  }

  @Test
  void theRatioIsCountedForEachMessageAlone() {
    byte[] random = new byte[Inflation.RATIO_FROM + 500_000];
    new Random(1).nextBytes(random);
    Decoded.Run run = new Decoded.Run(MAX, new Inflation(TAKEOVER, 300));
    Deflater server = new Deflater(9, true);
    run.feed(frame(0xc2, deflated(server, random)));
    run.feed(frame(0xc2, deflated(server, new byte[Inflation.RATIO_FROM + 500_000])));
    server.end();
    run.decoder.release();
    assertThat(run.result().frames()).hasSize(1);
    assertThat(run.result().reason()).isInstanceOf(Reason.Limit.class);
  }

  // ---- round trips

  @Property(tries = 200)
  void whatIsDeflatedInflates(
      @ForAll @Size(max = 5) List<@Size(max = 3000) String> strings,
      @ForAll boolean takeover,
      @ForAll @IntRange(max = 5000) int place) {
    DeflateTerms terms = takeover ? TAKEOVER : NO_TAKEOVER;
    Deflation deflation = new Deflation(terms);
    List<byte[]> frames = new ArrayList<>();
    List<Frame> messages = new ArrayList<>();
    for (String string : strings) {
      byte[] octets = utf8(string);
      frames.add(frame(0xc1, octets(deflation.deflate(ByteBuffer.wrap(octets), SCRATCH))));
      messages.add(new Text(new String(octets, StandardCharsets.UTF_8)));
    }
    deflation.release();
    byte[] input = join(frames.toArray(byte[][]::new));
    assertThat(Decoded.of(input, MAX, terms, place % (input.length + 1)))
        .isEqualTo(new Decoded(messages, null, 0));
  }

  private static byte[] octets(ByteBuffer buffer) {
    byte[] octets = new byte[buffer.remaining()];
    buffer.get(octets);
    return octets;
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsDeflatedInflatesByHand(boolean takeover) throws DataFormatException {
    Random random = new Random(2);
    Deflation deflation = new Deflation(takeover ? TAKEOVER : NO_TAKEOVER);
    Inflater server = new Inflater(true);
    for (int i = 0; i < 300; i++) {
      byte[] message = random(random);
      ByteBuffer view = ByteBuffer.wrap(join(new byte[3], message)).position(3).asReadOnlyBuffer();
      byte[] compressed = octets(deflation.deflate(view, new byte[1 + random.nextInt(200)]));
      assertThat(view.position()).isEqualTo(3);
      if (!takeover) {
        server.reset();
      }
      assertThat(inflated(server, join(compressed, hex("00 00 ff ff")))).isEqualTo(message);
    }
    deflation.release();
    server.end();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsDeflatedByHandInflates(boolean takeover) {
    Random random = new Random(3);
    Deflater server = new Deflater(6, true);
    Decoded.Run run = new Decoded.Run(MAX, new Inflation(takeover ? TAKEOVER : NO_TAKEOVER, 300));
    List<Frame> expected = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      byte[] message = random(random);
      expected.add(new Binary(message));
      if (!takeover) {
        server.reset();
      }
      run.feed(frame(0xc2, deflated(server, message)));
    }
    server.end();
    run.decoder.release();
    assertThat(run.result()).isEqualTo(new Decoded(expected, null, 0));
  }

  /** Random, but with something to find for a deflater, in the window's size and past it. */
  private static byte[] random(Random random) {
    byte[] octets =
        new byte[random.nextInt(8) == 0 ? random.nextInt(100_000) : random.nextInt(300)];
    for (int i = 0; i < octets.length; i++) {
      octets[i] = (byte) (random.nextInt(10) < 7 && i > 40 ? octets[i - 40] : random.nextInt());
    }
    return octets;
  }

  private static byte[] inflated(Inflater inflater, byte[] input) throws DataFormatException {
    inflater.setInput(input);
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    byte[] room = new byte[1000];
    int count;
    while ((count = inflater.inflate(room)) > 0) {
      whole.write(room, 0, count);
    }
    return whole.toByteArray();
  }

  @Test
  void rfc7692_7236_anEmptyMessageIsDeflatedToOneByte() {
    for (DeflateTerms terms : List.of(TAKEOVER, NO_TAKEOVER)) {
      Deflation deflation = new Deflation(terms);
      assertThat(octets(deflation.deflate(ByteBuffer.allocate(0), SCRATCH))).isEqualTo(hex("00"));
      deflation.deflate(ByteBuffer.wrap(utf8("Hello")), SCRATCH);
      assertThat(octets(deflation.deflate(ByteBuffer.allocate(0), SCRATCH))).isEqualTo(hex("00"));
      deflation.release();
    }
  }

  @Test
  void theWindowIsKeptOnlyWhereItMayBe() {
    String text = "the quick brown fox";
    Deflation keeps = new Deflation(TAKEOVER);
    Deflation forgets = new Deflation(NO_TAKEOVER);
    int first = keeps.deflate(ByteBuffer.wrap(utf8(text)), SCRATCH).remaining();
    assertThat(keeps.deflate(ByteBuffer.wrap(utf8(text)), SCRATCH).remaining()).isLessThan(first);
    forgets.deflate(ByteBuffer.wrap(utf8(text)), SCRATCH);
    assertThat(forgets.deflate(ByteBuffer.wrap(utf8(text)), SCRATCH).remaining()).isEqualTo(first);
    keeps.release();
    keeps.release();
    forgets.release();
  }

  @Test
  void whatWasReleasedBeginsAnew() {
    Deflation deflation = new Deflation(TAKEOVER);
    byte[] first = octets(deflation.deflate(ByteBuffer.wrap(utf8("Hello")), SCRATCH));
    deflation.release();
    assertThat(octets(deflation.deflate(ByteBuffer.wrap(utf8("Hello")), SCRATCH))).isEqualTo(first);
    deflation.release();
  }
}
