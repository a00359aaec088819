package dev.lariat.message;

/**
 * What a handler made of a response's body; see {@link ContentHandler}.
 *
 * @param stream the request's stream
 * @param value the handler's own
 */
public record ContentMessage(StreamRef stream, Object value) implements Message.OfStream {

  @Override
  public boolean ends() {
    return false;
  }
}
