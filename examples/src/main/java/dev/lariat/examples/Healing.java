package dev.lariat.examples;

import dev.lariat.live.AttemptBudget;
import dev.lariat.live.Delivery;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.*;
import dev.lariat.option.Credentials;
import dev.lariat.option.Endpoint;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.Rotation;
import dev.lariat.option.Tls;
import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The programs of the guide's page on healing. */
final class Healing {
  private Healing() {}

  /** Prints a feed over any number of connections, until it ends for good. */
  static void feed(String uri, String subscription) {
    try (LiveWebSocket feed =
        LiveWebSocket.to(uri).onOpen(session -> session.send(new Text(subscription))).open()) {
      for (Frame frame : feed) {
        if (frame instanceof Text(var text)) {
          System.out.println(text);
        }
      }
    }
  }

  /** Prints the feed with every change of its state. */
  static void states(LiveWebSocket feed) {
    for (Message message : feed.messages()) {
      switch (message) {
        case Connecting connecting ->
            System.out.println("connecting, attempt " + connecting.attempt());
        case Open open -> System.out.println("open, session " + open.session());
        case Waiting waiting ->
            System.out.println(
                (waiting.open() ? "still open: " : "a gap: ") + waiting.reason().sentence());
        case WebSocketFrame(var socket, Text(var text)) -> System.out.println(text);
        case Gone gone -> System.out.println("gone: " + gone.reason().sentence());
        default -> {}
      }
    }
  }

  /** Whether a message has arrived, as far as this side can know. */
  static String fate(Delivery delivery) {
    return switch (delivery.settled().join().state()) {
      case WRITTEN -> "it left this program; wait for the server's answer";
      case ACKNOWLEDGED -> "the server has it";
      case UNKNOWN -> "perhaps: " + delivery.reason().orElseThrow().sentence();
      case DROPPED -> "never: " + delivery.reason().orElseThrow().sentence();
      case QUEUED -> throw new AssertionError("it has settled");
    };
  }

  /** A new token and new keys for every attempt. */
  static LiveWebSocket.Plan renewed(
      String uri, Supplier<String> freshToken, Supplier<Tls> freshKeys) {
    return LiveWebSocket.to(
        (attempt, last) ->
            Endpoint.of(uri)
                .credentials(Credentials.bearer(freshToken.get()))
                .tls(freshKeys.get()));
  }

  /** Prints the response of a server that refuses a session. */
  static void refusals(LiveWebSocket feed) {
    for (Message message : feed.messages()) {
      switch (message) {
        case Waiting waiting when waiting.reason() instanceof Reason.Status refusal ->
            System.out.println(
                refusal.status() + " " + refusal.headers() + " " + refusal.body().utf8());
        default -> {}
      }
    }
  }

  /** A new token for every attempt, a new connection every day, and a shared budget of attempts. */
  static LiveWebSocket.Plan fleet(String uri, Supplier<String> freshToken, AttemptBudget shared) {
    LiveOptions options = LiveOptions.DEFAULT;
    return LiveWebSocket.to(
            (attempt, last) ->
                Endpoint.of(uri).header("authorization", "Bearer " + freshToken.get()))
        .options(
            options
                .healing(options.healing().budget(shared))
                .rotation(Rotation.DEFAULT.maxAge(Duration.ofHours(24))));
  }

  /** Messages that arrive at least once: the server answers "order 7 ..." with "ok 7". */
  static LiveWebSocket.Plan orders(String uri) {
    Outbox outbox =
        Outbox.DEFAULT.acknowledge(
            sent -> numberAfter("order ", sent), received -> numberAfter("ok ", received));
    return LiveWebSocket.to(uri).options(LiveOptions.DEFAULT.outbox(outbox));
  }

  static @Nullable String numberAfter(String prefix, Frame frame) {
    return frame instanceof Text(var text) && text.startsWith(prefix)
        ? text.substring(prefix.length()).replaceFirst(" .*", "")
        : null;
  }

  /** Prints server-sent events until the server ends them with status 204. */
  static void events(String uri) {
    try (LiveEvents events = LiveEvents.to(uri).open()) {
      for (Message message : events.messages()) {
        switch (message) {
          case ServerSentEvent event -> System.out.println(event.type() + ": " + event.data());
          case Gone gone -> System.out.println("no more: " + gone.reason().sentence());
          default -> {}
        }
      }
    }
  }
}
