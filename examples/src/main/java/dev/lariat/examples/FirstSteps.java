package dev.lariat.examples;

import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.*;
import java.net.URI;
import java.time.Duration;

/** The programs of the README. */
final class FirstSteps {
  private FirstSteps() {}

  static void chat(URI uri) throws InterruptedException {
    try (var mailbox = Mailbox.create();
        var connection = Lariat.open(uri, mailbox)) {
      while (true) {
        switch (mailbox.take()) {
          case Up up ->
              connection.webSocket("/chat").send(new Text("hello")); // at every connection
          case WebSocketFrame(var socket, Text(var text)) -> System.out.println(text);
          case Terminated ended -> throw new IllegalStateException(ended.reason().sentence());
          case Message other -> System.out.println(other); // Upgraded, Down, Retrying, ...
        }
      }
    }
  }

  static void feed(String uri) {
    try (var feed =
        LiveWebSocket.to(uri)
            .onOpen(session -> session.send(new Text("subscribe all"))) // on every connection
            .open()) {
      for (Frame frame : feed) {
        if (frame instanceof Text(var text)) System.out.println(text);
      }
    }
  }

  static void page(URI uri) {
    try (var connection = Lariat.open(uri)) {
      String page = connection.get("/").text(Duration.ofSeconds(5));
      System.out.println(page);
    }
  }
}
