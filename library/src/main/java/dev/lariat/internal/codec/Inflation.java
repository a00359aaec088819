package dev.lariat.internal.codec;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import org.jspecify.annotations.Nullable;

/**
 * The receiving half of permessage-deflate (RFC 7692 section 7.2.2): inflates a message part by
 * part, and stops a bomb by the message's size and by the {@link InflateBounds} before its memory
 * is taken.
 */
public final class Inflation {
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final int WHOLE_WINDOW = 15;

  private final boolean noContextTakeover;
  private final int windowBits;
  private final InflateBounds bounds;
  private final Zlib zlib;
  private @Nullable InflateStream stream; // held only while its window is worth keeping
  private boolean held; // the buffer had no room for the rest

  /**
   * The decompression of these terms.
   *
   * @param maxRatio inflated bytes for each compressed byte
   * @param shared what the event loop's WebSockets share
   */
  public Inflation(DeflateTerms terms, int maxRatio, Shared shared) {
    this.noContextTakeover = terms.serverNoContextTakeover();
    // a stream that goes from hand to hand fits all of them
    this.windowBits = noContextTakeover ? WHOLE_WINDOW : terms.serverMaxWindowBits();
    this.bounds = new InflateBounds(maxRatio);
    this.zlib = shared.zlib;
  }

  /** Says what time it is. */
  void at(long now) {
    bounds.at(now);
  }

  /** Inflates a part of a message, up to where the buffer is full. */
  void inflate(ByteBuffer part, MessageBuffer message) throws Violation {
    InflateStream inflating = stream;
    if (inflating == null) {
      inflating = stream = zlib.inflate(windowBits);
    }
    run(inflating, part, message);
  }

  /**
   * Inflates what the end of a message still holds back.
   *
   * @return whether there may be more of it, as the buffer is full; call it again then
   */
  boolean finish(MessageBuffer message) throws Violation {
    InflateStream inflating = stream;
    if (inflating != null) {
      if (held) {
        run(inflating, NOTHING, message);
      }
      if (held) {
        return true;
      }
      if (needsTail(inflating) && !takesTail(inflating, message)) {
        throw Violation.invalidData(
            "a compressed message ends inside a block", "RFC 7692 section 7.2.2");
      }
    }
    bounds.ended();
    if (inflating != null && noContextTakeover) {
      stream = null;
      zlib.giveBack(inflating);
    }
    return false;
  }

  /**
   * Whether the message has begun a block that the tail must end. Nothing was begun by a message
   * without payload, nor behind a final block where its sender put no empty one (section 7.2.3.4
   * has it): zlib would take the tail for a part of the next message.
   */
  private boolean needsTail(InflateStream inflating) {
    return bounds.begun() && !inflating.atEnd();
  }

  /**
   * Whether the tail ends a block: then nothing comes of it, as it is no one's data. A message that
   * was cut off takes some of it for symbols, or cannot make sense of it.
   */
  private boolean takesTail(InflateStream inflating, MessageBuffer message) {
    message.room();
    try {
      return inflating.takesTail(noContextTakeover, message.array(), message.length());
    } catch (DataFormatException e) {
      return false;
    }
  }

  /** Frees what it holds. */
  void release() {
    if (stream != null) {
      zlib.end(stream);
      stream = null;
    }
  }

  private void run(InflateStream inflating, ByteBuffer part, MessageBuffer message)
      throws Violation {
    try {
      while (!message.isFull()) {
        int before = part.position();
        message.room();
        int count = inflating.inflate(part, message.array(), message.length());
        message.added(count);
        bounds.count(part.position() - before, count);
        if (count == 0 && !part.hasRemaining()) {
          held = false;
          return;
        }
      }
      held = true;
    } catch (DataFormatException e) {
      throw Violation.invalidData(
          "a compressed message cannot be decompressed", "RFC 7692 section 7.2.2");
    }
  }
}
