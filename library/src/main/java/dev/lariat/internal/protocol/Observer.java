package dev.lariat.internal.protocol;

import dev.lariat.event.Event;
import dev.lariat.event.Event.*;
import dev.lariat.event.Listener;
import dev.lariat.event.TlsSession;
import dev.lariat.event.Trace;
import dev.lariat.internal.uri.Mask;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.ContentMessage;
import dev.lariat.message.Data;
import dev.lariat.message.Down;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Protocol;
import dev.lariat.message.Push;
import dev.lariat.message.Reason;
import dev.lariat.message.Rejected;
import dev.lariat.message.Response;
import dev.lariat.message.Retrying;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.StreamRef;
import dev.lariat.message.SubprotocolMessage;
import dev.lariat.message.Terminated;
import dev.lariat.message.Trailers;
import dev.lariat.message.TunnelUp;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.message.WebSocketPart;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Request;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.InetAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a connection's listeners are told: makes the events, gives every start its one end, and lets
 * nothing that a listener throws get further.
 *
 * <p>What a response is, it learns from the messages that are told of it, whichever engine reads
 * them; what no message tells has a method here. Where nobody listens, each of them does nothing.
 */
public final class Observer {
  private static final Set<String> SECRETS = Set.of("authorization", "proxy-authorization");
  private static final Set<String> URIS = Set.of("content-location", "location", "referer");

  /** The observer of a connection without listeners: it does nothing. */
  public static final Observer NOBODY = new Observer();

  private static final Logger LOG = System.getLogger("dev.lariat");

  private final ConnectionRef connection;
  private final LongSupplier clock;
  private final Stalls stalls;
  private final Stalls.Listener whenStalled = this::stalled;
  private final Consumer<Notice.Detail> complain;
  private final List<Listener> listeners;
  private final boolean traces;
  private final boolean hideQueries;
  private final List<Listener> culprits = new ArrayList<>(0); // who threw, and was told of

  private final Map<Object, Step> steps = new LinkedHashMap<>(); // of dialing, that have begun
  private final Map<StreamRef, Span> spans = new LinkedHashMap<>(); // that have begun
  private long openedAt;
  private long dialedAt;
  private long establishedAt;
  private @Nullable Established established; // null while the connection is not

  /**
   * A step of dialing that has begun.
   *
   * @param at when
   * @param given what tells that it came to nothing
   */
  private record Step(long at, BiFunction<Optional<Reason>, Duration, Event> given) {}

  /** A request from its beginning to the end of its response, or of its WebSocket. */
  private static final class Span {
    final Trace trace;
    final long startedAt;
    final String target;
    boolean requestEnded;
    boolean responding;
    boolean responded;
    int status;
    long bytes;
    @Nullable Protocol switched;
    long switchedAt;
    @Nullable FrameObserver frames;

    Span(Trace trace, long startedAt, String target) {
      this.trace = trace;
      this.startedAt = startedAt;
      this.target = target;
    }
  }

  private Observer() {
    this(() -> "", ConnectionOptions.DEFAULT, () -> 0, Stalls.NONE, detail -> {});
  }

  private Observer(
      ConnectionRef connection,
      ConnectionOptions options,
      LongSupplier clock,
      Stalls stalls,
      Consumer<Notice.Detail> complain) {
    this.connection = connection;
    this.clock = clock;
    this.stalls = stalls;
    this.complain = complain;
    this.listeners = options.listeners();
    this.traces = options.tracer().isPresent();
    this.hideQueries = options.hideQueries();
  }

  /**
   * The observer of a new connection.
   *
   * @param options who listens, whether streams can have traces, and whether queries are shown
   * @param clock nanoseconds since some moment in the past
   * @param stalls of the connection's loop
   * @param complain tells the owner, later, of a listener that threw
   */
  public static Observer of(
      ConnectionRef connection,
      ConnectionOptions options,
      LongSupplier clock,
      Stalls stalls,
      Consumer<Notice.Detail> complain) {
    return options.listeners().isEmpty() && options.tracer().isEmpty()
        ? NOBODY
        : new Observer(connection, options, clock, stalls, complain);
  }

  /** Whether anybody listens, or traces. */
  public boolean listens() {
    return traces || !listeners.isEmpty();
  }

  /** Tells an event of a request to its trace, too. */
  private void emit(Span span, Event.OfStream event) {
    span.trace.event(event);
    emit(event);
  }

