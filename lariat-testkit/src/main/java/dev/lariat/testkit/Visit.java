package dev.lariat.testkit;

import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.testkit.internal.wire.CancelledException;
import dev.lariat.testkit.internal.wire.Framing;
import dev.lariat.testkit.internal.wire.Http;
import dev.lariat.testkit.internal.wire.Http2Talk;
import dev.lariat.testkit.internal.wire.Peer;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an {@link Origin}, as its {@link Script} sees it. All methods block. Call them on
 * the script's thread only, except those that say otherwise.
 *
 * <p>The same script serves HTTP/1.1 and HTTP/2, one request after the other. Over HTTP/2, further
 * requests wait during that time. The origin acknowledges SETTINGS and PINGs whenever the script
 * reads or answers. When the script ends, the origin sends a GOAWAY with the last request that the
 * script has read.
 *
 * <p>The methods that read return null if the client has ended its side cleanly. All methods throw
 * a {@link ClientGoneException} if the connection is broken, and a {@link ProtocolException} if the
 * client breaks a rule of HTTP or WebSocket.
 */
public final class Visit {
  private final int number;
  private final Peer peer;
  private final Machine machine;
  private Http.@Nullable Head asked; // the newest request
  private @Nullable Bytes body; // of that one, once it was read

  Visit(int number, Peer peer, Machine machine) {
    this.number = number;
    this.peer = peer;
    this.machine = machine;
  }

  Peer peer() {
    return peer;
  }

  /** {@return its number among the connections that the origin has accepted: 1, 2, 3 and so on} */
  public int number() {
    return number;
  }

  /** Something that is done with the connection. */
  interface Step<T extends @Nullable Object> {
    T take() throws IOException;
  }

  /** Tells what the client did wrong from what it could do nothing about. */
  static <T extends @Nullable Object> T step(Step<T> step) throws IOException {
    try {
      return step.take();
    } catch (ProtocolException e) {
      throw e;
    } catch (IOException e) {
      throw new ClientGoneException(e);
    }
  }

  /** Something that is done, and gives nothing. */
  interface Deed {
    void take() throws IOException;
  }

  static void done(Deed deed) throws IOException {
    Visit.<@Nullable Void>step(
        () -> {
          deed.take();
          return null;
        });
  }

  private void write(byte[] bytes) throws IOException {
    done(() -> peer.writeRaw(bytes));
  }

  // ---- its protocol

  /**
   * Returns the protocol that the client speaks, HTTP/1.1 or HTTP/2. Waits until it is known.
   *
   * @return the protocol
   * @throws IOException if the client is gone
   */
  public Protocol protocol() throws IOException {
    return step(peer::talk).protocol();
  }

  /**
   * Returns what only HTTP/2 has: its frames, and faults with them. Waits until the protocol of the
   * client is known.
   *
   * @return the part for HTTP/2
   * @throws IllegalStateException if the client speaks HTTP/1.1
   * @throws IOException if the client is gone
   */
  public Http2Visit http2() throws IOException {
    if (step(peer::talk) instanceof Http2Talk talk) {
      return new Http2Visit(talk);
    }
    throw new IllegalStateException("the client speaks HTTP/1.1");
  }

  // ---- HTTP, what comes

  /**
   * Reads the next request with its body. If the client expects a 100 before it sends the body,
   * this sends one. It skips an HTTP/2 request that the client cancels during that time.
   *
   * @return null when the client has ended its side
   * @throws IOException if the client is gone, or breaks a rule of RFC 9112 or 9113
   */
  public @Nullable Asked request() throws IOException {
    while (head() != null) {
      if (expectsContinue()) {
        inform(100, Headers.EMPTY);
      }
      try {
        body();
        return asked();
      } catch (ClientGoneException e) {
        if (!(e.getCause() instanceof CancelledException)) {
          throw e;
        }
      }
    }
    return null;
  }

  /**
   * Reads the next request without its body, for a script that answers before the body arrives, or
   * never reads it. {@link #body} reads it.
   *
   * @return the request with an empty body; null if the client has ended its side
   * @throws IOException if the client is gone, or breaks a rule of RFC 9112 or 9113
   */
  public @Nullable Asked head() throws IOException {
    asked = null;
    body = null;
    asked = step(() -> peer.talk().head());
    return asked == null ? null : asked();
  }

