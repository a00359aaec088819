package dev.lariat.message;

/**
 * What the handler of a subprotocol made of the frames that arrived; see {@link WebSocketHandler}.
 *
 * @param stream the WebSocket
 * @param value the handler's own
 */
public record SubprotocolMessage(StreamRef stream, Object value) implements Message.OfStream {

  @Override
  public boolean ends() {
    return false;
  }
}
