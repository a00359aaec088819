package dev.lariat.event;

/** The type of a WebSocket frame, by its opcode (RFC 6455 section 5.2). */
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

  /** {@return whether it is a control frame, which is not a part of a message (section 5.5)} */
  public boolean isControl() {
    return this == CLOSE || this == PING || this == PONG;
  }
}
