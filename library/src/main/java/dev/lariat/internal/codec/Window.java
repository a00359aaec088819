package dev.lariat.internal.codec;

import java.util.Arrays;

/** The last bytes of a stream, as many as a window of LZ77 holds. It grows with what comes. */
final class Window {
  private final int size;
  private byte[] ring = new byte[0];
  private int length;
  private int next; // where the next byte goes, over the oldest one once the ring is full

  /** An empty window. */
  Window(int size) {
    this.size = size;
  }

  /** Takes the stream's next bytes. */
  void add(byte[] bytes, int from, int count) {
    int kept = Math.min(count, size);
    if (length + kept > ring.length && ring.length < size) {
      ring = Arrays.copyOf(ring, Math.min(size, Math.max(length + kept, 2 * ring.length)));
    }
    int source = from + count - kept;
    int straight = Math.min(kept, ring.length - next);
    System.arraycopy(bytes, source, ring, next, straight);
    System.arraycopy(bytes, source + straight, ring, 0, kept - straight);
    next = (next + kept) % size;
    length = Math.min(size, length + kept);
  }

  /** What it holds, the oldest byte first. */
  byte[] toArray() {
    byte[] bytes = Arrays.copyOf(ring, length);
    if (length == size) {
      System.arraycopy(ring, next, bytes, 0, size - next);
      System.arraycopy(ring, 0, bytes, size - next, next);
    }
    return bytes;
  }

  /** Forgets everything but its room. */
  void clear() {
    length = 0;
    next = 0;
  }
}
