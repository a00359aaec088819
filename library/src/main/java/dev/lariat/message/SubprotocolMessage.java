package dev.lariat.message;

/**
 * A value that your subprotocol handler made from the frames that arrived; see {@link
 * WebSocketHandler}.
 *
 * @param stream the WebSocket
 * @param value the handler's value; the handler defines its type
 */
public record SubprotocolMessage(StreamRef stream, Object value) implements Message.OfStream {

  @Override
  public boolean ends() {
    return false;
  }
}
