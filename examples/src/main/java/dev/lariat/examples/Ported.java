package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.client.Answer;
import dev.lariat.client.Caller;
import dev.lariat.client.Client;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.*;
import dev.lariat.option.Request;
import dev.lariat.option.RequestRetry;
import java.net.URI;
import java.time.Duration;

/** The side of Lariat in the pages "Coming from" of the guide. */
final class Ported {
  private Ported() {}

  /** A page. */
  static String page(Client client, String url) {
    return client.get(url, Duration.ofSeconds(10)).text();
  }

  /** A POST with a header, whose status matters. */
  static String order(Client client, String url, String json) {
    Request request =
        Request.of("POST", "/") // the URL has the path
            .header("content-type", "application/json")
            .body(Bytes.ofUtf8(json));
    Answer answer = client.send(url, request, Duration.ofSeconds(10));
    if (answer.status() != 201) {
      throw new IllegalStateException("status " + answer.status());
    }
    return answer.text();
  }

  /** A call that is retried where that is safe. */
  static Answer called(Connection connection) {
    return Caller.on(connection).retry(RequestRetry.DEFAULT).get("/", Duration.ofSeconds(10));
  }

  /** A feed that reconnects and subscribes again. */
  static void feed(String uri) {
    try (LiveWebSocket feed =
        LiveWebSocket.to(uri)
            .onOpen(session -> session.send(new Text("subscribe all"))) // in every session
            .open()) {
      for (Frame frame : feed) {
        if (frame instanceof Text(var text)) {
          System.out.println(text);
        }
      }
    }
  }

  /** The same with callbacks, on the event loop. */
  static LiveWebSocket callbacks(String uri) {
    return LiveWebSocket.to(uri)
        .onOpen(session -> session.send(new Text("subscribe all")))
        .owner(
            message -> {
              switch (message) {
                case Open open -> System.out.println("open");
                case WebSocketFrame(var stream, Text(var text)) -> System.out.println(text);
                case Waiting waiting -> System.out.println(waiting.reason().sentence());
                case Gone gone -> System.out.println(gone.reason().sentence());
                default -> {}
              }
            })
        .open();
  }

  /** One WebSocket, one connection, no reconnect of the WebSocket. */
  static void once(URI origin) throws InterruptedException {
    try (Mailbox mailbox = Mailbox.create();
        Connection connection = Lariat.open(origin, mailbox)) {
      WebSocket socket = connection.webSocket("/ws");
      socket.send(new Text("hello")); // waits for the upgrade
      while (true) {
        switch (mailbox.take()) {
          case WebSocketFrame(var stream, Text(var text)) -> {
            System.out.println(text);
            socket.close();
          }
          case Response refused -> throw new IllegalStateException("status " + refused.status());
          case WebSocketClosed closed -> {
            return;
          }
          case StreamFailed failed -> throw new IllegalStateException(failed.reason().sentence());
          default -> {}
        }
      }
    }
  }

  /** As gun:await and gun:await_body. */
  static String awaited(String host, int port) throws InterruptedException {
    try (Connection connection = Lariat.open(host, port)) {
      Protocol protocol = connection.awaitUp(Duration.ofSeconds(5));
      Exchange exchange = connection.get("/");
      Response response = exchange.response(Duration.ofSeconds(5));
      String body = exchange.text(Duration.ofSeconds(5));
      return protocol.token() + " " + response.status() + " " + body;
    }
  }

  /** As a loop of receive. */
  static void loop(String host, int port) throws InterruptedException {
    try (Mailbox mailbox = Mailbox.create();
        Connection connection = Lariat.open(host, port, mailbox)) {
      while (true) {
        switch (mailbox.take()) {
          case Up up -> connection.webSocket("/ws");
          case Upgraded upgraded -> WebSocket.of(upgraded.stream()).send(new Text("hello"));
          case WebSocketFrame(var stream, Text(var text)) -> {
            System.out.println(text);
            connection.shutdown();
          }
          case Response refused -> throw new IllegalStateException("status " + refused.status());
          case StreamFailed failed -> System.out.println(failed.reason().sentence());
          case Down down -> System.out.println("down: " + down.reason().sentence());
          case Terminated ended -> {
            return;
          }
          case Message other -> {} // Retrying, WebSocketClosed, ...
        }
      }
    }
  }
}
