package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.event.ConnectionInfo;
import dev.lariat.event.Event;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.SharedConnections;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Protocol;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Live WebSockets that share a connection to servers that others wrote. */
@Needs({Peer.HYPERCORN, Peer.NODE})
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class SharedHttp2Test {
  private static final int LIVES = 50;

  private final AtomicInteger established = new AtomicInteger();
  private final SharedConnections shared = SharedConnections.create();

  private LiveOptions options(boolean tls) {
    ConnectionOptions connection =
        (tls ? Way.TLS : Way.PLAIN)
            .options()
            .protocols(Protocol.HTTP_2)
            .listener(
                event -> {
                  if (event instanceof Event.Established) {
                    established.incrementAndGet();
                  }
                });
    Backoff quick = Backoff.DEFAULT.delays(Duration.ofMillis(50), Duration.ofMillis(500));
    return LiveOptions.DEFAULT
        .connection(connection)
        .healing(Healing.DEFAULT.spread(Duration.ofMillis(200)).retry(quick));
  }

  private static <T extends Message> T until(LiveWebSocket live, Class<T> kind) throws Exception {
    Message message = live.mailbox().take(Witness.PATIENCE);
    while (!kind.isInstance(message)) {
      assertThat(message).isNotNull().isNotInstanceOf(Gone.class);
      message = live.mailbox().take(Witness.PATIENCE);
    }
    return kind.cast(message);
  }

  private static void echoes(LiveWebSocket live, String word) throws Exception {
    live.send(new Text(word));
    assertThat(until(live, WebSocketFrame.class).frame()).isEqualTo(new Text(word));
  }

  private ConnectionInfo theOnlyConnection() {
    List<ConnectionInfo> all = shared.info().join();
    assertThat(all).hasSize(1);
    assertThat(all.getFirst().streams()).isEqualTo(LIVES);
    return all.getFirst();
  }

  @ParameterizedTest
  @EnumSource(names = {"HYPERCORN", "NODE"})
  void fiftyLiveWebSocketsHealOverOneNewConnection(Http2Peer peer) throws Exception {
    healOverOneNewConnection(peer, false);
  }

  @ParameterizedTest
  @EnumSource(names = {"HYPERCORN", "NODE"})
  void fiftyLiveWebSocketsHealOverOneNewConnectionWithTls(Http2Peer peer) throws Exception {
    healOverOneNewConnection(peer, true);
  }

  private void healOverOneNewConnection(Http2Peer peer, boolean tls) throws Exception {
    List<LiveWebSocket> lives = new ArrayList<>();
    try (Server own = peer.start("shared-" + peer.name() + "-" + tls, tls)) {
      int port = peer.port(own, tls);
      String uri = (tls ? "wss" : "ws") + "://127.0.0.1:" + port + "/echo";
      LiveOptions options = options(tls);
      for (int i = 0; i < LIVES; i++) {
        lives.add(LiveWebSocket.to(uri).options(options).connections(shared).open());
      }
      for (int i = 0; i < LIVES; i++) {
        assertThat(until(lives.get(i), Open.class).session()).isEqualTo(1);
        echoes(lives.get(i), "before " + i);
      }
      ConnectionInfo before = theOnlyConnection();
      own.kill();
      own.restart();
      for (int i = 0; i < LIVES; i++) {
        assertThat(until(lives.get(i), Open.class).session()).isEqualTo(2);
        echoes(lives.get(i), "after " + i);
      }
      assertThat(theOnlyConnection().local()).isNotEqualTo(before.local());
      // Without TLS, one may be established that the system took for a server while it died.
      assertThat(established.get()).isBetween(2, tls ? 2 : 3);
    } finally {
      lives.forEach(LiveWebSocket::close);
    }
  }
}