  /** Tells an event. */
  void emit(Event event) {
    for (Listener listener : listeners) {
      try {
        listener.event(event);
      } catch (Throwable thrown) { // a user's code
        if (!culprits.contains(listener)) {
          culprits.add(listener);
          String name = event.getClass().getSimpleName();
          LOG.log(
              Level.ERROR,
              "A listener of " + connection.authority() + " threw at " + name + ".",
              thrown);
          complain.accept(new Notice.ListenerThrew(name, thrown));
        }
      }
    }
  }

  long now() {
    return clock.getAsLong();
  }

  Duration since(long moment) {
    return Duration.ofNanos(now() - moment);
  }

  // ---- the connection

  /** The connection begins. */
  public void opened() {
    if (listens()) {
      openedAt = now();
      emit(new Init(connection));
      stalls.add(whenStalled);
    }
  }

  private void stalled(Duration took, List<StackTraceElement> stack) {
    emit(new LoopStalled(connection, took, stack));
  }

  /** An attempt to connect begins. */
  public void dialed() {
    if (listens()) {
      dialedAt = now();
    }
  }

  /** A name is looked up. */
  public void lookupStart(String host) {
    if (listens()) {
      begin(
          host,
          new LookupStart(connection, host),
          (failure, took) -> new LookupEnd(connection, host, List.of(), failure, took));
    }
  }

  /** The name has these addresses. */
  public void lookupEnd(String host, List<InetAddress> addresses) {
    Step step = steps.remove(host);
    if (step != null) {
      emit(new LookupEnd(connection, host, addresses, Optional.empty(), since(step.at)));
    }
  }

  /**
   * An address is tried.
   *
   * @param key what the end will name
   */
  public void connectStart(Object key, SocketAddress remote) {
    if (listens()) {
      begin(
          key,
          new ConnectStart(connection, remote),
          (failure, took) ->
              new ConnectEnd(connection, remote, Optional.empty(), false, failure, took));
    }
  }

  /** The address has connected. */
  public void connectEnd(Object key, SocketAddress remote, Optional<SocketAddress> local) {
    Step step = steps.remove(key);
    if (step != null) {
      emit(new ConnectEnd(connection, remote, local, true, Optional.empty(), since(step.at)));
    }
  }

  /** A proxy is asked for a tunnel. */
  public void proxyStart(int number, String proxy) {
    if (listens()) {
      begin(
          number,
          new ProxyStart(connection, number, proxy),
          (failure, took) -> new ProxyEnd(connection, number, proxy, false, failure, took));
    }
  }

  /** The proxy has opened the tunnel. */
  public void proxyEnd(int number, String proxy) {
    Step step = steps.remove(number);
    if (step != null) {
      emit(new ProxyEnd(connection, number, proxy, true, Optional.empty(), since(step.at)));
    }
  }

  /** A handshake with the server begins on what has connected. */
  public void tlsStart(Object key, SocketAddress remote) {
    if (listens()) {
      begin(
          key,
          new TlsStart(connection, remote),
          (failure, took) -> new TlsEnd(connection, Optional.empty(), failure, took));
    }
  }

  /** The handshake has succeeded. */
  public void tlsEnd(Object key, Optional<TlsSession> session) {
    Step step = steps.remove(key);
    if (step != null) {
      emit(new TlsEnd(connection, session, Optional.empty(), since(step.at)));
    }
  }

  private void begin(Object key, Event start, BiFunction<Optional<Reason>, Duration, Event> given) {
    steps.put(key, new Step(now(), given));
    emit(start);
  }

  /** The step has failed. */
  public void failed(Object key, Reason reason) {
    end(key, Optional.of(reason));
  }

  /**
   * Whatever still runs of dialing is given up.
   *
   * @param reason why; empty where it is no longer wanted
   */
  public void givenUp(Optional<Reason> reason) {
    for (Object key : List.copyOf(steps.keySet())) {
      end(key, reason);
    }
  }

  private void end(Object key, Optional<Reason> reason) {
    Step step = steps.remove(key);
    if (step != null) {
      emit(step.given.apply(reason, since(step.at)));
    }
  }

  /** The connection is established. */
  public void established(Protocol protocol, SocketAddress remote) {
    if (listens()) {
      establishedAt = now();
      established = new Established(connection, protocol, remote, since(dialedAt));
      emit(established);
    }
  }

  /** The established connection has ended; its streams have had their final messages. */
  public void disconnected(Protocol protocol, Reason reason) {
    if (established == null) {
      return;
    }
    established = null;
    for (StreamRef stream : List.copyOf(spans.keySet())) {
      failed(stream, reason); // a request that outlived its response
    }
    emit(new Disconnect(connection, protocol, reason, since(establishedAt)));
  }

