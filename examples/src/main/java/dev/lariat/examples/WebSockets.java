package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.*;
import dev.lariat.option.WebSocketOptions;
import java.io.IOException;
import java.io.StringReader;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket on one connection: says hello, prints the answer and closes; then sends a long
 * message from a reader, and receives one message at a time. Run it against any WebSocket echo
 * server: {@code WebSockets http://localhost:8080 /ws}.
 */
public final class WebSockets {
  public static void main(String[] args) throws InterruptedException, IOException {
    hello(URI.create(args[0]), args[1]);
    slowly(URI.create(args[0]), args[1]);
  }

  static void hello(URI origin, String path) throws InterruptedException {
    try (Connection connection = Lariat.open(origin)) {
      WebSocket socket = connection.webSocket(path, WebSocketOptions.compressed());
      socket.send(new Text("hello"));
      Message.@Nullable OfStream message;
      do {
        message = connection.mailbox().await(socket, Duration.ofSeconds(10));
        switch (message) {
          case WebSocketFrame(var stream, Text(var text)) -> {
            System.out.println(text);
            socket.close();
          }
          case Response refusal -> System.out.println("refused: status " + refusal.status());
          case WebSocketClosed closed -> System.out.println(closed.handshake().sentence());
          case StreamFailed failed -> System.out.println(failed.reason().sentence());
          case null -> System.out.println("no message within 10 s");
          default -> {} // Upgraded, Data of a refusal, ...
        }
      } while (message != null && !message.ends());
    }
  }

  static void slowly(URI origin, String path) throws InterruptedException, IOException {
    try (Mailbox mailbox = Mailbox.create();
        Connection connection = Lariat.open(origin, mailbox)) {
      WebSocket socket = connection.webSocket(path, WebSocketOptions.DEFAULT.credit(1));
      socket.sendText(new StringReader("a long message".repeat(1000)));
      socket.written(new Text("bye")).join();
      while (true) {
        switch (mailbox.take()) {
          case WebSocketFrame(var stream, Text(var text)) when text.equals("bye") ->
              connection.shutdown();
          case WebSocketFrame(var stream, Text(var text)) -> {
            System.out.println(text.length() + " characters"); // as slow as you like
            socket.credit(1);
          }
          case Terminated terminated -> {
            return;
          }
          case Message other -> {}
        }
      }
    }
  }
}
