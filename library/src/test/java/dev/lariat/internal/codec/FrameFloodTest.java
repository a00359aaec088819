package dev.lariat.internal.codec;

import static dev.lariat.internal.codec.Decoded.SHARED;
import static dev.lariat.internal.codec.ServerFrames.frame;
import static dev.lariat.internal.codec.ServerFrames.hex;
import static dev.lariat.internal.codec.ServerFrames.join;
import static dev.lariat.internal.codec.ServerFrames.ping;
import static dev.lariat.internal.codec.ServerFrames.pong;
import static dev.lariat.internal.codec.ServerFrames.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server may send that carries nothing, and what of it is a flood. */
class FrameFloodTest {
  private static final long SECOND = 1_000_000_000L;
  private static final DeflateTerms TAKEOVER = new DeflateTerms(false, false, 15, 15);
  private static final int MAX = 16 << 20;
  private static final int DAY = 86_400; // seconds
  private static final Reason FLOOD = new Reason.Limit(Bound.USELESS_FRAMES, 1000);

  private static byte[] times(int count, byte[] bytes) {
    byte[] all = new byte[count * bytes.length];
    for (int i = 0; i < count; i++) {
      System.arraycopy(bytes, 0, all, i * bytes.length, bytes.length);
    }
    return all;
  }

  private static Decoded.Run run() {
    return new Decoded.Run(MAX, new Inflation(TAKEOVER, 300, SHARED));
  }

  /** Feeds this in pieces of so many bytes. */
  private static Decoded fed(int piece, byte[] input) {
    Decoded.Run run = run();
    for (int from = 0; from < input.length && !run.failed(); from += piece) {
      run.feed(Arrays.copyOfRange(input, from, Math.min(input.length, from + piece)));
    }
    run.decoder.release();
    return run.result();
  }

  // ---- frames

  @ParameterizedTest
  @CsvSource({
    "'', 81 00", // empty texts
    "'', 82 00", // empty binary messages
    "'', 89 00", // pings
    "'', 89 02 61 62", // pings with something in them
    "'', 8a 00", // pongs that nobody asked for
    "01 01 61, 00 00", // fragments of a text
    "02 00, 00 00", // of a message that has nothing at all
    "'', c1 01 00", // compressed, and empty
    "'', c1 00", // the same, without the block
  })
  void aThousandFramesThatCarryNothingPassAndOneMoreIsAFlood(String before, String frame) {
    byte[] begun = hex(before);
    int begins = begun.length == 2 ? 1 : 0; // a first fragment, and an empty one
    byte[] each = hex(frame);
    int cost = frame.equals("c1 00") ? 2 : 1; // as a frame, and as a message
    byte[] input = join(begun, times(1000 / cost - begins, each), each);
    for (int piece : new int[] {1, 2, 3, 7, 1000, input.length}) {
      assertThat(fed(piece, Arrays.copyOf(input, input.length - each.length)).reason())
          .as("in pieces of %d", piece)
          .isNull();
      Decoded flooded = fed(piece, input);
      assertThat(flooded.reason()).as("in pieces of %d", piece).isEqualTo(FLOOD);
      assertThat(flooded.closeCode()).isEqualTo(1008);
    }
  }

