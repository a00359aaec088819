package dev.lariat.internal.codec;

import com.jcraft.jzlib.GZIPException;
import com.jcraft.jzlib.JZlib;
import java.nio.ByteBuffer;
import java.util.zip.Deflater;

/** A stream of DEFLATE blocks (RFC 1951) that is written, and flushed behind each input. */
abstract sealed class DeflateStream {
  private final int level;
  private final int windowBits;

  private DeflateStream(int level, int windowBits) {
    this.level = level;
    this.windowBits = windowBits;
  }

  /** A stream whose matches look back 2^windowBits bytes at the most. */
  static DeflateStream of(int level, int windowBits) {
    return windowBits == 15 ? new Whole(level) : new Small(level, windowBits);
  }

  int level() {
    return level;
  }

  int windowBits() {
    return windowBits;
  }

  /** Takes the next input, all of that before being written. */
  abstract void input(ByteBuffer input);

  /**
   * Writes the input and a flush into the room behind {@code from}.
   *
   * @return how many bytes; where all the room was used, there may be more
   */
  abstract int write(byte[] room, int from);

  /** Frees what it holds. */
  abstract void end();

  /** The JDK's zlib, which always has a window of 32 KiB. */
  static final class Whole extends DeflateStream {
    private final Deflater zlib; // native memory

    private Whole(int level) {
      super(level, 15);
      this.zlib = new Deflater(level, true);
    }

    @Override
    void input(ByteBuffer input) {
      zlib.setInput(input);
    }

    @Override
    int write(byte[] room, int from) {
      return zlib.deflate(room, from, room.length - from, Deflater.SYNC_FLUSH);
    }

    /** Begins anew. */
    void reset() {
      zlib.reset();
    }

    @Override
    void end() {
      zlib.end();
    }
  }

  /**
   * JZlib, zlib in Java. As zlib does, it knows no window of 8 bits; but no match of its looks back
   * farther than its window less 262 bytes, so that one of 9 bits keeps to 256 bytes.
   */
  private static final class Small extends DeflateStream {
    private static final int STEP = 4 << 10; // copied at a time, since JZlib takes arrays only

    private final com.jcraft.jzlib.Deflater zlib;
    private ByteBuffer input = ByteBuffer.allocate(0);

    private Small(int level, int windowBits) {
      super(level, windowBits);
      int bits = Math.max(9, windowBits);
      int memory = Math.min(8, bits - 4); // small tables for a small window: 20 KiB for 9 bits
      try {
        this.zlib = new com.jcraft.jzlib.Deflater(level, bits, memory, JZlib.W_NONE);
      } catch (GZIPException e) {
        throw new IllegalArgumentException("level " + level + ", window bits " + windowBits, e);
      }
    }

    @Override
    void input(ByteBuffer input) {
      this.input = input;
    }

    @Override
    int write(byte[] room, int from) {
      zlib.setOutput(room, from, room.length - from);
      do {
        if (zlib.getAvailIn() == 0) {
          byte[] step = new byte[Math.min(STEP, input.remaining())];
          input.get(step);
          zlib.setInput(step, 0, step.length, false);
        }
        zlib.deflate(input.hasRemaining() ? JZlib.Z_NO_FLUSH : JZlib.Z_SYNC_FLUSH);
      } while (zlib.getAvailOut() > 0 && input.hasRemaining());
      return zlib.getNextOutIndex() - from;
    }

    @Override
    void end() {
      zlib.end();
    }
  }
}
