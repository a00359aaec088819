package dev.lariat.message;

/**
 * The trailers after a response's body (RFC 9110 section 6.5). They end the stream: no {@link Data}
 * before them has {@code fin}.
 *
 * @param stream the request's stream
 * @param headers the trailers
 */
public record Trailers(StreamRef stream, Headers headers) implements Message.OfStream {

  @Override
  public boolean ends() {
    return true;
  }
}
