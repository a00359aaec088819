package dev.lariat.opentelemetry;

import dev.lariat.event.Event;
import dev.lariat.event.Trace;
import dev.lariat.event.TracedRequest;
import dev.lariat.event.Tracer;
import dev.lariat.message.Headers;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.metrics.DoubleHistogram;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import java.net.SocketAddress;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/** Traces requests: what the traces share. */
final class Requests implements Tracer {
  private static final String SCOPE = "dev.lariat.opentelemetry";

  /** The boundaries that the convention advises, in seconds. */
  private static final List<Double> BOUNDARIES =
      List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0);

  final io.opentelemetry.api.trace.Tracer tracer;
  final DoubleHistogram duration;
  private final TextMapPropagator propagator;
  private final boolean tells; // whether the API says what is enabled

  /** What is known of live connections, as long as somebody has their handles. */
  private final Map<LiveRef, Feed> feeds = Collections.synchronizedMap(new WeakHashMap<>());

  Requests(OpenTelemetry openTelemetry) {
    this.tracer = openTelemetry.getTracer(SCOPE);
    this.propagator = openTelemetry.getPropagators().getTextMapPropagator();
    this.duration =
        openTelemetry
            .getMeter(SCOPE)
            .histogramBuilder("http.client.request.duration")
            .setUnit("s")
            .setDescription("Duration of HTTP client requests.")
            .setExplicitBucketBoundariesAdvice(BOUNDARIES)
            .build();
    this.tells = tells(tracer, duration);
  }

  /** The API of Spring Boot 4.0 is older, and does not have these methods. */
  private static boolean tells(io.opentelemetry.api.trace.Tracer tracer, DoubleHistogram duration) {
    try {
      tracer.isEnabled();
      duration.isEnabled();
      return true;
    } catch (NoSuchMethodError e) {
      return false;
    }
  }

  @Override
  public Tracer.Parent current() {
    Context parent = Context.current();
    return request -> begin(request, parent);
  }

  private Trace begin(TracedRequest request, Context parent) {
    return traces() || measures()
        ? new RequestTrace(this, request, parent, request.live().map(this::feed).orElse(null))
        : new Propagated(parent);
  }

  boolean traces() {
    return !tells || tracer.isEnabled();
  }

  boolean measures() {
    return !tells || duration.isEnabled();
  }

  private Feed feed(LiveRef live) {
    return feeds.computeIfAbsent(live, unknown -> new Feed());
  }

  /** The headers that carry this context to a server. */
  Headers headers(Context context) {
    Carrier carrier = new Carrier();
    propagator.inject(context, carrier, Carrier::set);
    return carrier.headers;
  }

  /** Headers as a propagator sets them. */
  private static final class Carrier {
    Headers headers = Headers.EMPTY;

    static void set(@Nullable Carrier carrier, String name, String value) {
      if (carrier != null) {
        carrier.headers = carrier.headers.with(name, value);
      }
    }
  }

  /** What belongs to the caller goes on to the server, and nothing is recorded. */
  private final class Propagated implements Trace {
    private final Context context;

    Propagated(Context context) {
      this.context = context;
    }

    @Override
    public Headers headers(Protocol protocol, SocketAddress remote) {
      return Requests.this.headers(context);
    }

    @Override
    public void event(Event.OfStream event) {}

    @Override
    public void failed(Reason reason) {}
  }
}
