package dev.lariat.message;

/**
 * A command could not be carried out: a frame sent on a WebSocket that has ended, for example. It
 * goes to the receiver of the stream that the command was for, and can arrive after that stream's
 * final message.
 *
 * @param stream the stream that the command was for
 * @param operation the command, in the words of the API: {@code send}, {@code keepalive}
 * @param reason why not
 */
public record Rejected(StreamRef stream, String operation, Reason reason)
    implements Message.OfConnection {

  @Override
  public ConnectionRef connection() {
    return stream.connection();
  }
}
