package dev.lariat.message;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;

/** An immutable byte sequence. */
public final class Bytes {

  /** No bytes. */
  public static final Bytes EMPTY = new Bytes(new byte[0]);

  private static final int SHOWN = 32; // a log line, not a dump

  private final byte[] array;

  private Bytes(byte[] array) {
    this.array = array;
  }

  /**
   * {@return a copy of these bytes}
   *
   * @param bytes the bytes
   */
  public static Bytes copyOf(byte[] bytes) {
    return wrap(bytes.clone());
  }

  /**
   * {@return the UTF-8 form of this text}
   *
   * @param text the text
   */
  public static Bytes ofUtf8(String text) {
    return wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * {@return a value that uses this array without a copy} Do not change the array afterwards:
   * whoever holds the value relies on it.
   *
   * @param bytes the bytes
   */
  public static Bytes wrap(byte[] bytes) {
    return bytes.length == 0 && EMPTY != null ? EMPTY : new Bytes(bytes);
  }

  /** {@return how many there are} */
  public int size() {
    return array.length;
  }

  /** {@return whether there are none} */
  public boolean isEmpty() {
    return array.length == 0;
  }

  /**
   * {@return the byte at this index}
   *
   * @param index 0 to {@code size() - 1}
   * @throws IndexOutOfBoundsException if {@code index} is not in 0 to {@code size() - 1}
   */
  public byte at(int index) {
    return array[index];
  }

  /** {@return a copy as an array} */
  public byte[] toArray() {
    return array.clone();
  }

  /** {@return a read-only view without a copy} */
  public ByteBuffer asByteBuffer() {
    return ByteBuffer.wrap(array).asReadOnlyBuffer();
  }

  /** {@return these bytes decoded as UTF-8; what is not UTF-8 becomes U+FFFD} */
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
