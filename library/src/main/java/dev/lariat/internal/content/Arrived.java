package dev.lariat.internal.content;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/** What arrived and was not read yet. */
final class Arrived implements Source {
  private final Deque<ByteBuffer> parts = new ArrayDeque<>(2);

  void add(ByteBuffer part) {
    if (part.hasRemaining()) {
      parts.add(part);
    }
  }

  @Override
  public int read(byte[] room) {
    int count = 0;
    while (count < room.length && !parts.isEmpty()) {
      ByteBuffer part = parts.element();
      int taken = Math.min(part.remaining(), room.length - count);
      part.get(room, count, taken);
      count += taken;
      if (!part.hasRemaining()) {
        parts.remove();
      }
    }
    return count;
  }

  @Override
  public void end() {}

  @Override
  public void release() {
    parts.clear();
  }
}