  // ---- requests

  /**
   * A request is written.
   *
   * @return the request, with the headers that carry its trace
   */
  public Request requestStart(Stream stream, Request request) {
    Headers headers = requestStart(stream, request.method(), request.target(), request.headers());
    return headers == request.headers() ? request : request.headers(headers);
  }

  /**
   * A request is written, and its headers are.
   *
   * @return the headers, with those that carry its trace
   */
  public Headers requestStart(Stream stream, String method, String target, Headers headers) {
    if (!listens()) {
      return headers;
    }
    Headers traced = traced(stream.trace(), headers);
    begin(stream, method, target, traced);
    return traced;
  }

  private void begin(Stream stream, String method, String target, Headers headers) {
    Span span = new Span(stream.trace(), now(), target);
    spans.put(stream.ref(), span);
    emit(span, new RequestStart(stream.ref(), method, shown(target)));
    emit(span, new RequestHeaders(stream.ref(), shown(withoutSecrets(headers))));
  }

  private Headers traced(Trace trace, Headers users) {
    if (trace == Trace.NONE || established == null) {
      return users;
    }
    Headers its = trace.headers(established.protocol(), established.remote());
    if (its.isEmpty()) {
      return users;
    }
    List<Headers.Field> fields = new ArrayList<>();
    users.forEach(field -> fields.add(field));
    fields.removeIf(field -> its.contains(field.name()));
    its.forEach(field -> fields.add(field));
    return Headers.of(fields);
  }

  private String shown(String target) {
    return hideQueries ? Mask.query(target) : target;
  }

  private Headers shown(Headers headers) {
    if (!hideQueries || URIS.stream().noneMatch(headers::contains)) {
      return headers;
    }
    Headers shown = Headers.EMPTY;
    for (Headers.Field field : headers) {
      boolean uri = URIS.contains(field.name());
      shown = shown.with(field.name(), uri ? Mask.query(field.value()) : field.value());
    }
    return shown;
  }

  /** Who reads events need not know what credentials were shown, but that they were. */
  private static Headers withoutSecrets(Headers headers) {
    if (SECRETS.stream().noneMatch(headers::contains)) {
      return headers;
    }
    Headers shown = Headers.EMPTY;
    for (Headers.Field field : headers) {
      boolean secret = SECRETS.contains(field.name());
      shown =
          shown.with(field.name(), secret ? field.value().split(" ", 2)[0] + " *" : field.value());
    }
    return shown;
  }

  /** The request was written to its end. */
  public void requestEnd(StreamRef stream) {
    Span span = spans.get(stream);
    if (span != null && !span.requestEnded) {
      requestEnd(stream, span, Optional.empty());
      if (span.responded) {
        spans.remove(stream);
      }
    }
  }

  /** The rest of the request's body is not sent, be its response good or not. */
  public void requestFailed(StreamRef stream, Reason reason) {
    Span span = spans.get(stream);
    if (span != null && !span.requestEnded) {
      requestEnd(stream, span, Optional.of(reason));
      if (span.responded) {
        spans.remove(stream);
      }
    }
  }

  private void requestEnd(StreamRef stream, Span span, Optional<Reason> failure) {
    span.requestEnded = true;
    emit(span, new RequestEnd(stream, failure, since(span.startedAt)));
  }

  /** What the server promises with this stream was refused. */
  public void pushRefused(StreamRef stream, Reason reason) {
    if (listens()) {
      emit(new PushRefused(stream, reason));
    }
  }

  /**
   * The request of an upgrade is written.
   *
   * @return the user's headers, with those that carry its trace
   */
  public Headers upgrade(Stream stream, String path, Headers users, Headers handshake) {
    if (!listens()) {
      return users;
    }
    Headers traced = traced(stream.trace(), users);
    Headers headers = traced;
    for (Headers.Field field : handshake) {
      headers = headers.with(field.name(), field.value());
    }
    emit(new Upgrade(stream.ref(), shown(path)));
    begin(stream, "GET", path, headers);
    requestEnd(stream.ref());
    return traced;
  }

  // ---- what messages tell

