package dev.lariat.examples;

import dev.lariat.FailedException;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.Session;
import dev.lariat.message.*;
import dev.lariat.option.Classifier;
import dev.lariat.option.Classifier.Verdict;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.Rotation;
import dev.lariat.option.Silence;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;

/**
 * A bot at a typical chat gateway. The server says hello with the time between heartbeats. The bot
 * then identifies itself, or resumes its former session from the last number that it has seen. It
 * replaces its connection when the server asks for it, before that connection ends, and closes a
 * connection on which heartbeats are not acknowledged.
 *
 * <p>The messages are words: {@code hello 41}, {@code ready ID}, {@code resumed}, {@code invalid},
 * {@code event NUMBER WORDS}, {@code ack}, {@code reconnect}; and {@code identify TOKEN}, {@code
 * resume ID NUMBER}, {@code heartbeat NUMBER}.
 */
public final class Gateway {
  private final String token;
  private final InstantSource clock;
  private volatile Duration beat = Duration.ofSeconds(41); // the time between heartbeats
  private volatile Position position = Position.NONE;

  /**
   * The session at the gateway, which outlives our connections, and the number of its last event.
   */
  private record Position(String id, long seen) {
    static final Position NONE = new Position("", 0);
  }

  Gateway(String token, InstantSource clock) {
    this.token = token;
    this.clock = clock;
  }

  public static void main(String[] args) throws InterruptedException {
    new Gateway(args[1], InstantSource.system())
        .run(Endpoint.of(args[0]), ConnectionOptions.DEFAULT);
  }

  /** Runs on every new connection, before anything else. {@code run} reads the answer. */
  private void open(Session session) {
    String hello = ((Text) session.receive(Duration.ofSeconds(10))).text();
    beat = Duration.ofSeconds(Long.parseLong(hello.substring("hello ".length())));
    Position from = position;
    session.send(
        new Text(
            from.equals(Position.NONE)
                ? "identify " + token
                : "resume " + from.id() + " " + from.seen()));
  }

  /** Prints events until the gateway says {@code bye}. */
  void run(Endpoint endpoint, ConnectionOptions connection) throws InterruptedException {
    Classifier classifier =
        Classifier.DEFAULT.closes(
            Map.of(4004, Verdict.END, 4014, Verdict.END)); // a wrong token, a forbidden intent
    LiveOptions options =
        LiveOptions.DEFAULT
            .connection(connection)
            .healing(Healing.DEFAULT.classifier(classifier))
            .rotation(Rotation.DEFAULT.quiet(Duration.ZERO)) // the next session resumes
            .outbox(Outbox.NONE); // a late heartbeat is useless
    try (LiveWebSocket gateway =
        LiveWebSocket.to(endpoint).options(options).onOpen(this::open).open()) {
      Instant next = clock.instant().plus(beat);
      while (true) {
        Duration left = Duration.between(clock.instant(), next);
        if (!left.isPositive()) {
          heartbeat(gateway);
          next = clock.instant().plus(beat);
          continue;
        }
        switch (gateway.mailbox().take(left)) {
          case null -> {} // it is time for a heartbeat
          case Open open -> {
            next = clock.instant().plus(beat);
            gateway.silence(
                Optional.of(new Silence(beat.multipliedBy(2), new Text("ack")::equals)));
          }
          case WebSocketFrame(var socket, Text(var text)) when text.equals("bye") -> {
            return;
          }
          case WebSocketFrame(var socket, Text(var text)) -> heard(gateway, text);
          case Waiting waiting -> System.out.println("away: " + waiting.reason().sentence());
          case Gone gone -> {
            System.out.println("gone: " + gone.reason().sentence());
            return;
          }
          case Message other -> {}
        }
      }
    }
  }

  private void heartbeat(LiveWebSocket gateway) {
    try {
      gateway.trySend(new Text("heartbeat " + position.seen()));
    } catch (FailedException e) {
      // it has ended, and Gone follows
    }
  }

  private void heard(LiveWebSocket gateway, String text) {
    String[] words = text.split(" ", 3);
    switch (words[0]) {
      case "ready" -> {
        position = new Position(words[1], 0);
        System.out.println("ready as " + words[1]);
      }
      case "resumed" -> System.out.println("resumed " + position.id());
      case "event" -> {
        long number = Long.parseLong(words[1]);
        if (number > position.seen()) { // else the last session has delivered it
          position = new Position(position.id(), number);
          System.out.println(words[2]);
        }
      }
      case "reconnect" -> gateway.rotate();
      case "invalid" -> {
        position = Position.NONE;
        gateway.rotate(); // the next session identifies itself
      }
      default -> {}
    }
  }
}
