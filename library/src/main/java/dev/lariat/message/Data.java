package dev.lariat.message;

/**
 * A part of a response's body, or bytes of a raw stream, as they arrived.
 *
 * @param stream the request's stream
 * @param fin whether this is the last part, which can be empty
 * @param bytes the part
 */
public record Data(StreamRef stream, boolean fin, Bytes bytes) implements Message.OfStream {

  @Override
  public boolean ends() {
    return fin;
  }
}
