package dev.lariat.message;

/**
 * A binary message (RFC 6455 section 5.6).
 *
 * @param bytes the message
 */
public record Binary(Bytes bytes) implements Frame {

  /**
   * A binary message with a copy of these bytes.
   *
   * @param bytes the bytes
   */
  public Binary(byte[] bytes) {
    this(Bytes.copyOf(bytes));
  }
}