  /**
   * Reads the body of the newest request, unless that is already done.
   *
   * @return the bytes
   * @throws IllegalStateException if there was no request
   * @throws IOException if the client is gone, or breaks a rule of RFC 9112 or 9113. It is a {@link
   *     ClientGoneException} also if the client cancels an HTTP/2 request; its connection then
   *     continues
   */
  public Bytes body() throws IOException {
    newest();
    Bytes known = body;
    if (known == null) {
      known = Bytes.wrap(step(() -> peer.talk().body()));
      body = known;
    }
    return known;
  }

  private boolean expectsContinue() {
    return newest()
        .headers()
        .first("expect")
        .filter(value -> value.equalsIgnoreCase("100-continue"))
        .isPresent();
  }

  private Http.Head newest() {
    Http.Head head = asked;
    if (head == null) {
      throw new IllegalStateException("there is no request: request() reads the next one");
    }
    return head;
  }

  private Asked asked() {
    Http.Head head = newest();
    return new Asked(
        head.method(), head.target(), head.headers(), body == null ? Bytes.EMPTY : body);
  }

  // ---- HTTP, what goes

  static void checkStatus(int status, int least) {
    Range.within("status", status, least, least == 100 ? 199 : 599);
  }

  /**
   * Answers with this status and no body.
   *
   * @param status 200 to 599
   * @throws IOException if the client is gone
   */
  public void respond(int status) throws IOException {
    respond(status, Headers.EMPTY, Bytes.EMPTY);
  }

  /**
   * Answers with this status and this text, as {@code text/plain} in UTF-8.
   *
   * @param status 200 to 599
   * @param text the body of the response
   * @throws IOException if the client is gone
   */
  public void respond(int status, String text) throws IOException {
    respond(status, Headers.of("content-type", "text/plain; charset=utf-8"), Bytes.ofUtf8(text));
  }

  /**
   * Answers with this status, these headers and this body, and adds the {@code Content-Length}. If
   * the request is a {@code HEAD}, it does not send the body.
   *
   * @param status 200 to 599
   * @param headers the headers of the response
   * @param body the body of the response
   * @throws IOException if the client is gone
   */
  public void respond(int status, Headers headers, Bytes body) throws IOException {
    checkStatus(status, 200);
    Headers all =
        Http.hasNoBody(status)
            ? headers
            : headers.with("content-length", String.valueOf(body.size()));
    Bytes sent = answersHead(status) ? Bytes.EMPTY : body;
    done(() -> peer.talkAtOnce().respond(status, all, sent.toArray()));
  }

  private boolean answersHead(int status) {
    Http.Head head = asked;
    return Http.hasNoBody(status) || head != null && head.method().equals("HEAD");
  }

  /**
   * Sends an informational response (RFC 9110 section 15.2). The final response must follow.
   *
   * @param status 100 to 199
   * @param headers the headers of the response
   * @throws IOException if the client is gone
   */
  public void inform(int status, Headers headers) throws IOException {
    checkStatus(status, 100);
    done(() -> peer.talkAtOnce().inform(status, headers));
  }

  /**
   * Refuses the request for now, with this status and a {@code Retry-After} in seconds (RFC 9110
   * section 10.2.3).
   *
   * @param status usually 503 or 429
   * @param retryAfter 0 to 365 days, rounded up to whole seconds
   * @throws IOException if the client is gone
   */
  public void unavailable(int status, Duration retryAfter) throws IOException {
    respond(status, Headers.of("retry-after", seconds(retryAfter)), Bytes.EMPTY);
  }

  static String seconds(Duration retryAfter) {
    Range.nanos("retryAfter", retryAfter);
    return String.valueOf(retryAfter.plusNanos(999_999_999).toSeconds());
  }

  /**
   * Begins a response whose body is sent in chunks (RFC 9112 section 7.1), or in DATA frames of
   * HTTP/2, and ends with {@link Reply#end()}.
   *
   * @param status 200 to 599, one that may have a body
   * @param headers the headers of the response
   * @return the rest of the response
   * @throws IOException if the client is gone
   */
  public Reply beginChunked(int status, Headers headers) throws IOException {
    return begin(status, headers, Framing.CHUNKED);
  }

