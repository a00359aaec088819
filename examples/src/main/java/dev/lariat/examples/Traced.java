package dev.lariat.examples;

import dev.lariat.client.Client;
import dev.lariat.opentelemetry.Telemetry;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.PoolOptions;
import io.opentelemetry.api.GlobalOpenTelemetry;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;

/**
 * Traces a request with OpenTelemetry, as a part of a larger operation. Run it with the Java agent
 * of OpenTelemetry, or with another SDK, against any server: {@code Traced http://localhost:8080}.
 */
public final class Traced {
  public static void main(String[] args) {
    order(GlobalOpenTelemetry.get(), args[0]);
  }

  @SuppressWarnings("try") // the scope is current in its block, without a use
  static void order(OpenTelemetry openTelemetry, String url) {
    Telemetry telemetry = new Telemetry(openTelemetry);
    ConnectionOptions options = telemetry.on(ConnectionOptions.DEFAULT);
    Span span = openTelemetry.getTracer("shop").spanBuilder("order").startSpan();
    try (Client client = Client.open(PoolOptions.DEFAULT.connection(options));
        Scope scope = span.makeCurrent()) {
      System.out.println(client.get(url).status()); // its span is a child of "order"
    } finally {
      span.end();
    }
  }
}
