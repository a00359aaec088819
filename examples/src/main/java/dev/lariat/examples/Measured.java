package dev.lariat.examples;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.client.Client;
import dev.lariat.flight.JfrListener;
import dev.lariat.micrometer.ConnectionMetrics;
import dev.lariat.micrometer.PoolMetrics;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.PoolOptions;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Duration;

/**
 * Measures a request with Micrometer, and records it if a flight recording runs. Run it against any
 * server: {@code Measured http://localhost:8080}.
 */
public final class Measured {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  public static void main(String[] args) {
    MeterRegistry registry = new SimpleMeterRegistry();
    ConnectionOptions options =
        ConnectionOptions.DEFAULT
            .listener(new ConnectionMetrics(registry))
            .listener(JfrListener.INSTANCE);
    try (Connection connection = Lariat.open(URI.create(args[0]), options)) {
      connection.get("/").text(PATIENCE);
    }
    PoolOptions pool =
        PoolOptions.DEFAULT
            .listener(new PoolMetrics(registry))
            .listener(JfrListener.INSTANCE)
            .connection(options);
    try (Client client = Client.open(pool)) {
      client.get(args[0]);
    }
    for (Meter meter : registry.getMeters()) {
      System.out.println(meter.getId().getName());
    }
  }
}
