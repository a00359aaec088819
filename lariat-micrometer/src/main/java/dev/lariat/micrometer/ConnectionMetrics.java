package dev.lariat.micrometer;

import dev.lariat.event.Event;
import dev.lariat.event.Event.*;
import dev.lariat.event.Listener;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.http.Outcome;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts and times what connections do. Set it as a listener: {@code options.listener(new
 * ConnectionMetrics(registry))}. One object can serve any number of connections.
 *
 * <p>Every meter has the tag {@code authority}, which is the host and port of the connection, and
 * the tags in this list.
 *
 * <ul>
 *   <li>{@code lariat.connection.lookup}, {@code lariat.connection.connect}, {@code
 *       lariat.connection.proxy}, {@code lariat.connection.tls}: timers, by {@code outcome}: {@code
 *       SUCCESS}, {@code FAILURE}, or {@code GIVEN_UP}, for example for an address if another one
 *       is faster
 *   <li>{@code lariat.connections.active}: a gauge of established connections; {@code
 *       lariat.connections}: a timer of how long they were established, by {@code reason}; {@code
 *       lariat.connections.retries}: a counter, by {@code reason}
 *   <li>{@code lariat.loop.stalls}: a timer of how long the event loop of a connection was blocked,
 *       for example by a receiver
 *   <li>{@code lariat.requests}: a timer from the beginning of the request to the end of the
 *       response, by {@code method}, {@code status} ({@code IO_ERROR} if there is none) and {@code
 *       outcome}; {@code lariat.requests.active}: a gauge; {@code lariat.response.bytes}: a counter
 *   <li>{@code lariat.pushes}: a counter of what servers promised to push, by {@code outcome}
 *       ({@code ACCEPTED}, {@code REFUSED})
 *   <li>{@code lariat.websockets.active}: a gauge; {@code lariat.websockets}: a timer of how long
 *       they were open, by {@code reason}
 *   <li>{@code lariat.websocket.messages} and {@code lariat.websocket.bytes}: counters, by {@code
 *       direction} ({@code received}, {@code sent}); bytes are those of payloads on the network,
 *       including control frames
 * </ul>
 *
 * <p>A reason is the name of a {@link Reason} type. There is no tag for targets, because there can
 * be too many.
 */
public final class ConnectionMetrics implements Listener {
  private final MeterRegistry registry;
  private final Tags tags;
  private final Map<String, OfAuthority> authorities = new ConcurrentHashMap<>();
  private final Map<StreamRef, String> methods = new ConcurrentHashMap<>(); // of what runs

  /**
   * Makes meters in this registry.
   *
   * @param registry the registry of the meters
   */
  public ConnectionMetrics(MeterRegistry registry) {
    this(registry, Tags.empty());
  }

  /**
   * Makes meters with these tags in this registry.
   *
   * @param registry the registry of the meters
   * @param tags the additional tags of each meter
   */
  public ConnectionMetrics(MeterRegistry registry, Iterable<Tag> tags) {
    this.registry = registry;
    this.tags = Tags.of(tags);
  }

  @Override
  public void event(Event event) {
    OfAuthority its = authorities.computeIfAbsent(event.connection().authority(), OfAuthority::new);
    switch (event) {
      case LookupEnd end ->
          its.step("lookup", !end.addresses().isEmpty(), end.failure(), end.took());
      case ConnectEnd end -> its.step("connect", end.established(), end.failure(), end.took());
      case ProxyEnd end -> its.step("proxy", end.through(), end.failure(), end.took());
      case TlsEnd end -> its.step("tls", end.session().isPresent(), end.failure(), end.took());
      case Established up -> its.connections.incrementAndGet();
      case Disconnect down -> {
        its.connections.decrementAndGet();
        its.lived("lariat.connections", down.reason(), down.took());
      }
      case RetryScheduled retry -> its.retries(retry.reason()).increment();
      case LoopStalled stalled -> its.stalled(stalled.took());
      case RequestStart start -> {
        its.requests.incrementAndGet();
        methods.put(start.stream(), start.method());
      }
      case ResponseEnd end -> {
        its.responseBytes.increment((double) end.bytes());
        if (end.failure().isEmpty()) { // else a Cancel follows
          its.requested(end, String.valueOf(end.status()), outcome(end.status()), end.took());
        }
      }
      case PushPromise promise -> its.pushes("ACCEPTED").increment();
      case PushRefused refused -> its.pushes("REFUSED").increment();
      case Cancel cancel -> its.requested(cancel, "IO_ERROR", Outcome.UNKNOWN, cancel.took());
      case ProtocolChanged changed when changed.protocol() == Protocol.WEBSOCKET ->
          its.sockets.incrementAndGet();
      case WebSocketEnd end -> {
        its.sockets.decrementAndGet();
        its.lived("lariat.websockets", end.reason(), end.took());
      }
      case FrameReceiveEnd end when end.failure().isEmpty() ->
          its.received.frame(
              end.fin() && end.type().filter(type -> !type.isControl()).isPresent(), end.bytes());
      case FrameSendEnd end -> its.sent.frame(end.fin() && !end.type().isControl(), end.bytes());
      default -> {}
    }
  }

