package dev.lariat;

import dev.lariat.event.ConnectionInfo;
import dev.lariat.event.StreamInfo;
import dev.lariat.event.Trace;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.connection.Actor;
import dev.lariat.internal.connection.Engines;
import dev.lariat.internal.entrance.Adoption;
import dev.lariat.internal.entrance.Await;
import dev.lariat.internal.entrance.Checks;
import dev.lariat.internal.entrance.Door;
import dev.lariat.internal.entrance.Handle;
import dev.lariat.internal.protocol.Authorization;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.FieldNames;
import dev.lariat.internal.protocol.Forward;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.transport.Dialer;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.Machine;
import dev.lariat.internal.uri.Authority;
import dev.lariat.internal.uri.Mask;
import dev.lariat.message.Bytes;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.StreamRef;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.RawOptions;
import dev.lariat.option.Request;
import dev.lariat.option.Timeouts;
import dev.lariat.option.TunnelOptions;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A connection to one origin. It connects, reconnects, keeps itself alive, and delivers everything
 * that happens to its owner as messages. You hold this handle as soon as you call {@link Lariat}.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="messages"}
 *
 * <p>You can begin requests and WebSockets at any time. While the connection is not established,
 * they wait for it, up to {@code limits.heldCommands} and {@code limits.heldBytes}. If the
 * connection is lost, everything that is in flight fails. Lariat never sends it again by itself.
 *
 * <p>You can call all methods from any thread. Only {@link #awaitUp} and {@link #awaitTermination}
 * block. After {@code Terminated}, methods that begin something throw a {@link FailedException}.
 */
public sealed class Connection implements ConnectionRef, AutoCloseable permits Tunnel {
  static {
    Adoption.endsBy(Connection.class, connection -> connection.door.ended());
  }

  private final String authority;
  private final Machine machine;
  private final HttpUri home;
  private final ConnectionOptions options;
  private final FieldNames names;
  private final Door door;
  private final Ownership ownership;
  private final Beginnings beginnings;

  /** A connection that has not begun. */
  @SuppressWarnings("ThisEscape") // nothing uses it before open()
  Connection(
      String authority,
      HttpUri home,
      ConnectionOptions options,
      Dialer dialer,
      Machine machine,
      Loop loop,
      Receiver owner) {
    this.authority = authority;
    this.machine = machine;
    this.home = home;
    this.options = options;
    this.names = FieldNames.of(options.http1());
    this.ownership = new Ownership(owner, this);
    this.beginnings = new Beginnings(this, options, names, ownership::now);
    Inbox inbox = ownership.now().inbox();
    String field = home.hostField();
    String host = field.equals(authority) ? authority : field; // mostly equal: one copy is enough
    ConnectionOptions settled = Forward.settled(options);
    this.door =
        new Door(
            loop,
            its ->
                new Actor(
                    this,
                    settled,
                    new Engines(host, settled),
                    dialer,
                    loop,
                    machine.random(),
                    inbox,
                    its::carryOutPosted,
                    reason -> terminated(its, reason)));
  }

  /**
   * Lets it begin.
   *
   * @param hold of whoever has adopted it
   */
  Connection open(Adoption.Hold hold) {
    try {
      ownership.begin();
      door.open();
    } catch (Throwable e) { // whatever it is: nothing was opened
      hold.release();
      door.loop().release();
      throw e;
    }
    hold.opened();
    return this;
  }

  private void terminated(Door its, Reason reason) {
    its.close(reason);
    ownership.end();
    door.loop().release();
  }

  Door door() {
    return door;
  }

  Machine machine() {
    return machine;
  }

  /** How the names of headers are written. */
  FieldNames names() {
    return names;
  }

  ConnectionOptions options() {
    return options;
  }

  Ownership ownership() {
    return ownership;
  }

  /** Who owns it now. */
  Receiver owner() {
    return ownership.now().receiver();
  }

  /**
   * {@return the connection that a message names: {@code Connection.of(up.connection())}}
   *
   * @param connection the connection, as a message names it
   * @throws IllegalArgumentException if the message is of a live connection, which is opened by
   *     {@code LiveWebSocket} or {@code LiveEvents}
   */
  public static Connection of(ConnectionRef connection) {
    return Handle.of(Connection.class, connection);
  }

  @Override
  public String authority() {
    return authority;
  }

  // ---- the owner

  /**
   * {@return the mailbox that owns this connection: the one that you passed to {@code open}, or the
   * one that {@code open} made}
   *
   * @throws IllegalStateException if the owner is a receiver of another kind
   */
  public Mailbox mailbox() {
    Mailbox mailbox = ownership.now().mailbox();
    if (mailbox == null) {
      throw new IllegalStateException("no mailbox owns " + authority);
    }
    return mailbox;
  }

  /**
   * Makes this receiver the owner: the connection's messages go to it from now on. Streams keep the
   * receiver that they began with.
   *
   * @param receiver the new owner
   * @throws FailedException if the connection has terminated
   * @throws IllegalStateException if it is a mailbox that is closed
   */
  public void owner(Receiver receiver) {
    ownership.pass(receiver);
  }

  /**
   * Shuts this connection down when the thread ends.
   *
   * @param thread the thread that this connection must not outlive
   */
  public void endWith(Thread thread) {
    ownership.watch(thread);
  }

  // ---- requests

  /**
   * Requests {@code path} by {@code GET}.
   *
   * @param path the path and query, percent-encoded; it begins with a slash
   * @return the handle of the exchange
   */
  public Exchange get(String path) {
    return request(Request.of("GET", path));
  }

  /**
   * Requests {@code path} by {@code GET}.
   *
   * @param path the path and query, percent-encoded; it begins with a slash
   * @param headers the headers of the request
   * @return the handle of the exchange
   */
  public Exchange get(String path, Headers headers) {
    return request(Request.of("GET", path).headers(headers));
  }

  /**
   * Requests {@code path} by {@code HEAD}.
   *
   * @param path the path and query, percent-encoded; it begins with a slash
   * @return the handle of the exchange
   */
  public Exchange head(String path) {
    return request(Request.of("HEAD", path));
  }

  /**
   * Requests {@code path}, which can be {@code *}, with {@code OPTIONS}.
   *
   * @param path the path and query, percent-encoded; it begins with a slash
   * @return the handle of the exchange
   */
  public Exchange options(String path) {
    return request(Request.of("OPTIONS", path));
  }

  /**
   * Requests {@code path} by {@code DELETE}.
   *
   * @param path the path and query, percent-encoded; it begins with a slash
   * @return the handle of the exchange
   */
  public Exchange delete(String path) {
    return request(Request.of("DELETE", path));
  }

  /**
   * Sends this body to {@code path} by {@code POST}.
   *
   * @param path the path and query, percent-encoded; it begins with a slash
   * @param headers the headers of the request
   * @param body the whole body
   * @return the handle of the exchange
   */
  public Exchange post(String path, Headers headers, Bytes body) {
    return request(Request.of("POST", path).headers(headers).body(body));
  }

  /**
   * Sends this body to {@code path} by {@code PUT}.
   *
   * @param path the path and query, percent-encoded; it begins with a slash
   * @param headers the headers of the request
   * @param body the whole body
   * @return the handle of the exchange
   */
  public Exchange put(String path, Headers headers, Bytes body) {
    return request(Request.of("PUT", path).headers(headers).body(body));
  }

  /**
   * Sends this body to {@code path} by {@code PATCH}.
   *
   * @param path the path and query, percent-encoded; it begins with a slash
   * @param headers the headers of the request
   * @param body the whole body
   * @return the handle of the exchange
   */
  public Exchange patch(String path, Headers headers, Bytes body) {
    return request(Request.of("PATCH", path).headers(headers).body(body));
  }

  /**
   * Sends a request with its whole body.
   *
   * @param request the request
   * @return its handle; the messages about it name it
   * @throws IllegalArgumentException if {@code Content-Length} does not match the body
   * @throws FailedException if the connection has terminated
   */
  public Exchange request(Request request) {
    return request(request, takesPushes(), null);
  }

  /**
   * Sends a request with its whole body.
   *
   * @param takesPushes whether the server may push something with it
   * @param trace of the request; null if it begins here
   */
  Exchange request(Request request, boolean takesPushes, @Nullable Trace trace) {
    Checks.whole(request);
    return begin("request", request, null, List.of(), takesPushes, trace);
  }

  boolean takesPushes() {
    return options.http2().push();
  }

  /**
   * Sends a request that does not outlast an attempt to connect. If there is no connection, an
   * attempt begins at once, and the request fails if the attempt fails. The server can push nothing
   * with it: a call has one answer.
   */
  Exchange call(Request request, Mailbox mailbox, Trace trace) {
    Checks.whole(request);
    Recipient told = Recipient.of(mailbox, this);
    return beginnings.begin("request", request, told, null, List.of(), true, false, trace);
  }

  /**
   * Begins a request whose body you send later, with the methods of its handle. The body has the
   * {@code Content-Length} of the request's headers, or is chunked (RFC 9112 section 7.1) if there
   * is none. Over HTTP/1.1, later requests wait until it has ended, up to {@code
   * limits.heldCommands}.
   *
   * @param request the request
   * @return its handle; the messages about it name it
   * @throws IllegalArgumentException if the request has a body, or if it has no {@code
   *     Content-Length} and {@code http1.version} is HTTP/1.0
   * @throws FailedException if the connection has terminated
   */
  public Exchange begin(Request request) {
    return begin(request, null);
  }

  /** Begins a request that has this trace, or whose trace begins here. */
  Exchange begin(Request request, @Nullable Trace trace) {
    Checks.begun(request, options);
    return begin("begin", request, request.contentLength(), List.of(), takesPushes(), trace);
  }

  /**
   * Asks the server to switch to another protocol (RFC 9110 section 7.8), which you speak yourself.
   * {@code Upgraded} reports the switch. From then on, the connection carries the bytes of that
   * protocol: they arrive as {@code Data}, and you send with the handle. You can send immediately.
   * If the server does not switch, a {@code Response} arrives, and the connection stays usable.
   *
   * @param request usually a {@code GET}, with its whole body. Its {@code timeout} ends with the
   *     switch; its {@code credit} continues after it
   * @param protocols the protocols, by preference: each is a token with an optional version, such
   *     as {@code foo/2}
   * @return the handle of the exchange
   * @throws IllegalArgumentException if there is no protocol, if one is malformed or is WebSocket
   *     (use {@link #webSocket} for that), or if {@code Content-Length} does not match the body
   * @throws FailedException if the connection has terminated, if {@code http1.version} is HTTP/1.0,
   *     or if a proxy receives the requests ({@code Proxy.absoluteForm})
   */
  public Exchange upgrade(Request request, String... protocols) {
    Checks.switches("upgrade", options);
    Checks.reachesTheServer("upgrade", options);
    Checks.whole(request);
    Checks.switchable(protocols);
    return begin("upgrade", request, OptionalLong.empty(), List.of(protocols), false, null);
  }

  /** Begins a request whose messages go where it says, and which waits for the connection. */
  private Exchange begin(
      String operation,
      Request request,
      @Nullable OptionalLong length,
      List<String> protocols,
      boolean takesPushes,
      @Nullable Trace trace) {
    Recipient told = beginnings.recipient(request.replyTo());
    return beginnings.begin(operation, request, told, length, protocols, false, takesPushes, trace);
  }

  /** Sends a request whose messages are of this stream and go to this inbox. */
  Stream request(Request request, StreamRef ref, Inbox inbox, Authorization authorization) {
    return beginnings.request(request, ref, inbox, authorization);
  }

  /**
   * Sends a request, and publishes the body of its response to a subscriber.
   *
   * @param request the request
   * @return the publisher of the response
   * @throws IllegalArgumentException if the request has a receiver or a credit, which the publisher
   *     sets, or asks for events or content handlers, since the publisher delivers bytes
   * @throws FailedException if the connection has terminated
   */
  public ResponsePublisher publish(Request request) {
    return new ResponsePublisher(this, request, null);
  }

  /** The origin, at its root. */
  HttpUri home() {
    return home;
  }

  // ---- raw

  /**
   * Begins the stream of a raw connection, with the default options.
   *
   * @return the handle of the stream
   */
  public Exchange raw() {
    return raw(RawOptions.DEFAULT);
  }

  /**
   * Begins the stream of a connection whose {@code protocols} is {@code RAW}. Everything that the
   * server sends arrives as {@code Data}, from the first byte on, and you send with the handle.
   * Before you begin the stream, Lariat reads from the socket only once. Each network connection
   * has one stream. If you begin the stream while the connection is not established, it waits.
   *
   * @param options the options
   * @return its handle; the messages about it name it
   * @throws FailedException if the connection speaks HTTP, or has terminated
   */
  public Exchange raw(RawOptions options) {
    Checks.speaksRaw("raw", this.options);
    Recipient told = beginnings.recipient(options.replyTo());
    int limit = this.options.limits().body();
    Exchange exchange = new Exchange(this, options, told.inbox(), told.mailbox(), limit);
    door.post("raw", new Command.Raw(exchange.stream(), options.credit()));
    return exchange;
  }

  // ---- tunnels

  /**
   * Asks for a tunnel to the origin of this URI, with the default options.
   *
   * @param destination a URI with the scheme {@code http}, {@code https}, {@code ws} or {@code wss}
   * @return the handle of the tunnel
   */
  public Tunnel connect(URI destination) {
    return connect(destination, TunnelOptions.DEFAULT);
  }

  /**
   * Asks the server of this connection, which is a proxy, for a tunnel to the origin of this URI
   * (RFC 9110 section 9.3.6). You can use the tunnel like a connection, at once. {@code TunnelUp}
   * reports that the proxy accepted, and {@code Up} that the tunnel is established. Over HTTP/2, a
   * connection carries many tunnels at a time, beside requests. Over HTTP/1.1, the connection
   * becomes the tunnel, and takes nothing else until it has ended.
   *
   * @param destination a URI with the scheme {@code http}, {@code https}, {@code ws} or {@code wss}
   * @param options the options
   * @return the handle of the tunnel
   * @throws IllegalArgumentException if the URI is not valid, or has a path, a query or a fragment,
   *     or if the options inside the tunnel have proxies
   * @throws FailedException if this connection has terminated, does not speak HTTP, or has a proxy
   *     that receives the requests ({@code Proxy.absoluteForm})
   */
  public Tunnel connect(URI destination, TunnelOptions options) {
    return Tunnel.open(this, Lariat.bare(destination), options);
  }

  /**
   * Asks for a tunnel to this host and port, with TLS if the port is 443.
   *
   * @param host a name, which the proxy looks up, or an address
   * @param port 1 to 65535
   * @return the handle of the tunnel
   */
  public Tunnel connect(String host, int port) {
    return connect(host, port, TunnelOptions.DEFAULT);
  }

  /**
   * Asks for a tunnel to this host and port, with TLS if the options say so or the port is 443; see
   * {@link #connect(URI, TunnelOptions)}.
   *
   * @param host a name, which the proxy looks up, or an address
   * @param port 1 to 65535
   * @param options the options
   * @return the handle of the tunnel
   * @throws FailedException if this connection has terminated, or does not speak HTTP
   */
  public Tunnel connect(String host, int port, TunnelOptions options) {
    return Tunnel.open(this, Authority.of(host, port), port == HttpUri.port(true), options);
  }

  // ---- WebSocket

  /**
   * Opens a WebSocket with the default options.
   *
   * @param path the path and query, percent-encoded; it begins with a slash
   * @return the handle of the WebSocket
   */
  public WebSocket webSocket(String path) {
    return webSocket(path, WebSocketOptions.DEFAULT);
  }

  /**
   * Opens a WebSocket (RFC 6455). {@code Upgraded} reports that it is open. If the server refuses
   * it, a {@code Response} arrives, and the connection stays usable.
   *
   * @param path the path and query, percent-encoded; it begins with a slash
   * @param options the options
   * @return the handle of the WebSocket
   * @throws IllegalArgumentException if the path is not valid
   * @throws FailedException if the connection has terminated, if {@code http1.version} is HTTP/1.0,
   *     or if a proxy receives the requests ({@code Proxy.absoluteForm})
   */
  public WebSocket webSocket(String path, WebSocketOptions options) {
    return webSocket(path, options, null);
  }

  /** Opens a WebSocket whose request has this trace, or whose trace begins here. */
  WebSocket webSocket(String path, WebSocketOptions options, @Nullable Trace trace) {
    Checks.switches("webSocket", this.options);
    Checks.reachesTheServer("webSocket", this.options);
    Request.of("GET", path); // checks the path
    Inbox inbox = beginnings.recipient(options.replyTo()).inbox();
    Authorization authorization = beginnings.authorization(options.credentials());
    return webSocket(path, options, authorization, trace, null, inbox);
  }

  /** Asks for a WebSocket whose messages are of this stream, or its own, and go to this inbox. */
  WebSocket webSocket(
      String path,
      WebSocketOptions options,
      Authorization authorization,
      @Nullable Trace given,
      @Nullable StreamRef ref,
      Inbox inbox) {
    Trace trace = given == null ? beginnings.trace("GET", path, ref) : given;
    WebSocket socket = new WebSocket(this, path, options, authorization, trace, ref, inbox);
    beginnings.post("webSocket", socket.upgrade(), given == null ? trace : Trace.NONE);
    return socket;
  }

  // ---- how it stands

  /**
   * {@return the current state of this connection, even after it has terminated} The event loop
   * answers, after earlier commands, and completes the future there. Actions that depend on the
   * future must not block. Do not wait for it on one of Lariat's event loops: the wait would never
   * end.
   */
  public CompletableFuture<ConnectionInfo> info() {
    return door.ask(actor -> actor.inspect().info(owner(), intermediaries()));
  }

  /** What carries it, if it is a tunnel, the nearest first; asked on the loop. */
  List<ConnectionInfo.Intermediary> intermediaries() {
    return List.of();
  }

  /** A request's target as logs may show it. */
  String shown(String target) {
    return options.hideQueries() ? Mask.query(target) : target;
  }

  /** Why a stream that has not begun still waits; empty if it has begun. */
  Optional<Reason> whyWaiting(StreamRef stream) {
    return ask(actor -> actor.inspect().whyWaiting(stream));
  }

  /** Why what is sent on a stream still waits; empty if nothing is known to keep it. */
  Optional<Reason> whyNotSent(StreamRef stream) {
    return ask(actor -> actor.inspect().whyNotSent(stream));
  }

  /** What the loop says of a wait that was too long; nothing if it is too busy to say so. */
  private Optional<Reason> ask(Function<Actor, Optional<Reason>> question) {
    if (door.ended().isDone()) {
      return Optional.empty(); // and who waits for something is told so
    }
    return Await.briefly(door.ask(question), machine);
  }

  /** How a stream stands, of which so many bytes wait. */
  CompletableFuture<StreamInfo> info(Stream stream, LongSupplier bytesWaiting) {
    return door.ask(actor -> actor.inspect().info(stream, bytesWaiting.getAsLong()));
  }

  /**
   * Changes {@code timeouts.write} from now on: how long the server may accept no byte while bytes
   * wait for it.
   *
   * @param limit 1 ms to 365 days
   * @throws IllegalArgumentException if it is out of range
   * @throws FailedException if the connection has terminated
   */
  public void writeTimeout(Duration limit) {
    Timeouts.DEFAULT.write(limit); // checks it
    door.post("writeTimeout", new Command.SetWriteTimeout(limit));
  }

  /**
   * Sends an HTTP/2 PING, which the server must answer (RFC 9113 section 6.7).
   *
   * @return a future that completes on the event loop with the time until the answer arrived. It
   *     fails with a {@link FailedException} if the connection speaks another protocol, is not
   *     established, or is lost before the answer arrives
   */
  public CompletableFuture<Duration> ping() {
    CompletableFuture<Command.Answer> answer = new CompletableFuture<>();
    if (!door.post(new Command.Ping(answer::complete))) {
      return CompletableFuture.failedFuture(door.terminated("ping"));
    }
    return answer.thenApply(
        came ->
            switch (came) {
              case Command.Answered(var roundTrip) -> roundTrip;
              case Command.NotAnswered(var reason) -> throw new FailedException(reason);
            });
  }

  // ---- waiting and ending

  /**
   * Waits until the connection is established. A failed attempt ends the wait at once, but the
   * connection continues to try. If you call again, you wait for the next attempt.
   *
   * @param timeout the longest time to wait
   * @return the protocol of the connection
   * @throws FailedException if the attempt fails, with its reason, or if the wait times out
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException on an event loop of Lariat's
   */
  public Protocol awaitUp(Duration timeout) throws InterruptedException {
    machine.refuseToBlock("awaitUp", "wait for the message Up");
    CompletableFuture<Command.Outcome> outcome = new CompletableFuture<>();
    if (!door.post(new Command.AwaitUp(outcome))) {
      throw new FailedException(Actor.lastFailure(door.ended().join())); // it is complete by now
    }
    try {
      if (!Await.on(outcome, Await.nanos(timeout), machine)) {
        throw new FailedException(
            new Reason.Timeout(
                Reason.Step.AWAIT_UP, timeout, ask(actor -> actor.inspect().whyNotUp())));
      }
      return switch (outcome.join()) {
        case Command.Established(var protocol) -> protocol;
        case Command.NotEstablished(var reason) -> throw new FailedException(reason);
      };
    } finally {
      outcome.cancel(false); // who does not wait any more is not kept either
    }
  }

  /**
   * Ends the connection cleanly, within {@code timeouts.closing}: each WebSocket closes with code
   * 1001, and responses that are arriving are read to their end. Its tunnels are shut down, too,
   * and have the same time. Other raw streams end at once. Does nothing if the connection has
   * ended.
   */
  public void shutdown() {
    door.post(new Command.Shutdown());
  }

  /**
   * Ends the connection at once, in any state. Its streams fail. Does nothing if the connection has
   * ended.
   */
  @Override
  public void close() {
    door.post(new Command.Close());
  }

  /**
   * Waits until the connection has ended: its socket is closed, {@code Terminated} is delivered,
   * and none of its tasks runs any more. This method does not end it. Call {@link #close} or {@link
   * #shutdown} first.
   *
   * @param timeout the longest time to wait
   * @return whether it has ended within that time
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException on an event loop of Lariat's
   */
  public boolean awaitTermination(Duration timeout) throws InterruptedException {
    return Await.end(door.ended(), () -> door.ask(actor -> true), timeout, machine);
  }

  /** The authority, for logs. */
  @Override
  public String toString() {
    return authority;
  }
}
