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

  private final ByteBuf buffers = ByteBufAllocator.DEFAULT.directBuffer(2 * PIECE, 2 * PIECE);
  private final ByteBuffer source = buffers.nioBuffer(0, PIECE).limit(0);
  private final ByteBuffer target = buffers.nioBuffer(PIECE, PIECE).limit(0);
  private @Nullable ZstdDirectBufferDecompressingStreamNoFinalizer frames; // native memory
  private boolean between; // two frames, or before the first

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

  /**
   * Decodes a step; false where that needs more input. A frame's first octet goes alone: of frames
   * that come in one piece the library would take formats older than the RFC's, and others not.
   */
  private boolean advance() throws Violation {
    ZstdDirectBufferDecompressingStreamNoFinalizer reading = frames == null ? open() : frames;
    boolean fed = source.hasRemaining();
    int limit = source.limit();
    if (between) {
      source.limit(source.position() + 1);
    }
    target.clear();
    try {
      reading.read(target);
    } catch (IOException e) {
      throw malformed("is corrupt: " + e.getMessage());
    } finally {
      target.flip();
    }
    source.limit(source.position());
    between = !reading.hasRemaining(); // whatever is there behind the frame
    source.limit(limit);
    if (between && !source.hasRemaining()) {
      reading.close();
      frames = null;
    }
    return fed || target.hasRemaining();
  }

  private ZstdDirectBufferDecompressingStreamNoFinalizer open() {
    try {
      frames = new ZstdDirectBufferDecompressingStreamNoFinalizer(source);
      frames.setLongMax(MAX_WINDOW_LOG);
      between = true;
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
