package dev.lariat.message;

import java.time.Duration;
import java.util.OptionalLong;

/**
 * Information that changes no state.
 *
 * @param connection the connection
 * @param detail what happened
 */
public record Notice(ConnectionRef connection, Detail detail) implements Message.OfConnection {

  /** What a notice reports: a closed set. */
  public sealed interface Detail {}

  /**
   * The server answered a ping, which you or the keepalive sent.
   *
   * @param stream the stream of the ping
   * @param roundTrip the time from writing the ping to the arrival of its pong
   */
  public record PingAcknowledged(StreamRef stream, Duration roundTrip) implements Detail {}

  /**
   * The receiver of a stream threw an exception. The message counts as delivered.
   *
   * @param message the message that it received
   * @param thrown what it threw
   */
  public record ReceiverThrew(Message message, Throwable thrown) implements Detail {}

  /**
   * The server sent a response that no request asked for, usually a 408 before it closes an idle
   * connection (RFC 9110 section 15.5.9). The connection ends.
   *
   * @param status the status of that response
   * @param headers its headers
   */
  public record Unsolicited(int status, Headers headers) implements Detail {}

  /**
   * The server's HTTP/2 settings changed (RFC 9113 section 6.5): its first SETTINGS differ from the
   * defaults of the RFC, or later SETTINGS differ from those before.
   *
   * @param maxStreams how many concurrent streams the server allows; empty if it sets no limit
   * @param extendedConnect whether it accepts WebSockets over HTTP/2 (RFC 8441 section 3)
   */
  public record SettingsChanged(OptionalLong maxStreams, boolean extendedConnect)
      implements Detail {}

  /**
   * The server ends an HTTP/2 connection and lets its open streams finish (RFC 9113 section 6.8).
   * New requests wait for the next connection.
   *
   * @param streams how many streams are still open
   */
  public record GoingAway(int streams) implements Detail {}

  /**
   * A listener threw an exception, for the first time on this connection. It continues to receive
   * events.
   *
   * @param event the name of the event that it received, such as {@code RequestStart}
   * @param thrown what it threw
   */
  public record ListenerThrew(String event, Throwable thrown) implements Detail {}

  /**
   * Messages of a topic were dropped, because the mailbox of this reader was full and its rule is
   * {@code TopicOptions.Overflow.DROP}. They would have arrived before the next message of the
   * reader.
   *
   * @param stream the reader
   * @param messages how many were dropped since the last such notice
   */
  public record Dropped(StreamRef stream, long messages) implements Detail {}
}
