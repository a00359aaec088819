package dev.lariat.option;

import dev.lariat.message.Protocol;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a live connection is kept.
 *
 * @param connection of each session. Its {@code retry} does not matter: {@code healing} says when
 *     to try again
 * @param webSocket of each session of a {@code LiveWebSocket}. Its {@code credit} must be
 *     unlimited, since a full mailbox holds the server back, and its {@code replyTo} empty
 * @param healing when to try again, and when not
 * @param rotation how one session takes over from another
 * @param outbox what waits to be sent
 * @param silence a session without messages is given up; never by default
 * @param endpoint how long the search for an endpoint may take: 1 ms to 365 days, 30 s by default
 * @param opening how long the opening step of a session may take: 1 ms to 365 days, 30 s by default
 * @param redirects those that an attempt follows, each to another {@code http}, {@code https},
 *     {@code ws} or {@code wss} URI; none by default, as of a browser's WebSocket. The next attempt
 *     begins at the endpoint again
 */
public record LiveOptions(
    ConnectionOptions connection,
    WebSocketOptions webSocket,
    Healing healing,
    Rotation rotation,
    Outbox outbox,
    Optional<Silence> silence,
    Duration endpoint,
    Duration opening,
    Redirects redirects) {

  /** The defaults of every part. */
  public static final LiveOptions DEFAULT =
      new LiveOptions(
          ConnectionOptions.DEFAULT,
          WebSocketOptions.DEFAULT,
          Healing.DEFAULT,
          Rotation.DEFAULT,
          Outbox.DEFAULT,
          Optional.empty(),
          Duration.ofSeconds(30),
          Duration.ofSeconds(30),
          Redirects.NONE);

  /** Checks every component. */
  public LiveOptions {
    Range.check("live.endpoint", endpoint, Range.MIN);
    Range.check("live.opening", opening, Range.MIN);
    if (webSocket.credit() != WebSocketOptions.UNLIMITED) {
      throw Range.refused("live.webSocket.credit", webSocket.credit(), "unlimited");
    }
    if (!connection.protocols().equals(List.of(Protocol.HTTP_1_1))) {
      throw Range.refused(
          "live.connection.protocols",
          connection.protocols(),
          List.of(Protocol.HTTP_1_1).toString());
    }
    if (connection.http1().version() == Http1.Version.HTTP_1_0) {
      throw Range.refused(
          "live.connection.http1.version",
          connection.http1().version(),
          Http1.Version.HTTP_1_1 + ", since HTTP/1.0 has no WebSocket");
    }
    if (webSocket.parts() && outbox.acknowledgement().isPresent()) {
      throw Range.refused(
          "live.webSocket.parts",
          true,
          "false with outbox.acknowledgement, which sees whole frames");
    }
    if (webSocket.replyTo().isPresent()) {
      throw Range.refused("live.webSocket.replyTo", "a receiver", "none: the owner is told all");
    }
  }

  /** The same with other options for the connections. */
  public LiveOptions connection(ConnectionOptions connection) {
    return new LiveOptions(
        connection, webSocket, healing, rotation, outbox, silence, endpoint, opening, redirects);
  }

  /** The same with other options for the WebSockets. */
  public LiveOptions webSocket(WebSocketOptions webSocket) {
    return new LiveOptions(
        connection, webSocket, healing, rotation, outbox, silence, endpoint, opening, redirects);
  }

  /** The same with another policy. */
  public LiveOptions healing(Healing healing) {
    return new LiveOptions(
        connection, webSocket, healing, rotation, outbox, silence, endpoint, opening, redirects);
  }

  /** The same with another rotation. */
  public LiveOptions rotation(Rotation rotation) {
    return new LiveOptions(
        connection, webSocket, healing, rotation, outbox, silence, endpoint, opening, redirects);
  }

  /** The same with another outbox. */
  public LiveOptions outbox(Outbox outbox) {
    return new LiveOptions(
        connection, webSocket, healing, rotation, outbox, silence, endpoint, opening, redirects);
  }

  /** The same with a rule on silence. */
  public LiveOptions silence(Silence silence) {
    return new LiveOptions(
        connection,
        webSocket,
        healing,
        rotation,
        outbox,
        Optional.of(silence),
        endpoint,
        opening,
        redirects);
  }

  /** The same with another time for the search of an endpoint. */
  public LiveOptions endpoint(Duration endpoint) {
    return new LiveOptions(
        connection, webSocket, healing, rotation, outbox, silence, endpoint, opening, redirects);
  }

  /** The same with another time for the opening step. */
  public LiveOptions opening(Duration opening) {
    return new LiveOptions(
        connection, webSocket, healing, rotation, outbox, silence, endpoint, opening, redirects);
  }

  /** The same with these redirects followed. */
  public LiveOptions redirects(Redirects redirects) {
    return new LiveOptions(
        connection, webSocket, healing, rotation, outbox, silence, endpoint, opening, redirects);
  }
}
