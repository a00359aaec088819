package dev.lariat.internal.codec;

import static dev.lariat.internal.codec.DeflatedFrames.TERMS;
import static dev.lariat.internal.codec.ServerFrames.close;
import static dev.lariat.internal.codec.ServerFrames.frame;
import static dev.lariat.internal.codec.ServerFrames.header;
import static dev.lariat.internal.codec.ServerFrames.hex;
import static dev.lariat.internal.codec.ServerFrames.join;
import static dev.lariat.internal.codec.ServerFrames.pattern;
import static dev.lariat.internal.codec.ServerFrames.ping;
import static dev.lariat.internal.codec.ServerFrames.pong;
import static dev.lariat.internal.codec.ServerFrames.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Text;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

/** A message that is told costs one credit, and without one the decoder reads no further. */
class FrameDecoderCreditTest {
  private static final int MAX = 1 << 20;

  /** What is told with so much credit at the least: that of the newest message that has begun. */
  private record Event(Frame frame, int credit) {}

  /** Messages of every kind, with control frames before, in and behind them. */
  private static final byte[] STREAM =
      join(
          ping("0"),
          text("plain"),
          pong((byte) 1),
          hex("01 02 66 72"),
          ping("in"),
          hex("00 00"),
          pong(),
          hex("80 02 61 67"),
          ping("behind"),
          text(""),
          hex("82 00"),
          hex("02 00 80 00"),
          hex("c1 07 f2 48 cd c9 c9 07 00"),
          hex("41 03 f2 00 11"),
          ping("deflated"),
          hex("80 02 00 00"),
          hex("c2 01 00"),
          frame(0x82, pattern(126)),
          ping("last"),
          close(1001, "bye"));

  private static final List<Event> EVENTS =
      List.of(
          new Event(new Ping(Bytes.ofUtf8("0")), 0),
          new Event(new Text("plain"), 1),
          new Event(new Pong(Bytes.wrap(new byte[] {1})), 1),
          new Event(new Ping(Bytes.ofUtf8("in")), 2),
          new Event(new Pong(Bytes.EMPTY), 2),
          new Event(new Text("frag"), 2),
          new Event(new Ping(Bytes.ofUtf8("behind")), 2),
          new Event(new Text(""), 3),
          new Event(new Binary(Bytes.EMPTY), 4),
          new Event(new Binary(Bytes.EMPTY), 5),
          new Event(new Text("Hello"), 6),
          new Event(new Ping(Bytes.ofUtf8("deflated")), 7),
          new Event(new Text("Hello"), 7),
          new Event(new Binary(Bytes.EMPTY), 8),
          new Event(new Binary(Bytes.wrap(pattern(126))), 9),
          new Event(new Ping(Bytes.ofUtf8("last")), 9),
          new Event(new Close(1001, "bye"), 9));

  private static final int MESSAGES = 9;

  private static List<Frame> toldWith(long credit) {
    return EVENTS.stream().filter(event -> event.credit <= credit).map(Event::frame).toList();
  }

  private static Decoded.Run run(long credit) {
    return new Decoded.Run(MAX, false, credit, Decoded.inflation(TERMS));
  }

  private static Decoded.Run fed(long credit, int cut) {
    Decoded.Run run = run(credit);
    run.feed(Arrays.copyOf(STREAM, cut));
    run.feed(Arrays.copyOfRange(STREAM, cut, STREAM.length));
    return run;
  }

  // ---- exact

  @Test
  void soManyMessagesAreToldAsThereIsCreditForHoweverTheInputIsCut() {
    for (int credit = 0; credit <= MESSAGES + 1; credit++) {
      for (int cut = 0; cut <= STREAM.length; cut++) {
        Decoded.Run run = fed(credit, cut);
        assertThat(run.frames).as("credit %d, cut at %d", credit, cut).isEqualTo(toldWith(credit));
        assertThat(run.decoder.starved()).isEqualTo(credit < MESSAGES);
      }
    }
  }

  @Test
  void anInputByteByByteIsReadAsFar() {
    for (int credit = 0; credit <= MESSAGES; credit++) {
      Decoded.Run run = run(credit);
      for (byte octet : STREAM) {
        run.feed(octet);
      }
      assertThat(run.frames).isEqualTo(toldWith(credit));
    }
  }

  @Test
  void creditThatComesOneByOneTellsOneMessageEachHoweverTheInputIsCut() {
    for (int cut = 0; cut <= STREAM.length; cut++) {
      Decoded.Run run = fed(0, cut);
      for (int credit = 0; credit <= MESSAGES; credit++) {
        assertThat(run.frames).as("credit %d, cut at %d", credit, cut).isEqualTo(toldWith(credit));
        run.credit(1);
      }
    }
  }

