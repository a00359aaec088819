package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.WebSocket;
import dev.lariat.message.Close;
import dev.lariat.message.Down;
import dev.lariat.message.Frame;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.SubprotocolMessage;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.message.WebSocketHandler;
import dev.lariat.message.WebSocketHandler.Session;
import dev.lariat.option.Subprotocols;
import dev.lariat.option.WebSocketOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Handlers of the user's between the frames and the receiver. */
final class SubprotocolTest {

  /** A line of a chat, as the handlers here make it of a text. */
  private record Line(int number, String text) {}

  /** Numbers the texts of its WebSocket, and greets the server with what the user gave. */
  private static final class Chat implements WebSocketHandler {
    private final Session session;
    private int lines;

    Chat(Session session) {
      this.session = session;
      session.userOptions().ifPresent(name -> session.trySend(new Text("I am " + name)));
    }

    @Override
    public void frame(Frame frame) {
      switch (frame) {
        case Text(var text) when text.equals("throw") ->
            throw new IllegalStateException("thrown on purpose");
        case Text(var text) -> session.tell(new Line(++lines, text));
        case Frame other -> session.tell(other);
      }
    }
  }

  private static Object value(Witness witness) {
    return witness.next(SubprotocolMessage.class).value();
  }

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @ParameterizedTest
  @EnumSource
  void theHandlerOfTheChosenNameSpeaks(Way way) {
    try (Witness witness = way.open(Servers.python())) {
      Subprotocols offered =
          Subprotocols.of("other")
              .and("chat.v1", Chat::new)
              .and("chat.v0", session -> frame -> session.tell("not this one"));
      witness.webSocket("/subprotocol", way.webSocket().subprotocols(offered));
      assertThat(witness.until(Upgraded.class).subprotocol()).hasValue("chat.v1");
      assertThat(value(witness)).isEqualTo(new Line(1, "chat.v1"));
    }
  }

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @Test
  void anotherHandlerSpeaksWhereTheServerChoseNone() {
    try (Witness witness = Way.PLAIN.open(Servers.python())) {
      Subprotocols offered =
          Subprotocols.NONE
              .and("unknown", session -> frame -> session.tell("not this one"))
              .otherwise(Chat::new);
      witness.webSocket("/subprotocol", WebSocketOptions.DEFAULT.subprotocols(offered));
      assertThat(witness.until(Upgraded.class).subprotocol()).isEmpty();
      assertThat(value(witness)).isEqualTo(new Line(1, "None"));
    }
  }

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @ParameterizedTest
  @EnumSource
  void aHandlerSendsAndEveryUpgradeHasItsOwn(Way way) {
    WebSocketOptions chat =
        way.webSocket()
            .subprotocols(Subprotocols.NONE.otherwise(Chat::new).userOptions("the first"));
    try (Witness witness = way.open(Servers.python());
        Witness other = way.open(Servers.python())) {
      WebSocket socket = witness.webSocket("/echo", chat);
      socket.send(new Text("early"));
      witness.until(Upgraded.class);
      assertThat(value(witness)).isEqualTo(new Line(1, "I am the first"));
      assertThat(value(witness)).isEqualTo(new Line(2, "early"));
      other.upgraded("/echo", chat);
      assertThat(value(other)).isEqualTo(new Line(1, "I am the first"));
      socket.send(new Close(4000, "enough"));
      assertThat(witness.next(WebSocketFrame.class).frame()).isInstanceOf(Close.class);
    }
  }

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @ParameterizedTest
  @EnumSource
  void aHandlerThatThrowsEndsItsWebSocketWith1011AndNothingElse(Way way) {
    WebSocketOptions chat = way.webSocket().subprotocols(Subprotocols.NONE.otherwise(Chat::new));
    try (Witness witness = way.open(Servers.python());
        Witness other = way.open(Servers.python());
        Witness watcher = Way.PLAIN.open(Servers.python())) {
      WebSocket unharmed = other.upgraded("/echo", chat);
      WebSocket socket = witness.upgraded("/watchedEcho?name=handler-" + way, chat);
      socket.send(new Text("throw"));
      Reason reason = witness.until(StreamFailed.class).reason();
      assertThat(reason)
          .isInstanceOfSatisfying(
              Reason.HandlerThrew.class,
              threw -> assertThat(threw.cause()).hasMessage("thrown on purpose"));
      assertThat(witness.next(Down.class).reason()).isEqualTo(reason);
      watcher.upgraded("/goodbye?name=handler-" + way, WebSocketOptions.DEFAULT);
      assertThat(watcher.frame()).isEqualTo(new Text("1011"));

      witness.until(Up.class); // it is retried as any other
      witness.upgraded("/echo", chat).send(new Text("again"));
      assertThat(value(witness)).isEqualTo(new Line(1, "again"));
      unharmed.send(new Text("unharmed"));
      assertThat(value(other)).isEqualTo(new Line(1, "unharmed"));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "TLS"})
  void whatComesInThePacketOfTheUpgradeReachesTheHandler(Way way) throws Exception {
    ScriptedServer.Script eager =
        peer -> {
          peer.upgrade((byte) 0x81, (byte) 2, (byte) 'h', (byte) 'i');
          peer.awaitEnd();
        };
    try (ScriptedServer server = new ScriptedServer(way.tls, eager);
        Witness witness = way.open(server.port())) {
      witness.upgraded("/", way.webSocket().subprotocols(Subprotocols.NONE.otherwise(Chat::new)));
      assertThat(value(witness)).isEqualTo(new Line(1, "hi"));
    }
  }
}
