package dev.lariat.internal.protocol;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that have come on a lane and that its engine has not decoded yet, for want of credit or of
 * time. The engine does not read the lane meanwhile, so they are few.
 */
public final class Backlog {
  private @Nullable ByteBuf bytes; // null if nothing is kept

  /** Whether nothing is kept: nothing was added since {@link #release}. */
  public boolean isEmpty() {
    return bytes == null;
  }

  /** Keeps a copy of what can be read of these bytes, after what is kept, and reads them all. */
  public void keep(ByteBuf rest) {
    if (bytes == null) {
      bytes = Unpooled.buffer(rest.readableBytes());
    }
    bytes.writeBytes(rest);
  }

  /** What is kept, to be read; without anything an empty buffer. */
  public ByteBuf bytes() {
    return bytes == null ? Unpooled.EMPTY_BUFFER : bytes;
  }

  /** Frees what is kept. */
  public void release() {
    if (bytes != null) {
      bytes.release();
      bytes = null;
    }
  }
}
