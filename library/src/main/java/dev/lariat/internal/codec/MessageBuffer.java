package dev.lariat.internal.codec;

import dev.lariat.message.Bytes;
import dev.lariat.message.Reason.Bound;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A message, or what is gathered of one for its next part. It grows by what has come, never by what
 * a header promises.
 */
final class MessageBuffer {
  private static final int STEP = 64 << 10; // the most that is allocated before any octet came

  private final int max; // bytes that it may hold
  private final boolean part; // whether it is emptied when it is full, so it is never too large
  private byte[] array = Bytes.EMPTY.toArray();
  private int length; // how many bytes of the array are in use
  private long expected; // the length with the frame that was announced last

  MessageBuffer(int max, boolean part) {
    this.max = max;
    this.part = part;
  }

  /** Announces a frame of this length; fails if the message would become too large. */
  void expect(long frame) throws Violation {
    if (frame > max - length) {
      throw Violation.limit(Bound.MESSAGE, max);
    }
    expected = length + frame;
  }

  /** Whether the part that was gathered must be given before anything is added. */
  boolean isFull() {
    return part && length == max;
  }

  /** How many of these bytes it takes. */
  int room(int size) {
    return part ? Math.min(size, max - length) : size;
  }

  void append(ByteBuffer in, int at, int size) {
    if (array.length - length < size) {
      long doubled = Math.max(2L * length, STEP);
      long wanted = Math.max(expected, array.length * 3L / 2); // many small fragments may follow
      grow((int) Math.max(length + size, Math.min(Math.min(wanted, doubled), max)));
    }
    in.get(at, array, length, size);
    length += size;
  }

  /**
   * Makes sure that there is room after what has come, unless it is full. There is room for one
   * byte more than the largest message, so that a larger one is noticed.
   */
  void room() {
    if (array.length == length && !isFull()) {
      grow((int) Math.min(part ? max : max + 1L, Math.max(1024L, 2L * length)));
    }
  }

  /** Counts bytes that were put into the room; fails if the message became too large. */
  void added(int size) throws Violation {
    length += size;
    if (length > max) {
      throw Violation.limit(Bound.MESSAGE, max);
    }
  }

  /** Forgets the first bytes. */
  void drop(int size) {
    System.arraycopy(array, size, array, 0, length - size);
    length -= size;
  }

  /** Forgets all but the first bytes. */
  void truncate(int size) {
    length = size;
  }

  /** How many bytes there are up to the last whole code point of valid UTF-8. */
  int wholeCodePoints() {
    int lead = length - 1;
    while (lead >= 0 && length - lead < 4 && (array[lead] & 0xc0) == 0x80) {
      lead--;
    }
    if (lead < 0) {
      return length;
    }
    int first = array[lead] & 0xff;
    int size = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    return lead + size > length ? lead : length;
  }

  private void grow(int capacity) {
    array = Arrays.copyOf(array, capacity);
  }

  String text(int size) {
    return new String(array, 0, size, StandardCharsets.UTF_8);
  }

  byte[] array() {
    return array;
  }

  int length() {
    return length;
  }

  byte[] toArray() {
    return length == array.length ? array : Arrays.copyOf(array, length);
  }
}