  /**
   * Begins a response with a body of this length. You can also write less or more.
   *
   * @param status 200 to 599, one that may have a body
   * @param headers the headers of the response
   * @param length the {@code Content-Length}, in bytes; it is not checked
   * @return the rest of the response
   * @throws IOException if the client is gone
   */
  public Reply begin(int status, Headers headers, long length) throws IOException {
    return begin(status, headers.with("content-length", String.valueOf(length)), Framing.LENGTH);
  }

  /**
   * Begins a response whose body ends with the script, by the end of the connection (RFC 9112
   * section 6.3, rule 8) or of the HTTP/2 stream.
   *
   * @param status 200 to 599, one that may have a body
   * @param headers the headers of the response
   * @return the rest of the response
   * @throws IOException if the client is gone
   */
  public Reply beginUntilClose(int status, Headers headers) throws IOException {
    return begin(status, headers, Framing.CLOSE);
  }

  private Reply begin(int status, Headers headers, Framing framing) throws IOException {
    checkBody(status);
    return new Reply(step(() -> peer.talkAtOnce().begin(status, headers, framing)), framing);
  }

  private static void checkBody(int status) {
    checkStatus(status, 200);
    if (Http.hasNoBody(status)) {
      throw new IllegalArgumentException(
          "status: " + status + ", allowed one whose response may have a body");
    }
  }

  // ---- server-sent events

  /**
   * Begins a response of server-sent events (HTML living standard, section 9.2), in chunks.
   *
   * @return the stream of events
   * @throws IOException if the client is gone
   */
  public EventStream events() throws IOException {
    return events(Headers.EMPTY);
  }

  /**
   * Begins a response of server-sent events with additional headers.
   *
   * @param headers the headers of the response
   * @return the stream of events
   * @throws IOException if the client is gone
   */
  public EventStream events(Headers headers) throws IOException {
    return new EventStream(
        beginChunked(
            200,
            headers.with("content-type", "text/event-stream").with("cache-control", "no-store")));
  }

  // ---- WebSocket

  /**
   * Returns whether the newest request asks for a WebSocket: by an upgrade (RFC 6455 section 4.1),
   * or by an extended CONNECT of HTTP/2 (RFC 8441 section 4), whose method is {@code CONNECT}.
   *
   * @return whether it asks for a WebSocket
   * @throws IllegalStateException if there was no request
   * @throws IOException if the client is gone
   */
  public boolean asksForWebSocket() throws IOException {
    newest();
    return step(() -> peer.talk().asksForWebSocket());
  }

  /**
   * Accepts the WebSocket that the newest request asks for. Reads a request first if there is none.
   *
   * @return the open WebSocket
   * @throws IOException if the client is gone
   */
  public WebSocketVisit acceptWebSocket() throws IOException {
    return acceptWebSocket(Headers.EMPTY);
  }

  /**
   * Accepts the WebSocket of the newest request, with this subprotocol.
   *
   * @param subprotocol the subprotocol
   * @return the open WebSocket
   * @throws IOException if the client is gone
   */
  public WebSocketVisit acceptWebSocket(String subprotocol) throws IOException {
    return acceptWebSocket(Headers.of("sec-websocket-protocol", subprotocol));
  }

  /**
   * Accepts the WebSocket that the newest request asks for (RFC 6455 section 4.2.2, RFC 8441
   * section 5), with additional headers in the response. Reads a request first if there is none.
   * Never accepts extensions.
   *
   * @param headers the headers of the response
   * @return the open WebSocket
   * @throws ProtocolException if the request is not a valid WebSocket handshake
   */
  public WebSocketVisit acceptWebSocket(Headers headers) throws IOException {
    if (asked == null && head() == null) {
      throw new ProtocolException("the client ended its side before it requested a WebSocket");
    }
    if (!asksForWebSocket()) {
      throw new ProtocolException(
          newest() + " is not a WebSocket handshake (RFC 6455 section 4.1)");
    }
    return new WebSocketVisit(this, step(() -> peer.talk().accept(headers)));
  }

  // ---- tunnels

