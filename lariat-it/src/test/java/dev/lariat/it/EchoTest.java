package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.WebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Down;
import dev.lariat.message.Notice;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.Side;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.option.WebSocketOptions;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Against python3-websockets. */
@Needs(Peer.PYTHON_WEBSOCKETS)
final class EchoTest {
  private static final int[] SIZES = {0, 1, 125, 126, 65_535, 65_536, 300_000, 1 << 20};

  @ParameterizedTest
  @EnumSource
  void textComesBackAsItWasSent(Way way) {
    try (Witness witness = way.open(Servers.python())) {
      assertThat(witness.next(Up.class).protocol()).isEqualTo(Protocol.HTTP_1_1);
      WebSocket socket = witness.webSocket("/echo", way.webSocket());
      Upgraded upgraded = witness.next(Upgraded.class);
      assertThat(upgraded.headers().contains("sec-websocket-extensions")).isEqualTo(way.compress());
      Random random = new Random(1);
      for (int size : SIZES) {
        Text text = new Text(text(random, size));
        socket.send(text);
        assertThat(witness.frame()).isEqualTo(text);
      }
    }
  }

  /** So many bytes of UTF-8, of characters of every length. */
  private static String text(Random random, int size) {
    StringBuilder text = new StringBuilder();
    int left = size;
    while (left > 0) {
      String next = Character.toString(random.nextInt(' ', 0xd800));
      int bytes = Bytes.ofUtf8(next).size();
      text.append(bytes <= left ? next : "x".repeat(left));
      left -= Math.min(bytes, left);
    }
    return text.toString();
  }

