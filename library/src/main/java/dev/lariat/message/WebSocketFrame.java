package dev.lariat.message;

/**
 * A WebSocket message, or a control frame. A {@link Close} arrives here first. The {@link
 * WebSocketClosed} that ends the stream has it again, together with the close frame of this side.
 *
 * @param stream the WebSocket
 * @param frame the frame; the fragments of a message are joined
 */
public record WebSocketFrame(StreamRef stream, Frame frame) implements Message.OfStream {

  @Override
  public boolean ends() {
    return false;
  }
}
