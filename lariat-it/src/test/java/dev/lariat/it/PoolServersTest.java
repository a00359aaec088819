package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.client.Client;
import dev.lariat.event.PoolInfo;
import dev.lariat.event.PoolInfo.Cause;
import dev.lariat.message.Bytes;
import dev.lariat.message.Protocol;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.PoolOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A client's pool against an nginx that closes connections often. */
@Needs(Peer.NGINX)
@Timeout(60)
final class PoolServersTest {
  private static final int THREADS = 64;
  private static final int CALLS = 40; // of each

  private static Server nginx;

  @BeforeAll
  static void start() {
    nginx =
        Server.start(
            "nginx-pool",
            4,
            ports -> Servers.nginx("pool/nginx.conf", "nginx-pool", Servers.values(ports)));
  }

  @AfterAll
  static void stop() {
    nginx.close();
  }

  private static void together(Client client, String url) throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < THREADS; i++) {
        all.add(
            threads.submit(
                () -> {
                  for (int call = 0; call < CALLS; call++) {
                    assertThat(client.get(url).status()).isEqualTo(200);
                  }
                }));
      }
      for (Future<?> each : all) {
        each.get();
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 64", "0, 8", "0, 1", "2, 64", "2, 4"})
  void noCallFailsThoughTheServerClosesItsConnections(int port, int connections) throws Exception {
    String url = "http://127.0.0.1:" + nginx.port(port) + "/page.txt";
    PoolOptions options = PoolOptions.DEFAULT.connections(connections);
    try (Client client = Client.open(options)) {
      together(client, url);
      PoolInfo info = client.info();
      assertThat(info.granted()).isEqualTo(info.ended()).isGreaterThanOrEqualTo(THREADS * CALLS);
      assertThat(info.origins().getFirst().connections()).isLessThanOrEqualTo(connections);
      assertThat(info.streams()).isZero();
      client.shutdown();
      assertThat(client.awaitTermination(Duration.ofSeconds(10))).isTrue();
      assertThat(client.info().connections()).isZero();
    }
  }

  @Test
  void overHttp2GoAwayHarmsNoCall() throws Exception {
    String url = "https://127.0.0.1:" + nginx.port(1) + "/page.txt";
    ConnectionOptions connection =
        ConnectionOptions.DEFAULT
            .protocols(Protocol.HTTP_2, Protocol.HTTP_1_1)
            .tls(Certificates.trusted());
    try (Client client = Client.open(PoolOptions.DEFAULT.connection(connection))) {
      together(client, url);
      PoolInfo.Origin origin = client.info().origins().getFirst();
      assertThat(origin.protocol()).contains(Protocol.HTTP_2);
      assertThat(client.info().streams()).isZero();
    }
  }

  @Test
  void aServerThatMisdirectsIsAskedTwice() {
    String url = "http://127.0.0.1:" + nginx.port(3) + "/";
    try (Client client = Client.open(PoolOptions.DEFAULT.connections(1))) {
      assertThat(client.post(url, "text/plain", Bytes.ofUtf8("once more")).status()).isEqualTo(421);
      PoolInfo info = client.info();
      assertThat(info.granted()).isEqualTo(2);
      assertThat(info.opened()).isEqualTo(2);
      assertThat(info.repeated()).isEqualTo(1);
    }
  }

  @Test
  void theServersIdleTimeoutIsNoticedWithoutARequest() throws Exception {
    String url = "http://127.0.0.1:" + nginx.port(0) + "/page.txt";
    try (Client client = Client.open()) {
      client.get(url);
      assertThat(client.info().connections()).isEqualTo(1);
      long start = System.nanoTime();
      while (client.info().connections() > 0) {
        assertThat(System.nanoTime() - start).isLessThan(Duration.ofSeconds(20).toNanos());
        Thread.onSpinWait();
        client.info();
      }
      assertThat(client.info().closed())
          .containsAnyOf(Map.entry(Cause.PEER, 1L), Map.entry(Cause.IDLE, 1L));
      assertThat(client.post(url, "text/plain", Bytes.EMPTY).status()).isEqualTo(405);
    }
  }
}