  private static Outcome outcome(int status) {
    return Outcome.forStatus(status);
  }

  /** The meters of one authority that need not be looked up each time. */
  private final class OfAuthority {
    private final Tags its;
    final AtomicInteger connections = new AtomicInteger();
    final AtomicInteger requests = new AtomicInteger();
    final AtomicInteger sockets = new AtomicInteger();
    final Counter responseBytes;
    final Direction received;
    final Direction sent;

    OfAuthority(String authority) {
      its = tags.and("authority", authority);
      gauge("lariat.connections.active", "Connections that are established", connections);
      gauge("lariat.requests.active", "Requests that are not answered to the end", requests);
      gauge("lariat.websockets.active", "WebSockets that are open", sockets);
      responseBytes =
          Counter.builder("lariat.response.bytes")
              .description("Bytes of response bodies")
              .baseUnit(BaseUnits.BYTES)
              .tags(its)
              .register(registry);
      received = new Direction(its.and("direction", "received"));
      sent = new Direction(its.and("direction", "sent"));
    }

    private void gauge(String name, String description, AtomicInteger value) {
      Gauge.builder(name, value, AtomicInteger::get)
          .description(description)
          .tags(its)
          .strongReference(true)
          .register(registry);
    }

    void step(String step, boolean success, Optional<Reason> failure, Duration took) {
      String outcome = success ? "SUCCESS" : failure.isPresent() ? "FAILURE" : "GIVEN_UP";
      Timer.builder("lariat.connection." + step)
          .description("Steps of attempts to connect")
          .tags(its.and("outcome", outcome))
          .register(registry)
          .record(took);
    }

    void lived(String name, Reason reason, Duration took) {
      Timer.builder(name)
          .description("How long they lived")
          .tags(its.and("reason", reason.getClass().getSimpleName()))
          .register(registry)
          .record(took);
    }

    void stalled(Duration took) {
      Timer.builder("lariat.loop.stalls")
          .description("How long event loops were kept from their connections")
          .tags(its)
          .register(registry)
          .record(took);
    }

    Counter retries(Reason reason) {
      return Counter.builder("lariat.connections.retries")
          .description("Attempts to connect again")
          .tags(its.and("reason", reason.getClass().getSimpleName()))
          .register(registry);
    }

    Counter pushes(String outcome) {
      return Counter.builder("lariat.pushes")
          .description("Responses that servers promised to push")
          .tags(its.and("outcome", outcome))
          .register(registry);
    }

    void requested(Event.OfStream event, String status, Outcome outcome, Duration took) {
      String method = methods.remove(event.stream());
      if (method == null) {
        return; // it began before anybody listened
      }
      requests.decrementAndGet();
      Timer.builder("lariat.requests")
          .description("Requests, from their beginning to the end of their response")
          .tags(its.and("method", method, "status", status).and(outcome.asTag()))
          .register(registry)
          .record(took);
    }
  }

  /** What goes one way on WebSockets. */
  private final class Direction {
    private final Counter messages;
    private final Counter bytes;

    Direction(Tags its) {
      messages =
          Counter.builder("lariat.websocket.messages")
              .description("WebSocket messages")
              .baseUnit(BaseUnits.MESSAGES)
              .tags(its)
              .register(registry);
      bytes =
          Counter.builder("lariat.websocket.bytes")
              .description("Payload bytes of WebSocket frames")
              .baseUnit(BaseUnits.BYTES)
              .tags(its)
              .register(registry);
    }

    void frame(boolean endsMessage, long size) {
      if (endsMessage) {
        messages.increment();
      }
      bytes.increment((double) size);
    }
  }
}
