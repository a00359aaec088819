package dev.lariat.internal.codec;

import dev.lariat.message.Frame;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Writes a client's frames (RFC 6455 section 5.2): header, mask key and masked payload in one pass,
 * straight into the buffer that goes to the socket.
 */
public final class FrameEncoder {
  private static final int FIN = 0x80;
  private static final int RSV1 = 0x40;
  private static final int MASKED = 0x80;

  private final MaskKeys keys;

  /** An encoder that masks with these keys. */
  FrameEncoder(MaskKeys keys) {
    this.keys = keys;
  }

  /** How many bytes the frame of a payload of this length takes. */
  public static int size(int payload) {
    return payload + (payload < 126 ? 6 : payload < 1 << 16 ? 8 : 14);
  }

  /**
   * Appends an unfragmented frame.
   *
   * @param out has room for {@link #size} bytes
   * @param frame tells the opcode
   * @param compressed whether the payload is the compressed form of a message (RFC 7692 section 6)
   * @param payload read from its position to its limit, which do not move; its byte order is
   *     ignored
   */
  public void encode(ByteBuf out, Frame frame, boolean compressed, ByteBuffer payload) {
    encode(out, Opcode.of(frame) | FIN | (compressed ? RSV1 : 0), payload);
  }

  /**
   * Appends a fragment of a message (section 5.4).
   *
   * @param text whether the message is text
   * @param first whether it is the message's first fragment
   * @param fin whether it is the message's last
   * @see #encode(ByteBuf, Frame, boolean, ByteBuffer)
   */
  public void encode(
      ByteBuf out,
      boolean text,
      boolean first,
      boolean fin,
      boolean compressed,
      ByteBuffer payload) {
    int opcode = !first ? Opcode.CONTINUATION : text ? Opcode.TEXT : Opcode.BINARY;
    encode(out, opcode | (fin ? FIN : 0) | (first && compressed ? RSV1 : 0), payload);
  }

  private void encode(ByteBuf out, int first, ByteBuffer payload) {
    int length = payload.remaining();
    int at = out.writerIndex();
    int end = at + size(length);
    put(out.internalNioBuffer(at, end - at), first, payload, length, keys.next());
    out.writerIndex(end);
  }

  private static void put(ByteBuffer frame, int first, ByteBuffer payload, int length, int key) {
    frame.put((byte) first);
    if (length < 126) {
      frame.put((byte) (MASKED | length));
    } else if (length < 1 << 16) {
      frame.put((byte) (MASKED | 126)).putShort((short) length);
    } else {
      frame.put((byte) (MASKED | 127)).putLong(length);
    }
    frame.order(ByteOrder.LITTLE_ENDIAN).putInt(key);
    mask(frame, frame.position(), payload.duplicate().order(ByteOrder.LITTLE_ENDIAN), length, key);
    frame.order(ByteOrder.BIG_ENDIAN); // Netty keeps this view for itself
  }

  /** Section 5.3: each octet is combined with the key's octet at its own place modulo four. */
  private static void mask(ByteBuffer frame, int at, ByteBuffer payload, int length, int key) {
    long wide = (long) key << 32 | key & 0xffffffffL;
    int from = payload.position();
    int i = 0;
    for (; i <= length - Long.BYTES; i += Long.BYTES) {
      frame.putLong(at + i, payload.getLong(from + i) ^ wide);
    }
    for (; i < length; i++) {
      frame.put(at + i, (byte) (payload.get(from + i) ^ key >> ((i & 3) << 3)));
    }
  }
}
