package dev.lariat.message;

/**
 * A pong (RFC 6455 section 5.5.3): the answer to a ping, or an unsolicited sign of life.
 *
 * @param payload 0 to 125 bytes
 */
public record Pong(Bytes payload) implements Frame {

  /** A pong without a payload. */
  public static final Pong EMPTY = new Pong(Bytes.EMPTY);

  /**
   * Checks the payload's length.
   *
   * @throws IllegalArgumentException if the payload is longer than 125 bytes
   */
  public Pong {
    ControlPayload.check("pong", payload);
  }
}
