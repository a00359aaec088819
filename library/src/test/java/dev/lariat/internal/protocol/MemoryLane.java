package dev.lariat.internal.protocol;

import dev.lariat.message.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A lane in memory: what is written at one end arrives at the other, when the test carries it. Two
 * engines stand back to back on it, without a socket.
 */
public final class MemoryLane implements Lane {
  private final ByteBuf written = Unpooled.buffer();
  private final List<Fate> followed = new ArrayList<>();
  private @Nullable MemoryLane far;
  private @Nullable Host host; // at the near end
  private boolean outputEnding;
  private @Nullable Reason ended;
  private boolean wanted = true;

  /** How many bytes may be written and not carried, before it is not writable. */
  public int capacity = Integer.MAX_VALUE;

  /** The near end of a new lane; the far one is {@link #far}. */
  public static MemoryLane pair() {
    MemoryLane near = new MemoryLane();
    MemoryLane far = new MemoryLane();
    near.far = far;
    far.far = near;
    return near;
  }

  private MemoryLane() {}

  /** The other end. */
  public MemoryLane far() {
    MemoryLane other = far;
    if (other == null) {
      throw new IllegalStateException("this lane has no other end");
    }
    return other;
  }

  /** This one stands at this end. */
  public void host(Host host) {
    this.host = host;
  }

  /** Whether what comes is wanted here. */
  public boolean isWanted() {
    return wanted;
  }

  /** Why this end was ended, if it was. */
  public @Nullable Reason ended() {
    return ended;
  }

  /**
   * Carries what was written here to the other end, as one piece, and the end of this side.
   *
   * @return whether there was anything
   */
  public boolean carry() {
    boolean any = written.isReadable() || outputEnding || !followed.isEmpty();
    Host there = far().host;
    if (written.isReadable() && there != null) {
      boolean full = !writable();
      ByteBuf bytes = written.readBytes(written.readableBytes());
      there.received(bytes);
      bytes.release();
      if (full && host != null) {
        host.writabilityChanged();
      }
    }
    List<Fate> fates = List.copyOf(followed);
    followed.clear();
    fates.forEach(ended == null ? Fate::written : fate -> fate.lost(ended));
    if (outputEnding && there != null) {
      outputEnding = false;
      there.inputClosed();
      if (host != null) {
        host.outputEnded();
      }
    }
    return any;
  }

  @Override
  public ByteBuf room(int bytes) {
    return written.ensureWritable(bytes);
  }

  @Override
  public void write(ByteBuf bytes) {
    written.writeBytes(bytes);
    bytes.release();
  }

  @Override
  public void write(SentFile file, long position, long size) throws IOException {
    if (written.writeBytes(file.channel(), position, (int) size) < size) {
      throw new EOFException("it has become shorter");
    }
  }

  @Override
  public void follow(Fate fate) {
    followed.add(fate);
  }

  @Override
  public boolean writable() {
    return written.readableBytes() < capacity;
  }

  @Override
  public void wanted(boolean wanted) {
    this.wanted = wanted;
  }

  @Override
  public long unreadUntil() {
    return wanted ? 0 : Engine.NEVER;
  }

  @Override
  public void allowHalfClose() {}

  @Override
  public void endOutput() {
    outputEnding = true;
  }

  @Override
  public void end(Reason reason) {
    ended = reason;
    carry();
    host = null;
    Host there = far().host;
    if (there != null) {
      there.closed();
    }
  }
}
