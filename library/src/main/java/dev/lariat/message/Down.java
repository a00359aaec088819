package dev.lariat.message;

import java.util.List;

/**
 * An established connection was lost, and you did not close it. It arrives after the final message
 * of each of its streams, except those over HTTP/2 that keep what arrived before the loss: they
 * deliver that when it has credit, and room in the mailbox, and then end. They are in neither list.
 * A {@link Retrying} or the {@link Terminated} follows.
 *
 * @param connection the connection
 * @param protocol the protocol of the connection when it was lost
 * @param reason why it was lost
 * @param killed the streams that ended unfinished, and on which the server may have acted
 * @param unprocessed the streams that ended, and on which the server certainly did not act: you can
 *     safely send them again. They include the streams that the server refused when it announced
 *     the end of the connection, which ended at that time
 */
public record Down(
    ConnectionRef connection,
    Protocol protocol,
    Reason reason,
    List<StreamRef> killed,
    List<StreamRef> unprocessed)
    implements Message.OfConnection {

  /** Copies the lists. */
  public Down {
    killed = List.copyOf(killed);
    unprocessed = List.copyOf(unprocessed);
  }
}
