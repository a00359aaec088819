package dev.lariat.internal.codec;

import dev.lariat.option.Deflate;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The sending half of permessage-deflate (RFC 7692 section 7.2.1). */
public final class Deflation {
  private static final int TAIL = 4; // 00 00 FF FF, which the receiver puts back
  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final DeflateTerms terms;
  private final Deflate options;
  private final Zlib zlib;
  private @Nullable DeflateStream stream; // held only while its window is worth keeping

  /**
   * The compression of these terms.
   *
   * @param options how hard it works, and for what
   * @param shared what the event loop's WebSockets share
   */
  public Deflation(DeflateTerms terms, Deflate options, Shared shared) {
    this.terms = terms;
    this.options = options;
    this.zlib = shared.zlib;
  }

  /** Whether a message of so many bytes is to be compressed. */
  public boolean isWorth(int bytes) {
    return bytes >= options.smallest();
  }

  /**
   * The compressed form of a message.
   *
   * @param scratch room for it; where it is too small, new room is taken
   */
  public ByteBuffer deflate(ByteBuffer message, byte[] scratch) {
    return deflate(message, true, scratch);
  }

  /**
   * The compressed form of the next fragment of a message.
   *
   * @param fin whether the message ends with it
   * @param scratch room for it; where it is too small, new room is taken
   */
  public ByteBuffer deflate(ByteBuffer message, boolean fin, byte[] scratch) {
    DeflateStream deflating = stream;
    if (deflating == null) {
      deflating = stream = zlib.deflate(options.level(), terms.clientMaxWindowBits());
    }
    deflating.input(message.duplicate());
    byte[] out = scratch;
    int length = 0;
    while (true) {
      length += deflating.write(out, length);
      if (length < out.length) {
        break; // it left room, so it has no more to say
      }
      out = Arrays.copyOf(out, 2 * out.length);
    }
    deflating.input(NOTHING); // it would keep the message
    if (!fin) {
      return ByteBuffer.wrap(out, 0, length);
    }
    if (terms.clientNoContextTakeover()) {
      stream = null;
      zlib.giveBack(deflating);
    }
    if (length <= TAIL) {
      // nothing since the last flush: an empty message is one empty block (section 7.2.3.6)
      return ByteBuffer.wrap(new byte[] {0});
    }
    return ByteBuffer.wrap(out, 0, length - TAIL);
  }

  /** Frees what it holds. */
  public void release() {
    if (stream != null) {
      zlib.end(stream);
      stream = null;
    }
  }
}