  @Test
  void creditMayComeBetweenAnyTwoBytes() {
    for (int place = 0; place <= STREAM.length; place++) {
      for (int more = 1; more <= 3; more++) {
        Decoded.Run run = run(2);
        run.feed(Arrays.copyOf(STREAM, place));
        run.credit(more);
        run.feed(Arrays.copyOfRange(STREAM, place, STREAM.length));
        assertThat(run.frames)
            .as("%d more before byte %d", more, place)
            .isEqualTo(toldWith(2 + more));
      }
    }
  }

  @Test
  void creditThatWouldPassTheLargestNumberStaysThere() {
    for (long first : new long[] {1, 2, Long.MAX_VALUE - 1, Long.MAX_VALUE}) {
      Decoded.Run run = run(first);
      run.credit(Long.MAX_VALUE);
      run.credit(Long.MAX_VALUE);
      run.credit(1);
      run.feed(STREAM);
      assertThat(run.frames).isEqualTo(toldWith(MESSAGES));
    }
  }

  // ---- where it stops

  @Test
  void withoutCreditItStopsBehindTheHeaderOfTheNextMessage() {
    FrameDecoder decoder =
        new FrameDecoder(MAX, false, 0, null, new byte[64], new Decoded.Run(0, null));
    ByteBuf octets = Unpooled.wrappedBuffer(join(ping("a"), header(0x82, 300), pattern(300)));
    try {
      decoder.decode(octets);
    } catch (Violation v) {
      throw new AssertionError(v);
    }
    assertThat(octets.readableBytes()).isEqualTo(300);
    assertThat(decoder.starved()).isTrue();
  }

  @Test
  void controlFramesAreReadUntilTheNextMessageBegins() {
    Decoded.Run run = run(1);
    run.feed(text("a"));
    for (int i = 0; i < 100; i++) {
      run.feed(ping("p" + i));
      assertThat(run.decoder.starved()).isFalse();
    }
    assertThat(run.frames).hasSize(101);
    run.feed((byte) 0x81);
    assertThat(run.decoder.starved()).as("on half a header").isFalse();
    run.feed((byte) 5);
    assertThat(run.decoder.starved()).as("on a header").isTrue();
    run.feed(join(new byte[5], ping("never")));
    assertThat(run.frames).hasSize(101);
  }

  @Test
  void aCloseFrameNeedsNoCredit() {
    Decoded.Run run = run(0);
    run.feed(close(1000, "bye"));
    assertThat(run.frames).containsExactly(new Close(1000, "bye"));
    assertThat(run.decoder.starved()).isFalse();
  }

  @Test
  void aCloseFrameBehindAnUnreadMessageIsNotToldBeforeIt() {
    Decoded.Run run = run(0);
    run.feed(join(text("a"), close(1000, "bye")));
    assertThat(run.frames).isEmpty();
    run.credit(1);
    assertThat(run.frames).containsExactly(new Text("a"), new Close(1000, "bye"));
  }

  @Test
  void anErrorBehindAnUnreadMessageIsNotMetBeforeIt() {
    for (String broken : List.of("83 00", "88 01 00", "81 01 ff", "89 7e 00 7e")) {
      Decoded.Run run = run(0);
      run.feed(join(text("a"), hex(broken)));
      assertThat(run.failed()).isFalse();
      run.credit(2);
      assertThat(run.frames).containsExactly(new Text("a"));
      assertThat(run.failed()).isTrue();
      assertThat(run.decoder.starved()).isFalse();
    }
  }

  @Test
  void aWrongHeaderIsMetWithoutCredit() {
    for (String broken : List.of("83 00", "81 80", "80 00", "82 7f 00 00 00 00 00 10 00 01")) {
      Decoded.Run run = run(1);
      run.feed(join(text("a"), hex(broken)));
      assertThat(run.frames).containsExactly(new Text("a"));
      assertThat(run.failed()).as(broken).isTrue();
    }
  }

  @Test
  void aReleasedDecoderWantsNoCredit() {
    Decoded.Run run = run(0);
    run.feed(text("a"));
    run.decoder.release();
    assertThat(run.decoder.starved()).isFalse();
    run.credit(1);
    assertThat(run.frames).isEmpty();
  }

  // ---- against the decoder that has all the credit there is

  @Property(tries = 3000)
  void creditChangesNothingOfWhatIsToldOrFails(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] input = NettyDifferentialTest.stream(random);
    if (random.nextBoolean()) {
      NettyDifferentialTest.mutate(random, input);
    }
    assertSame(random, input, null);
  }

  @Property(tries = 1000)
  void creditChangesNothingOfWhatIsInflated(@ForAll long seed) {
    Random random = new Random(seed);
    byte[] input = DeflatedFrames.stream(random);
    assertSame(random, input, TERMS);
  }

  private static void assertSame(Random random, byte[] input, DeflateTerms terms) {
    Decoded.Run run = new Decoded.Run(MAX, false, random.nextInt(4), Decoded.inflation(terms));
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
    assertThat(run.result()).isEqualTo(Decoded.of(input, MAX, terms));
  }
}
