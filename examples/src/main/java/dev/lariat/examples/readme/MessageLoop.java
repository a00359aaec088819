package dev.lariat.examples.readme;

import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.*;
import java.net.URI;

public class MessageLoop {
  public static void main(String[] args) throws InterruptedException {
    try (var mailbox = Mailbox.create();
        var connection = Lariat.open(URI.create(args[0]), mailbox)) {
      while (true) {
        switch (mailbox.take()) {
          case Up up -> connection.webSocket(args[1]); // after every connect
          case Upgraded upgraded -> WebSocket.of(upgraded.stream()).send(new Text("hello"));
          case WebSocketFrame(var stream, Text(var text)) -> System.out.println(text);
          case Response refusal -> {
            System.out.println("The server refused the WebSocket: " + refusal.status());
            connection.shutdown();
          }
          case StreamFailed failed -> System.out.println(failed.reason().sentence());
          case Down down -> System.out.println("Lost: " + down.reason().sentence());
          case Retrying retrying -> System.out.println("Retrying: " + retrying.reason().sentence());
          case Terminated end -> {
            System.out.println("The end: " + end.reason().sentence());
            return;
          }
          case Message other -> {} // Data, Notice and others
        }
      }
    }
  }
}
