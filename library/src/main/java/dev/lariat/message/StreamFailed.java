package dev.lariat.message;

/**
 * The stream ended before it was complete.
 *
 * @param stream the stream
 * @param reason why it ended; after a {@link Reason.Unprocessed} you can safely send the request
 *     again
 */
public record StreamFailed(StreamRef stream, Reason reason) implements Message.OfStream {

  @Override
  public boolean ends() {
    return true;
  }
}
