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
  /** The end that a sender cuts off, and an empty block, which zlib takes only at a block's end. */
  private static final byte[] TAIL = {0, 0, -1, -1, 0, 0, 0, -1, -1};

  /** The end that a sender cuts off, and a final empty block, which ends zlib's stream. */
  private static final byte[] LAST_TAIL = {0, 0, -1, -1, 1, 0, 0, -1, -1};

  private static final int BLOCK = 5; // bytes of an empty block

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
      goOn();
      atEnd = true;
    }
    return count;
  }

  private void goOn() {
    zlib.reset();
    zlib.setDictionary(window.toArray());
  }

  /**
   * Whether the tail, put behind a message, ends a block of its.
   *
   * @param last whether no message follows: then the stream is to be reset or ended
   * @param room for what should not come of it, behind {@code from}
   */
  boolean takesTail(boolean last, byte[] room, int from) throws DataFormatException {
    zlib.setInput(last ? LAST_TAIL : TAIL);
    if (zlib.inflate(room, from, room.length - from) > 0) {
      return false;
    }
    int left = zlib.getRemaining();
    if (zlib.finished() && left == BLOCK) { // the message's own empty block was a final one
      goOn();
      return true;
    }
    return left == 0 && zlib.finished() == last;
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
