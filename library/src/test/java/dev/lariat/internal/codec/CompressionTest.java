package dev.lariat.internal.codec;

import static dev.lariat.internal.codec.Decoded.SHARED;
import static dev.lariat.internal.codec.ServerFrames.frame;
import static dev.lariat.internal.codec.ServerFrames.hex;
import static dev.lariat.internal.codec.ServerFrames.join;
import static dev.lariat.internal.codec.ServerFrames.pattern;
import static dev.lariat.internal.codec.ServerFrames.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.option.Deflate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompressionTest {
  private static final DeflateTerms TAKEOVER = new DeflateTerms(false, false, 15, 15);
  private static final DeflateTerms NO_TAKEOVER = new DeflateTerms(true, true, 15, 15);
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
    Decoded.Run run = new Decoded.Run(MAX, new Inflation(TAKEOVER, 300, SHARED));
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
  void rfc7692_721_theEmptyBlockAtTheEndMayBeAFinalOne() {
    byte[] hello = hex("c1 0b 00 05 00 fa ff 48 65 6c 6c 6f 01");
    assertDecodes(
        join(hello, hex("c1 05 f2 00 11 00 00"), hello, hex("c1 01 01")),
        new Text("Hello"),
        new Text("Hello"),
        new Text("Hello"),
        new Text(""));
    assertThat(Decoded.of(join(hello, hello, hex("c1 01 01")), MAX, NO_TAKEOVER).frames())
        .containsExactly(new Text("Hello"), new Text("Hello"), new Text(""));
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
        new Binary(Bytes.ofUtf8("dd")));
  }

  @Test
  void aPingMayComeInsideACompressedMessage() {
    assertDecodes(
        hex("41 03 f2 48 cd 89 01 70 80 04 c9 c9 07 00"),
        new Ping(Bytes.ofUtf8("p")),
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

  @Test
  void rfc7692_7234_theWindowReachesBackPastABlockWithBfinal() {
    String hello = "c1 07 f2 48 cd c9 c9 07 00";
    String finalA = "4b 04 00";
    String sixBack = "c1 04 02 93 00 00"; // five bytes from there
    for (String letter : List.of("c1 03" + finalA, "c1 04" + finalA + "00")) {
      assertDecodes(
          hex(hello + letter + sixBack), new Text("Hello"), new Text("a"), new Text("Hello"));
    }
    assertDecodes( // both inside one message
        hex(hello + "c1 07" + finalA + "02 93 00 00"), new Text("Hello"), new Text("aHello"));
  }

  @Test
  void rfc7692_7234_aFinalBlockMayEndTheMessageWithoutAnEmptyOne() {
    assertDecodes(
        hex("c1 07 f3 48 cd c9 c9 07 00 c1 07 f3 48 cd c9 c9 07 00 c1 05 f2 00 11 00 00"),
        new Text("Hello"),
        new Text("Hello"),
        new Text("Hello"));
  }

  @Test
  void aMessageWithoutPayloadIsEmpty() {
    assertDecodes(
        hex("c1 00 c1 07 f2 48 cd c9 c9 07 00 c1 00 c2 00 41 00 80 00 c1 05 f2 00 11 00 00"),
        new Text(""),
        new Text("Hello"),
        new Text(""),
        new Binary(Bytes.EMPTY),
        new Text(""),
        new Text("Hello"));
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
        "ed fd 01 01 00 00 00 00 00 00 00", // code lengths that are over-subscribed
      })
  void rfc7692_722_corruptDataIsInvalid(String payload) {
    assertDecodes(
        protocol(
            1007,
            "RFC 7692 section 7.2.2",
            "a compressed message cannot be decompressed",
            new Text("a")),
        join(text("a"), frame(0xc1, hex(payload)), text("never")));
  }

  private static Decoded cutOff(Frame... before) {
    return protocol(
        1007, "RFC 7692 section 7.2.2", "a compressed message ends inside a block", before);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "f2 48 cd c9 c9 07 00", // fixed codes
        "00 05 00 fa ff 48 65 6c 6c 6f 00", // stored
        "f3 48 cd c9 c9 07 00 00", // final
      })
  void rfc7692_722_aMessageThatEndsInsideABlockIsInvalid(String octets) {
    byte[] whole = hex(octets);
    for (int cut = 1; cut < whole.length; cut++) {
      byte[] payload = Arrays.copyOf(whole, cut);
      byte[] byHand = Blocks.message(payload); // an empty one, or one that a final block ends
      Decoded expected =
          byHand == null
              ? cutOff(new Text("a"))
              : new Decoded(List.of(new Text("a"), new Binary(byHand)), null, 0);
      for (DeflateTerms terms : List.of(TAKEOVER, NO_TAKEOVER)) {
        assertThat(Decoded.of(join(text("a"), frame(0xc2, payload)), MAX, terms))
            .as("cut at %d", cut)
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void rfc7692_721_theOctetsThatASenderMustRemoveAreNotTakenForAnEnd() {
    byte[] input = join(text("a"), frame(0xc1, hex("f2 48 cd c9 c9 07 00 00 00 ff ff")));
    for (DeflateTerms terms : List.of(TAKEOVER, NO_TAKEOVER)) {
      assertThat(Decoded.of(input, MAX, terms)).isEqualTo(cutOff(new Text("a")));
    }
  }

  /** Without context takeover; with it, an end inside the code lengths of a block is not seen. */
  @Property(tries = 30)
  void aMessageThatIsCutAnywhereIsInvalidUnlessItIsOneAllTheSame(
      @ForAll @IntRange(min = 0, max = 9) int level,
      @ForAll @IntRange(min = 0, max = 2) int strategy,
      @ForAll long seed) {
    Random random = new Random(seed);
    Deflater server = new Deflater(level, true);
    server.setStrategy(strategy);
    byte[] payload = {};
    for (int i = random.nextInt(3); i >= 0; i--) {
      payload = join(payload, deflated(server, Arrays.copyOf(random(random), 300)));
      payload = i == 0 ? payload : join(payload, hex("00 00 ff ff"));
    }
    server.end();
    for (int cut = 0; cut <= payload.length; cut++) {
      byte[] cutOff = Arrays.copyOf(payload, cut);
      byte[] byHand = Blocks.message(cutOff);
      Decoded expected =
          byHand == null ? cutOff() : new Decoded(List.of(new Binary(byHand)), null, 0);
      assertThat(Decoded.of(frame(0xc2, cutOff), MAX, NO_TAKEOVER)).isEqualTo(expected);
      if (byHand != null) {
        assertThat(Decoded.of(frame(0xc2, cutOff), MAX, TAKEOVER)).isEqualTo(expected);
      }
    }
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
    Decoded.Run run = new Decoded.Run(Integer.MAX_VALUE - 64, new Inflation(TAKEOVER, 300, SHARED));
    run.feed(frame(0xc2, payload));
    run.decoder.release();
    assertThat(run.result())
        .isEqualTo(new Decoded(List.of(), new Reason.Limit(Reason.Bound.INFLATE_RATIO, 300), 1009));
  }

  @Test
  void theRatioSaysNothingAboutAShortMessage() {
    byte[] letters = new byte[InflateBounds.FROM];
    byte[] payload = deflated(letters);
    assertThat(Decoded.of(frame(0xc2, payload), MAX, TAKEOVER).frames())
        .containsExactly(new Binary(letters));
    byte[] more = deflated(new byte[InflateBounds.FROM + 1]);
    assertThat(Decoded.of(frame(0xc2, more), MAX, TAKEOVER).reason())
        .isEqualTo(new Reason.Limit(Reason.Bound.INFLATE_RATIO, 300));
  }

  @Test
  void aRatioAtTheLimitPassesAndOnePastDoesNot() {
    byte[] message = new byte[InflateBounds.FROM + 400_000];
    byte[] payload = deflated(message);
    int ratio = (message.length + payload.length - 1) / payload.length;
    for (int limit : new int[] {ratio, ratio - 1}) {
      Decoded.Run run = new Decoded.Run(MAX, new Inflation(TAKEOVER, limit, SHARED));
      run.feed(frame(0xc2, payload));
      run.decoder.release();
      assertThat(run.failed()).as("limit %d", limit).isEqualTo(limit < ratio);
    }
  }

  @Test
  void theRatioIsCountedForEachMessageAlone() {
    byte[] random = new byte[InflateBounds.FROM + 500_000];
    new Random(1).nextBytes(random);
    Decoded.Run run = new Decoded.Run(MAX, new Inflation(TAKEOVER, 300, SHARED));
    Deflater server = new Deflater(9, true);
    run.feed(frame(0xc2, deflated(server, random)));
    run.feed(frame(0xc2, deflated(server, new byte[InflateBounds.FROM + 500_000])));
    server.end();
    run.decoder.release();
    assertThat(run.result().frames()).hasSize(1);
    assertThat(run.result().reason()).isInstanceOf(Reason.Limit.class);
  }

  // ---- round trips

  /** This side's compression, fragmented, read by hand: no match looks back past the window. */
  @Property(tries = 300)
  void whatIsDeflatedKeepsToTheWindow(
      @ForAll @IntRange(min = 8, max = 15) int bits,
      @ForAll boolean noTakeover,
      @ForAll @IntRange(min = 1, max = 9) int level,
      @ForAll long seed)
      throws DataFormatException {
    Random random = new Random(seed);
    int lent = SHARED.zlib.lent();
    Deflation deflation =
        new Deflation(
            new DeflateTerms(false, noTakeover, 15, bits), Deflate.DEFAULT.level(level), SHARED);
    Blocks server = new Blocks();
    for (int i = 0; i < 20; i++) {
      byte[] message = random(random);
      byte[] payload = fragments(deflation, message, random);
      if (noTakeover) {
        assertThat(SHARED.zlib.lent()).isEqualTo(lent);
        server = new Blocks();
      }
      assertThat(server.inflate(join(payload, hex("00 00 ff ff")))).isEqualTo(message);
      assertThat(server.farthest()).isLessThanOrEqualTo(1 << bits);
    }
    deflation.release();
    assertThat(SHARED.zlib.lent()).isEqualTo(lent);
  }

  private static byte[] fragments(Deflation deflation, byte[] message, Random random) {
    ByteArrayOutputStream payload = new ByteArrayOutputStream();
    int from = 0;
    for (int left = random.nextInt(4); left >= 0; left--) {
      int size = left == 0 ? message.length - from : random.nextInt(message.length - from + 1);
      ByteBuffer fragment = ByteBuffer.wrap(message, from, size).asReadOnlyBuffer();
      byte[] scratch = new byte[1 + random.nextInt(200)];
      payload.writeBytes(octets(deflation.deflate(fragment, left == 0, scratch)));
      from += size;
    }
    return payload.toByteArray();
  }

  /** Each side's compression is read by this side, whatever was agreed and however it is cut. */
  @Property(tries = 300)
  void whatIsDeflatedInflates(
      @ForAll @IntRange(min = 8, max = 15) int bits,
      @ForAll boolean noTakeover,
      @ForAll @IntRange(min = 1, max = 9) int level,
      @ForAll long seed) {
    Random random = new Random(seed);
    Deflation server = // which has the same rules, seen from its side
        new Deflation(
            new DeflateTerms(false, noTakeover, 15, bits), Deflate.DEFAULT.level(level), SHARED);
    List<byte[]> frames = new ArrayList<>();
    List<Frame> messages = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      byte[] message = random(random);
      byte[] payload = fragments(server, message, random);
      int cut = random.nextInt(payload.length + 1);
      frames.add(frame(0x42, Arrays.copyOf(payload, cut)));
      frames.add(frame(0x80, Arrays.copyOfRange(payload, cut, payload.length)));
      messages.add(new Binary(message));
    }
    server.release();
    byte[] input = join(frames.toArray(byte[][]::new));
    int[] cuts = random.ints(20, 0, input.length + 1).sorted().toArray();
    assertThat(Decoded.of(input, MAX, new DeflateTerms(noTakeover, false, bits, 15), cuts))
        .isEqualTo(new Decoded(messages, null, 0));
  }

  @ParameterizedTest
  @CsvSource({"8, false", "9, true", "11, false", "15, false", "15, true"})
  void whatIsDeflatedInflatesAtEveryCut(int bits, boolean noTakeover) {
    Random random = new Random(bits);
    Deflation server =
        new Deflation(new DeflateTerms(false, noTakeover, 15, bits), Deflate.DEFAULT, SHARED);
    byte[] input = {};
    List<Frame> messages = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      byte[] message = Arrays.copyOf(random(random), 300);
      input = join(input, frame(0xc2, fragments(server, message, random)));
      messages.add(new Binary(message));
    }
    server.release();
    DeflateTerms terms = new DeflateTerms(noTakeover, false, bits, 15);
    for (int cut = 0; cut <= input.length; cut++) {
      assertThat(Decoded.of(input, MAX, terms, cut)).isEqualTo(new Decoded(messages, null, 0));
    }
  }

  /** Final blocks anywhere, in a window that is kept by hand: RFC 7692 section 7.2.3.4. */
  @Property(tries = 200)
  void finalBlocksKeepTheWindow(
      @ForAll boolean noTakeover,
      @ForAll @IntRange(min = 10, max = 15) int bits,
      @ForAll boolean parts,
      @ForAll long seed) {
    Random random = new Random(seed);
    int lent = SHARED.zlib.lent();
    byte[] before = {}; // what the server's window may hold
    byte[] expected = {};
    Gathered sink = new Gathered();
    FrameDecoder decoder =
        new FrameDecoder(
            MAX,
            parts,
            Long.MAX_VALUE,
            new Inflation(new DeflateTerms(noTakeover, false, bits, 15), 300, SHARED),
            new byte[64],
            sink);
    for (int i = 0; i < 10; i++) {
      byte[] payload = {};
      for (int blocks = random.nextInt(4); blocks >= 0; blocks--) {
        byte[] block = random(random);
        if (before.length > 300) { // something from long ago
          System.arraycopy(before, 0, block, 0, Math.min(block.length, 200));
        }
        payload = join(payload, finalBlocks(before, block));
        expected = join(expected, block);
        byte[] all = join(before, block);
        before = Arrays.copyOfRange(all, Math.max(0, all.length - (1 << bits)), all.length);
      }
      if (random.nextBoolean()) {
        payload = join(payload, new byte[1]);
      }
      if (noTakeover) {
        before = new byte[0];
      }
      try {
        ByteBuf input = Unpooled.wrappedBuffer(frame(0xc2, payload));
        do {
          decoder.goOn();
          decoder.decode(input, Integer.MAX_VALUE);
        } while (decoder.hasEnough());
      } catch (Violation v) {
        throw new AssertionError(v);
      }
    }
    decoder.release();
    assertThat(SHARED.zlib.lent()).isEqualTo(lent);
    assertThat(sink.all.toByteArray()).isEqualTo(expected);
  }

  @Test
  void aFinalBlockMayEndTheMessageWhereAPartIsFull() throws Violation {
    for (int past = 0; past <= 300; past++) { // zlib has read it all before it has given it all
      byte[] zeros = new byte[FrameDecoder.PART + past];
      Gathered sink = new Gathered();
      FrameDecoder decoder =
          new FrameDecoder(
              MAX, true, Long.MAX_VALUE, new Inflation(TAKEOVER, 300, SHARED), new byte[64], sink);
      byte[] payload = finalBlocks(new byte[0], zeros);
      decoder.decode(
          Unpooled.wrappedBuffer(frame(0xc2, payload), hex("c2 07 f2 48 cd c9 c9 07 00")),
          Integer.MAX_VALUE);
      decoder.release();
      assertThat(sink.all.toByteArray()).isEqualTo(join(zeros, utf8("Hello")));
    }
  }

  private static byte[] finalBlocks(byte[] window, byte[] data) {
    Deflater server = new Deflater(9, true);
    server.setDictionary(window);
    server.setInput(data);
    server.finish();
    byte[] room = new byte[2 * data.length + 100];
    int length = server.deflate(room);
    server.end();
    return Arrays.copyOf(room, length);
  }

  /** The octets of all messages, whole or in parts. */
  private static final class Gathered implements FrameDecoder.Sink {
    final ByteArrayOutputStream all = new ByteArrayOutputStream();

    @Override
    public void binary(Bytes bytes) {
      all.writeBytes(bytes.toArray());
    }

    @Override
    public void part(Bytes bytes, boolean fin) {
      all.writeBytes(bytes.toArray());
    }

    @Override
    public void text(String text) {
      throw new AssertionError(text);
    }

    @Override
    public void part(String text, boolean fin) {
      throw new AssertionError(text);
    }

    @Override
    public void ping(Bytes payload) {
      throw new AssertionError("a ping");
    }

    @Override
    public void pong(Bytes payload) {
      throw new AssertionError("a pong");
    }

    @Override
    public void close(Close close) {
      throw new AssertionError("a close frame");
    }
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
    Deflation deflation = new Deflation(takeover ? TAKEOVER : NO_TAKEOVER, Deflate.DEFAULT, SHARED);
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
    Decoded.Run run =
        new Decoded.Run(MAX, new Inflation(takeover ? TAKEOVER : NO_TAKEOVER, 300, SHARED));
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
      Deflation deflation = new Deflation(terms, Deflate.DEFAULT, SHARED);
      assertThat(octets(deflation.deflate(ByteBuffer.allocate(0), SCRATCH))).isEqualTo(hex("00"));
      deflation.deflate(ByteBuffer.wrap(utf8("Hello")), SCRATCH);
      assertThat(octets(deflation.deflate(ByteBuffer.allocate(0), SCRATCH))).isEqualTo(hex("00"));
      deflation.release();
    }
  }

  @Test
  void theWindowIsKeptOnlyWhereItMayBe() {
    String text = "the quick brown fox";
    Deflation keeps = new Deflation(TAKEOVER, Deflate.DEFAULT, SHARED);
    Deflation forgets = new Deflation(NO_TAKEOVER, Deflate.DEFAULT, SHARED);
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
    Deflation deflation = new Deflation(TAKEOVER, Deflate.DEFAULT, SHARED);
    byte[] first = octets(deflation.deflate(ByteBuffer.wrap(utf8("Hello")), SCRATCH));
    deflation.release();
    assertThat(octets(deflation.deflate(ByteBuffer.wrap(utf8("Hello")), SCRATCH))).isEqualTo(first);
    deflation.release();
  }

  @Test
  void aHigherLevelCompressesBetter() {
    Random random = new Random(5);
    byte[] message = new byte[50_000];
    for (int i = 0; i < message.length; i++) {
      message[i] = (byte) "aaabcd ".charAt(random.nextInt(7));
    }
    for (int bits : new int[] {10, 15}) {
      assertThat(size(message, bits, 9)).isLessThan(size(message, bits, 1));
    }
  }

  private static int size(byte[] message, int bits, int level) {
    Deflation deflation =
        new Deflation(
            new DeflateTerms(false, true, 15, bits), Deflate.DEFAULT.level(level), SHARED);
    return deflation.deflate(ByteBuffer.wrap(message), SCRATCH).remaining();
  }

  @Test
  void aMessageIsWorthCompressingFromTheSmallestSizeOn() {
    Deflation deflation = new Deflation(TAKEOVER, Deflate.DEFAULT.smallest(100), SHARED);
    assertThat(deflation.isWorth(99)).isFalse();
    assertThat(deflation.isWorth(100)).isTrue();
    assertThat(new Deflation(TAKEOVER, Deflate.DEFAULT, SHARED).isWorth(0)).isTrue();
  }

  // ---- native memory

  @Test
  void anIdleConnectionWithoutContextTakeoverHoldsNoStream() {
    Shared shared = new Shared(new SecureRandom());
    Deflation deflation = new Deflation(NO_TAKEOVER, Deflate.DEFAULT, shared);
    Decoded.Run run = new Decoded.Run(MAX, new Inflation(NO_TAKEOVER, 300, shared));
    assertThat(shared.zlib.lent()).isZero();
    deflation.deflate(ByteBuffer.wrap(utf8("Hel")), false, SCRATCH);
    run.feed(hex("41 03 f2 48 cd"));
    assertThat(shared.zlib.lent()).as("in the middle of messages").isEqualTo(2);
    deflation.deflate(ByteBuffer.wrap(utf8("lo")), true, SCRATCH);
    run.feed(hex("80 04 c9 c9 07 00"));
    assertThat(shared.zlib.lent()).as("between messages").isZero();
    assertThat(run.frames).containsExactly(new Text("Hello"));
  }

  @Test
  void aConnectionWithContextTakeoverHoldsItsStreamsUntilItsEnd() {
    Shared shared = new Shared(new SecureRandom());
    Deflation deflation = new Deflation(TAKEOVER, Deflate.DEFAULT, shared);
    Decoded.Run run = new Decoded.Run(MAX, new Inflation(TAKEOVER, 300, shared));
    deflation.deflate(ByteBuffer.wrap(utf8("Hello")), SCRATCH);
    run.feed(hex("c1 07 f2 48 cd c9 c9 07 00"));
    assertThat(shared.zlib.lent()).isEqualTo(2);
    deflation.release();
    run.decoder.release();
    assertThat(shared.zlib.lent()).isZero();
  }

  @Test
  void aDecoderIsReleasedInTheMiddleOfAMessage() {
    Shared shared = new Shared(new SecureRandom());
    for (DeflateTerms terms : List.of(TAKEOVER, NO_TAKEOVER)) {
      Decoded.Run run = new Decoded.Run(MAX, new Inflation(terms, 300, shared));
      run.feed(hex("41 03 f2 48 cd"));
      run.decoder.release();
      run.feed(hex("80 04 c9 c9 07 00"));
      assertThat(shared.zlib.lent()).isZero();
      assertThat(run.frames).isEmpty();
    }
  }

  @Test
  void whatFailedIsNotLentAgain() {
    Shared shared = new Shared(new SecureRandom());
    Decoded.Run run = new Decoded.Run(MAX, new Inflation(NO_TAKEOVER, 300, shared));
    run.feed(frame(0xc1, hex("f2 48 07 00 ff ff")));
    assertThat(run.failed()).isTrue();
    run.decoder.release();
    run = new Decoded.Run(MAX, new Inflation(NO_TAKEOVER, 300, shared));
    run.feed(hex("c1 07 f2 48 cd c9 c9 07 00"));
    assertThat(run.frames).containsExactly(new Text("Hello"));
  }
}
