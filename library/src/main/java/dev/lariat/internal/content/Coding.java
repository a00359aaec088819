package dev.lariat.internal.content;

import dev.lariat.internal.codec.Violation;
import java.nio.ByteBuffer;

/** A content coding that is undone (RFC 9110 section 8.4.1), cut anywhere. */
interface Coding {

  /**
   * Decodes up to where the room is full, or the input used up.
   *
   * @return how many bytes; 0 only where the input is used up and nothing is held back
   */
  int decode(ByteBuffer input, byte[] room) throws Violation;

  /** Whether the input may end here. */
  boolean complete();

  /** Frees its native memory; it is not used any more. */
  void release();

  /** What is wrong with input that cannot be decoded, or that ends too early. */
  Violation malformed(String how);
}
