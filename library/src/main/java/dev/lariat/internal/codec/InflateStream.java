package dev.lariat.internal.codec;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A stream of DEFLATE blocks (RFC 1951) that is read, and that does not end with a final block: RFC
 * 7692 section 7.2.3.4 lets further ones follow and refer to the window before it, while zlib
 * forgets its window there. So the window is kept here as well.
 */
final class InflateStream {
  private final int windowBits;
  private final Window window;
  private final Inflater zlib = new Inflater(true); // native memory
  private boolean atEnd;

  /** A stream whose writer looks back so far. */
  InflateStream(int windowBits) {
    this.windowBits = windowBits;
    this.window = new Window(1 << windowBits);
  }

  int windowBits() {
    return windowBits;
  }

  /**
   * Inflates into all the room behind {@code from}, or as much as the input gives, or up to a final
   * block's end.
   *
   * @return how many bytes were put
   */
  int inflate(ByteBuffer input, byte[] room, int from) throws DataFormatException {
    atEnd = atEnd && !input.hasRemaining();
    zlib.setInput(input);
    int count = zlib.inflate(room, from, room.length - from);
    window.add(room, from, count);
    if (zlib.finished()) {
      zlib.reset();
      zlib.setDictionary(window.toArray());
      atEnd = true;
    }
    return count;
  }

  /**
   * Whether these blocks are read to their end, and nothing comes of them.
   *
   * @param last whether the last one is final: then the stream is to be reset or ended
   * @param room for what should not come, behind {@code from}
   */
  boolean takesTail(byte[] blocks, boolean last, byte[] room, int from) throws DataFormatException {
    zlib.setInput(blocks);
    int count = zlib.inflate(room, from, room.length - from);
    return count == 0 && zlib.getRemaining() == 0 && zlib.finished() == last;
  }

  /** Whether the last byte of the input ended a final block. */
  boolean atEnd() {
    return atEnd;
  }

  /** Begins anew. */
  void reset() {
    zlib.reset();
    window.clear();
    atEnd = false;
  }

  /** Frees the native memory. */
  void end() {
    zlib.end();
  }
}
