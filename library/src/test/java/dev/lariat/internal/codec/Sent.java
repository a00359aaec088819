package dev.lariat.internal.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Bytes;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * A client's frame, unmasked.
 *
 * @param first its first octet: FIN, RSV1 to RSV3 and the opcode
 */
public record Sent(int first, Bytes payload) {

  /** A frame that carries this text. */
  public static Sent of(int first, String payload) {
    return new Sent(first, Bytes.ofUtf8(payload));
  }

  /** A close frame. */
  public static Sent close(int code, String text) {
    byte[] octets = {(byte) (code >> 8), (byte) code};
    return new Sent(0x88, Bytes.wrap(ServerFrames.join(octets, Bytes.ofUtf8(text).toArray())));
  }

  /** Whether it is a control frame. */
  public boolean isControl() {
    return (first & 0x08) != 0;
  }

  /** The frames of which these octets are the whole. */
  public static List<Sent> all(byte[] written) {
    ByteBuffer octets = ByteBuffer.wrap(written);
    List<Sent> frames = new ArrayList<>();
    while (octets.hasRemaining()) {
      int first = octets.get() & 0xff;
      int length = octets.get() & 0xff;
      assertThat(length & 0x80).as("masked").isEqualTo(0x80);
      length &= 0x7f;
      length =
          length == 126
              ? octets.getShort() & 0xffff
              : length == 127 ? (int) octets.getLong() : length;
      byte[] key = new byte[4];
      octets.get(key);
      byte[] payload = new byte[length];
      octets.get(payload);
      for (int i = 0; i < length; i++) {
        payload[i] ^= key[i % 4];
      }
      frames.add(new Sent(first, Bytes.wrap(payload)));
    }
    return frames;
  }

  /** The payloads of the data frames among these, one behind the other. */
  public static byte[] data(List<Sent> frames) {
    return ServerFrames.join(
        frames.stream()
            .filter(frame -> !frame.isControl())
            .map(frame -> frame.payload().toArray())
            .toArray(byte[][]::new));
  }
}
