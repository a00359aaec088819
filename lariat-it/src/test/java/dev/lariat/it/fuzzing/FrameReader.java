package dev.lariat.it.fuzzing;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Reads frames and holds them against RFC 6455 section 5, but for the meaning of reserved bits. */
final class FrameReader {
  private static final int MAX = 64 << 20; // no case is bigger

  private final DataInputStream in;
  private final boolean masked;

  /**
   * A reader.
   *
   * @param masked whether frames must be masked: those of a client must, those of a server must not
   */
  FrameReader(InputStream in, boolean masked) {
    this.in = new DataInputStream(in);
    this.masked = masked;
  }

  /** The next frame; empty at the end. */
  Optional<Frame> next() throws IOException {
    int first = in.read();
    if (first < 0) {
      return Optional.empty();
    }
    int second = in.readUnsignedByte();
    int opcode = first & 0xf;
    boolean fin = (first & 0x80) != 0;
    check(
        opcode <= Frame.BINARY || opcode >= Frame.CLOSE && opcode <= Frame.PONG,
        "opcode " + opcode);
    check((second & 0x80) != 0 == masked, masked ? "an unmasked frame" : "a masked frame");
    int length = length(second & 0x7f);
    check(opcode < Frame.CLOSE || fin, "a fragmented control frame");
    check(opcode < Frame.CLOSE || length <= 125, "a control frame of " + length + " octets");
    int key = masked ? in.readInt() : 0;
    byte[] payload = in.readNBytes(length);
    check(payload.length == length, "the end inside a frame");
    return Optional.of(
        new Frame(fin, first >> 4 & 7, opcode, masked ? Frame.masked(payload, key) : payload));
  }

  private int length(int field) throws IOException {
    if (field < 126) {
      return field;
    }
    long length = field == 126 ? in.readUnsignedShort() : in.readLong();
    check(length >= (field == 126 ? 126 : 0x10000), "a length in more octets than it needs");
    check(length <= MAX, "a frame of " + length + " octets");
    return (int) length;
  }

  static void check(boolean right, String violation) throws Violation {
    if (!right) {
      throw new Violation(violation);
    }
  }
}
