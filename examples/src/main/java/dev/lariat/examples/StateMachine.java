package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.message.*;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;

/**
 * A connection server as a state machine: one handler for all messages, a function of the state and
 * the message, as Erlang's {@code gen_statem} has it. It says hello, prints what arrives, and
 * leaves when its hello has come back. Run it against any WebSocket echo server: {@code
 * StateMachine localhost 8080 /ws}.
 */
public final class StateMachine {
  sealed interface State {}

  /** No connection, or one without a WebSocket: what it needs comes by itself. */
  record Away() implements State {}

  record Upgrading(WebSocket socket) implements State {}

  record Open(WebSocket socket) implements State {}

  record Leaving() implements State {}

  record Ended() implements State {}

  private record Step(State state, Message message) {}

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
          IO.println(state + ": " + message);
          state = handle(connection, path, new Step(state, message));
        } else if (state instanceof Open(var socket)) {
          socket.send(Ping.EMPTY); // silence: many servers hang up after a minute of it
        }
      }
    }
  }

  /** The whole machine: an action for some messages, and the state that follows. */
  private static State handle(Connection connection, String path, Step step) {
    return switch (step) {
      case Step(_, Up _) ->
          new Upgrading(connection.webSocket(path, WebSocketOptions.compressed()));
      case Step(Upgrading(var socket), Upgraded _) -> {
        socket.send(new Text("hello"));
        yield new Open(socket);
      }
      case Step(Open _, WebSocketFrame(_, Text _)), Step(_, Response _) -> {
        connection.shutdown(); // says goodbye; a response is the answer to a refused upgrade
        yield new Leaving();
      }
      case Step(_, StreamFailed _), Step(_, Down _) -> new Away();
      case Step(_, Terminated _) -> new Ended();
      case Step(_, Upgraded _), Step(_, WebSocketFrame _), Step(_, WebSocketClosed _) ->
          step.state();
      case Step(_, WebSocketPart _), Step(_, SubprotocolMessage _) -> step.state(); // not asked for
      case Step(_, ServerSentEvent _), Step(_, ContentMessage _) -> step.state(); // nor these
      case Step(_, Inform _), Step(_, Message.OfLive _) -> step.state();
      case Step(_, Data _), Step(_, Trailers _), Step(_, Notice _) -> step.state();
      case Step(_, Retrying _), Step(_, Rejected _) -> step.state();
    };
  }
}
