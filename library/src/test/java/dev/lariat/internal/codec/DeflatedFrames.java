package dev.lariat.internal.codec;

import static dev.lariat.internal.codec.CompressionTest.deflated;
import static dev.lariat.internal.codec.ServerFrames.frame;
import static dev.lariat.internal.codec.ServerFrames.join;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;

/** Streams of a server's compressed messages. */
final class DeflatedFrames {
  /** The window is taken over from message to message. */
  static final DeflateTerms TERMS = new DeflateTerms(false, false, 15, 15);

  private DeflatedFrames() {}

  /**
   * Messages that share a window, most of them compressed, in fragments with control frames in
   * between; some texts are not UTF-8, and some streams end in a wrong octet.
   */
  static byte[] stream(Random random) {
    List<byte[]> frames = new ArrayList<>();
    Deflater window = new Deflater(6, true);
    for (int i = random.nextInt(8); i >= 0; i--) {
      boolean compressed = random.nextInt(4) > 0;
      byte[] message = message(random);
      byte[] payload = compressed ? deflated(window, message) : message;
      int first = (compressed ? 0x40 : 0) | 1 + random.nextInt(2);
      int from = 0;
      while (random.nextInt(3) == 0) {
        int to = from + random.nextInt(payload.length - from + 1);
        frames.add(frame(first, Arrays.copyOfRange(payload, from, to)));
        if (random.nextBoolean()) {
          frames.add(NettyDifferentialTest.control(random));
        }
        from = to;
        first = 0;
      }
      frames.add(frame(0x80 | first, Arrays.copyOfRange(payload, from, payload.length)));
    }
    window.end();
    if (random.nextInt(3) == 0) {
      frames.add(frame(0x83));
    }
    return join(frames.toArray(byte[][]::new));
  }

  private static byte[] message(Random random) {
    String text = NettyDifferentialTest.text(random, random.nextInt(4) == 0 ? 3000 : 60);
    if (random.nextInt(8) == 0) {
      text = text.repeat(1 + random.nextInt(60)); // longer than a part
    }
    byte[] octets = text.getBytes(StandardCharsets.UTF_8);
    if (random.nextInt(20) == 0 && octets.length > 0) {
      octets[random.nextInt(octets.length)] = (byte) random.nextInt();
    }
    return octets;
  }
}
