package dev.lariat.examples.readme;

import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.*;

public class WatchFeed {
  public static void main(String[] args) {
    try (var feed =
        LiveWebSocket.to(args[0])
            .onOpen(session -> session.send(new Text("subscribe"))) // in every new session
            .open()) {
      for (Message message : feed.messages()) {
        switch (message) {
          case WebSocketFrame(var stream, Text(var text)) -> System.out.println(text);
          case Open open -> System.out.println("Session " + open.session() + " is open.");
          case Waiting waiting ->
              System.out.println(
                  waiting.reason().sentence()
                      + (" Next attempt in " + waiting.delay().toMillis() + " ms."));
          case Gone gone -> System.out.println("The end: " + gone.reason().sentence());
          default -> {} // Connecting before each attempt, binary messages, pings, notices
        }
      }
    }
  }
}
