package dev.lariat.client;

import dev.lariat.event.Trace;
import dev.lariat.event.Tracer;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.protocol.GuardedTrace;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Request;
import java.util.Optional;

/**
 * The traces of a call's requests. They belong to what the thread did that made the call, on
 * whatever thread the call runs.
 */
final class Tracing {
  private final Optional<Tracer> tracer;
  private final Tracer.Parent parent;
  private int begun;

  /** Made on the thread that makes the call. */
  Tracing(ConnectionOptions options) {
    this.tracer = options.tracer();
    this.parent = GuardedTrace.current(options);
  }

  /** The trace of the next request, which goes to connections with these options. */
  Trace begin(ConnectionOptions options, HttpUri uri, Request request) {
    Tracer.Parent its = options.tracer().equals(tracer) ? parent : GuardedTrace.current(options);
    return GuardedTrace.begin(its, options, uri, request.method(), begun++);
  }
}
