package dev.lariat.message;

import java.time.Duration;

/**
 * Something worth knowing that changes no state.
 *
 * @param connection the connection
 * @param detail what happened
 */
public record Notice(ConnectionRef connection, Detail detail) implements Message.OfConnection {

  /** What a notice tells: a closed list. */
  public sealed interface Detail {}

  /**
   * A ping was answered, the owner's own or one of the keepalive's.
   *
   * @param stream the stream whose ping it was
   * @param roundTrip the time from the ping's writing to its pong's arrival
   */
  public record PingAcknowledged(StreamRef stream, Duration roundTrip) implements Detail {}

  /**
   * A stream's own receiver threw. The message it was given counts as delivered.
   *
   * @param message what it was given
   * @param thrown what it threw
   */
  public record ReceiverThrew(Message message, Throwable thrown) implements Detail {}

  /**
   * A server said something on a connection on which nothing was asked, and ends it: mostly a 408,
   * before it closes an idle connection (RFC 9110 section 15.5.9).
   *
   * @param status the status of what looks like a response
   * @param headers its headers
   */
  public record Unsolicited(int status, Headers headers) implements Detail {}

  /**
   * A listener threw, for the first time on this connection; the events go on.
   *
   * @param event what it was told, by the event's name: {@code RequestStart}
   * @param thrown what it threw
   */
  public record ListenerThrew(String event, Throwable thrown) implements Detail {}
}
