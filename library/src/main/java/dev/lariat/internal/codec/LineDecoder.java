package dev.lariat.internal.codec;

import dev.lariat.message.Bytes;
import dev.lariat.message.Reason.Bound;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads a body whose lines are values, such as lines of JSON, cut anywhere. A line ends with LF, as
 * the formats have it: CR and U+2028 may stand within a value. Lines of white space count, and are
 * not given, and neither is a byte order mark. It keeps one line at the most, and no more of it
 * than the limit.
 */
public final class LineDecoder {
  private final int limit;
  private final ByteArrayOutputStream begun = new ByteArrayOutputStream(); // has no end yet
  private long lines; // that have ended

  /**
   * A decoder at the beginning of a body.
   *
   * @param limit bytes of a line, without its end
   */
  public LineDecoder(int limit) {
    this.limit = limit;
  }

  /**
   * The next line that ends in this part, without its end. The part is read up to there. Null if no
   * further line ends in it: then all of the part is read.
   */
  public @Nullable Bytes next(ByteBuffer part) throws Violation {
    while (part.hasRemaining()) {
      int begin = part.position();
      int end = begin;
      while (end < part.limit() && part.get(end) != '\n') {
        end++;
      }
      keep(part, begin, end);
      if (end == part.limit()) {
        return null;
      }
      part.position(end + 1);
      Bytes line = line();
      if (line != null) {
        return line;
      }
    }
    return null;
  }

  /** What follows the last end of a line, when the body is over; null if that is nothing. */
  public @Nullable Bytes last() {
    return begun.size() == 0 ? null : line();
  }

  /** The number of the line that was given last, from 1. */
  public long number() {
    return lines;
  }

  private void keep(ByteBuffer part, int begin, int end) throws Violation {
    if (begun.size() + (end - begin) > limit) {
      throw Violation.limit(Bound.BODY, limit);
    }
    byte[] more = new byte[end - begin];
    part.get(more);
    begun.write(more, 0, more.length);
  }

  /** The line that has ended; null if it is blank. */
  private @Nullable Bytes line() {
    byte[] line = begun.toByteArray();
    begun.reset();
    lines++;
    if (lines == 1 && isMarked(line)) {
      line = Arrays.copyOfRange(line, 3, line.length);
    }
    for (byte octet : line) {
      if (octet != ' ' && octet != '\t' && octet != '\r') {
        return Bytes.wrap(line);
      }
    }
    return null;
  }

  /** Whether a text begins with the byte order mark of UTF-8. */
  private static boolean isMarked(byte[] text) {
    return text.length >= 3
        && text[0] == (byte) 0xef
        && text[1] == (byte) 0xbb
        && text[2] == (byte) 0xbf;
  }
}
