package dev.lariat.message;

import java.util.List;

/**
 * An established connection was lost, and its owner had not closed it. It arrives after the final
 * message of each of its streams; a {@link Retrying} or the {@link Terminated} follows.
 *
 * @param connection the connection
 * @param protocol what was spoken on it when it was lost
 * @param reason why it was lost
 * @param killed the streams that died unfinished and that the server may have acted upon
 * @param unprocessed the streams that died and that the server certainly did not act upon: safe to
 *     send again. Those that it refused when it announced the end are among them, though they ended
 *     then
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
