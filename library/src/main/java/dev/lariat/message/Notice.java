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

  /** What a notice reports: a closed list. */
  public sealed interface Detail {}

  /**
   * A ping was answered: one of the owner's or of the keepalive.
   *
   * @param stream the stream whose ping it was
   * @param roundTrip the time from the ping's writing to its pong's arrival
   */
  public record PingAcknowledged(StreamRef stream, Duration roundTrip) implements Detail {}

  /**
   * The receiver of a stream threw. The message counts as delivered.
   *
   * @param message the message that it received
   * @param thrown what it threw
   */
  public record ReceiverThrew(Message message, Throwable thrown) implements Detail {}

  /**
   * A server sent a response without a request, and ends the connection: usually a 408, before it
   * closes an idle connection (RFC 9110 section 15.5.9).
   *
   * @param status the status of what looks like a response
   * @param headers its headers
   */
  public record Unsolicited(int status, Headers headers) implements Detail {}

  /**
   * The server's SETTINGS of HTTP/2 changed (RFC 9113 section 6.5): the first ones set more than
   * the defaults of the RFC, or later ones differ from those before.
   *
   * @param maxStreams how many streams there may be at a time; empty if it sets no limit
   * @param extendedConnect whether it takes WebSockets over HTTP/2 (RFC 8441 section 3)
   */
  public record SettingsChanged(OptionalLong maxStreams, boolean extendedConnect)
      implements Detail {}

  /**
   * The server ends a connection of HTTP/2, and lets its open streams finish (RFC 9113 section
   * 6.8). New requests wait for the next connection.
   *
   * @param streams how many streams are still open
   */
  public record GoingAway(int streams) implements Detail {}

  /**
   * A listener threw, for the first time on this connection. It continues to receive events.
   *
   * @param event what it received, by the event's name: {@code RequestStart}
   * @param thrown what it threw
   */
  public record ListenerThrew(String event, Throwable thrown) implements Detail {}
}
