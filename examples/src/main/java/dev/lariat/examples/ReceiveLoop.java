package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.*;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A receive loop: one thread, one mailbox, and a case for every message. It says hello, prints what
 * arrives, and leaves when its hello has come back.
 *
 * <p>Run it against any WebSocket echo server: {@code ReceiveLoop localhost 8080 /ws}. Kill that
 * server while it runs and start it again: the connection reconnects.
 */
public final class ReceiveLoop {
  public static void main(String[] args) throws InterruptedException {
    run(args[0], Integer.parseInt(args[1]), args[2]);
  }

  static void run(String host, int port, String path) throws InterruptedException {
    try (Mailbox mailbox = Mailbox.create();
        Connection connection = Lariat.open(host, port, mailbox)) {
      @Nullable WebSocket socket = null;
      @Nullable Message message;
      do {
        message = mailbox.take(Duration.ofSeconds(30));
        switch (message) {
          case null -> { // many servers close a silent connection after a minute
            if (socket != null) socket.send(Ping.EMPTY);
          }
          case Up up -> {
            System.out.println("up, speaking " + up.protocol());
            socket = connection.webSocket(path, WebSocketOptions.compressed());
          }
          case Upgraded upgraded -> {
            System.out.println("upgraded to " + upgraded.protocol());
            WebSocket.of(upgraded.stream()).send(new Text("hello"));
          }
          case WebSocketFrame(var stream, Text(var text)) -> {
            System.out.println("text " + text);
            WebSocket.of(stream).close();
          }
          case WebSocketFrame(var stream, Binary(var bytes)) ->
              System.out.println("binary " + bytes);
          case WebSocketFrame(var stream, Close(var code, var text)) ->
              System.out.println("close " + code + text);
          case WebSocketFrame(var stream, Ping ping) ->
              System.out.println("ping"); // answered by Lariat
          case WebSocketFrame(var stream, Pong pong) -> System.out.println("pong");
          case WebSocketPart part ->
              System.out.println("part " + part.data()); // only if you ask for them
          case SubprotocolMessage made ->
              System.out.println(made.value()); // only if you have a handler
          case WebSocketClosed closed -> {
            System.out.println(closed.handshake().sentence());
            connection.shutdown(); // without this, it reconnects
          }
          case Response response -> {
            System.out.println("refused with status " + response.status());
            connection.shutdown();
          }
          case Inform inform -> System.out.println("not yet: status " + inform.status());
          case Push push -> System.out.println("pushed: " + push.uri()); // only if http2.push is on
          case Data data -> System.out.println(data.bytes().utf8());
          case ServerSentEvent event ->
              System.out.println(event.data()); // only if you ask for them
          case ContentMessage content ->
              System.out.println(content.value()); // only if you have a handler
          case Trailers trailers -> System.out.println(trailers.headers());
          case StreamFailed failed -> System.out.println("failed: " + failed.reason().sentence());
          case TunnelUp opened -> System.out.println("through"); // only if you ask for a tunnel
          case Rejected rejected ->
              System.out.println(
                  "no " + rejected.operation() + ": " + rejected.reason().sentence());
          case Message.OfLive live -> System.out.println(live); // only of a live connection
          case Notice notice -> System.out.println(notice.detail());
          case Down down -> {
            System.out.println("down: " + down.reason().sentence());
            socket = null; // the connection reconnects and delivers Up
          }
          case Retrying retrying ->
              System.out.println(
                  "attempt "
                      + retrying.attempt()
                      + " in "
                      + retrying.delay()
                      + ": "
                      + retrying.reason().sentence());
          case Terminated terminated ->
              System.out.println("the end: " + terminated.reason().sentence());
        }
      } while (!(message instanceof Terminated));
    }
  }
}
