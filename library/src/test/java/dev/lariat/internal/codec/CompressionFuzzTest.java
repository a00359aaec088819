package dev.lariat.internal.codec;

import static dev.lariat.internal.codec.ServerFrames.frame;
import static dev.lariat.internal.codec.ServerFrames.hex;
import static dev.lariat.internal.codec.ServerFrames.join;
import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.lariat.message.Binary;
import dev.lariat.message.Headers;
import dev.lariat.option.Deflate;
import dev.lariat.option.Deflate.Offer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.zip.DataFormatException;

class CompressionFuzzTest {
  private static final int MAX = 1 << 16;

  /** Whatever a server answers keeps to what was offered, or is a violation. */
  @FuzzTest(maxDuration = "3m")
  void negotiated(byte[] input) {
    List<Offer> offers = new ArrayList<>();
    int at = 0;
    do {
      offers.add(offer(octet(input, at), octet(input, at + 1)));
      at += 2;
    } while (offers.size() < 8 && (octet(input, at - 2) & 4) != 0);
    String answer =
        new String(
            input,
            Math.min(at, input.length),
            Math.max(0, input.length - at),
            StandardCharsets.ISO_8859_1);
    if (!Headers.isValue(answer)) {
      return;
    }
    try {
      for (Extension extension : Extension.parse(answer)) {
        DeflateTerms terms = DeflateTerms.accept(extension, offers);
        assertThat(offers).anyMatch(offer -> keepsTo(terms, offer));
      }
    } catch (Violation v) {
      assertThat(v.reason().sentence()).isNotEmpty();
    }
  }

  private static int octet(byte[] input, int at) {
    return at < input.length ? input[at] & 0xff : 0;
  }

  private static Offer offer(int flags, int bits) {
    return new Offer((flags & 1) != 0, (flags & 2) != 0, window(bits & 15), window(bits >> 4));
  }

  private static OptionalInt window(int bits) {
    return bits < 8 ? OptionalInt.empty() : OptionalInt.of(bits);
  }

  private static boolean keepsTo(DeflateTerms terms, Offer offer) {
    return (terms.serverNoContextTakeover() || !offer.serverNoContextTakeover())
        && (terms.clientNoContextTakeover() || !offer.clientNoContextTakeover())
        && within(terms.serverMaxWindowBits(), offer.serverMaxWindowBits().orElse(15))
        && within(terms.clientMaxWindowBits(), offer.clientMaxWindowBits().orElse(15));
  }

  private static boolean within(int bits, int most) {
    return bits >= 8 && bits <= most;
  }

  /** Blocks that can be read by hand to their end are inflated to the same, and no others. */
  @FuzzTest(maxDuration = "3m")
  void inflated(byte[] payload) {
    Decoded decoded = Decoded.of(frame(0xc2, payload), MAX, new DeflateTerms(true, true, 15, 15));
    byte[] byHand = Blocks.message(payload);
    if (byHand == null) {
      assertThat(decoded.closeCode()).isIn(1007, 1009);
    } else if (byHand.length > MAX) {
      assertThat(decoded.closeCode()).isEqualTo(1009);
    } else {
      assertThat(decoded.frames()).containsExactly(new Binary(byHand));
      assertThat(Decoded.of(frame(0xc2, payload), MAX, new DeflateTerms(false, false, 15, 15)))
          .isEqualTo(decoded);
    }
  }

  /** What this side compresses, in fragments cut anywhere, keeps to the window and is read. */
  @FuzzTest(maxDuration = "3m")
  void deflated(byte[] input) throws DataFormatException {
    int bits = 8 + octet(input, 0) % 8;
    int level = 1 + octet(input, 1) % 9;
    boolean noTakeover = (octet(input, 0) & 8) != 0;
    int size = 1 + octet(input, 2);
    Deflation deflation =
        new Deflation(
            new DeflateTerms(false, noTakeover, 15, bits),
            Deflate.DEFAULT.level(level),
            Decoded.SHARED);
    Blocks server = new Blocks();
    byte[] scratch = new byte[1 + octet(input, 3)];
    int lent = Decoded.SHARED.zlib.lent();
    for (int from = 4; from < input.length; from += 2 * size) {
      byte[] first = Arrays.copyOfRange(input, from, Math.min(input.length, from + size));
      byte[] second =
          Arrays.copyOfRange(
              input, from + first.length, Math.min(input.length, from + first.length + size));
      byte[] payload =
          join(
              octets(deflation.deflate(ByteBuffer.wrap(first), false, scratch)),
              octets(deflation.deflate(ByteBuffer.wrap(second), true, scratch)));
      server = noTakeover ? new Blocks() : server;
      assertThat(server.inflate(join(payload, hex("00 00 ff ff")))).isEqualTo(join(first, second));
      assertThat(server.farthest()).isLessThanOrEqualTo(1 << bits);
    }
    deflation.release();
    assertThat(Decoded.SHARED.zlib.lent()).isEqualTo(lent);
  }

  private static byte[] octets(ByteBuffer buffer) {
    byte[] octets = new byte[buffer.remaining()];
    buffer.get(octets);
    return octets;
  }
}
