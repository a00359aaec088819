package dev.lariat.internal.content;

import com.github.luben.zstd.ZstdDirectBufferDecompressingStreamNoFinalizer;
import com.github.luben.zstd.util.Native;
import dev.lariat.internal.codec.Violation;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The coding {@code zstd} (RFC 8878), by zstd-jni where that is there: frames one behind the other,
 * none with a window of more than 8 MiB (RFC 9659 section 3).
 */
final class Zstd implements Coding {
  private static final int PIECE = 8 << 10;
  private static final int MAX_WINDOW_LOG = 23;
  private static final int MAGIC = 0xfd2fb528;
  private static final int SKIPPABLE = 0x184d2a50; // with any last digit

  private final ByteBuf buffers = ByteBufAllocator.DEFAULT.directBuffer(2 * PIECE, 2 * PIECE);
  private final ByteBuffer source = buffers.nioBuffer(0, PIECE).limit(0);
  private final ByteBuffer target = buffers.nioBuffer(PIECE, PIECE).limit(0);
  private @Nullable ZstdDirectBufferDecompressingStreamNoFinalizer frames; // native memory
  private int magic; // the number that the frame begins with
  private int seen; // octets of it

  /** Whether zstd-jni is there, and its native library for this platform. */
  static boolean present() {
    try {
      Native.load();
      return Native.isLoaded();
    } catch (LinkageError e) {
      return false;
    }
  }

  @Override
  public int decode(ByteBuffer input, byte[] room) throws Violation {
    while (true) {
      if (target.hasRemaining()) {
        int count = Math.min(target.remaining(), room.length);
        target.get(room, 0, count);
        return count;
      }
      if (!source.hasRemaining() && input.hasRemaining()) {
        int count = Math.min(input.remaining(), PIECE);
        source.clear().put(input.slice(input.position(), count)).flip();
        input.position(input.position() + count);
      }
      if (frames == null && !source.hasRemaining()) {
        return 0;
      }
      if (!advance()) {
        return 0;
      }
    }
  }

  /** Decodes a step; false where that needs more input. */
  private boolean advance() throws Violation {
    checkMagic();
    ZstdDirectBufferDecompressingStreamNoFinalizer reading = frames == null ? open() : frames;
    boolean fed = source.hasRemaining();
    target.clear();
    try {
      reading.read(target);
    } catch (IOException e) {
      target.flip();
      throw malformed("is corrupt: " + e.getMessage());
    }
    target.flip();
    if (atFrameEnd(reading)) {
      magic = 0;
      seen = 0;
    }
    if (!reading.hasRemaining()) { // nor is there anything behind it so far
      reading.close();
      frames = null;
    }
    return fed || target.hasRemaining();
  }

  /**
   * The library would decode the formats before the RFC's too, where a frame comes in one piece.
   */
  private void checkMagic() throws Violation {
    for (int at = source.position(); seen < Integer.BYTES && at < source.limit(); at++) {
      magic |= (source.get(at) & 0xff) << Byte.SIZE * seen++;
    }
    if (seen == Integer.BYTES && magic != MAGIC && (magic & ~0xf) != SKIPPABLE) {
      throw malformed("is corrupt: a frame begins with 0x" + Integer.toHexString(magic));
    }
  }

  /** Asks the decoder whether it wants more, as if nothing stood behind what it took. */
  private boolean atFrameEnd(ZstdDirectBufferDecompressingStreamNoFinalizer reading) {
    int limit = source.limit();
    source.limit(source.position());
    boolean ended = !reading.hasRemaining();
    source.limit(limit);
    return ended;
  }

  private ZstdDirectBufferDecompressingStreamNoFinalizer open() {
    try {
      frames = new ZstdDirectBufferDecompressingStreamNoFinalizer(source);
      frames.setLongMax(MAX_WINDOW_LOG);
      return frames;
    } catch (IOException e) {
      throw new IllegalStateException("zstd-jni makes no decoder", e);
    }
  }

  @Override
  public boolean complete() {
    return frames == null;
  }

  @Override
  public void release() {
    if (frames != null) {
      frames.close();
      frames = null;
    }
    buffers.release();
  }

  @Override
  public Violation malformed(String how) {
    return Violation.protocol("the zstd content " + how, "RFC 8878 section 3.1");
  }
}