  /**
   * Accepts the tunnel that the newest request asks for by {@code CONNECT} (RFC 9110 section
   * 9.3.6), like a proxy. Reads a request first if there is none. The visit that it returns is at
   * the other end of the tunnel, so the script can play the server there, or the next proxy. Over
   * HTTP/2, the tunnel is a stream (RFC 9113 section 8.5); over HTTP/1.1, this visit only ends the
   * connection from now on.
   *
   * @param headers the headers of the response
   * @return the visit at the other end of the tunnel
   * @throws ProtocolException if the request is not a CONNECT
   * @throws IOException if the client is gone
   */
  public Visit acceptTunnel(Headers headers) throws IOException {
    if (asked == null && head() == null) {
      throw new ProtocolException("the client ended its side before it requested a tunnel");
    }
    if (!newest().method().equals("CONNECT") || asksForWebSocket()) {
      throw new ProtocolException(newest() + " does not ask for a tunnel (RFC 9110 section 9.3.6)");
    }
    return new Visit(number, step(() -> peer.talk().tunnel(headers)), machine);
  }

  // ---- bytes and time

  /**
   * Writes any bytes. If a script does so before it reads or answers a request, nothing of HTTP/2
   * is sent before them.
   *
   * @param bytes the bytes
   * @throws IOException if the client is gone
   */
  public void write(Bytes bytes) throws IOException {
    write(bytes.toArray());
  }

  /**
   * Writes any text, in ISO 8859-1.
   *
   * @param text the text
   * @throws IOException if the client is gone
   */
  public void write(String text) throws IOException {
    write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /**
   * Reads this many bytes, regardless of their meaning. Waits until they have arrived.
   *
   * @param count 0 or more
   * @return the bytes
   * @throws IOException if the client is gone
   */
  public Bytes read(int count) throws IOException {
    Range.atLeast("count", count, 0);
    return Bytes.wrap(step(() -> peer.bytes(count)));
  }

  /**
   * Returns whether the client has ended the connection or its side of it. If the newest request
   * asked for a WebSocket over HTTP/2, it returns whether the client has ended its side of that.
   * Does not wait.
   *
   * @return whether the client has ended it
   */
  public boolean clientGone() {
    return peer.gone();
  }

  /**
   * Reads and discards everything until the client ends its side in any way. If the newest request
   * asked for a WebSocket over HTTP/2, this is the client's side of that WebSocket.
   */
  public void awaitEnd() {
    try {
      peer.awaitEnd();
    } catch (IOException e) {
      // a reset is an end too
    }
  }

  /**
   * Waits for this long, by the origin's clock.
   *
   * @param length zero to 365 days
   * @throws InterruptedException if the origin is closed during the wait, which is not a failure of
   *     the script
   */
  public void pause(Duration length) throws InterruptedException {
    Range.nanos("length", length);
    machine.pause(length);
  }

  // ---- faults

  /**
   * From now on, writes bytes one by one, with this pause after each. The client sees a server that
   * is alive but very slow.
   *
   * @param pause zero, which is the value at first, to 365 days
   */
  public void slow(Duration pause) {
    Range.nanos("pause", pause);
    peer.slow(pause);
  }

  /**
   * Truncates what the script writes next: sends this many bytes more, then a FIN, and with TLS no
   * {@code close_notify}. Everything after that is discarded. The client sees the beginning of a
   * frame, of headers or of a chunk, and then the end of the input.
   *
   * @param bytes 0 or more
   * @throws IOException if the client is gone
   */
  public void cutAfter(long bytes) throws IOException {
    Range.atLeast("bytes", bytes, 0);
    Visit.<@Nullable Void>step(
        () -> {
          peer.cutAfter(bytes);
          return null;
        });
  }

  /**
   * Resets the connection, with a RST. The client loses what it has not read. You can call it from
   * any thread.
   */
  public void reset() {
    peer.reset();
  }

  /**
   * Makes the connection half-open. From now on the origin reads and writes nothing on it, and does
   * not end it, until the origin is closed or the connection is reset. The client sees a server
   * that is silent and sends no pong. The script's next read or write waits until that end. You can
   * call it from any thread.
   */
  public void halfOpen() {
    peer.freeze();
  }

  /**
   * Writes something that is not HTTP, like a server for another protocol.
   *
   * @throws IOException if the client is gone
   */
  public void garbage() throws IOException {
    write("SSH-2.0-nothing_of_yours\r\n\u0000\u0001\u00fe\u00ff\r\n\r\n");
  }

  /** For logs. */
  @Override
  public String toString() {
    return "visit " + number;
  }
}
