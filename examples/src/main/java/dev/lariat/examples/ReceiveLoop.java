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
 * A connection server as a receive loop: one thread, one mailbox, a case for everything that a
 * connection can tell. It says hello, prints what arrives, and leaves when its hello has come back.
 *
 * <p>Run it against any WebSocket echo server: {@code ReceiveLoop localhost 8080 /ws}. Kill that
 * server while it runs, and start it again: the connection comes back.
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
          case null -> { // silence: many servers hang up after a minute of it
            if (socket != null) socket.send(Ping.EMPTY);
          }
          case Up(_, var protocol) -> {
            IO.println("up, speaking " + protocol);
            socket = connection.webSocket(path, WebSocketOptions.compressed());
          }
          case Upgraded(var stream, var protocol, _, _) -> {
            IO.println("upgraded to " + protocol);
            WebSocket.of(stream).send(new Text("hello"));
          }
          case WebSocketFrame(var stream, Text(var text)) -> {
            IO.println("text " + text);
            WebSocket.of(stream).close();
          }
          case WebSocketFrame(_, Binary(var bytes)) -> IO.println("binary " + bytes);
          case WebSocketFrame(_, Close(var code, var text)) -> IO.println("close " + code + text);
          case WebSocketFrame(_, Ping _) -> IO.println("ping"); // answered by Lariat
          case WebSocketFrame(_, Pong _) -> IO.println("pong");
          case WebSocketPart(_, var data, _) ->
              IO.println("part " + data); // where they are asked for
          case SubprotocolMessage(_, var value) -> IO.println(value); // where a handler speaks
          case WebSocketClosed(_, var handshake) -> {
            IO.println(handshake.sentence());
            connection.shutdown(); // without this it would come back
          }
          case Response(_, _, var status, _) -> {
            IO.println("refused with status " + status);
            connection.shutdown();
          }
          case Inform(_, var status, _) -> IO.println("not yet: status " + status);
          case Data(_, _, var bytes) -> IO.println(bytes.utf8());
          case ServerSentEvent event -> IO.println(event.data()); // where they are asked for
          case ContentMessage(_, var value) -> IO.println(value); // where a handler speaks
          case Trailers(_, var headers) -> IO.println(headers);
          case StreamFailed(_, var reason) -> IO.println("failed: " + reason.sentence());
          case Rejected(_, var what, var why) -> IO.println("no " + what + ": " + why.sentence());
          case Message.OfLive live -> IO.println(live); // where one is opened
          case Notice(_, var detail) -> IO.println(detail);
          case Down(_, _, var reason, _, _) -> {
            IO.println("down: " + reason.sentence());
            socket = null; // the connection comes back by itself, and begins with Up
          }
          case Retrying(_, var attempt, var delay, var reason) ->
              IO.println("attempt " + attempt + " in " + delay + ": " + reason.sentence());
          case Terminated(_, var reason) -> IO.println("the end: " + reason.sentence());
        }
      } while (!(message instanceof Terminated));
    }
  }
}
