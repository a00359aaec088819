package dev.lariat.event;

/** What a WebSocket frame is, by its opcode (RFC 6455 section 5.2). */
public enum FrameType {
  /** A further fragment of a message. */
  CONTINUATION,
  /** A text message, or its first fragment. */
  TEXT,
  /** A binary message, or its first fragment. */
  BINARY,
  /** A close frame. */
  CLOSE,
  /** A ping. */
  PING,
  /** A pong. */
  PONG;

  /** {@return whether it is about the connection, and no part of a message (section 5.5)} */
  public boolean isControl() {
    return this == CLOSE || this == PING || this == PONG;
  }
}
