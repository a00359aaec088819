package dev.lariat.internal.codec;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that wait, in the order in which they came. Small parts are joined, so that a peer who
 * sends one byte at a time makes this side keep little more than those bytes.
 */
public final class Gathered {
  private static final int PART = 16 << 10; // bytes up to which parts are joined
  private static final int LEAST = 64; // bytes of room for joined parts

  private final Deque<ByteBuffer> parts = new ArrayDeque<>(0);

  /** The newest part, if it is a copy that has room for more; null otherwise. */
  private @Nullable ByteBuffer growing;

  /** Adds these bytes, from position to limit. The buffer is this one's, and is not changed. */
  public void add(ByteBuffer part) {
    int more = part.remaining();
    ByteBuffer newest = parts.peekLast();
    if (more == 0) {
      return;
    }
    if (newest == null || newest.remaining() + more > PART) {
      parts.add(part.slice());
      growing = null;
      return;
    }
    if (newest != growing || newest.capacity() - newest.limit() < more) {
      int size = Math.max(LEAST, Math.min(PART, 2 * (newest.remaining() + more)));
      parts.removeLast();
      newest = ByteBuffer.allocate(size).put(newest).flip();
      parts.add(newest);
      growing = newest;
    }
    int end = newest.limit();
    newest.limit(end + more).put(end, part, part.position(), more);
  }

  public boolean isEmpty() {
    return parts.isEmpty();
  }

  /** Takes as many bytes as there are and as the array has room for, and says how many. */
  public int take(byte[] room) {
    int count = 0;
    for (ByteBuffer part = parts.peek(); part != null && count < room.length; part = parts.peek()) {
      int taken = Math.min(part.remaining(), room.length - count);
      part.get(room, count, taken);
      count += taken;
      if (!part.hasRemaining()) {
        parts.remove();
      }
    }
    return count;
  }

  /** Takes the first part; there is one. */
  public byte[] takePart() {
    ByteBuffer part = parts.remove();
    byte[] bytes = new byte[part.remaining()];
    part.get(bytes);
    return bytes;
  }

  /** Drops all of it. */
  public void clear() {
    parts.clear();
    growing = null;
  }
}
