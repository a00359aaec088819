package dev.lariat.message;

/**
 * A part of a WebSocket message, as it arrived, if you asked for parts.
 *
 * @param stream the WebSocket
 * @param data a {@link Text} of whole code points, or a {@link Binary}; all parts of a message have
 *     the same type
 * @param fin whether this is the last part of the message, which can be empty
 */
public record WebSocketPart(StreamRef stream, Frame data, boolean fin) implements Message.OfStream {

  @Override
  public boolean ends() {
    return false;
  }
}
