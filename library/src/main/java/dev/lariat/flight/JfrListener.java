package dev.lariat.flight;

import dev.lariat.event.Event;
import dev.lariat.event.Event.*;
import dev.lariat.event.Listener;
import dev.lariat.event.PoolEvent;
import dev.lariat.event.PoolEvent.*;
import dev.lariat.event.PoolListener;
import dev.lariat.flight.JfrEvents.ConnectEvent;
import dev.lariat.flight.JfrEvents.ConnectionEvent;
import dev.lariat.flight.JfrEvents.LookupEvent;
import dev.lariat.flight.JfrEvents.LoopStallEvent;
import dev.lariat.flight.JfrEvents.OfPool;
import dev.lariat.flight.JfrEvents.Ours;
import dev.lariat.flight.JfrEvents.PoolClosedEvent;
import dev.lariat.flight.JfrEvents.PoolOpeningEvent;
import dev.lariat.flight.JfrEvents.PoolWaitEvent;
import dev.lariat.flight.JfrEvents.ProxyEvent;
import dev.lariat.flight.JfrEvents.RequestEvent;
import dev.lariat.flight.JfrEvents.RetryEvent;
import dev.lariat.flight.JfrEvents.TlsEvent;
import dev.lariat.flight.JfrEvents.TrafficEvent;
import dev.lariat.flight.JfrEvents.UpgradeEvent;
import dev.lariat.flight.JfrEvents.WebSocketEvent;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import jdk.jfr.FlightRecorder;
import org.jspecify.annotations.Nullable;

/**
 * Writes events to Java Flight Recorder, for connections whose options have it: {@code
 * options.listener(JfrListener.INSTANCE)}.
 *
 * <p>As a listener of a client's pool ({@code PoolOptions.listener}), it writes {@code
 * dev.lariat.PoolWait}, {@code PoolOpening} and {@code PoolClosed}.
 *
 * <p>The events are {@code dev.lariat.Lookup}, {@code Connect}, {@code Tls}, {@code Connection},
 * {@code Request}, {@code Upgrade}, {@code WebSocket}, {@code Retry} and {@code LoopStall}, each
 * with its duration if it has one. {@code dev.lariat.WebSocketTraffic} has the frames and bytes so
 * far of each open WebSocket, every ten seconds unless a recording sets another period. A recording
 * does not contain what began before it. Without a recording, the cost of an event is one check
 * whether there is a recording; only frames are always counted. This class needs the module {@code
 * jdk.jfr}.
 */
public final class JfrListener implements Listener, PoolListener {
  /** The only instance. It can serve any number of connections and clients. */
  public static final JfrListener INSTANCE = new JfrListener();

  private final Map<Key, jdk.jfr.Event> running = new ConcurrentHashMap<>();
  private final Map<StreamRef, Traffic> open = new ConcurrentHashMap<>();

  /** What runs: an event of a kind on a connection or stream, to an address where it has one. */
  private record Key(Class<?> kind, Object of, @Nullable Object address) {}

  /** The frames of a WebSocket; written by its loop, read by the recorder's thread too. */
  private static final class Traffic {
    final LongAdder framesReceived = new LongAdder();
    final LongAdder bytesReceived = new LongAdder();
    final LongAdder framesSent = new LongAdder();
    final LongAdder bytesSent = new LongAdder();
  }

  private JfrListener() {
    FlightRecorder.addPeriodicEvent(TrafficEvent.class, this::traffic);
  }

