package dev.lariat.message;

/** The protocol of a connection or a stream. */
public enum Protocol {
  /** HTTP/1.1 (RFC 9112), or HTTP/1.0 if you choose it with {@code http1.version}. */
  HTTP_1_1("http/1.1"),
  /** HTTP/2 (RFC 9113). */
  HTTP_2("h2"),
  /** WebSocket (RFC 6455). */
  WEBSOCKET("websocket"),
  /**
   * A protocol that you speak yourself, from the first byte or after an upgrade (RFC 9110 section
   * 7.8).
   */
  RAW("raw");

  private final String token;

  Protocol(String token) {
    this.token = token;
  }

  /**
   * {@return the name of the protocol, as in ALPN or an {@code Upgrade} header: {@code http/1.1},
   * {@code h2}, {@code websocket}}
   */
  public String token() {
    return token;
  }

  /** The same as {@link #token()}. */
  @Override
  public String toString() {
    return token;
  }
}
