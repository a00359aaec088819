package dev.lariat.internal.codec;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/** The sending half of permessage-deflate (RFC 7692 section 7.2.1). */
public final class Deflation {
  private static final int TAIL = 4; // 00 00 FF FF, which the receiver puts back

  private final boolean noContextTakeover;
  private @Nullable Deflater deflater; // native memory: held only while a window is worth keeping

  /** The compression of these terms. */
  public Deflation(DeflateTerms terms) {
    this.noContextTakeover = terms.clientNoContextTakeover();
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
    Deflater zlib = deflater;
    if (zlib == null) {
      zlib = deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    }
    zlib.setInput(message.duplicate());
    byte[] out = scratch;
    int length = 0;
    while (true) {
      int count = zlib.deflate(out, length, out.length - length, Deflater.SYNC_FLUSH);
      length += count;
      if (length < out.length) {
        break; // zlib left room, so it has no more to say
      }
      out = Arrays.copyOf(out, 2 * out.length);
    }
    if (!fin) {
      return ByteBuffer.wrap(out, 0, length);
    }
    if (noContextTakeover) {
      release();
    }
    if (length
        <= TAIL) { // nothing since the last flush: an empty message is one empty block (section
      // 7.2.3.6)
      return ByteBuffer.wrap(new byte[] {0});
    }
    return ByteBuffer.wrap(out, 0, length - TAIL);
  }

  /** Frees the native memory. */
  public void release() {
    if (deflater != null) {
      deflater.end();
      deflater = null;
    }
  }
}