  @Override
  public void event(Event event) {
    switch (event) {
      case LookupStart start -> {
        LookupEvent lookup = new LookupEvent();
        lookup.host = start.host();
        begin(lookup, start.connection(), null);
      }
      case LookupEnd end -> {
        LookupEvent lookup = end(LookupEvent.class, end.connection(), null);
        if (lookup != null) {
          lookup.addresses = end.addresses().size();
          commit(lookup, end.connection(), end.failure());
        }
      }
      case ConnectStart start -> {
        ConnectEvent connect = new ConnectEvent();
        connect.remote = start.remote().toString();
        begin(connect, start.connection(), start.remote());
      }
      case ConnectEnd end -> {
        ConnectEvent connect = end(ConnectEvent.class, end.connection(), end.remote());
        if (connect != null) {
          connect.established = end.established();
          commit(connect, end.connection(), end.failure());
        }
      }
      case ProxyStart start -> {
        ProxyEvent proxy = new ProxyEvent();
        proxy.number = start.number();
        proxy.proxy = start.proxy();
        begin(proxy, start.connection(), start.number());
      }
      case ProxyEnd end -> {
        ProxyEvent proxy = end(ProxyEvent.class, end.connection(), end.number());
        if (proxy != null) {
          proxy.through = end.through();
          commit(proxy, end.connection(), end.failure());
        }
      }
      case TlsStart start -> begin(new TlsEvent(), start.connection(), null);
      case TlsEnd end -> {
        TlsEvent tls = end(TlsEvent.class, end.connection(), null);
        if (tls != null) {
          end.session()
              .ifPresent(
                  session -> {
                    tls.protocol = session.protocol();
                    tls.cipher = session.cipher();
                  });
          commit(tls, end.connection(), end.failure());
        }
      }
      case Established up -> {
        ConnectionEvent connection = new ConnectionEvent();
        connection.remote = up.remote().toString();
        begin(connection, up.connection(), null);
      }
      case Disconnect down -> {
        ConnectionEvent connection = end(ConnectionEvent.class, down.connection(), null);
        if (connection != null) {
          connection.protocol = down.protocol().token();
          commit(connection, down.connection(), Optional.of(down.reason()));
        }
      }
      case RetryScheduled retry -> {
        RetryEvent scheduled = new RetryEvent();
        if (scheduled.shouldCommit()) {
          scheduled.attempt = retry.attempt();
          scheduled.delay = retry.delay().toNanos();
          commit(scheduled, retry.connection(), Optional.of(retry.reason()));
        }
      }
      case LoopStalled stalled -> {
        LoopStallEvent stall = new LoopStallEvent();
        if (stall.shouldCommit()) {
          stall.took = stalled.took().toNanos();
          stall.stack =
              stalled.stack().stream()
                  .map(StackTraceElement::toString)
                  .collect(Collectors.joining("\n"));
          commit(stall, stalled.connection(), Optional.empty());
        }
      }
      case RequestStart start -> {
        RequestEvent request = new RequestEvent();
        request.method = start.method();
        request.target = start.target();
        begin(request, start.stream(), null);
      }
      case PushPromise promise -> {
        RequestEvent request = new RequestEvent();
        request.method = promise.method();
        request.target = promise.uri();
        request.pushed = true;
        begin(request, promise.promised(), null);
      }
      case ResponseEnd end -> {
        jdk.jfr.Event request = running.get(new Key(RequestEvent.class, end.stream(), null));
        if (request instanceof RequestEvent known) {
          known.status = end.status();
          known.bytes = end.bytes();
        }
        if (end.failure().isEmpty()) {
          ended(end, Optional.empty());
        }
      }
      case Cancel cancel -> ended(cancel, Optional.of(cancel.reason()));
      case Upgrade upgrade -> {
        UpgradeEvent asked = new UpgradeEvent();
        asked.target = upgrade.path();
        begin(asked, upgrade.stream(), null);
      }
      case ProtocolChanged changed when changed.protocol() == Protocol.WEBSOCKET -> {
        open.put(changed.stream(), new Traffic());
        begin(new WebSocketEvent(), changed.stream(), null);
      }
      case FrameReceiveEnd end -> {
        Traffic traffic = open.get(end.stream());
        if (traffic != null && end.failure().isEmpty()) {
          traffic.framesReceived.increment();
          traffic.bytesReceived.add(end.bytes());
        }
      }
      case FrameSendEnd end -> {
        Traffic traffic = open.get(end.stream());
        if (traffic != null) {
          traffic.framesSent.increment();
          traffic.bytesSent.add(end.bytes());
        }
      }
      case WebSocketEnd end -> {
        Traffic traffic = open.remove(end.stream());
        WebSocketEvent socket = end(WebSocketEvent.class, end.stream(), null);
        if (socket != null && traffic != null) {
          socket.framesReceived = traffic.framesReceived.sum();
          socket.bytesReceived = traffic.bytesReceived.sum();
          socket.framesSent = traffic.framesSent.sum();
          socket.bytesSent = traffic.bytesSent.sum();
          commit(socket, end.connection(), Optional.of(end.reason()));
        }
      }
      case ProtocolChanged other -> {} // to one that the user speaks
      case OriginChanged other -> {} // the tunnel is a connection of its own
      case Init other -> {}
      case Terminate other -> {}
      case RequestHeaders other -> {}
      case RequestEnd other -> {}
      case ResponseStart other -> {}
      case ResponseInform other -> {}
      case PushRefused other -> {}
      case ResponseHeaders other -> {}
      case ResponseTrailers other -> {}
      case FrameReceiveStart other -> {}
      case FrameReceiveHeader other -> {}
      case FrameSendStart other -> {}
    }
  }

