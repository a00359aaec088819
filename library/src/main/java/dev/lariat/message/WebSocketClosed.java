package dev.lariat.message;

/**
 * The WebSocket ended cleanly: both sides have sent a close frame (RFC 6455 section 7).
 *
 * @param stream the WebSocket
 * @param handshake the close frames of both sides, and which side started
 */
public record WebSocketClosed(StreamRef stream, Reason.CloseHandshake handshake)
    implements Message.OfStream {

  @Override
  public boolean ends() {
    return true;
  }
}
