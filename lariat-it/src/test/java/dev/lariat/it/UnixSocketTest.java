package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Lariat;
import dev.lariat.WebSocket;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.option.Request;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class UnixSocketTest {

  @Needs(Peer.PYTHON_WEBSOCKETS)
  @ParameterizedTest
  @EnumSource(names = {"PLAIN", "PLAIN_COMPRESSED"})
  void aWebSocketWorksOverAUnixSocket(Way way) {
    try (Witness witness = new Witness(Lariat.openUnix(Servers.pythonUnix(), Witness.QUICK))) {
      WebSocket socket = witness.upgraded("/echo", way.webSocket());
      for (int size : new int[] {0, 200, 100_000}) {
        Text text = new Text("ab".repeat(size / 2));
        socket.send(text);
        assertThat(witness.frame()).isEqualTo(text);
      }
    }
  }

  @Needs({Peer.NGINX, Peer.PYTHON_WEBSOCKETS})
  @Test
  void aRequestNamesLocalhostAsItsHost() {
    Servers.nginx();
    Path socket = Server.FOLDER.resolve("nginx.sock");
    try (Witness witness = new Witness(Lariat.openUnix(socket, Witness.QUICK))) {
      Request request = Request.of("GET", "/").header("X-Method", "GET").header("X-Body", "none");
      assertThat(witness.ask(request).body()).startsWith("GET ").endsWith(" none localhost");
    }
  }

  @Test
  void aMissingUnixSocketIsToldByItsPath() {
    Path nowhere = Server.FOLDER.resolve("nowhere.sock");
    try (Witness witness = new Witness(Lariat.openUnix(nowhere, Witness.QUICK))) {
      assertThat(witness.firstFailure())
          .isInstanceOfSatisfying(
              Reason.Unreachable.class,
              reason -> assertThat(reason.address()).isEqualTo(nowhere.toString()));
      assertThat(witness.told()).noneMatch(Up.class::isInstance);
    }
  }
}
