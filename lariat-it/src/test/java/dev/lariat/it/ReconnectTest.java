package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.WebSocket;
import dev.lariat.message.Down;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Keepalive;
import dev.lariat.option.Timeouts;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A link that is lost comes back, against python3-websockets. */
@Needs(Peer.PYTHON_WEBSOCKETS)
final class ReconnectTest {

  @ParameterizedTest
  @EnumSource
  void aServerThatIsKilledIsFoundAgainWhenItIsBack(Way way) {
    try (Server server = Servers.ownPython("killed");
        Witness witness = way.open(server)) {
      WebSocket socket = witness.upgraded("/echo", way.webSocket());
      echoes(witness, socket);

      server.kill();
      assertThat(witness.next(StreamFailed.class).stream()).isSameAs(socket);
      assertThat(witness.next(Down.class).killed()).containsExactly(socket);
      int attempt = witness.next(Retrying.class).attempt();
      while (attempt < 3) { // the first of these tells why the link was lost
        Retrying retrying = witness.next(Retrying.class);
        assertThat(retrying.attempt()).isEqualTo(++attempt);
        assertThat(retrying.reason()).isInstanceOf(Reason.Refused.class);
      }

      server.restart();
      witness.until(Up.class);
      echoes(witness, witness.upgraded("/echo", way.webSocket()));
    }
  }

  @Needs(Peer.NFTABLES)
  @ParameterizedTest
  @EnumSource
  void aLinkThatIsCutSilentlyIsFoundDeadByTheMissingPong(Way way) {
    Duration interval = Duration.ofMillis(100);
    Duration deadline = Duration.ofMillis(200);
    WebSocketOptions kept = way.webSocket().keepalive(new Keepalive(interval, deadline));
    Timeouts hasty = Timeouts.DEFAULT.connect(Duration.ofMillis(100)).tls(Duration.ofMillis(100));
    ConnectionOptions options = way.options().timeouts(hasty);
    try (Server server = Servers.ownPython("cut")) {
      int port = server.port(way.tls ? 1 : 0);
      try (Witness witness = Witness.open("127.0.0.1", port, options)) {
        WebSocket socket = witness.upgraded("/echo", kept);
        echoes(witness, socket);

        Reason dead = new Reason.Timeout(Reason.Step.PONG, deadline);
        try (Cut _ = Cut.of(port)) {
          long start = System.nanoTime();
          assertThat(witness.next(StreamFailed.class).reason()).isEqualTo(dead);
          assertThat(Duration.ofNanos(System.nanoTime() - start))
              .isGreaterThan(deadline.minusMillis(50))
              .isLessThan(interval.plus(deadline).plusSeconds(1));
          assertThat(witness.next(Down.class).reason()).isEqualTo(dead);
          assertThat(witness.next(Retrying.class).reason()).isEqualTo(dead);
          assertThat(witness.next(Retrying.class).reason())
              .isEqualTo(
                  new Reason.Timeout(
                      Reason.Step.CONNECT,
                      hasty.connect(),
                      Optional.of(new Reason.Unreachable("127.0.0.1:" + port, "no answer"))));
        }

        witness.until(Up.class);
        echoes(witness, witness.upgraded("/echo", kept));
      }
    }
  }

  private static void echoes(Witness witness, WebSocket socket) {
    Text text = new Text("to " + socket);
    socket.send(text);
    assertThat(witness.frame()).isEqualTo(text);
  }
}
