package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.WebSocket;
import dev.lariat.message.Text;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketClosed;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Against libwebsockets' test server, whose mirror sends to all what one of them sent, and which
 * declines compression.
 */
@Needs(Peer.LIBWEBSOCKETS)
final class MirrorTest {
  private static final String MIRROR = "lws-mirror-protocol";

  @ParameterizedTest
  @EnumSource
  void bothOfTwoSeeWhatOneSends(Way way) {
    int port = Servers.libwebsockets(way.tls);
    try (Witness one = way.open(port);
        Witness other = way.open(port)) {
      WebSocket socket = one.webSocket("/", way.webSocket().subprotocols(MIRROR));
      Upgraded upgraded = one.until(Upgraded.class);
      assertThat(upgraded.subprotocol()).hasValue(MIRROR);
      assertThat(upgraded.headers().contains("sec-websocket-extensions")).isFalse();
      other.upgraded("/", way.webSocket().subprotocols(MIRROR));
      for (int i = 0; i < 20; i++) {
        Text text = new Text("d #ff0000 " + i + " 2 3 4;" + "c".repeat(50 * i));
        socket.send(text);
        assertThat(one.frame()).isEqualTo(text);
        assertThat(other.frame()).isEqualTo(text);
      }
      socket.close();
      one.until(WebSocketClosed.class);
    }
  }
}
