package dev.lariat.opentelemetry;

import dev.lariat.option.ConnectionOptions;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.metrics.MeterProvider;
import io.opentelemetry.api.trace.TracerProvider;

/**
 * Spans and metrics of requests, by the semantic conventions of OpenTelemetry for HTTP clients:
 * {@code new Telemetry(openTelemetry).on(options)}. One object can serve any number of connections
 * and clients.
 *
 * <ul>
 *   <li>Each request that is sent has a span of the kind {@code CLIENT}. Its parent is the current
 *       span of the thread that asked for the request. Redirects, retries and answers to challenges
 *       are requests of their own, with {@code http.request.resend_count}.
 *   <li>The propagators add their headers to each request, such as {@code traceparent} and {@code
 *       baggage}.
 *   <li>{@code http.client.request.duration} is a histogram of the same requests.
 *   <li>An open WebSocket has a span named {@code WebSocket session}, a child of the span of its
 *       upgrade. The sessions of a live connection are linked, each with the one before it, and
 *       their spans have the losses and the attempts between them as events.
 * </ul>
 *
 * <p>Without an SDK, this costs nothing.
 */
public final class Telemetry {
  private final OpenTelemetry openTelemetry;
  private final Requests requests;

  /**
   * Spans and metrics that go here.
   *
   * @param openTelemetry where they go, and which propagators are used
   */
  public Telemetry(OpenTelemetry openTelemetry) {
    this.openTelemetry = openTelemetry;
    this.requests = new Requests(openTelemetry);
  }

  /**
   * {@return these options, with spans and metrics of the requests} They replace another {@code
   * tracer}. If OpenTelemetry has neither an SDK nor a propagator, the options stay as they are.
   *
   * @param options of a connection; for a client, {@code PoolOptions.connection}; for a live
   *     connection, {@code LiveOptions.connection}
   */
  public ConnectionOptions on(ConnectionOptions options) {
    return isIdle() ? options : options.tracer(requests);
  }

  private boolean isIdle() {
    return openTelemetry.getTracerProvider() == TracerProvider.noop()
        && openTelemetry.getMeterProvider() == MeterProvider.noop()
        && openTelemetry.getPropagators().getTextMapPropagator().fields().isEmpty();
  }
}
