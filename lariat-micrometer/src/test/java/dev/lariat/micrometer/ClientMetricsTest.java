package dev.lariat.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.client.Client;
import dev.lariat.testkit.EchoServer;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Meters of a client's pool. */
@Timeout(30)
class ClientMetricsTest {
  private final EchoServer server = EchoServer.start(0);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Client client = Client.open();

  @AfterEach
  void stop() {
    client.close();
    server.close();
  }

  private double gauge(String name, String... tags) {
    return registry.get(name).tags(tags).gauge().value();
  }

  private double counter(String name, String... tags) {
    return registry.get(name).tags(tags).functionCounter().count();
  }

  @Test
  void theyShowWhatTheClientSays() throws Exception {
    new ClientMetrics(client, Tags.of("service", "echo")).bindTo(registry);
    client.get("http://127.0.0.1:" + server.port() + "/a");
    client.get("http://127.0.0.1:" + server.port() + "/b");

    assertThat(gauge("lariat.pool.connections", "state", "idle", "service", "echo")).isEqualTo(1);
    assertThat(gauge("lariat.pool.connections", "state", "busy")).isZero();
    assertThat(gauge("lariat.pool.streams")).isZero();
    assertThat(gauge("lariat.pool.waiting")).isZero();
    assertThat(counter("lariat.pool.opened")).isEqualTo(1);
    assertThat(counter("lariat.pool.requests", "outcome", "GRANTED")).isEqualTo(2);
    assertThat(counter("lariat.pool.requests", "outcome", "WAITED")).isEqualTo(1);
    assertThat(counter("lariat.pool.closed", "cause", "shutdown")).isZero();

    client.close();
    assertThat(client.awaitTermination(Duration.ofSeconds(10))).isTrue();
    assertThat(counter("lariat.pool.closed", "cause", "shutdown")).isEqualTo(1);
  }
}
