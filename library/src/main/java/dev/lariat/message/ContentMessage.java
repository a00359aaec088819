package dev.lariat.message;

/**
 * A value that your content handler made from a response's body; see {@link ContentHandler}.
 *
 * @param stream the request's stream
 * @param value the handler's value; the handler defines its type
 */
public record ContentMessage(StreamRef stream, Object value) implements Message.OfStream {

  @Override
  public boolean ends() {
    return false;
  }
}
