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
  private static final int LONGEST_HEADER = 18; // with the magic number

  private final ByteBuf buffers = ByteBufAllocator.DEFAULT.directBuffer(2 * PIECE, 2 * PIECE);
  private final ByteBuffer source = buffers.nioBuffer(0, PIECE).limit(0);
  private final ByteBuffer target = buffers.nioBuffer(PIECE, PIECE).limit(0);
  private @Nullable Frames frames; // native memory
  private int alone; // of the frame's first octets went so

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
   * Decodes a step; false where that needs more input. The octets of a frame's header go one by
   * one: with more at a time the library takes short cuts, on which it reads formats older than the
   * RFC's, and other faults are found.
   */
  private boolean advance() throws Violation {
    Frames reading = frames == null ? open() : frames;
    boolean fed = source.hasRemaining();
    int limit = source.limit();
    if (fed && alone < LONGEST_HEADER) {
      alone++;
      source.limit(source.position() + 1);
    }
    reading.end = limit;
    target.clear();
    try {
      reading.read(target);
    } catch (IOException e) {
      throw malformed("is corrupt: " + e.getMessage());
    } finally {
      target.flip();
    }
    source.limit(source.position());
    boolean ended = !reading.hasRemaining(); // the frame, whatever stands behind it
    source.limit(limit);
    if (ended) {
      alone = 0;
      if (!source.hasRemaining()) { // the library's stream takes that for its end
        reading.close();
        frames = null;
      }
    }
    return fed || target.hasRemaining();
  }

  private Frames open() {
    try {
      frames = new Frames(source);
      frames.setLongMax(MAX_WINDOW_LOG);
      return frames;
    } catch (IOException e) {
      throw new IllegalStateException("zstd-jni makes no decoder", e);
    }
  }

  /** A decoder that may be given less than all that is there. */
  private static final class Frames extends ZstdDirectBufferDecompressingStreamNoFinalizer {
    private int end; // of what the source has

    Frames(ByteBuffer source) {
      super(source);
    }

    @Override
    protected ByteBuffer refill(ByteBuffer taken) {
      return taken.limit(end);
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
