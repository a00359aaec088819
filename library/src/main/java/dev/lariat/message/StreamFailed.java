package dev.lariat.message;

/**
 * The stream ended before it was complete.
 *
 * @param stream the stream
 * @param reason why; an {@link Reason.Unprocessed} says that the request is safe to send again
 */
public record StreamFailed(StreamRef stream, Reason reason) implements Message.OfStream {

  @Override
  public boolean ends() {
    return true;
  }
}
