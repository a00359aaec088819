package dev.lariat.opentelemetry;

import dev.lariat.event.Event;
import dev.lariat.event.Trace;
import dev.lariat.event.TracedRequest;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One request: a span and a measurement from when it is asked for until its response has ended. If
 * it is sent again because of a challenge, that is another span. If it opens a WebSocket, the
 * session is a span, too.
 *
 * <p>The loop of its connection uses it, and the thread that waits for a connection may tell that
 * it failed. So a lock guards it.
 */
final class RequestTrace implements Trace {
  private static final int ERRORS = 400; // and all above: the client's view of a server's 4xx
  private static final int OK = 200;
  private static final int SWITCHED = 101;

  private final Requests shared;
  private final TracedRequest request;
  private final Context parent;
  private final Server server;

  private Context upgraded; // of the attempt that ended last
  private int sent; // how often this request was sent before
  private @Nullable Attempt attempt; // null if none runs
  private @Nullable Span session; // of the WebSocket that is open; null if none is
  private @Nullable Feed feed; // null if it is of no live connection
  private boolean carries; // whether the attempt is a session of the feed

  /** One sending of the request. */
  private final class Attempt {
    final long startedAt = System.nanoTime();
    final Span span;
    @Nullable Protocol protocol;
    @Nullable SocketAddress remote;
    int status;

    Attempt() {
      SpanBuilder its =
          shared
              .tracer
              .spanBuilder(Conventions.spanName(request.method()))
              .setSpanKind(SpanKind.CLIENT)
              .setParent(parent)
              .setAllAttributes(attributes());
      if (feed != null) {
        feed.attempts(its);
      }
      span = its.startSpan();
    }

    private Attributes attributes() {
      if (!shared.traces()) {
        return Attributes.empty();
      }
      AttributesBuilder its = common().toBuilder();
      its.put(Conventions.URL, Conventions.url(request.origin(), request.target()));
      if (Conventions.isOther(request.method())) {
        its.put(Conventions.METHOD_ORIGINAL, request.method());
      }
      int resends = request.resends() + sent;
      if (resends > 0) {
        its.put(Conventions.RESENDS, (long) resends);
      }
      return its.build();
    }

    /** What a span and a measurement have in common. */
    private Attributes common() {
      return Attributes.of(
          Conventions.METHOD,
          Conventions.method(request.method()),
          Conventions.ADDRESS,
          server.address(),
          Conventions.PORT,
          server.port());
    }

    /**
     * It has ended.
     *
     * @param failure why there is no whole response; null if there is one
     * @return the type of its error, if it has one
     */
    Optional<String> end(@Nullable Reason failure) {
      AttributesBuilder outcome = Attributes.builder();
      if (status > 0) {
        outcome.put(Conventions.STATUS, (long) status);
      }
      Optional<String> error =
          failure != null
              ? Optional.of(Conventions.error(failure))
              : Optional.of(status).filter(its -> its >= ERRORS).map(String::valueOf);
      error.ifPresent(type -> outcome.put(Conventions.ERROR, type));
      if (protocol != null) {
        outcome.put(Conventions.VERSION, Conventions.version(protocol));
      }
      Attributes its = outcome.build();
      if (shared.measures()) {
        double seconds = (System.nanoTime() - startedAt) / (double) TimeUnit.SECONDS.toNanos(1);
        Attributes all = common().toBuilder().putAll(its).build();
        shared.duration.record(seconds, all, span.storeInContext(parent));
      }
      if (span.isRecording()) {
        span.setAllAttributes(its);
        peer();
        if (failure != null) {
          span.setStatus(StatusCode.ERROR, failure.sentence());
        } else if (status >= ERRORS) {
          span.setStatus(StatusCode.ERROR);
        }
      }
      span.end();
      return error;
    }

