package dev.lariat.internal.codec;

import java.nio.ByteBuffer;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * A stream of DEFLATE blocks (RFC 1951) that is written, and flushed behind each input.
 *
 * <p>The JDK's zlib always has a window of 32 KiB. For a smaller one it begins anew whenever it has
 * seen as many bytes as that window holds, with the second half of them as its dictionary: a match
 * cannot look back past what zlib has seen.
 */
final class DeflateStream {
  private static final int WHOLE = 15;
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final int level;
  private final int windowBits;
  private final Deflater zlib; // native memory
  private final byte @Nullable [] seen; // what zlib has seen since it began; null if it sees all
  private int count; // how many bytes of "seen" are in use
  private ByteBuffer input = NOTHING;
  private boolean drained = true; // whether zlib has nothing left to write

  /** A stream whose matches look back 2^windowBits bytes at the most. */
  DeflateStream(int level, int windowBits) {
    this.level = level;
    this.windowBits = windowBits;
    this.zlib = new Deflater(level, true);
    this.seen = windowBits == WHOLE ? null : new byte[1 << windowBits];
  }

  int level() {
    return level;
  }

  int windowBits() {
    return windowBits;
  }

  /** Takes the next input, all of that before being written. */
  void input(ByteBuffer input) {
    if (seen == null) {
      zlib.setInput(input);
    } else {
      this.input = input;
    }
  }

  /**
   * Writes the input and a flush into the room behind {@code from}.
   *
   * @return how many bytes; if all the room was used, there may be more
   */
  int write(byte[] room, int from) {
    int end = from;
    do {
      if (seen != null && drained && input.hasRemaining()) {
        next(seen);
      }
      end += zlib.deflate(room, end, room.length - end, Deflater.SYNC_FLUSH);
      drained = end < room.length;
    } while (drained && input.hasRemaining());
    return end - from;
  }

  /** Gives zlib as much of the input as the window has room for. */
  private void next(byte[] seen) {
    if (count == seen.length) {
      count = seen.length / 2;
      System.arraycopy(seen, seen.length - count, seen, 0, count);
      zlib.reset();
      zlib.setDictionary(seen, 0, count);
    }
    int size = Math.min(seen.length - count, input.remaining());
    input.get(seen, count, size);
    zlib.setInput(seen, count, size);
    count += size;
  }

  /** Begins anew, with an empty window. */
  void reset() {
    zlib.reset();
    count = 0;
    input = NOTHING;
    drained = true;
  }

  /** Frees what it holds. */
  void end() {
    zlib.end();
    input = NOTHING;
  }
}
