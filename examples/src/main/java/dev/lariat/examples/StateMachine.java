package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.*;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;

/**
 * A state machine: one function of the state and the message, like Erlang's {@code gen_statem}. It
 * says hello, prints what arrives, and leaves when its hello has come back. Run it against any
 * WebSocket echo server: {@code StateMachine localhost 8080 /ws}.
 */
public final class StateMachine {
  sealed interface State {}

  /** No connection, or one without a WebSocket. Lariat reconnects by itself. */
  record Away() implements State {}

  record Upgrading(WebSocket socket) implements State {}

  record Open(WebSocket socket) implements State {}

  record Leaving() implements State {}

  record Ended() implements State {}

  public static void main(String[] args) throws InterruptedException {
    run(args[0], Integer.parseInt(args[1]), args[2]);
  }

  static void run(String host, int port, String path) throws InterruptedException {
    try (Mailbox mailbox = Mailbox.create();
        Connection connection = Lariat.open(host, port, mailbox)) {
      State state = new Away();
      while (!(state instanceof Ended)) {
        Message message = mailbox.take(Duration.ofSeconds(30));
        if (message != null) {
          System.out.println(state + ": " + message);
          state = handle(connection, path, state, message);
        } else if (state instanceof Open(var socket)) {
          socket.send(Ping.EMPTY); // many servers close a silent connection
        }
      }
    }
  }

  /** The whole machine: an action for some messages, and the next state. */
  private static State handle(Connection connection, String path, State state, Message message) {
    return switch (message) {
      case Up up -> new Upgrading(connection.webSocket(path, WebSocketOptions.compressed()));
      case Upgraded upgraded when state instanceof Upgrading(var socket) -> {
        socket.send(new Text("hello"));
        yield new Open(socket);
      }
      case WebSocketFrame frame when state instanceof Open && frame.frame() instanceof Text ->
          leave(connection);
      case Response refusal -> leave(connection);
      case StreamFailed failed -> new Away();
      case Down down -> new Away();
      case Terminated terminated -> new Ended();
      case Message other -> state;
    };
  }

  /** Closes the WebSocket, then the connection. */
  private static State leave(Connection connection) {
    connection.shutdown();
    return new Leaving();
  }
}