  @Override
  public void event(PoolEvent event) {
    switch (event) {
      case PoolWait wait -> {
        PoolWaitEvent its = new PoolWaitEvent();
        if (its.shouldCommit()) {
          its.outcome = wait.outcome().name();
          commit(its, wait, wait.took(), wait.reason());
        }
      }
      case PoolOpened opened -> {
        PoolOpeningEvent its = new PoolOpeningEvent();
        if (its.shouldCommit()) {
          its.number = opened.connection();
          its.protocol = opened.protocol().map(Protocol::token).orElse(null);
          commit(its, opened, opened.took(), opened.failure());
        }
      }
      case PoolClosed closed -> {
        PoolClosedEvent its = new PoolClosedEvent();
        if (its.shouldCommit()) {
          its.number = closed.connection();
          its.cause = closed.cause().name();
          commit(its, closed, closed.took(), Optional.of(closed.reason()));
        }
      }
      case PoolOpening opening -> {} // its end says more
      case PoolRepeat repeat -> {} // another wait says it
    }
  }

  private static void commit(OfPool its, PoolEvent of, Duration took, Optional<Reason> reason) {
    its.origin = of.origin();
    its.took = took.toNanos();
    its.reason = reason.map(Reason::sentence).orElse(null);
    its.commit();
  }

  /** A request has ended, and an upgrade if it was one. */
  private void ended(Event.OfStream event, Optional<Reason> failure) {
    RequestEvent request = end(RequestEvent.class, event.stream(), null);
    UpgradeEvent upgrade = end(UpgradeEvent.class, event.stream(), null);
    if (request != null) {
      commit(request, event.connection(), failure);
    }
    if (upgrade != null) {
      upgrade.status = event instanceof ResponseEnd end ? end.status() : 0;
      commit(upgrade, event.connection(), failure);
    }
  }

  private void begin(Ours event, Object of, @Nullable Object address) {
    if (event.isEnabled()) {
      event.begin();
      running.put(new Key(event.getClass(), of, address), event);
    }
  }

  private <E extends Ours> @Nullable E end(Class<E> kind, Object of, @Nullable Object address) {
    jdk.jfr.Event event = running.isEmpty() ? null : running.remove(new Key(kind, of, address));
    return event == null ? null : kind.cast(event);
  }

  private static void commit(Ours event, ConnectionRef connection, Optional<Reason> reason) {
    event.connection = connection.authority();
    event.reason = reason.map(Reason::sentence).orElse(null);
    event.commit();
  }

  private void traffic() {
    open.forEach(
        (stream, traffic) -> {
          TrafficEvent event = new TrafficEvent();
          event.webSocket = stream.toString();
          event.framesReceived = traffic.framesReceived.sum();
          event.bytesReceived = traffic.bytesReceived.sum();
          event.framesSent = traffic.framesSent.sum();
          event.bytesSent = traffic.bytesSent.sum();
          commit(event, stream.connection(), Optional.empty());
        });
  }
}