  @ParameterizedTest
  @EnumSource
  void binaryComesBackAsItWasSent(Way way) {
    try (Witness witness = way.open(Servers.python())) {
      WebSocket socket = witness.upgraded("/echo", way.webSocket());
      Random random = new Random(1);
      for (int size : SIZES) {
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        socket.send(new Binary(bytes));
        assertThat(witness.frame()).isEqualTo(new Binary(bytes));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void manyMessagesComeBackInOrder(Way way) {
    try (Witness witness = way.open(Servers.python())) {
      WebSocket socket = witness.upgraded("/echo", way.webSocket());
      for (int i = 0; i < 500; i++) {
        socket.send(new Text("a " + i), new Text("b " + i));
      }
      for (int i = 0; i < 500; i++) {
        assertThat(witness.frame()).isEqualTo(new Text("a " + i));
        assertThat(witness.frame()).isEqualTo(new Text("b " + i));
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void framesSentBeforeTheAnswerWaitForIt(Way way) {
    try (Witness witness = way.open(Servers.python())) {
      WebSocket socket = witness.webSocket("/echo", way.webSocket());
      socket.send(new Text("early"));
      witness.next(Up.class);
      witness.next(Upgraded.class);
      assertThat(witness.frame()).isEqualTo(new Text("early"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void fragmentsAreJoined(Way way) {
    try (Witness witness = way.open(Servers.python())) {
      WebSocket socket = witness.upgraded("/fragments?size=7", way.webSocket());
      Text text = new Text("fragments of seven characters, \u20ac and \ud83e\udd20 among them");
      Binary binary = new Binary(new byte[1000]);
      socket.send(text, binary);
      assertThat(witness.frame()).isEqualTo(text);
      assertThat(witness.frame()).isEqualTo(binary);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theServersPingsAreAnswered(Way way) {
    try (Witness witness = way.open(Servers.python())) {
      WebSocket socket = witness.upgraded("/pings", way.webSocket());
      socket.send(new Text("one"), new Text("two"));
      assertThat(witness.frame()).isEqualTo(new Text("ponged one"));
      assertThat(witness.frame()).isEqualTo(new Text("ponged two"));
    }
  }

  @Test
  void pingsAndPongsAreToldWhereWanted() {
    try (Witness witness = Way.PLAIN.open(Servers.python())) {
      WebSocket socket = witness.upgraded("/pings", WebSocketOptions.DEFAULT.silencePings(false));
      socket.send(new Text("one"));
      assertThat(witness.frame()).isEqualTo(new Ping(Bytes.ofUtf8("one")));
      assertThat(witness.frame()).isEqualTo(new Text("ponged one"));
      socket.send(new Ping(Bytes.ofUtf8("mine")));
      assertThat(witness.frame()).isEqualTo(new Pong(Bytes.ofUtf8("mine")));
    }
  }

  @Test
  void theRoundTripOfAPingIsTold() {
    try (Witness witness = Way.PLAIN.open(Servers.python())) {
      WebSocket socket = witness.upgraded("/echo", WebSocketOptions.DEFAULT);
      socket.send(new Ping(Bytes.ofUtf8("mine")));
      assertThat(witness.next(Notice.class).detail())
          .isInstanceOfSatisfying(
              Notice.PingAcknowledged.class,
              pong -> {
                assertThat(pong.stream()).isSameAs(socket);
                assertThat(pong.roundTrip()).isPositive().isLessThan(Witness.PATIENCE);
              });
    }
  }

  @ParameterizedTest
  @EnumSource
  void theServerChoosesASubprotocol(Way way) {
    try (Witness witness = way.open(Servers.python())) {
      witness.webSocket("/subprotocol", way.webSocket().subprotocols("other", "chat.v1"));
      assertThat(witness.until(Upgraded.class).subprotocol()).hasValue("chat.v1");
      assertThat(witness.frame()).isEqualTo(new Text("chat.v1"));
    }
  }

  @Test
  void theServerMayChooseNoSubprotocol() {
    try (Witness witness = Way.PLAIN.open(Servers.python())) {
      witness.webSocket("/subprotocol", WebSocketOptions.DEFAULT.subprotocols("other"));
      assertThat(witness.until(Upgraded.class).subprotocol()).isEmpty();
      assertThat(witness.frame()).isEqualTo(new Text("None"));
    }
  }

  @Test
  void headersOfTheOwnersAreSent() {
    try (Witness witness = Way.PLAIN.open(Servers.python())) {
      witness.upgraded(
          "/header?name=X-Flavour",
          WebSocketOptions.DEFAULT.header("X-Flavour", "sweet").header("X-Flavour", "sour"));
      assertThat(witness.frame()).isEqualTo(new Text("sweet, sour"));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 4000, 4999})
  void theServersCloseIsAnsweredAndTold(int code) {
    try (Witness witness = Way.PLAIN.open(Servers.python())) {
      Close close = new Close(code, "it is over \u20ac");
      WebSocket socket =
          witness.upgraded(
              "/close?code=" + code + "&text=it+is+over+%E2%82%AC", Way.PLAIN.webSocket());
      assertThat(witness.frame()).isEqualTo(close);
      WebSocketClosed closed = witness.next(WebSocketClosed.class);
      assertThat(closed.stream()).isSameAs(socket);
      assertThat(closed.handshake())
          .isEqualTo(new Reason.CloseHandshake(close, new Close(code, ""), Side.SERVER));
      assertThat(witness.next(Down.class).reason()).isEqualTo(closed.handshake());
      witness.next(Retrying.class);
      witness.next(Up.class);
    }
  }

  @ParameterizedTest
  @EnumSource
  void theOwnersCloseIsAnsweredAndTold(Way way) {
    try (Witness witness = way.open(Servers.python())) {
      WebSocket socket = witness.upgraded("/echo", way.webSocket());
      Close close = new Close(4321, "enough");
      socket.send(close);
      assertThat(witness.frame()).isInstanceOf(Close.class);
      Reason.CloseHandshake handshake = witness.next(WebSocketClosed.class).handshake();
      assertThat(handshake.sent()).isEqualTo(close);
      assertThat(handshake.received().code()).isEqualTo(4321);
      assertThat(handshake.initiator()).isEqualTo(Side.CLIENT);
      witness.next(Down.class);
      witness.next(Retrying.class);
      witness.next(Up.class);
    }
  }

  @Test
  void theServerSeesTheOwnersCode() {
    try (Witness witness = Way.PLAIN.open(Servers.python());
        Witness other = Way.PLAIN.open(Servers.python())) {
      WebSocket socket = witness.upgraded("/watched?name=code", WebSocketOptions.DEFAULT);
      assertThat(witness.frame()).isEqualTo(new Text("watching"));
      socket.send(new Close(3456, "so long"));
      other.upgraded("/goodbye?name=code", WebSocketOptions.DEFAULT);
      assertThat(other.frame()).isEqualTo(new Text("3456 so long"));
    }
  }
}
