package dev.lariat.examples;

import dev.lariat.live.Delivery;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.*;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.Subprotocols;
import java.time.Duration;

/**
 * A charging station that reports to its central system as in OCPP. It requires its subprotocol,
 * boots on every new connection, and changes its ping interval when the system tells it to. Meter
 * values wait while it is disconnected, and go out in order. A value that was on its way when a
 * connection was lost is sent again, because a duplicate does no harm. If a value must not be lost
 * even after the operating system has accepted it, the server has to acknowledge it: see {@code
 * Outbox.acknowledge}.
 *
 * <p>The messages are words: {@code boot}, {@code accepted}, {@code meter VALUE}, {@code interval
 * SECONDS}, {@code stop}.
 */
public final class Charger {
  static final String SUBPROTOCOL = "ocpp2.0.1";

  private final LiveWebSocket central;

  Charger(Endpoint endpoint, ConnectionOptions connection) {
    LiveOptions options =
        LiveOptions.DEFAULT
            .connection(connection)
            .webSocket(
                LiveOptions.DEFAULT
                    .webSocket()
                    .subprotocols(Subprotocols.of(SUBPROTOCOL).required(true))
                    .keepalive(Keepalive.every(Duration.ofMinutes(5))))
            .outbox(Outbox.DEFAULT.messages(100_000).replay(true));
    this.central =
        LiveWebSocket.to(endpoint)
            .options(options)
            .onOpen(
                session -> {
                  session.send(new Text("boot"));
                  Frame answer = session.receive(Duration.ofSeconds(30));
                  if (!answer.equals(new Text("accepted"))) {
                    throw new IllegalStateException("not accepted: " + answer);
                  }
                })
            .open();
  }

  /** Reports a meter value, in any state of the connection. */
  Delivery meter(int wattHours) {
    return central.deliver(new Text("meter " + wattHours));
  }

  /** Obeys the central system until it says {@code stop}. */
  void run() {
    try (central) {
      for (Message message : central.messages()) {
        switch (message) {
          case Open open ->
              System.out.println(
                  "session " + open.session() + ", " + open.subprotocol().orElseThrow());
          case WebSocketFrame(var socket, Text(var text)) when text.startsWith("interval ") -> {
            Duration interval =
                Duration.ofSeconds(Long.parseLong(text.substring("interval ".length())));
            central.keepalive(Keepalive.every(interval));
            System.out.println("a ping every " + interval.toSeconds() + " s");
          }
          case WebSocketFrame(var socket, Text(var text)) when text.equals("stop") ->
              central.shutdown(); // sends what waits first
          case Waiting waiting -> System.out.println("away: " + waiting.reason().sentence());
          case Gone gone -> System.out.println("gone: " + gone.reason().sentence());
          default -> {}
        }
      }
    }
  }

  public static void main(String[] args) {
    Charger charger = new Charger(Endpoint.of(args[0]), ConnectionOptions.DEFAULT);
    charger.meter(0);
    charger.run();
  }
}
