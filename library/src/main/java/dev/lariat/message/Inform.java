package dev.lariat.message;

/**
 * An informational response (RFC 9110 section 15.2). The final response follows.
 *
 * @param stream the request's stream
 * @param status 100 to 199
 * @param headers its headers
 */
public record Inform(StreamRef stream, int status, Headers headers) implements Message.OfStream {

  @Override
  public boolean ends() {
    return false;
  }
}
