package dev.lariat.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** Bytes that do not change. */
public final class Bytes {

  /** No bytes. */
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private static final int SHOWN = 32; // a log line, not a dump

  private final byte[] array;

  private Bytes(byte[] array) {
    this.array = array;
  }

  /** A copy of these bytes. */
  public static Bytes copyOf(byte[] bytes) {
    return wrap(bytes.clone());
  }

  /** The UTF-8 form of this text. */
  public static Bytes ofUtf8(String text) {
    return wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * These very bytes, without a copy: for callers that hand the array over and promise not to
   * change it any more. Changing it breaks whatever relies on the value.
   */
  public static Bytes wrap(byte[] bytes) {
    return bytes.length == 0 && EMPTY != null ? EMPTY : new Bytes(bytes);
  }

  /** How many there are. */
  public int size() {
    return array.length;
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return array.length == 0;
  }

  /**
   * The byte at this place.
   *
   * @throws IndexOutOfBoundsException if {@code index} is not in 0 to {@code size() - 1}
   */
  public byte at(int index) {
    return array[index];
  }

  /** A copy as an array. */
  public byte[] toArray() {
    return array.clone();
  }

  /** A read-only view without a copy. */
  public ByteBuffer asByteBuffer() {
    return ByteBuffer.wrap(array).asReadOnlyBuffer();
  }

  /** The text of which this is the UTF-8 form; what is not UTF-8 becomes U+FFFD. */
  public String utf8() {
    return new String(array, StandardCharsets.UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes bytes && Arrays.equals(array, bytes.array);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(array);
  }

  /** The size and the first bytes in hexadecimal. */
  @Override
  public String toString() {
    int shown = Math.min(SHOWN, array.length);
    String hex = HexFormat.of().formatHex(array, 0, shown);
    return "Bytes["
        + array.length
        + (shown == 0 ? "" : ": " + hex)
        + (shown < array.length ? "…]" : "]");
  }
}
