package dev.lariat.internal.codec;

import dev.lariat.message.Reason.Bound;

/**
 * Reads the line before a chunk (RFC 9112 section 7.1) octet by octet: a size, with blanks around
 * it as many servers pad it, and extensions, which nobody here knows.
 */
final class ChunkLine {
  private static final String SECTION = "RFC 9112 section 7.1";
  private static final long LARGEST_BEFORE_DIGIT = Long.MAX_VALUE >> 4;

  private enum Part {
    BEFORE_SIZE,
    SIZE,
    BEHIND_SIZE,
    EXTENSION,
    QUOTED,
    ESCAPED,
    END
  }

  private final int limit;
  private final boolean tolerant;
  private Part part = Part.BEFORE_SIZE;
  private int octets;
  private long size;

  /**
   * A line of at most so many octets.
   *
   * @param tolerant whether it may end with LF alone
   */
  ChunkLine(int limit, boolean tolerant) {
    this.limit = limit;
    this.tolerant = tolerant;
  }

  /** Begins another line. */
  void begin() {
    part = Part.BEFORE_SIZE;
    octets = 0;
    size = 0;
  }

  /** The size of the chunk in octets, when the line has ended; that of the last is zero. */
  long size() {
    return size;
  }

  /** How many octets it has so far, its end counted. */
  int octets() {
    return octets;
  }

  /** Takes the next octet, and says whether the line ends with it. */
  boolean take(int octet) throws Violation {
    if (++octets > limit) {
      throw Violation.limit(Bound.HEADER_BLOCK, limit);
    }
    switch (part) {
      case BEFORE_SIZE -> {
        if (octet != ' ' && octet != '\t') {
          digit(octet);
          part = Part.SIZE;
        }
      }
      case SIZE -> {
        if (isHex(octet)) {
          digit(octet);
        } else {
          return behindSize(octet);
        }
      }
      case BEHIND_SIZE -> {
        return behindSize(octet);
      }
      case EXTENSION -> {
        if (octet == '\r' || octet == '\n') {
          return end(octet);
        }
        expectText(octet);
        part = octet == '"' ? Part.QUOTED : Part.EXTENSION;
      }
      case QUOTED -> {
        expectText(octet);
        part = octet == '"' ? Part.EXTENSION : octet == '\\' ? Part.ESCAPED : Part.QUOTED;
      }
      case ESCAPED -> {
        expectText(octet);
        part = Part.QUOTED;
      }
      case END -> {
        if (octet != '\n') {
          throw Violation.protocol("the line of a chunk's size contains a bare CR", SECTION);
        }
        return true;
      }
    }
    return false;
  }

  private boolean behindSize(int octet) throws Violation {
    switch (octet) {
      case ' ', '\t' -> part = Part.BEHIND_SIZE;
      case ';' -> part = Part.EXTENSION;
      case '\r', '\n' -> {
        return end(octet);
      }
      default -> throw malformed();
    }
    return false;
  }

  private boolean end(int octet) throws Violation {
    if (octet == '\r') {
      part = Part.END;
      return false;
    }
    if (!tolerant) {
      throw Violation.protocol("the line of a chunk's size ends with a bare LF", SECTION);
    }
    return true;
  }

  private void digit(int octet) throws Violation {
    if (!isHex(octet)) {
      throw malformed();
    }
    if (size > LARGEST_BEFORE_DIGIT) {
      throw Violation.protocol(
          "the size of a chunk is larger than " + Long.MAX_VALUE + " octets", SECTION);
    }
    size = size << 4 | Character.digit(octet, 16);
  }

  private static boolean isHex(int octet) {
    return octet >= '0' && octet <= '9'
        || octet >= 'a' && octet <= 'f'
        || octet >= 'A' && octet <= 'F';
  }

  private static Violation malformed() {
    return Violation.protocol("the size of a chunk is not a hexadecimal number", SECTION);
  }

  private static void expectText(int octet) throws Violation {
    if (FieldBlock.isControl(octet)) {
      throw Violation.protocol("the extension of a chunk is malformed", SECTION);
    }
  }
}
