package dev.lariat.message;

/**
 * Lariat could not carry out a command, for example to send a frame on a WebSocket that has ended.
 * It goes to the receiver of the command's stream, and can arrive after that stream's final
 * message.
 *
 * @param stream the stream of the command
 * @param operation the name of the command in the API: {@code send}, {@code keepalive}
 * @param reason why Lariat rejected it
 */
public record Rejected(StreamRef stream, String operation, Reason reason)
    implements Message.OfConnection {

  @Override
  public ConnectionRef connection() {
    return stream.connection();
  }
}
