package dev.lariat.message;

/**
 * A WebSocket message, or a control frame. A {@link Close} is delivered here when it arrives, and
 * once more, with both sides' codes, in the {@link WebSocketClosed} that ends the stream.
 *
 * @param stream the WebSocket
 * @param frame what arrived; a fragmented message is joined
 */
public record WebSocketFrame(StreamRef stream, Frame frame) implements Message.OfStream {

  @Override
  public boolean ends() {
    return false;
  }
}
