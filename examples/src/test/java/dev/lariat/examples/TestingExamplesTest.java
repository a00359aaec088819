package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.testkit.Host;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.ProxyFault;
import dev.lariat.testkit.ProxyServer;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.ServerCertificate;
import dev.lariat.testkit.Simulation;
import dev.lariat.testkit.WebSocketVisit;
import java.time.Duration;
import java.util.Iterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tests of the guide's page on testing. */
@Timeout(30)
class TestingExamplesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final Backoff AGAIN =
      Backoff.DEFAULT.delays(Duration.ofMillis(20), Duration.ofMillis(100));
  private static final LiveOptions AT_ONCE =
      LiveOptions.DEFAULT.healing(Healing.DEFAULT.spread(Duration.ZERO));

  @Test
  void theFeedComesBackAfterAServerThatVanished() throws Exception {
    Script vanishes =
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          assertThat(socket.receive()).isEqualTo(new Text("subscribe"));
          socket.send(new Text("hello"));
        }; // the connection then ends without a close frame
    try (Origin origin = Origin.start(vanishes, Script.status(503), Script.echo());
        LiveWebSocket feed =
            LiveWebSocket.to(origin.uri("ws", "/feed"))
                .onOpen(session -> session.send(new Text("subscribe")))
                .options(AT_ONCE)
                .open()) {
      Iterator<Frame> frames = feed.iterator();
      assertThat(frames.next()).isEqualTo(new Text("hello"));
      assertThat(frames.next()).isEqualTo(new Text("subscribe")); // from the echo
      assertThat(origin.visits()).isEqualTo(3);
    }
  }

  @Test
  void anExpiredCertificateIsNotTrusted() {
    try (Origin origin = Origin.startTls(ServerCertificate.EXPIRED, Script.status(200));
        Connection connection =
            Lariat.open(
                origin.uri("https", "/"),
                ConnectionOptions.DEFAULT.tls(origin.tls()).retry(Backoff.NEVER))) {
      assertThatThrownBy(() -> connection.awaitUp(PATIENCE))
          .isInstanceOfSatisfying(
              FailedException.class, e -> assertThat(e.reason()).isInstanceOf(Reason.Tls.class));
    }
  }

  @Test
  void aProxyThatRefusesIsTriedAgain() throws Exception {
    ProxyFault refused = new ProxyFault.Refuse(403);
    ProxyFault none = new ProxyFault.None();
    try (Origin origin = Origin.start(Script.status(200));
        ProxyServer proxy = ProxyServer.start().faults(refused, none);
        Connection connection =
            Lariat.open(
                origin.uri("http", "/"),
                ConnectionOptions.DEFAULT.via(proxy.proxy("http")).retry(AGAIN))) {
      Retrying retrying = (Retrying) connection.mailbox().take(PATIENCE);
      assertThat(retrying.reason()).isInstanceOf(Reason.Hop.class);
      assertThat(connection.get("/").response(PATIENCE).status()).isEqualTo(200);
      assertThat(proxy.asked().getLast().destination())
          .isEqualTo(origin.host() + ":" + origin.port());
    }
  }

  @Test
  void aDayWithoutTheServerIsGotOver() throws Exception {
    try (Simulation simulation = Simulation.seeded(42)) {
      Origin origin = simulation.origin("feed.example", 80, Script.silent());
      ConnectionOptions options = ConnectionOptions.DEFAULT.platform(simulation.platform());
      try (Connection connection = Lariat.open(origin.uri("http", "/"), options)) {
        Mailbox mailbox = connection.mailbox();
        assertThat(mailbox.take(Duration.ofSeconds(1))).isInstanceOf(Up.class);

        origin.refuse();
        origin.drop();
        simulation.advance(Duration.ofDays(1)); // some milliseconds
        origin.listen();

        Message last = mailbox.take(Duration.ofMinutes(2));
        int attempts = 0;
        for (; !(last instanceof Up); last = mailbox.take(Duration.ofMinutes(2))) {
          attempts += last instanceof Retrying ? 1 : 0;
        }
        assertThat(attempts).isGreaterThan(24 * 60); // at least one in a minute
      }
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whatIsSentArrivesInItsOrderWhateverTheNetworkDoes(long seed) throws Exception {
    Simulation.run(
        seed,
        simulation -> {
          Origin origin = simulation.origin("feed.example", 80, Script.echo());
          Host host = simulation.host("feed.example");
          host.split(true);
          host.latency(Duration.ofMillis(1), Duration.ofMillis(200));
          LiveOptions options =
              AT_ONCE.connection(ConnectionOptions.DEFAULT.platform(simulation.platform()));
          try (LiveWebSocket feed =
              LiveWebSocket.to(origin.uri("ws", "/feed")).options(options).open()) {
            simulation.start(
                "writer",
                () -> {
                  feed.send(new Text("first"));
                  feed.send(new Text("second"));
                });
            Iterator<Frame> frames = feed.iterator();
            assertThat(frames.next()).isEqualTo(new Text("first"));
            assertThat(frames.next()).isEqualTo(new Text("second"));
          }
        });
  }
}
