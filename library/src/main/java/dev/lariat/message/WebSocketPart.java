package dev.lariat.message;

/**
 * A part of a WebSocket message, as it arrived, if you asked for parts.
 *
 * @param stream the WebSocket
 * @param data a {@link Text} of whole code points, or a {@link Binary}; of the same kind for all
 *     parts of a message
 * @param fin whether it is the message's last part, which may be empty
 */
public record WebSocketPart(StreamRef stream, Frame data, boolean fin) implements Message.OfStream {

  @Override
  public boolean ends() {
    return false;
  }
}
