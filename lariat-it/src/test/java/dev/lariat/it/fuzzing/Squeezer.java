package dev.lariat.it.fuzzing;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.zip.Deflater;

/**
 * The server's compression (RFC 7692 section 7.2.1): zlib's where its window of 32 KiB may be used,
 * else one of its own with any window.
 */
final class Squeezer {
  private static final int ZLIB_WINDOW = 1 << 15;
  private static final int TAIL = 4; // 00 00 FF FF, which the receiver puts back

  private final boolean noTakeover;
  private final int window;
  private final SmallWindow small;
  private final byte[] room = new byte[1 << 16];
  private byte[] history = new byte[0]; // what zlib may look back on, which it does not keep for us

  Squeezer(Terms terms) {
    this.noTakeover = terms.serverNoTakeover();
    this.window = terms.serverWindow();
    this.small = new SmallWindow(window, noTakeover);
  }

  /** The compressed form of a message. */
  byte[] squeeze(byte[] message) {
    return window < ZLIB_WINDOW ? small.squeeze(message) : zlib(message);
  }

  /** With a deflater that lives for one message: nobody would end one that lived longer. */
  private byte[] zlib(byte[] message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    try {
      deflater.setDictionary(history);
      deflater.setInput(message);
      int count = room.length;
      while (count == room.length) {
        count = deflater.deflate(room, 0, room.length, Deflater.SYNC_FLUSH);
        out.write(room, 0, count);
      }
    } finally {
      deflater.end();
    }
    if (!noTakeover) {
      history = SmallWindow.joined(history, message);
      history = Arrays.copyOfRange(history, Math.max(0, history.length - window), history.length);
    }
    byte[] squeezed = out.toByteArray();
    return squeezed.length <= TAIL
        ? new byte[] {0} // an empty message is one empty block (section 7.2.3.6)
        : Arrays.copyOf(squeezed, squeezed.length - TAIL);
  }
}
