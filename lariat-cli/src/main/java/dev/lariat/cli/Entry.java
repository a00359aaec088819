package dev.lariat.cli;

import dev.lariat.message.Frame;
import java.time.Duration;
import java.util.Optional;

/** One line of a recording after the first: what happened, and when since the beginning. */
sealed interface Entry {
  Duration at();

  /** An attempt to open a session begins. */
  record Connecting(Duration at, int attempt) implements Entry {}

  /**
   * A step of an attempt has ended.
   *
   * @param name {@code lookup}, {@code connect}, {@code proxy}, {@code tls} or {@code upgrade}
   * @param detail what it led to, such as an address or a version of TLS
   * @param failure why it failed
   */
  record Step(
      Duration at, String name, Duration took, Optional<String> detail, Optional<String> failure)
      implements Entry {}

  /** A session is open. */
  record Open(Duration at, long session, Optional<String> subprotocol, Optional<String> extensions)
      implements Entry {}

  /** The client has sent a frame. */
  record Sent(Duration at, Frame frame) implements Entry {}

  /** The server has sent a frame. */
  record Received(Duration at, Frame frame) implements Entry {}

  /** The server has sent an event of an event stream. */
  record Event(Duration at, String id, String name, String data) implements Entry {}

  /**
   * A frame was not sent, or it is unknown whether it was.
   *
   * @param state {@code dropped} or {@code unknown}
   */
  record Undelivered(Duration at, String state, Frame frame) implements Entry {}

  /** A ping was answered. */
  record RoundTrip(Duration at, Duration took) implements Entry {}

  /** A session was lost or an attempt failed; the next attempt follows after the delay. */
  record Waiting(Duration at, int attempt, Duration delay, String reason) implements Entry {}

  /** The end. */
  record Gone(Duration at, String reason) implements Entry {}
}
