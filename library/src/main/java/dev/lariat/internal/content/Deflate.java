package dev.lariat.internal.content;

import dev.lariat.internal.codec.Violation;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The coding {@code deflate}: zlib's format (RFC 1950), or bare DEFLATE (RFC 1951), which some
 * servers send (RFC 9110 section 8.4.1.2). What stands behind its end is passed over.
 */
final class Deflate implements Coding {
  private @Nullable Inflater zlib; // native memory; none until the format is known
  private int first = -1;
  private @Nullable ByteBuffer head; // the bytes that told the format, still to be inflated
  private boolean finished;

  @Override
  public int decode(ByteBuffer input, byte[] room) throws Violation {
    if (finished) {
      input.position(input.limit());
      return 0;
    }
    Inflater inflating = zlib == null ? begin(input) : zlib;
    if (inflating == null) {
      return 0;
    }
    int count = 0;
    if (head != null && head.hasRemaining()) {
      count = inflate(inflating, head, room);
    }
    return count > 0 || finished ? count : inflate(inflating, input, room);
  }

  private @Nullable Inflater begin(ByteBuffer input) {
    while (input.hasRemaining()) {
      int octet = input.get() & 0xff;
      if (first < 0) {
        first = octet;
      } else {
        head = ByteBuffer.wrap(new byte[] {(byte) first, (byte) octet});
        zlib = new Inflater(!isZlib(first, octet));
        return zlib;
      }
    }
    return null;
  }

  /** Whether these octets begin a stream of zlib's (RFC 1950 section 2.2). */
  private static boolean isZlib(int cmf, int flags) {
    return (cmf & 0x0f) == 8 && cmf >> 4 <= 7 && (cmf << 8 | flags) % 31 == 0;
  }

  private int inflate(Inflater inflating, ByteBuffer input, byte[] room) throws Violation {
    try {
      inflating.setInput(input);
      int count = inflating.inflate(room);
      if (inflating.needsDictionary()) {
        throw malformed("requires a dictionary");
      }
      finished = inflating.finished();
      if (finished && count == 0) {
        input.position(input.limit());
      }
      return count;
    } catch (DataFormatException e) {
      throw malformed("cannot be decompressed");
    }
  }

  @Override
  public boolean complete() {
    return finished;
  }

  @Override
  public void release() {
    if (zlib != null) {
      zlib.end();
    }
  }

  @Override
  public Violation malformed(String how) {
    return Violation.protocol("the deflate content " + how, "RFC 9110 section 8.4.1.2");
  }
}
