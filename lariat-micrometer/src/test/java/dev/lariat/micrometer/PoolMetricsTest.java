package dev.lariat.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.FailedException;
import dev.lariat.client.Client;
import dev.lariat.option.PoolOptions;
import dev.lariat.testkit.EchoServer;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Meters of what a pool tells. */
@Timeout(30)
class PoolMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final PoolOptions options =
      PoolOptions.DEFAULT.listener(new PoolMetrics(registry, Tags.of("service", "echo")));

  private long timed(String name, String... tags) {
    return registry.get(name).tags("service", "echo").tags(tags).timer().count();
  }

  @Test
  void waitsOpeningsAndLifetimesAreMeasured() throws Exception {
    try (EchoServer server = EchoServer.start(0);
        Client client = Client.open(options)) {
      String origin = "http://127.0.0.1:" + server.port();
      client.get(origin + "/a");
      client.get(origin + "/b");
      assertThat(timed("lariat.pool.waits", "outcome", "WAITED", "origin", origin)).isEqualTo(1);
      assertThat(timed("lariat.pool.waits", "outcome", "AT_ONCE")).isEqualTo(1);
      assertThat(timed("lariat.pool.opening", "outcome", "SUCCESS")).isEqualTo(1);
      assertThat(registry.get("lariat.pool.openings").tags("cause", "request").counter().count())
          .isEqualTo(1);
      client.shutdown();
      assertThat(client.awaitTermination(Duration.ofSeconds(10))).isTrue();
      assertThat(timed("lariat.pool.lifetimes", "cause", "shutdown")).isEqualTo(1);
    }
  }

  @Test
  void whatFailsIsCountedAsSuch() {
    int port;
    try (EchoServer server = EchoServer.start(0)) {
      port = server.port();
    }
    try (Client client = Client.open(options)) {
      assertThatThrownBy(() -> client.get("http://127.0.0.1:" + port + "/"))
          .isInstanceOf(FailedException.class);
      assertThat(timed("lariat.pool.waits", "outcome", "FAILED")).isEqualTo(1);
      assertThat(timed("lariat.pool.opening", "outcome", "FAILURE")).isEqualTo(1);
    }
  }
}
