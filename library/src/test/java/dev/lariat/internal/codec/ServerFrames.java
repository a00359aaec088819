package dev.lariat.internal.codec;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Builds what a server sends, right or wrong. */
public final class ServerFrames {
  private ServerFrames() {}

  /** Octets from hexadecimal; spaces are for the eye. */
  public static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }

  /** The octets of these, one behind the other. */
  public static byte[] join(byte[]... parts) {
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      whole.writeBytes(part);
    }
    return whole.toByteArray();
  }

  /** The header of an unmasked frame with the shortest form of the length. */
  public static byte[] header(int first, long length) {
    ByteBuffer header = ByteBuffer.allocate(10).put((byte) first);
    if (length < 126) {
      header.put((byte) length);
    } else if (length < 1 << 16) {
      header.put((byte) 126).putShort((short) length);
    } else {
      header.put((byte) 127).putLong(length);
    }
    byte[] octets = new byte[header.flip().remaining()];
    header.get(octets);
    return octets;
  }

  /** An unmasked frame. */
  public static byte[] frame(int first, byte... payload) {
    return join(header(first, payload.length), payload);
  }

  /** A whole text message. */
  public static byte[] text(String text) {
    return frame(0x81, text.getBytes(StandardCharsets.UTF_8));
  }

  /** A ping. */
  public static byte[] ping(String payload) {
    return frame(0x89, payload.getBytes(StandardCharsets.UTF_8));
  }

  /** A pong. */
  public static byte[] pong(byte... payload) {
    return frame(0x8a, payload);
  }

  /** A close frame. */
  public static byte[] close(int code, String text) {
    byte[] reason = text.getBytes(StandardCharsets.UTF_8);
    return join(
        header(0x88, 2 + reason.length), new byte[] {(byte) (code >> 8), (byte) code}, reason);
  }

  /** A payload of this many octets, none of which looks like its neighbour. */
  static byte[] pattern(int length) {
    byte[] octets = new byte[length];
    for (int i = 0; i < length; i++) {
      octets[i] = (byte) (i * 31 + (i >> 8));
    }
    return octets;
  }
}
