package dev.lariat.internal.codec;

import java.nio.ByteBuffer;

/**
 * The header of a server's frame (RFC 6455 section 5.2): where its fields are, and which headers
 * are wrong. A header that is all there is read where it lies, by the static methods. An object is
 * made only for one that the input cut, and gathers its octets.
 */
final class FrameHeader {
  static final int FIN = 0x80;

  private static final int RSV1 = 0x40;
  private static final int OPCODE = 0x0f;
  private static final int RSV2_RSV3 = 0x30;
  private static final int MASKED = 0x80;
  private static final int LENGTH = 0x7f;
  private static final int SHORT = 126; // in place of a length: two bytes with the length follow
  private static final int LONG = 127; // in place of a length: eight bytes with the length follow
  private static final int MAX_CONTROL = 125;
  private static final int MAX_SIZE = 10;
  private static final String FRAMING = "RFC 6455 section 5.2";

  private final ByteBuffer octets = ByteBuffer.allocate(MAX_SIZE); // up to its position

  // ---- where the fields are

  /** How many bytes the header has that begins at this index; 0 if the input cuts it. */
  static int size(ByteBuffer in, int at, int end) {
    int available = end - at;
    int size = available < 2 ? MAX_SIZE : size(in.get(at + 1));
    return available < size ? 0 : size;
  }

  /** The opcode, by the first octet. */
  static int opcode(int first) {
    return first & OPCODE;
  }

  /** Whether the frame is the last one of its message, by the first octet. */
  static boolean isFinal(int first) {
    return (first & FIN) != 0;
  }

  /** Whether the message that the frame begins is compressed, by the first octet. */
  static boolean isCompressed(int first) {
    return (first & RSV1) != 0;
  }

  /** How many bytes the header has, by its second octet. */
  private static int size(int second) {
    int length = second & LENGTH;
    return length < SHORT ? 2 : length == SHORT ? 4 : MAX_SIZE;
  }

  /** How many bytes the payload has, by a whole header of this size that begins at this index. */
  static long payload(ByteBuffer in, int at, int size) {
    return switch (size) {
      case 2 -> in.get(at + 1) & LENGTH;
      case 4 -> in.getShort(at + 2) & 0xffff;
      default -> in.getLong(at + 2);
    };
  }

  // ---- which are wrong

  /** Whether the second octet, without a mask, has the shortest form of this length. */
  static boolean isShortest(int second, long length) {
    return second < SHORT
        || second == SHORT && length >= SHORT
        || second == LONG && length >= 1 << 16;
  }

  /**
   * Checks a whole header.
   *
   * @param length of the payload
   * @param compression whether compression was agreed
   * @param inMessage whether a fragmented message is unfinished
   */
  static void check(int first, int second, long length, boolean compression, boolean inMessage)
      throws Violation {
    checkFirst(first, compression, inMessage);
    checkSecond(first, second);
    if (length < 0) {
      throw Violation.protocol("a frame's length has its highest bit set", FRAMING);
    }
    if (!isShortest(second, length)) {
      throw Violation.protocol("a frame's length does not use the fewest bytes", FRAMING);
    }
  }

  /** Checks the first octet alone. */
  private static void checkFirst(int first, boolean compression, boolean inMessage)
      throws Violation {
    int op = opcode(first);
    if ((first & RSV2_RSV3) != 0) {
      throw Violation.protocol("a frame has reserved bits set", FRAMING);
    }
    if (!Opcode.isKnown(op)) {
      throw Violation.protocol("a frame has the reserved opcode " + op, FRAMING);
    }
    if (isCompressed(first)) {
      if (!compression) {
        throw Violation.protocol("a frame has reserved bits set", FRAMING);
      }
      if (Opcode.isControl(op) || op == Opcode.CONTINUATION) {
        throw Violation.protocol(
            "a frame that does not begin a message is marked as compressed",
            "RFC 7692 section 6.1");
      }
    }
    if (Opcode.isControl(op)) {
      if (!isFinal(first)) {
        throw Violation.protocol("a control frame is fragmented", "RFC 6455 section 5.5");
      }
    } else if (op == Opcode.CONTINUATION && !inMessage) {
      throw Violation.protocol("a continuation frame continues nothing", "RFC 6455 section 5.4");
    } else if (op != Opcode.CONTINUATION && inMessage) {
      throw Violation.protocol(
          "a new message begins inside a fragmented one", "RFC 6455 section 5.4");
    }
  }

  /** Checks what the second octet shows before the length is known. */
  private static void checkSecond(int first, int second) throws Violation {
    if ((second & MASKED) != 0) {
      throw Violation.protocol("the server masked a frame", "RFC 6455 section 5.1");
    }
    if (Opcode.isControl(opcode(first)) && second > MAX_CONTROL) {
      throw Violation.protocol(
          "a control frame has an extended length, but at most 125 bytes are allowed",
          "RFC 6455 section 5.5");
    }
  }

  // ---- one that the input cut

  /** Adds an octet. The first two are checked at once; the whole header is for {@link #check}. */
  void add(byte octet, boolean compression, boolean inMessage) throws Violation {
    octets.put(octet);
    if (octets.position() == 1) {
      checkFirst(first(), compression, inMessage);
    } else if (octets.position() == 2) {
      checkSecond(first(), second());
    }
  }

  /** Whether all of it has come. */
  boolean isWhole() {
    return size(octets, 0, octets.position()) > 0;
  }

  int first() {
    return octets.get(0) & 0xff;
  }

  int second() {
    return octets.get(1) & 0xff;
  }

  /** How many bytes the payload has; once the header is whole. */
  long payload() {
    return payload(octets, 0, octets.position());
  }
}