  @Test
  void whatCameBeforeTheFloodIsGiven() {
    Decoded flooded = fed(MAX, times(1001, hex("81 00")));
    assertThat(flooded.frames()).hasSize(1000);
    assertThat(flooded.reason()).isEqualTo(FLOOD);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "01 01 61 80 00", // an empty last fragment behind each text
        "89 00 81 01 61", // a ping with each text
        "81 00 82 01 00",
        "41 07 f2 48 cd c9 c9 07 00 80 00", // compressed, with an empty last fragment
      })
  void asManyAsCarrySomethingMayCarryNothing(String frames) {
    Decoded decoded = fed(4096, times(20_000, hex(frames)));
    assertThat(decoded.reason()).isNull();
    assertThat(decoded.frames()).hasSizeGreaterThanOrEqualTo(20_000);
  }

  /** A message each so often, for a day. */
  private static void passes(long nanos, byte[] heartbeat) {
    Decoded.Run run = run();
    for (long now = SECOND; now < DAY * SECOND; now += nanos) {
      run.decoder.at(now, 0);
      run.feed(heartbeat);
      assertThat(run.failed()).isFalse();
      run.frames.clear();
    }
    run.decoder.release();
  }

  @Test
  void aServerThatPingsOnceASecondDoesItForADay() {
    passes(SECOND, ping("a"));
  }

  @Test
  void anEmptyTextEachTenthOfASecondIsAHeartbeat() {
    passes(SECOND / 10, text(""));
  }

  @Test
  void pongsEachTenthOfASecondAreAHeartbeat() {
    passes(SECOND / 10, pong());
  }

  @Test
  void aDaysPingsComeAtOnceWhenNothingWasRead() {
    Decoded.Run run = run();
    run.decoder.at(SECOND, 0);
    run.feed(text("a"));
    long later = DAY * SECOND;
    run.decoder.at(later, later);
    run.feed(times(DAY, ping("")));
    assertThat(run.failed()).isFalse();
    run.decoder.release();
  }

  @Test
  void pongsThatWereAskedForAreNoFlood() {
    Decoded.Run run = run();
    for (int i = 0; i < 5000; i++) {
      run.decoder.pinged();
    }
    run.feed(times(6000, pong()));
    assertThat(run.failed()).isFalse();
    run.feed(pong());
    assertThat(run.result().reason()).isEqualTo(FLOOD);
    run.decoder.release();
  }

  // ---- what inflates too much, or to nothing

  @Test
  void messagesJustBelowAMegabyteAreABombTogether() {
    Decoded.Run run = run();
    Deflater server = new Deflater(9, true);
    byte[] zeros = new byte[InflateBounds.FROM - 1];
    for (int i = 0; !run.failed() && i < 100; i++) {
      run.feed(frame(0xc2, CompressionTest.deflated(server, zeros)));
    }
    server.end();
    run.decoder.release();
    // 16 MiB beyond the ratio, and what each may have by it: 300 times a kilobyte
    assertThat(run.result().frames()).hasSize(22).containsOnly(new Binary(zeros));
    assertThat(run.result().reason()).isEqualTo(new Reason.Limit(Bound.INFLATE_RATIO, 300));
  }

  @Test
  void anHonestPastHidesNoBomb() {
    Decoded.Run run = run();
    Deflater server = new Deflater(9, true);
    byte[] noise = new byte[InflateBounds.FROM];
    new Random(1).nextBytes(noise);
    for (int i = 0; i < 100; i++) {
      run.feed(frame(0xc2, CompressionTest.deflated(server, noise)));
    }
    byte[] zeros = new byte[InflateBounds.FROM - 1];
    int bombs = 0;
    for (; !run.failed(); bombs++) {
      run.feed(frame(0xc2, CompressionTest.deflated(server, zeros)));
    }
    server.end();
    run.decoder.release();
    assertThat(run.result().reason()).isEqualTo(new Reason.Limit(Bound.INFLATE_RATIO, 300));
    assertThat(bombs).isEqualTo(23);
  }

  /** 16 pictures of a mebibyte, and one more each second. */
  @Test
  void aFeedOfBlackPicturesIsNoBomb() {
    Decoded.Run run = run();
    Deflater server = new Deflater(9, true);
    long now = SECOND;
    for (int i = 0; i < 1000; i++) {
      run.decoder.at(now, 0);
      run.feed(frame(0xc2, CompressionTest.deflated(server, new byte[InflateBounds.FROM])));
      now += i < 16 ? 0 : SECOND;
    }
    assertThat(run.result().reason()).isNull();
    server.end();
    run.decoder.release();
  }

  /** A snapshot again and again, with one value that changes: takes the window over. */
  @Test
  void aFeedThatRepeatsItselfIsNoBomb() {
    Decoded.Run run = run();
    Deflater server = new Deflater(9, true);
    String book = "{\"price\":%d,\"amount\":1,\"side\":\"buy\",\"venue\":\"XNYS\"},".repeat(40);
    long given = 0;
    long taken = 0;
    for (int i = 0; i < 10_000; i++) {
      Integer price = 10_000 + i % 97;
      Object[] prices = new Object[40];
      Arrays.fill(prices, price);
      byte[] message = book.formatted(prices).getBytes(StandardCharsets.UTF_8);
      byte[] payload = CompressionTest.deflated(server, message);
      given += message.length;
      taken += payload.length;
      run.feed(frame(0xc1, payload));
    }
    server.end();
    run.decoder.release();
    assertThat(given / taken).isGreaterThan(50);
    assertThat(run.result().reason()).isNull();
    assertThat(run.result().frames()).hasSize(10_000);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void emptyBlocksWithoutEndAreStopped(boolean withAByteNowAndThen) {
    Decoded.Run run = run();
    byte[] empty = times(2000, hex("00 00 00 ff ff"));
    byte[] some = withAByteNowAndThen ? join(empty, hex("00 01 00 fe ff 61")) : empty;
    run.feed(frame(0x42, some));
    int fragments = 1;
    for (; !run.failed(); fragments++) {
      run.feed(frame(0x00, some));
    }
    run.decoder.release();
    assertThat(run.result().reason())
        .isEqualTo(new Reason.Limit(Bound.WITHOUT_OUTPUT, InflateBounds.FROM));
    assertThat(fragments * some.length).isBetween(InflateBounds.FROM, InflateBounds.FROM + 30_000);
  }

  /** Each byte of it a block of its own, behind an empty one: 12 bytes for one. */
  @Test
  void aStreamThatIsFlushedForEachByteIsRead() {
    Decoded.Run run = run();
    byte[] flushed = times(3000, hex("00 00 00 ff ff 00 01 00 fe ff 61"));
    for (int i = 0; i < 100; i++) {
      run.feed(frame(0xc1, join(flushed, hex("00"))));
    }
    run.decoder.release();
    assertThat(run.result().reason()).isNull();
  }

  // ---- whose turn it is

  @Test
  void theDecoderStopsWhenItHasInflatedEnough() throws Violation {
    Deflater server = new Deflater(9, true);
    byte[] message = new byte[100_000];
    byte[] one = frame(0xc2, CompressionTest.deflated(server, message));
    byte[] rest = frame(0xc2, CompressionTest.deflated(server, message));
    ByteBuf input = Unpooled.wrappedBuffer(one, times(9, rest));
    int[] given = {0};
    FrameDecoder decoder = decoder(given);
    for (int turns = 1; ; turns++) {
      decoder.decode(input);
      if (!decoder.hasEnough()) {
        assertThat(turns).isEqualTo(4);
        break;
      }
      int soFar = given[0];
      assertThat(soFar).isBetween(3 * turns - 1, 3 * turns);
      decoder.decode(input); // there is no step further
      assertThat(given[0]).isEqualTo(soFar);
      decoder.goOn();
    }
    assertThat(given[0]).isEqualTo(10);
    assertThat(input.isReadable()).isFalse();
    decoder.release();
    server.end();
  }

  @Test
  void theDecoderStopsWithinALargeMessageToo() throws Violation {
    byte[] message = new byte[4 << 20];
    ByteBuffer.wrap(message).putInt(1);
    for (int i = 0; i < message.length; i += 300) {
      message[i] = (byte) (i * i >> 5); // so that the ratio is no bomb's
    }
    ByteBuf input = Unpooled.wrappedBuffer(frame(0xc2, CompressionTest.deflated(message)));
    int[] given = {0};
    FrameDecoder decoder = decoder(given);
    int turns = 0;
    for (; given[0] == 0; turns++) {
      decoder.goOn();
      decoder.decode(input);
    }
    decoder.release();
    assertThat(turns).isGreaterThan(4);
  }

  private static FrameDecoder decoder(int[] given) {
    Inflation inflation = new Inflation(TAKEOVER, 10_000, SHARED);
    return new FrameDecoder(MAX, false, Long.MAX_VALUE, inflation, new byte[64], counter(given));
  }

  private static FrameDecoder.Sink counter(int[] given) {
    Decoded.Run nobody = new Decoded.Run(MAX, null);
    return new FrameDecoder.Sink() {
      @Override
      public void text(String text) {
        given[0]++;
      }

      @Override
      public void binary(Bytes bytes) {
        given[0]++;
      }

      @Override
      public void ping(Bytes payload) {
        nobody.ping(payload);
      }

      @Override
      public void pong(Bytes payload) {
        nobody.pong(payload);
      }

      @Override
      public void close(dev.lariat.message.Close close) {
        nobody.close(close);
      }

      @Override
      public void part(String text, boolean fin) {
        given[0]++;
      }

      @Override
      public void part(Bytes bytes, boolean fin) {
        given[0]++;
      }
    };
  }
}
