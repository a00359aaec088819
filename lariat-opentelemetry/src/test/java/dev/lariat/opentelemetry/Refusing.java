package dev.lariat.opentelemetry;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.TracerProvider;
import io.opentelemetry.context.propagation.ContextPropagators;
import java.util.concurrent.atomic.AtomicInteger;

/** Has a tracer that is not enabled, and counts what is wanted of it. */
final class Refusing implements OpenTelemetry {
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger used = new AtomicInteger();

  /** How often it was asked whether it is enabled. */
  int asked() {
    return asked.get();
  }

  /** How many spans were wanted. */
  int used() {
    return used.get();
  }

  @Override
  public TracerProvider getTracerProvider() {
    Tracer tracer =
        new Tracer() {
          @Override
          public boolean isEnabled() {
            asked.incrementAndGet();
            return false;
          }

          @Override
          public SpanBuilder spanBuilder(String name) {
            used.incrementAndGet();
            return OpenTelemetry.noop().getTracer("none").spanBuilder(name);
          }
        };
    return new TracerProvider() {
      @Override
      public Tracer get(String scope) {
        return tracer;
      }

      @Override
      public Tracer get(String scope, String version) {
        return tracer;
      }
    };
  }

  @Override
  public ContextPropagators getPropagators() {
    return ContextPropagators.noop();
  }
}
