package dev.lariat.internal.codec;

import static dev.lariat.internal.codec.CompressionTest.deflated;
import static dev.lariat.internal.codec.DeflatedFrames.TERMS;
import static dev.lariat.internal.codec.ServerFrames.close;
import static dev.lariat.internal.codec.ServerFrames.frame;
import static dev.lariat.internal.codec.ServerFrames.header;
import static dev.lariat.internal.codec.ServerFrames.hex;
import static dev.lariat.internal.codec.ServerFrames.join;
import static dev.lariat.internal.codec.ServerFrames.pattern;
import static dev.lariat.internal.codec.ServerFrames.ping;
import static dev.lariat.internal.codec.ServerFrames.text;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.lariat.internal.codec.Decoded.Part;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Messages that are told as they arrive. Each decoder here holds the rules of every part itself:
 * its size, its kind, and its credit.
 */
class FrameDecoderPartsTest {
  private static final int PART = FrameDecoder.PART;

  private static Decoded.Run run(long credit) {
    return new Decoded.Run(0, true, credit, Decoded.inflation(TERMS));
  }

  private static Decoded.Run fed(byte[]... pieces) {
    Decoded.Run run = run(Long.MAX_VALUE);
    for (byte[] piece : pieces) {
      run.feed(piece);
    }
    return run;
  }

  private static Part part(String text, boolean fin) {
    return new Part(new Text(text), fin);
  }

