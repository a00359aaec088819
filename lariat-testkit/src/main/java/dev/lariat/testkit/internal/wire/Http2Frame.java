package dev.lariat.testkit.internal.wire;

import dev.lariat.message.Bytes;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;

/**
 * A frame of HTTP/2 (RFC 9113 section 4.1).
 *
 * @param type its type
 * @param flags its flags
 * @param stream the number of its stream; 0 for the connection
 * @param payload what it carries
 */
public record Http2Frame(int type, int flags, int stream, Bytes payload) {
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int ACK = 0x1;
  static final int END_STREAM = 0x1;
  static final int END_HEADERS = 0x4;
  static final int PADDED = 0x8;
  static final int WITH_PRIORITY = 0x20;

  /** The largest payload that each side takes. */
  static final int LARGEST = 16_384;

  /** Reads the next one. */
  static Http2Frame read(Input in) throws IOException {
    int length = (int) in.number(3);
    if (length > LARGEST) {
      throw new ProtocolException(
          "a frame has " + length + " octets, allowed " + LARGEST + " (RFC 9113 section 4.2)");
    }
    int type = in.next();
    int flags = in.next();
    int stream = (int) (in.number(4) & 0x7fff_ffff); // one bit means nothing
    return new Http2Frame(type, flags, stream, Bytes.wrap(in.next(length)));
  }

  boolean has(int flag) {
    return (flags & flag) != 0;
  }

  /** It in the form of the wire. */
  byte[] encoded() {
    return ByteBuffer.allocate(9 + payload.size())
        .putInt(payload.size() << 8 | type)
        .put((byte) flags)
        .putInt(stream)
        .put(payload.toArray())
        .array();
  }

  /** What it carries without padding and priority (RFC 9113 sections 6.1 and 6.2). */
  byte[] content() throws IOException {
    ByteBuffer rest = ByteBuffer.wrap(payload.toArray());
    int padding = 0;
    if (has(PADDED)) {
      refuseIf(!rest.hasRemaining(), "a padded frame has no length of its padding", "6.1");
      padding = rest.get() & 0xff;
    }
    if (type == HEADERS && has(WITH_PRIORITY)) {
      refuseIf(rest.remaining() < 5, "a frame has half a priority", "6.2");
      rest.position(rest.position() + 5);
    }
    refuseIf(padding > rest.remaining(), "a frame has more padding than octets", "6.1");
    byte[] content = new byte[rest.remaining() - padding];
    rest.get(content);
    return content;
  }

  /** The payload of a frame that carries a number only. */
  static byte[] number(long number) {
    return ByteBuffer.allocate(4).putInt((int) number).array();
  }

  /** The number that such a frame carries. */
  long number() {
    return ByteBuffer.wrap(payload.toArray()).getInt() & 0xffff_ffffL;
  }

  void requireLength(int length) throws IOException {
    int its = payload.size();
    refuseIf(its != length, "a frame of type " + type + " has " + its + " octets", "6");
  }

  void requireConnection() throws IOException {
    refuseIf(stream != 0, "a frame of type " + type + " is on a stream", "6");
  }

  static void refuseIf(boolean broken, String what, String section) throws IOException {
    if (broken) {
      throw new ProtocolException(what + " (RFC 9113 section " + section + ")");
    }
  }
}
