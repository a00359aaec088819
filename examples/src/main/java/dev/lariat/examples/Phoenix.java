package dev.lariat.examples;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lariat.FailedException;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.Session;
import dev.lariat.message.*;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Silence;
import dev.lariat.option.Subprotocols;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Phoenix channels, version 2.0.0 of their serializer, which has no name among subprotocols. */
public final class Phoenix {
  private Phoenix() {}

  /** What the server pushes to a channel, or replies to a message with a reference. */
  record Push(String ref, String topic, String event, JsonNode payload) {}

  /** Translates one session: each message is {@code [join_ref, ref, topic, event, payload]}. */
  private record Handler(WebSocketHandler.Session session) implements WebSocketHandler {
    @Override
    public void frame(Frame frame) {
      if (frame instanceof Text(var text)) {
        JsonNode message = Json.of(text);
        String ref = message.path(1).asText();
        Push push =
            new Push(ref, message.path(2).asText(), message.path(3).asText(), message.path(4));
        boolean joins = push.event().equals("phx_reply") && ref.equals(message.path(0).asText());
        if (joins) {
          session.tell(frame); // for the opening step
        } else if (push.event().equals("phx_error") || push.event().equals("phx_close")) {
          throw new IllegalStateException(push.topic() + ": " + push.event()); // joins again, later
        } else {
          session.tell(push);
        }
      }
    }
  }

  /**
   * A live connection that joins a channel in every session.
   *
   * @param uri {@code wss://host/socket/websocket?vsn=2.0.0}
   * @param beat the time between heartbeats; Phoenix waits 60 s for one
   */
  static LiveWebSocket.Plan plan(
      String uri, LiveOptions options, String topic, JsonNode parameters, Duration beat) {
    Subprotocols subprotocols = Subprotocols.NONE.otherwise(Handler::new);
    return LiveWebSocket.to(uri)
        .options(
            options
                .webSocket(options.webSocket().subprotocols(subprotocols))
                .silence(Silence.of(beat.multipliedBy(2)))) // replies to heartbeats count
        .onOpen(
            session -> {
              session.send(message("1", "1", topic, "phx_join", parameters));
              JsonNode reply = Json.of(((Text) session.receive(Duration.ofSeconds(10))).text());
              if (!reply.path(4).path("status").asText().equals("ok")) {
                throw new IllegalStateException("cannot join " + topic + ": " + reply.path(4));
              }
              Thread.startVirtualThread(() -> beat(session, beat));
            });
  }

  /** On this session alone: a late heartbeat would be of no use to the next one. */
  private static void beat(Session session, Duration beat) {
    try {
      while (true) {
        Thread.sleep(beat);
        session.send(message(null, "0", "phoenix", "heartbeat", Json.object()));
      }
    } catch (FailedException | InterruptedException e) {
      // the session has ended
    }
  }

  static Text message(
      @Nullable String joinRef, String ref, String topic, String event, JsonNode payload) {
    var message = Json.array().add(joinRef).add(ref).add(topic).add(event).add(payload);
    return new Text(message.toString());
  }

  /** Prints what the server pushes until it says {@code bye}. */
  static void print(LiveWebSocket feed) {
    for (Message message : feed.messages()) {
      switch (message) {
        case SubprotocolMessage(var stream, Push push) when push.topic().equals("phoenix") -> {}
        case SubprotocolMessage(var stream, Push push) -> {
          System.out.println(push.topic() + " " + push.event() + ": " + push.payload());
          if (push.event().equals("bye")) {
            return;
          }
        }
        case Waiting waiting -> System.out.println(waiting.reason().sentence());
        case Gone gone -> System.out.println(gone.reason().sentence());
        default -> {}
      }
    }
  }
}