  private static Part part(byte[] octets, boolean fin) {
    return new Part(new Binary(octets), fin);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  // ---- what a part is

  @Test
  void aMessageThatIsAllThereIsOnePart() {
    assertThat(fed(text("Hello")).parts).containsExactly(part("Hello", true));
    assertThat(fed(hex("01 03 48 65 6c 80 02 6c 6f")).parts).containsExactly(part("Hello", true));
    assertThat(fed(hex("41 03 f2 48 cd 80 04 c9 c9 07 00")).parts)
        .containsExactly(part("Hello", true));
  }

  @Test
  void whatHasComeOfAMessageIsToldAtOnce() {
    assertThat(fed(hex("81 05 48"), hex("65 6c"), hex("6c 6f")).parts)
        .containsExactly(part("H", false), part("el", false), part("lo", true));
    assertThat(fed(hex("02 01 61"), hex("00 01 62"), hex("80 01 63")).parts)
        .containsExactly(part(utf8("a"), false), part(utf8("b"), false), part(utf8("c"), true));
  }

  @Test
  void aCompressedMessageIsToldAsFarAsItInflates() {
    byte[] payload = hex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00"); // flushed behind its "He"
    Decoded.Run run = fed(join(header(0xc1, payload.length), Arrays.copyOf(payload, 8)));
    assertThat(run.parts).containsExactly(part("He", false));
    run.feed(Arrays.copyOfRange(payload, 8, payload.length));
    assertThat(run.frames).containsExactly(new Text("Hello"));
  }

  @Test
  void anEmptyMessageIsOneEmptyPart() {
    for (String empty :
        List.of("81 00", "01 00 80 00", "01 00 00 00 80 00", "c1 01 00", "41 00 80 01 00")) {
      assertThat(fed(hex(empty)).parts).as(empty).containsExactly(part("", true));
      Decoded.Run run = run(Long.MAX_VALUE);
      for (byte octet : hex(empty)) {
        run.feed(octet);
      }
      assertThat(run.parts).as("%s byte by byte", empty).containsExactly(part("", true));
    }
    assertThat(fed(hex("82 00")).parts).containsExactly(part(new byte[0], true));
  }

  @Test
  void theLastPartIsEmptyWhereNothingIsLeftForIt() {
    assertThat(fed(hex("01 01 61"), hex("00 00"), hex("80 00")).parts)
        .containsExactly(part("a", false), part("", true));
  }

  @ParameterizedTest
  @ValueSource(
      ints = {0, 1, 125, 126, 127, 128, 65535, 65536, 65537, 131071, 131072, 131073, 1 << 20})
  void aPartHas64KiBAtTheMost(int size) {
    for (byte[] input :
        List.of(
            frame(0x82, pattern(size)),
            join(
                frame(0x02, pattern(size / 3)),
                frame(0x80, Arrays.copyOfRange(pattern(size), size / 3, size))))) {
      List<Part> parts = fed(input).parts;
      assertThat(parts).hasSize(Math.max(1, (size + PART - 1) / PART));
      assertThat(Decoded.inParts(input, null).frames()).containsExactly(new Binary(pattern(size)));
    }
    byte[] deflated = frame(0xc2, deflated(pattern(size)));
    assertThat(Decoded.inParts(deflated, TERMS).frames())
        .containsExactly(new Binary(pattern(size)));
  }

  @Test
  void theMaximumAppliesToJoinedMessagesOnly() {
    byte[] message = pattern(3 << 20);
    Decoded.Run run = new Decoded.Run(10, true, Long.MAX_VALUE, Decoded.inflation(TERMS));
    run.feed(frame(0x82, message));
    run.feed(frame(0xc2, deflated(message)));
    assertThat(run.frames).containsExactly(new Binary(message), new Binary(message));
  }

  @Test
  void aFrameMayBeLargerThanAllMemory() {
    byte[] piece = pattern(100_000);
    for (String header :
        List.of("82 7f 7f ff ff ff ff ff ff ff", "c2 7f 7f ff ff ff ff ff ff ff")) {
      boolean compressed = header.startsWith("c");
      Decoded.Run run = fed(hex(header));
      for (int i = 0; i < 30; i++) {
        run.feed(compressed ? join(deflated(piece), hex("00 00 ff ff")) : piece);
      }
      assertThat(run.failed()).isFalse();
      assertThat(((Binary) run.begun()).bytes().size()).isEqualTo(30 * piece.length);
    }
  }

  @Test
  void nothingOfAMessageIsKept() {
    long longest = 512L << 20;
    byte[] piece = new byte[256 << 10];
    long[] told = {0};
    FrameDecoder decoder =
        new FrameDecoder(0, true, Long.MAX_VALUE, null, new byte[64], counting(told));
    ByteBuf octets = Unpooled.wrappedBuffer(piece);
    decode(decoder, Unpooled.wrappedBuffer(header(0x82, longest)));
    long before = allocated();
    for (long sent = 0; sent < longest; sent += piece.length) {
      decode(decoder, octets.readerIndex(0));
    }
    assertThat(told[0]).isEqualTo(longest);
    assertThat(allocated() - before).as("the parts, and little else").isLessThan(longest * 5 / 4);
  }

  private static void decode(FrameDecoder decoder, ByteBuf octets) {
    try {
      decoder.decode(octets);
    } catch (Violation v) {
      throw new AssertionError(v);
    }
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }

  private static FrameDecoder.Sink counting(long[] told) {
    return new FrameDecoder.Sink() {
      @Override
      public void text(String text) {
        throw new AssertionError();
      }

      @Override
      public void binary(Bytes bytes) {
        throw new AssertionError();
      }

      @Override
      public void ping(Bytes payload) {
        throw new AssertionError();
      }

      @Override
      public void pong(Bytes payload) {
        throw new AssertionError();
      }

      @Override
      public void close(Close close) {
        throw new AssertionError();
      }

      @Override
      public void part(String text, boolean fin) {
        throw new AssertionError();
      }

      @Override
      public void part(Bytes bytes, boolean fin) {
        told[0] += bytes.size();
      }
    };
  }

  /** RFC 7692 section 7.2.3.4: a final block is not the end of the window. */
  @Test
  void aFinalBlockDoesNotHideWhatWasToldBeforeIt() {
    byte[] input = hex("c1 0c f3 48 cd c9 c9 07 00 f2 00 11 00 00");
    Decoded whole = Decoded.of(input, 1000, TERMS);
    assertThat(whole.frames()).containsExactly(new Text("HelloHello"));
    for (int cut = 0; cut <= input.length; cut++) {
      assertThat(Decoded.inParts(input, TERMS, cut)).as("cut at %d", cut).isEqualTo(whole);
    }
  }

  // ---- characters

  @ParameterizedTest
  @ValueSource(strings = {"a", "é", "€", "💶"})
  void noCharacterIsCutAtTheBorderOfAPart(String character) {
    for (int before = 0; before < 4; before++) {
      String text = "x".repeat(before) + character.repeat(3 * PART / utf8(character).length);
      byte[] octets = utf8(text);
      for (byte[] input : List.of(frame(0x81, octets), frame(0xc1, deflated(octets)))) {
        Decoded.Run run = fed(input);
        assertThat(run.frames).containsExactly(new Text(text));
        assertThat(run.parts.subList(0, run.parts.size() - 1))
            .allSatisfy(
                part ->
                    assertThat(utf8(((Text) part.data()).text()).length).isBetween(PART - 3, PART));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"é", "€", "💶", "a💶é€b", "\uFFFD\uFFFD"})
  void noCharacterIsCutWhereTheInputOrAFragmentIs(String text) {
    byte[] octets = utf8(text);
    for (int fragment = 0; fragment <= octets.length; fragment++) {
      byte[] input =
          join(
              frame(0x01, Arrays.copyOf(octets, fragment)),
              frame(0x80, Arrays.copyOfRange(octets, fragment, octets.length)));
      for (int one = 0; one <= input.length; one++) {
        for (int other = one; other <= input.length; other++) {
          assertThat(Decoded.inParts(input, null, one, other).frames())
              .containsExactly(new Text(text));
        }
      }
    }
  }

  @Test
  void aCharacterIsToldWhenItIsWhole() {
    assertThat(fed(hex("81 05 61 f0"), hex("9f 92"), hex("b6")).parts)
        .containsExactly(part("a", false), part("💶", true));
  }

  @Test
  void theCharactersBeforeOneThatIsNotUtf8AreTold() {
    byte[] input = frame(0x81, join(utf8("a€"), hex("e2 82 28"), utf8("never")));
    for (int cut = 0; cut <= input.length; cut++) {
      Decoded.Run run =
          fed(Arrays.copyOf(input, cut), Arrays.copyOfRange(input, cut, input.length));
      assertThat(run.begun()).as("cut at %d", cut).isEqualTo(new Text("a€"));
      assertThat(run.result().closeCode()).isEqualTo(1007);
    }
  }

  // ---- order

  @Test
  void whatCameBeforeAControlFrameIsToldBeforeIt() {
    List<Object> told =
        fedInOrder(Long.MAX_VALUE, hex("01 01 61 89 01 70 00 01 62 8a 00 80 01 63"));
    assertThat(told)
        .containsExactly(
            part("a", false),
            new Ping(Bytes.ofUtf8("p")),
            part("b", false),
            "pong",
            part("c", true));
  }

  @Test
  void whatCameBeforeACloseFrameIsToldBeforeIt() {
    List<Object> told = fedInOrder(Long.MAX_VALUE, join(hex("01 03 61 e2 82"), close(1000, "")));
    assertThat(told).containsExactly(part("a", false), Close.NORMAL);
  }

  @Test
  void whatCameBeforeAnErrorIsToldBeforeIt() {
    for (String broken : List.of("83 00", "02 00", "81 80", "89 7e 00 7e", "88 01 00", "08 00")) {
      Decoded.Run run = fed(hex("02 02 61 62" + broken));
      assertThat(run.parts).as(broken).containsExactly(part(utf8("ab"), false));
      assertThat(run.failed()).isTrue();
      assertThat(run.decoder.starved()).isFalse();
    }
  }

  @Test
  void theLastCreditIsWorthWhatCameBeforeAnError() {
    Decoded.Run run = run(1);
    run.feed(hex("02 02 61 62 83 00"));
    assertThat(run.parts).containsExactly(part(utf8("ab"), false));
    assertThat(run.failed()).isTrue();
    assertThat(run.decoder.starved()).isFalse();
  }

  private static List<Object> fedInOrder(long credit, byte[] input) {
    List<Object> told = new ArrayList<>();
    FrameDecoder.Sink sink =
        new FrameDecoder.Sink() {
          @Override
          public void text(String text) {
            told.add(text);
          }

          @Override
          public void binary(Bytes bytes) {
            told.add(bytes);
          }

          @Override
          public void ping(Bytes payload) {
            told.add(new Ping(payload));
          }

          @Override
          public void pong(Bytes payload) {
            told.add("pong");
          }

          @Override
          public void close(Close close) {
            told.add(close);
          }

          @Override
          public void part(String text, boolean fin) {
            told.add(new Part(new Text(text), fin));
          }

          @Override
          public void part(Bytes bytes, boolean fin) {
            told.add(new Part(new Binary(bytes), fin));
          }
        };
    decode(
        new FrameDecoder(0, true, credit, null, new byte[64], sink), Unpooled.wrappedBuffer(input));
    return told;
  }

  // ---- credit

  @Test
  void everyPartCostsOneCredit() {
    byte[] message = pattern(5 * PART + 1);
    for (byte[] input : List.of(frame(0x82, message), frame(0xc2, deflated(message)))) {
      Decoded.Run run = run(0);
      run.feed(join(input, ping("behind")));
      assertThat(run.parts).isEmpty();
      for (int i = 1; i <= 6; i++) {
        run.credit(1);
        assertThat(run.parts).hasSize(i);
        assertThat(run.decoder.starved()).isEqualTo(i < 6);
      }
      assertThat(run.frames).containsExactly(new Binary(message), new Ping(Bytes.ofUtf8("behind")));
    }
  }

  @Test
  void aFewBytesThatInflateToManyPartsWaitForCreditForEach() {
    byte[] message = new byte[16 * PART]; // no larger, for the ratio's sake
    byte[] payload = deflated(message);
    assertThat(payload.length).isLessThan(PART / 16);
    Decoded.Run run = run(1);
    run.feed(frame(0xc2, payload));
    for (int i = 1; i <= 16; i++) {
      assertThat(run.parts).hasSize(i);
      assertThat(run.decoder.starved()).isTrue();
      run.credit(1);
    }
    assertThat(run.parts).hasSize(17).last().isEqualTo(part(new byte[0], true));
    assertThat(run.frames).containsExactly(new Binary(message));
    assertThat(run.decoder.starved()).isFalse();
  }

  @Test
  void aMessageOfFragmentsWaitsForCreditBetweenThem() {
    Decoded.Run run = run(0);
    run.feed(hex("01 01 61"));
    run.credit(1);
    assertThat(run.parts).containsExactly(part("a", false));
    run.feed(hex("89 00"));
    assertThat(run.frames).hasSize(1);
    assertThat(run.decoder.starved()).isFalse();
    run.feed(hex("00 01 62 80 01 63 89 00"));
    assertThat(run.parts).hasSize(1);
    assertThat(run.decoder.starved()).isTrue();
    run.credit(1);
    assertThat(run.parts).containsExactly(part("a", false), part("bc", true));
    assertThat(run.frames).hasSize(3);
  }

  // ---- against whole messages

  @Property(tries = 300)
  void partsJoinedAreTheMessage(
      @ForAll @Size(max = 6) List<@IntRange(max = 200_000) Integer> places,
      @ForAll @IntRange(max = 200_000) int size,
      @ForAll long seed) {
    Random random = new Random(seed);
    byte[] message = pattern(size);
    byte[] payload = random.nextBoolean() ? deflated(message) : message;
    int first = payload == message ? 2 : 0x42;
    int half = random.nextInt(payload.length + 1);
    byte[] input =
        join(
            frame(first, Arrays.copyOf(payload, half)),
            frame(0x80, Arrays.copyOfRange(payload, half, payload.length)));
    int[] cuts = places.stream().mapToInt(place -> place % (input.length + 1)).sorted().toArray();
    assertThat(Decoded.inParts(input, TERMS, cuts).frames()).containsExactly(new Binary(message));
  }

  @Property(tries = 3000)
  void partsChangeNothingOfWhatIsToldOrFails(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] input = NettyDifferentialTest.stream(random);
    if (random.nextBoolean()) {
      NettyDifferentialTest.mutate(random, input);
    }
    assertSame(random, input, null);
  }

  @Property(tries = 1000)
  void partsChangeNothingOfWhatIsInflated(@ForAll long seed) {
    Random random = new Random(seed);
    assertSame(random, DeflatedFrames.stream(random), TERMS);
  }

  private static void assertSame(Random random, byte[] input, DeflateTerms terms) {
    Decoded whole = Decoded.of(input, Integer.MAX_VALUE - 64, terms);
    Frame begun = null;
    for (int i = 0; i < 2; i++) {
      Decoded.Run run = new Decoded.Run(0, true, random.nextInt(4), Decoded.inflation(terms));
      int from = 0;
      while (from < input.length) {
        int to = Math.min(input.length, from + 1 + random.nextInt(random.nextBoolean() ? 8 : 3000));
        run.feed(Arrays.copyOfRange(input, from, to));
        if (random.nextInt(4) == 0) {
          run.credit(1 + random.nextInt(2));
        }
        from = to;
      }
      run.credit(Long.MAX_VALUE);
      run.decoder.release();
      if (whole.reason() instanceof Reason.Limit) { // a length so changed that only parts have room
        assertThat(run.frames.subList(0, whole.frames().size())).isEqualTo(whole.frames());
      } else {
        assertThat(run.result()).isEqualTo(whole);
      }
      if (i == 0) {
        begun = run.begun();
      } else {
        assertThat(run.begun()).as("of the message that has not ended").isEqualTo(begun);
      }
    }
  }
}