    private void peer() {
      if (remote instanceof InetSocketAddress its && its.getAddress() != null) {
        span.setAttribute(Conventions.PEER_ADDRESS, its.getAddress().getHostAddress());
        span.setAttribute(Conventions.PEER_PORT, (long) its.getPort());
      } else if (remote != null) {
        span.setAttribute(Conventions.PEER_ADDRESS, remote.toString());
      }
    }
  }

  RequestTrace(Requests shared, TracedRequest request, Context parent, @Nullable Feed feed) {
    this.feed = feed;
    this.shared = shared;
    this.request = request;
    this.parent = parent;
    this.server = Server.of(request.origin());
    this.upgraded = parent;
    this.attempt = new Attempt();
  }

  @Override
  public synchronized Headers headers(Protocol protocol, SocketAddress remote) {
    Attempt its = attempt == null ? new Attempt() : attempt;
    attempt = its;
    sent++;
    its.protocol = protocol;
    its.remote = remote;
    return shared.headers(its.span.storeInContext(parent));
  }

  @Override
  public synchronized void event(Event.OfStream event) {
    switch (event) {
      case Event.ResponseInform inform -> status(inform.status());
      case Event.ResponseHeaders headers -> {
        status(headers.status());
        if (feed != null && attempt != null && begins(headers)) {
          carries = true;
          feed.opened(attempt.span);
        }
      }
      case Event.ResponseEnd end when end.failure().isEmpty() -> end(null);
      case Event.Cancel cancel -> end(cancel.reason());
      case Event.ProtocolChanged changed when changed.protocol() == Protocol.WEBSOCKET ->
          opened(changed.subprotocol());
      case Event.WebSocketEnd end when session != null -> {
        ended(session, end.reason());
        session = null;
      }
      default -> {}
    }
  }

  /** Whether this is the response of a session of server-sent events. */
  private static boolean begins(Event.ResponseHeaders response) {
    return response.status() == OK
        && response.headers().first("content-type").orElse("").startsWith("text/event-stream");
  }

  /** The WebSocket is open. */
  private void opened(Optional<String> subprotocol) {
    SpanBuilder its = shared.tracer.spanBuilder("WebSocket session").setParent(upgraded);
    its.setAttribute(Conventions.ADDRESS, server.address());
    its.setAttribute(Conventions.PORT, server.port());
    subprotocol.ifPresent(name -> its.setAttribute(Conventions.SUBPROTOCOL, name));
    if (feed != null) {
      feed.linked(its);
    }
    Span span = its.startSpan();
    session = span;
    if (feed != null) {
      feed.opened(span);
    }
  }

  private void ended(Span its, Reason reason) {
    Optional<Reason> failure = Optional.of(reason).filter(RequestTrace::isFailure);
    failure.ifPresent(
        why -> {
          its.setAttribute(Conventions.ERROR, Conventions.error(why));
          its.setStatus(StatusCode.ERROR, why.sentence());
        });
    its.end();
    if (feed != null) {
      feed.ended(its, failure.map(Conventions::error));
    }
  }

  /** Whether a session ended otherwise than one side wanted. */
  private static boolean isFailure(Reason reason) {
    return switch (reason) {
      case Reason.CloseHandshake handshake -> false;
      case Reason.OwnerClosed closed -> false;
      case Reason.Cancelled cancelled -> false;
      default -> true;
    };
  }

  private void status(int status) {
    if (attempt != null && (status == SWITCHED || status >= OK)) {
      attempt.status = status;
    }
  }

  @Override
  public synchronized void failed(Reason reason) {
    end(reason);
  }

  private void end(@Nullable Reason failure) {
    if (attempt != null) {
      Attempt its = attempt;
      attempt = null;
      Optional<String> error = its.end(failure);
      upgraded = its.span.storeInContext(parent);
      if (feed != null && carries) {
        feed.ended(its.span, error);
      } else if (feed != null) {
        error.ifPresent(feed::failed);
      }
      carries = false;
    }
  }
}
