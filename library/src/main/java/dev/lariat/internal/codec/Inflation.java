package dev.lariat.internal.codec;

import dev.lariat.internal.codec.FrameDecoder.MessageBuffer;
import dev.lariat.message.Reason.Bound;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of permessage-deflate (RFC 7692 section 7.2.2): inflates a message part by
 * part, and stops a bomb by the message's size and by the ratio before its memory is taken.
 */
public final class Inflation {
  /**
   * Below this many inflated bytes the ratio says nothing: a short message of one letter is no
   * attack.
   */
  static final int RATIO_FROM = 1 << 20;

  private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff}; // what the sender cut off
  private static final int WINDOW = 32 << 10;

  private final boolean noContextTakeover;
  private final int maxRatio;
  private @Nullable Inflater inflater; // native memory: held only while a window is worth keeping
  private long taken; // of the current message
  private long given;
  private @Nullable ByteBuffer tail; // while a message is being finished

  /**
   * The decompression of these terms.
   *
   * @param maxRatio inflated bytes for each compressed byte
   */
  public Inflation(DeflateTerms terms, int maxRatio) {
    this.noContextTakeover = terms.serverNoContextTakeover();
    this.maxRatio = maxRatio;
  }

  /** Inflates a part of a message, up to where the buffer is full. */
  void inflate(ByteBuffer part, MessageBuffer message) throws Violation {
    run(part, message);
  }

  /**
   * Inflates what the end of a message still holds back.
   *
   * @return whether there may be more of it, as the buffer is full; call it again then
   */
  boolean finish(MessageBuffer message) throws Violation {
    ByteBuffer rest = tail;
    if (rest == null) {
      rest = tail = ByteBuffer.wrap(TAIL);
    }
    run(rest, message);
    if (message.isFull()) {
      return true;
    }
    tail = null;
    taken = 0;
    given = 0;
    if (noContextTakeover) {
      release();
    }
    return false;
  }

  /** Frees the native memory. */
  void release() {
    if (inflater != null) {
      inflater.end();
      inflater = null;
    }
  }

  private void run(ByteBuffer part, MessageBuffer message) throws Violation {
    Inflater zlib = inflater;
    if (zlib == null) {
      zlib = inflater = new Inflater(true);
    }
    zlib.setInput(part);
    try {
      while (!message.isFull()) {
        int before = part.position();
        message.room();
        byte[] array = message.array();
        int count = zlib.inflate(array, message.length(), array.length - message.length());
        message.added(count);
        given += count;
        taken += part.position() - before;
        if (given > RATIO_FROM && given > taken * maxRatio) {
          throw Violation.limit(Bound.INFLATE_RATIO, maxRatio);
        }
        if (zlib.finished()) {
          beginAgain(zlib, part, message);
        } else if (count == 0 && zlib.needsInput()) {
          return;
        }
      }
    } catch (DataFormatException e) {
      throw Violation.invalidData(
          "a compressed message does not inflate", "RFC 7692 section 7.2.2");
    }
  }

  /**
   * A sender may end a block with BFINAL and go on in the same window (section 7.2.3.4), which zlib
   * takes for an end.
   */
  private static void beginAgain(Inflater zlib, ByteBuffer rest, MessageBuffer message) {
    zlib.reset();
    int window = Math.min(WINDOW, message.length());
    zlib.setDictionary(message.array(), message.length() - window, window);
    zlib.setInput(rest);
  }
}
