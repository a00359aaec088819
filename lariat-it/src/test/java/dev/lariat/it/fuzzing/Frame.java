package dev.lariat.it.fuzzing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A frame (RFC 6455 section 5.2), legal or not.
 *
 * @param rsv the three reserved bits as a number, RSV1 being 4
 */
record Frame(boolean fin, int rsv, int opcode, byte[] payload) {
  static final int CONTINUATION = 0;
  static final int TEXT = 1;
  static final int BINARY = 2;
  static final int CLOSE = 8;
  static final int PING = 9;
  static final int PONG = 10;

  static Frame of(int opcode, byte[] payload) {
    return new Frame(true, 0, opcode, payload);
  }

  static Frame of(int opcode, String payload) {
    return of(opcode, payload.getBytes(StandardCharsets.UTF_8));
  }

  static Frame text(String text) {
    return of(TEXT, text);
  }

  static Frame ping(String payload) {
    return of(PING, payload);
  }

  static Frame pong(String payload) {
    return of(PONG, payload);
  }

  static Frame continuation(String payload) {
    return of(CONTINUATION, payload);
  }

  static Frame close(int code, String reason) {
    return close(code, reason.getBytes(StandardCharsets.UTF_8));
  }

  static Frame close(int code, byte[] reason) {
    return of(
        CLOSE, ByteBuffer.allocate(2 + reason.length).putShort((short) code).put(reason).array());
  }

  /** The same without FIN. */
  Frame unfinished() {
    return new Frame(false, rsv, opcode, payload);
  }

  Frame rsv(int bits) {
    return new Frame(fin, bits, opcode, payload);
  }

  boolean control() {
    return opcode >= CLOSE;
  }

  /** The frame as a server sends it. */
  byte[] octets() {
    ByteBuffer octets = ByteBuffer.allocate(10 + payload.length);
    head(octets, 0);
    return taken(octets.put(payload));
  }

  /** The frame as a client sends it. */
  byte[] octets(int maskingKey) {
    ByteBuffer octets = ByteBuffer.allocate(14 + payload.length);
    head(octets, 0x80);
    octets.putInt(maskingKey).put(masked(payload, maskingKey));
    return taken(octets);
  }

  private void head(ByteBuffer octets, int maskBit) {
    octets.put((byte) ((fin ? 0x80 : 0) | rsv << 4 | opcode));
    if (payload.length < 126) {
      octets.put((byte) (maskBit | payload.length));
    } else if (payload.length <= 0xffff) {
      octets.put((byte) (maskBit | 126)).putShort((short) payload.length);
    } else {
      octets.put((byte) (maskBit | 127)).putLong(payload.length);
    }
  }

  private static byte[] taken(ByteBuffer octets) {
    byte[] taken = new byte[octets.position()];
    octets.flip().get(taken);
    return taken;
  }

  /** Masks or unmasks (section 5.3). */
  static byte[] masked(byte[] payload, int key) {
    byte[] masked = new byte[payload.length];
    for (int i = 0; i < masked.length; i++) {
      masked[i] = (byte) (payload[i] ^ key >> 24 - 8 * (i & 3));
    }
    return masked;
  }

  /** A message in fragments of this size, and in one frame if that is 0. */
  static byte[] message(boolean binary, int rsv, byte[] payload, int fragment) {
    int size = fragment == 0 ? Math.max(1, payload.length) : fragment;
    ByteArrayOutputStream frames = new ByteArrayOutputStream(payload.length + 16);
    int from = 0;
    do {
      byte[] part = new byte[Math.min(size, payload.length - from)];
      System.arraycopy(payload, from, part, 0, part.length);
      boolean first = from == 0;
      from += part.length;
      int opcode = first ? binary ? BINARY : TEXT : CONTINUATION;
      frames.writeBytes(new Frame(from == payload.length, first ? rsv : 0, opcode, part).octets());
    } while (from < payload.length);
    return frames.toByteArray();
  }
}
