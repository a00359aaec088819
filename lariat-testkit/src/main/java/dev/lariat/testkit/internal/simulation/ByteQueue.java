package dev.lariat.testkit.internal.simulation;

import java.util.ArrayDeque;
import java.util.Deque;

/** Bytes that have arrived and were not read. */
final class ByteQueue {
  private final Deque<byte[]> arrays = new ArrayDeque<>(2);
  private int from; // in the first
  private int size;

  int size() {
    return size;
  }

  /** Adds these at the end; they do not change any more. */
  void add(byte[] bytes) {
    if (bytes.length > 0) {
      arrays.addLast(bytes);
      size += bytes.length;
    }
  }

  /** Takes bytes from the beginning, and says how many. */
  int take(byte[] into, int at, int length) {
    int taken = 0;
    while (taken < length && !arrays.isEmpty()) {
      byte[] first = arrays.getFirst();
      int count = Math.min(length - taken, first.length - from);
      System.arraycopy(first, from, into, at + taken, count);
      taken += count;
      from += count;
      if (from == first.length) {
        arrays.removeFirst();
        from = 0;
      }
    }
    size -= taken;
    return taken;
  }

  void clear() {
    arrays.clear();
    from = 0;
    size = 0;
  }
}
