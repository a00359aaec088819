package dev.lariat.examples;

import dev.lariat.FailedException;
import dev.lariat.LiveWebSocket;
import dev.lariat.Session;
import dev.lariat.message.*;
import dev.lariat.option.Classifier;
import dev.lariat.option.Classifier.Verdict;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A bot at a chat gateway of the usual kind: the server says hello with the time between
 * heartbeats, the bot identifies itself or resumes its former session from the last number that it
 * has seen, and replaces its connection when the server asks it to, before that one ends.
 *
 * <p>The messages are words: {@code hello 41}, {@code ready ID}, {@code resumed}, {@code invalid},
 * {@code event NUMBER WORDS}, {@code reconnect}; and {@code identify TOKEN}, {@code resume ID
 * NUMBER}, {@code heartbeat NUMBER}.
 */
public final class Gateway {
  private final String token;
  private final InstantSource clock;
  private volatile Duration beat = Duration.ofSeconds(41); // the time between heartbeats
  private volatile @Nullable String id; // of the session at the gateway, which outlives ours
  private volatile long seen; // the number of the last event

  Gateway(String token, InstantSource clock) {
    this.token = token;
    this.clock = clock;
  }

  public static void main(String[] args) throws InterruptedException {
    new Gateway(args[1], InstantSource.system())
        .run(Endpoint.of(args[0]), ConnectionOptions.DEFAULT);
  }

  /** Runs on every fresh connection, before anything else. */
  private void open(Session session) {
    String hello = text(session);
    beat = Duration.ofSeconds(Long.parseLong(hello.substring("hello ".length())));
    IO.println("a heartbeat every " + beat.toSeconds() + " s");
    if (id != null) {
      session.send(new Text("resume " + id + " " + seen));
      if (text(session).equals("resumed")) {
        IO.println("resumed behind " + seen);
        return;
      }
      id = null; // the gateway has forgotten it
    }
    session.send(new Text("identify " + token));
    id = text(session).substring("ready ".length());
    IO.println("ready as " + id);
  }

  private static String text(Session session) {
    return ((Text) session.receive(Duration.ofSeconds(10))).text();
  }

  /** Prints events until the gateway says {@code bye}. */
  void run(Endpoint endpoint, ConnectionOptions connection) throws InterruptedException {
    Classifier classifier =
        Classifier.DEFAULT.closes(
            Map.of(4004, Verdict.END, 4014, Verdict.END)); // a wrong token, a forbidden intent
    LiveOptions options =
        LiveOptions.DEFAULT.connection(connection).healing(Healing.DEFAULT.classifier(classifier));
    try (LiveWebSocket gateway =
        LiveWebSocket.to(endpoint).options(options).onOpen(this::open).open()) {
      Instant next = clock.instant().plus(beat);
      while (true) {
        switch (gateway.mailbox().take(Duration.between(clock.instant(), next))) {
          case null -> {
            gateway.trySend(new Text("heartbeat " + seen));
            next = clock.instant().plus(beat);
          }
          case WebSocketFrame(_, Text(var text)) when text.startsWith("event ") -> {
            String[] words = text.split(" ", 3);
            seen = Long.parseLong(words[1]);
            IO.println(words[2]);
          }
          case WebSocketFrame(_, Text(var text)) when text.equals("reconnect") -> gateway.rotate();
          case WebSocketFrame(_, Text(var text)) when text.equals("bye") -> {
            return;
          }
          case Waiting(_, _, _, var reason, _) -> IO.println("away: " + reason.sentence());
          case Gone(_, var reason) -> {
            IO.println("gone: " + reason.sentence());
            return;
          }
          case Message other -> {}
        }
      }
    } catch (FailedException e) {
      IO.println(e.reason().sentence());
    }
  }
}
