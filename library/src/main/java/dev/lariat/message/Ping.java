package dev.lariat.message;

/**
 * A ping (RFC 6455 section 5.5.2). The receiving side answers it with a {@link Pong} that has the
 * same payload. Lariat answers a server's ping automatically.
 *
 * @param payload 0 to 125 bytes
 */
public record Ping(Bytes payload) implements Frame {

  /** A ping without a payload. */
  public static final Ping EMPTY = new Ping(Bytes.EMPTY);

  /**
   * Checks the payload's length.
   *
   * @throws IllegalArgumentException if the payload is longer than 125 bytes
   */
  public Ping {
    ControlPayload.check("ping", payload);
  }
}
