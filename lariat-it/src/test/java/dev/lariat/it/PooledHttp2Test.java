package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.client.Client;
import dev.lariat.event.PoolInfo;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Protocol;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.PoolOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Live WebSockets that use the connections of a client, to servers that others wrote. */
@Needs({Peer.HYPERCORN, Peer.NODE})
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class PooledHttp2Test {
  private static final int LIVES = 50;
  private static final int MESSAGES = 200;

  private static <T extends Message> T until(LiveWebSocket live, Class<T> kind) throws Exception {
    Message message = live.mailbox().take(Witness.PATIENCE);
    while (!kind.isInstance(message)) {
      assertThat(message).isNotNull().isNotInstanceOf(Gone.class);
      message = live.mailbox().take(Witness.PATIENCE);
    }
    return kind.cast(message);
  }

  private static void echoes(LiveWebSocket live, String word) throws Exception {
    for (int i = 0; i < MESSAGES; i++) {
      live.send(new Text(word + i));
    }
    for (int i = 0; i < MESSAGES; i++) {
      assertThat(until(live, WebSocketFrame.class).frame()).isEqualTo(new Text(word + i));
    }
  }

  @ParameterizedTest
  @CsvSource({"HYPERCORN,false", "HYPERCORN,true", "NODE,false", "NODE,true"})
  void fiftyFeedsAndTheClientsRequestsAreOnOneConnectionAndHealOverAnother(
      Http2Peer peer, boolean tls) throws Exception {
    PoolOptions pool =
        PoolOptions.DEFAULT.connection(
            (tls ? Way.TLS : Way.PLAIN).options().protocols(Protocol.HTTP_2));
    Backoff quick = Backoff.DEFAULT.delays(Duration.ofMillis(50), Duration.ofMillis(500));
    LiveOptions options =
        LiveOptions.DEFAULT.healing(Healing.DEFAULT.spread(Duration.ofMillis(200)).retry(quick));
    List<LiveWebSocket> lives = new ArrayList<>();
    try (Server own = peer.start("pooled-" + peer.name() + "-" + tls, tls);
        Client client = Client.open(pool)) {
      String origin = "://127.0.0.1:" + peer.port(own, tls);
      String page = (tls ? "https" : "http") + origin + "/page.txt";
      assertThat(client.get(page).text()).isEqualTo("a page\n");
      for (int i = 0; i < LIVES; i++) {
        String uri = (tls ? "wss" : "ws") + origin + "/echo";
        lives.add(LiveWebSocket.to(uri).options(options).client(client).open());
      }
      for (LiveWebSocket live : lives) {
        assertThat(until(live, Open.class).session()).isEqualTo(1);
        echoes(live, "before ");
      }
      assertThat(client.get(page).text()).isEqualTo("a page\n");
      PoolInfo before = client.info();
      assertThat(before.opened()).isEqualTo(1);
      assertThat(before.streams()).isEqualTo(LIVES);
      own.kill();
      own.restart();
      for (LiveWebSocket live : lives) {
        assertThat(until(live, Open.class).session()).isEqualTo(2);
        echoes(live, "after ");
      }
      assertThat(client.get(page).text()).isEqualTo("a page\n");
      PoolInfo after = client.info();
      assertThat(after.connections()).as(after.toString()).isEqualTo(1);
      assertThat(after.streams()).isEqualTo(LIVES);
      // Without TLS, one may be open that the system took for a server while it died.
      assertThat(after.opened()).as(after.toString()).isBetween(2L, tls ? 2L : 3L);
      client.shutdown();
      for (LiveWebSocket live : lives) {
        assertThat(live.awaitTermination(Witness.PATIENCE)).isTrue();
      }
      assertThat(client.awaitTermination(Witness.PATIENCE)).isTrue();
    }
  }
}
