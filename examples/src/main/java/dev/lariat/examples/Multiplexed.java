package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.WebSocket;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.SharedConnections;
import dev.lariat.message.*;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http2;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Request;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Sends a hundred requests at once over HTTP/2, or one after the other if the server speaks only
 * HTTP/1.1. Run it against any server: {@code Multiplexed https://localhost:8443}.
 */
public final class Multiplexed {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  public static void main(String[] args) throws Exception {
    get(URI.create(args[0]), ConnectionOptions.DEFAULT);
  }

  static void get(URI origin, ConnectionOptions defaults) throws InterruptedException {
    ConnectionOptions options = defaults.protocols(Protocol.HTTP_2, Protocol.HTTP_1_1);
    try (Connection connection = Lariat.open(origin, options)) {
      System.out.println("speaking " + connection.awaitUp(PATIENCE));
      List<Exchange> exchanges = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        exchanges.add(connection.get("/" + i));
      }
      for (Exchange exchange : exchanges) {
        System.out.println(exchange.text(PATIENCE));
      }
    }
  }

  /** Gets a page, and prints it and what the server pushes with it. */
  static void page(URI origin, ConnectionOptions defaults) throws InterruptedException {
    ConnectionOptions options = defaults.protocols(Protocol.HTTP_2).http2(Http2.DEFAULT.push(true));
    try (Connection connection = Lariat.open(origin, options)) {
      connection.get("/");
      int open = 1;
      while (open > 0) {
        Message message = connection.mailbox().take();
        switch (message) {
          case Push push -> {
            open++;
            System.out.println(push.promised() + " comes with " + push.stream());
          }
          case Response response ->
              System.out.println(response.stream() + ": status " + response.status());
          case Data data -> System.out.println(data.stream() + ": " + data.bytes().utf8());
          default -> {}
        }
        if (message instanceof Message.OfStream of && of.ends()) {
          open--;
        }
      }
    }
  }

  /** Asks for a page before its picture, until somebody looks at that. */
  static void first(Connection connection) {
    Exchange page = connection.request(Request.of("GET", "/page").priority(0, false));
    Exchange picture = connection.request(Request.of("GET", "/picture").priority(6, true));
    System.out.println(page.text(PATIENCE));
    picture.priority(1, true); // somebody looks at it now
    System.out.println(picture.text(PATIENCE));
  }

  /** Opens many WebSockets on one connection, and prints what arrives on them. */
  static void chat(Connection connection, int rooms) throws InterruptedException {
    for (int i = 0; i < rooms; i++) {
      WebSocket room = connection.webSocket("/room/" + i);
      room.send(new Text("hello, room " + i));
    }
    for (int heard = 0; heard < rooms; ) {
      switch (connection.mailbox().take()) {
        case WebSocketFrame(var stream, Text(var text)) -> {
          heard++;
          System.out.println(text);
          WebSocket.of(stream).close(); // ends its stream only
        }
        case StreamFailed failed -> {
          heard++;
          System.out.println(failed.reason().sentence());
        }
        default -> {} // Up, Upgraded, WebSocketClosed
      }
    }
  }

  /** Opens a live WebSocket to each of many rooms. One connection carries all of them. */
  static List<LiveWebSocket> follow(
      String origin, int rooms, ConnectionOptions defaults, Receiver receiver) {
    SharedConnections shared = SharedConnections.create();
    LiveOptions options =
        LiveOptions.DEFAULT.connection(defaults.protocols(Protocol.HTTP_2, Protocol.HTTP_1_1));
    List<LiveWebSocket> feeds = new ArrayList<>();
    for (int i = 0; i < rooms; i++) {
      feeds.add(
          LiveWebSocket.to(origin + "/room/" + i)
              .options(options)
              .connections(shared)
              .owner(receiver)
              .open());
    }
    return feeds;
  }
}
