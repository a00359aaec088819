package dev.lariat.examples;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.*;
import dev.lariat.option.Classifier;
import dev.lariat.option.Classifier.Verdict;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Subprotocols;
import java.time.Duration;
import java.util.Map;

/** GraphQL subscriptions by the subprotocol {@code graphql-transport-ws}. */
public final class GraphQl {
  private GraphQl() {}

  /** A result of the operation with this id. */
  record Next(String id, JsonNode payload) {}

  /** The end of the operation with this id; without errors if it is complete. */
  record Ended(String id, JsonNode errors) {}

  /** Translates one session. It runs on the event loop and must not block. */
  private record Handler(WebSocketHandler.Session session) implements WebSocketHandler {
    @Override
    public void frame(Frame frame) {
      if (frame instanceof Text(var text)) {
        JsonNode message = Json.of(text);
        String id = message.path("id").asText();
        JsonNode payload = message.path("payload");
        switch (message.path("type").asText()) {
          case "connection_ack" -> session.tell(frame); // for the opening step
          case "next" -> session.tell(new Next(id, payload));
          case "error" -> session.tell(new Ended(id, payload));
          case "complete" -> session.tell(new Ended(id, Json.array()));
          case "ping" -> session.trySend(new Text("{\"type\":\"pong\"}"));
          case "pong" -> {} // nobody needs it
          default -> throw new IllegalArgumentException("not graphql-transport-ws: " + text);
        }
      }
    }
  }

  /**
   * A live connection that subscribes in every session.
   *
   * @param queries by the ids of their operations
   */
  static LiveWebSocket.Plan plan(
      String uri, LiveOptions options, String token, Map<String, String> queries) {
    Classifier classifier = // 4401 and the like would repeat themselves
        Classifier.DEFAULT.closes(
            Map.of(
                4400, Verdict.END,
                4401, Verdict.END,
                4403, Verdict.END,
                4406, Verdict.END,
                4409, Verdict.END,
                4429, Verdict.END));
    Subprotocols subprotocols =
        Subprotocols.NONE.and("graphql-transport-ws", Handler::new).required(true);
    return LiveWebSocket.to(uri)
        .options(
            options
                .healing(options.healing().classifier(classifier))
                .webSocket(options.webSocket().subprotocols(subprotocols)))
        .onOpen(
            session -> {
              var init = Json.object().put("type", "connection_init");
              init.putObject("payload").put("token", token);
              session.send(new Text(init.toString()));
              session.receive(Duration.ofSeconds(10)); // connection_ack
              queries.forEach(
                  (id, query) -> {
                    var subscribe = Json.object().put("id", id).put("type", "subscribe");
                    subscribe.putObject("payload").put("query", query);
                    session.send(new Text(subscribe.toString()));
                  });
            });
  }

  /** Prints results until the server ends one of the operations. */
  static void print(LiveWebSocket feed) {
    for (Message message : feed.messages()) {
      switch (message) {
        case SubprotocolMessage(var stream, Next(var id, var payload)) ->
            System.out.println(id + ": " + payload.path("data"));
        case SubprotocolMessage(var stream, Ended(var id, var errors)) -> {
          System.out.println(id + " has ended: " + errors);
          return;
        }
        case Waiting waiting -> System.out.println(waiting.reason().sentence());
        case Gone gone -> System.out.println(gone.reason().sentence());
        default -> {}
      }
    }
  }
}