  /** A message is told. */
  public void told(Message message) {
    switch (message) {
      case Message.OfStream ofStream -> {
        Span span = spans.get(ofStream.stream());
        if (span != null) { // or it was never sent
          told(ofStream, span);
        }
      }
      case Retrying(var its, var attempt, var delay, var reason) ->
          emit(new RetryScheduled(connection, attempt, delay, reason));
      case Terminated(var its, var reason) -> {
        stalls.remove(whenStalled);
        emit(new Terminate(connection, reason, since(openedAt)));
      }
      case Up up -> {}
      case Down down -> {}
      case Notice notice -> {}
      case Rejected rejected -> {}
    }
  }

  private void told(Message.OfStream message, Span span) {
    switch (message) {
      case Inform(var stream, var status, var headers) -> {
        respond(stream, span);
        emit(span, new ResponseInform(stream, status, shown(headers)));
      }
      case Push(var stream, var promised, var method, var uri, var headers) -> {
        emit(span, new PushPromise(stream, promised, method, shown(uri), shown(headers)));
        Span its = new Span(Trace.NONE, now(), uri);
        its.requestEnded = true; // it is the server's own
        spans.put(promised, its);
      }
      case Response(var stream, var fin, var status, var headers) -> {
        respond(stream, span);
        span.status = status;
        emit(span, new ResponseHeaders(stream, status, shown(headers)));
        responded(stream, span, fin);
      }
      case Data(var stream, var fin, var bytes) -> {
        if (span.switched == null) {
          span.bytes += bytes.size();
          responded(stream, span, fin);
        } else if (fin) { // of what the user speaks, which is no response
          spans.remove(stream);
        }
      }
      case Trailers(var stream, var headers) -> {
        emit(span, new ResponseTrailers(stream, headers));
        responded(stream, span, true);
      }
      case Upgraded(var stream, var protocol, var subprotocol, var headers) -> {
        respond(stream, span);
        span.status = 101;
        emit(span, new ResponseInform(stream, 101, headers));
        responseEnd(stream, span, Optional.empty());
        span.switched = protocol;
        span.switchedAt = now();
        emit(span, new ProtocolChanged(stream, protocol, subprotocol, since(span.startedAt)));
      }
      case TunnelUp(var stream, var status, var headers) -> {
        respond(stream, span);
        span.status = status;
        emit(span, new ResponseHeaders(stream, status, headers));
        responseEnd(stream, span, Optional.empty());
        span.switched = Protocol.RAW;
        emit(span, new OriginChanged(stream, span.target, since(span.startedAt)));
      }
      case WebSocketClosed(var stream, var handshake) -> failed(stream, handshake);
      case StreamFailed(var stream, var reason) -> failed(stream, reason);
      case WebSocketFrame frame -> {}
      case WebSocketPart part -> {}
      case SubprotocolMessage value -> {}
      case ServerSentEvent event -> {}
      case ContentMessage value -> {}
      case Message.OfLive live -> {} // no connection's own
    }
  }

  private void respond(StreamRef stream, Span span) {
    if (!span.responding) {
      span.responding = true;
      emit(span, new ResponseStart(stream, since(span.startedAt)));
    }
  }

  private void responded(StreamRef stream, Span span, boolean fin) {
    if (fin) {
      span.responded = true;
      responseEnd(stream, span, Optional.empty());
      if (span.requestEnded) {
        spans.remove(stream);
      }
    }
  }

  private void responseEnd(StreamRef stream, Span span, Optional<Reason> failure) {
    span.responding = false;
    emit(span, new ResponseEnd(stream, span.status, span.bytes, failure, since(span.startedAt)));
  }

  /** A stream ends otherwise than with its response. */
  private void failed(StreamRef stream, Reason reason) {
    Span span = spans.remove(stream);
    if (span == null) {
      return;
    }
    if (!span.requestEnded) {
      requestEnd(stream, span, Optional.of(reason));
    }
    if (span.responding) {
      responseEnd(stream, span, Optional.of(reason));
    }
    if (span.frames != null) {
      span.frames.cut(reason);
    }
    if (span.switched == Protocol.WEBSOCKET) {
      emit(span, new WebSocketEnd(stream, reason, since(span.switchedAt)));
    } else if (!span.responded) {
      emit(span, new Cancel(stream, reason, since(span.startedAt)));
    }
  }

  // ---- frames

  /** Who is told of each frame of this WebSocket, which has begun; null where nobody is. */
  public @Nullable FrameObserver frames(StreamRef stream) {
    Span span = spans.get(stream);
    if (span == null || listeners.isEmpty()) {
      return null;
    }
    FrameObserver frames = new FrameObserver(this, stream);
    span.frames = frames;
    return frames;
  }
}
