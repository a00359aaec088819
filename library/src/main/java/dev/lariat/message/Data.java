package dev.lariat.message;

/**
 * A part of a response's body, as it arrived.
 *
 * @param stream the request's stream
 * @param fin whether it is the last; a last part may be empty
 * @param bytes the part
 */
public record Data(StreamRef stream, boolean fin, Bytes bytes) implements Message.OfStream {

  @Override
  public boolean ends() {
    return fin;
  }
}
