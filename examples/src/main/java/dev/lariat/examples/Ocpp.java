package dev.lariat.examples;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.*;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Subprotocols;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The side of a charging station in OCPP-J 1.6. */
public final class Ocpp {
  private static final int CALL = 2;
  private static final int CALL_RESULT = 3;
  private static final int CALL_ERROR = 4;
  private static final String BOOT = "boot";

  /** What the central system asks the station to do. */
  record Call(String id, String action, JsonNode payload) {}

  /** A call of the station's that has no answer yet. */
  private record Pending(String id, CompletableFuture<JsonNode> answer) {}

  private final LiveWebSocket central;
  private final ReentrantLock turn = new ReentrantLock(true); // one call at a time, says OCPP
  private final AtomicReference<@Nullable Pending> pending = new AtomicReference<>();

  Ocpp(String uri, LiveOptions options, JsonNode bootNotification) {
    Subprotocols subprotocols = Subprotocols.NONE.and("ocpp1.6", this::handler).required(true);
    this.central =
        LiveWebSocket.to(uri)
            .options(options.webSocket(options.webSocket().subprotocols(subprotocols)))
            .onOpen(
                session -> {
                  session.send(call(BOOT, "BootNotification", bootNotification));
                  JsonNode answer =
                      Json.of(((Text) session.receive(Duration.ofSeconds(20))).text());
                  if (!answer.path(2).path("status").asText().equals("Accepted")) {
                    throw new IllegalStateException("not accepted: " + answer);
                  }
                })
            .open();
  }

  /** Translates one session, on the event loop. */
  private WebSocketHandler handler(WebSocketHandler.Session session) {
    return frame -> {
      if (frame instanceof Text(var text)) {
        JsonNode message = Json.of(text);
        String id = message.path(1).asText();
        switch (message.path(0).asInt()) {
          case CALL -> session.tell(new Call(id, message.path(2).asText(), message.path(3)));
          case CALL_RESULT, CALL_ERROR -> {
            if (id.equals(BOOT)) {
              session.tell(frame); // for the opening step
            } else {
              answered(id, message);
            }
          }
          default -> throw new IllegalArgumentException("not OCPP: " + text);
        }
      }
    };
  }

  private void answered(String id, JsonNode message) {
    Pending asked = pending.get();
    if (asked != null && asked.id().equals(id)) { // or it came too late
      if (message.path(0).asInt() == CALL_RESULT) {
        asked.answer().complete(message.path(2));
      } else {
        asked.answer().completeExceptionally(new IllegalStateException(message.toString()));
      }
    }
  }

  /**
   * Calls the central system and waits for its answer. While the connection is lost, the call waits
   * in the outbox. After a timeout, nobody knows whether the central system has acted on it.
   */
  JsonNode call(String action, JsonNode payload, Duration timeout)
      throws InterruptedException, ExecutionException, TimeoutException {
    turn.lockInterruptibly();
    try {
      Pending call = new Pending(UUID.randomUUID().toString(), new CompletableFuture<>());
      pending.set(call);
      central.send(call(call.id(), action, payload));
      return call.answer().get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      pending.set(null);
      turn.unlock();
    }
  }

  /**
   * Does what the central system asks, until this is closed. A null answer is "not implemented".
   */
  void run(Function<Call, @Nullable JsonNode> station) {
    for (Message message : central.messages()) {
      switch (message) {
        case SubprotocolMessage(var stream, Call call) -> {
          JsonNode answer = station.apply(call);
          central.send(answer == null ? notImplemented(call) : result(call, answer));
        }
        case Waiting waiting -> System.out.println(waiting.reason().sentence());
        case Gone gone -> System.out.println(gone.reason().sentence());
        default -> {}
      }
    }
  }

  void close() {
    central.shutdown();
  }

  private static Text call(String id, String action, JsonNode payload) {
    return new Text(Json.array().add(CALL).add(id).add(action).add(payload).toString());
  }

  private static Text result(Call call, JsonNode payload) {
    return new Text(Json.array().add(CALL_RESULT).add(call.id()).add(payload).toString());
  }

  private static Text notImplemented(Call call) {
    var error = Json.array().add(CALL_ERROR).add(call.id()).add("NotImplemented");
    return new Text(error.add(call.action()).add(Json.object()).toString());
  }
}
