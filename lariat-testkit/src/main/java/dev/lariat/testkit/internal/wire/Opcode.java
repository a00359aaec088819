package dev.lariat.testkit.internal.wire;

/** The opcodes of WebSocket frames (RFC 6455 section 5.2). */
public final class Opcode {
  /** A further fragment of a message. */
  public static final int CONTINUATION = 0;

  /** A text message, or its first fragment. */
  public static final int TEXT = 1;

  /** A binary message, or its first fragment. */
  public static final int BINARY = 2;

  /** A close frame. */
  public static final int CLOSE = 8;

  /** A ping. */
  public static final int PING = 9;

  /** A pong. */
  public static final int PONG = 10;

  private Opcode() {}
}
