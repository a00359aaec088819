package dev.lariat.message;

/**
 * The WebSocket ended in good order: both sides have sent a close frame (RFC 6455 section 7).
 *
 * @param stream the WebSocket
 * @param handshake what both sides said, and who began
 */
public record WebSocketClosed(StreamRef stream, Reason.CloseHandshake handshake)
    implements Message.OfStream {

  @Override
  public boolean ends() {
    return true;
  }
}
