package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.WebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Close;
import dev.lariat.message.Notice;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.option.Keepalive;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Against python3-websockets behind nginx and behind haproxy, which end the TLS. */
final class ProxyTest {

  @Needs({Peer.NGINX, Peer.PYTHON_WEBSOCKETS})
  @ParameterizedTest
  @EnumSource
  void messagesComeBackThroughNginx(Way way) {
    try (Witness witness = way.open(Servers.nginx())) {
      echoAndClose(witness, "/ws/echo", way);
    }
  }

  @Needs({Peer.HAPROXY, Peer.PYTHON_WEBSOCKETS})
  @ParameterizedTest
  @EnumSource
  void messagesComeBackThroughHaproxy(Way way) {
    try (Witness witness = way.open(Servers.haproxy())) {
      echoAndClose(witness, "/echo", way);
    }
  }

  private static void echoAndClose(Witness witness, String path, Way way) {
    WebSocket socket =
        witness.upgraded(path, way.webSocket().keepalive(Keepalive.every(Duration.ofMillis(20))));
    for (int size : new int[] {0, 125, 126, 65_536, 1 << 20}) {
      byte[] bytes = new byte[size];
      new Random(size).nextBytes(bytes);
      socket.send(new Binary(bytes), new Text("after " + size));
      assertThat(witness.frame()).isEqualTo(new Binary(bytes));
      assertThat(witness.frame()).isEqualTo(new Text("after " + size));
    }
    witness.until(Notice.class); // a keepalive's ping came back, all the way from the server
    socket.send(new Close(4000, "enough"));
    assertThat(witness.frame()).isInstanceOf(Close.class);
    assertThat(witness.next(WebSocketClosed.class).handshake().received().code()).isEqualTo(4000);
  }

  @Needs({Peer.NGINX, Peer.PYTHON_WEBSOCKETS})
  @ParameterizedTest
  @EnumSource
  void theServersCloseComesThroughNginx(Way way) {
    try (Witness witness = way.open(Servers.nginx())) {
      closedByServer(witness, "/ws/close?code=1001&text=bye", way);
    }
  }

  @Needs({Peer.HAPROXY, Peer.PYTHON_WEBSOCKETS})
  @ParameterizedTest
  @EnumSource
  void theServersCloseComesThroughHaproxy(Way way) {
    try (Witness witness = way.open(Servers.haproxy())) {
      closedByServer(witness, "/close?code=1001&text=bye", way);
    }
  }

  private static void closedByServer(Witness witness, String path, Way way) {
    witness.upgraded(path, way.webSocket());
    assertThat(witness.frame()).isEqualTo(new Close(1001, "bye"));
    witness.next(WebSocketClosed.class);
  }
}
