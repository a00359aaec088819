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
 * A connection to an {@link Origin}, as its {@link Script} sees it. All methods block; they belong
 * to the script's thread, but for those of which it is said otherwise.
 *
 * <p>The same script serves HTTP/1.1 and HTTP/2, one request after the other. On HTTP/2 the
 * requests that came meanwhile wait, SETTINGS and PINGs are acknowledged whenever the script reads
 * or answers, and its end is a GOAWAY that names the last request that it has read.
 *
 * <p>The methods that read return null when the client has ended its side in good order. All of
 * them throw a {@link ClientGoneException} when the connection is broken, and a {@link
 * ProtocolException} when the client breaks a rule of HTTP or WebSocket.
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
   * Which protocol the client speaks, HTTP/1.1 or HTTP/2; waits until that is known.
   *
   * @return the protocol
   * @throws IOException if the client is gone
   */
  public Protocol protocol() throws IOException {
    return step(peer::talk).protocol();
  }

  /**
   * What only HTTP/2 has: its faults, and its frames; waits until it is known what the client
   * speaks.
   *
   * @return the frames of HTTP/2
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
   * Reads the next request with its body. A client that expects a 100 before it sends the body is
   * sent one. A request of HTTP/2 that the client cancels meanwhile is passed over.
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
   * Reads the head of the next request and leaves its body where it is: for a script that answers
   * before it has come, or never reads it. {@link #body} reads it.
   *
   * @return the request with an empty body; null when the client has ended its side
   * @throws IOException if the client is gone, or breaks a rule of RFC 9112 or 9113
   */
  public @Nullable Asked head() throws IOException {
    asked = null;
    body = null;
    asked = step(() -> peer.talk().head());
    return asked == null ? null : asked();
  }

  /**
   * Reads the body of the newest request, if that was not done.
   *
   * @return the bytes
   * @throws IllegalStateException if there was no request
   * @throws IOException if the client is gone, or breaks a rule of RFC 9112 or 9113; a {@link
   *     ClientGoneException} too if it cancels the request of HTTP/2, and its connection goes on
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
   * Answers with this status, these headers and this body, whose length is added as {@code
   * Content-Length}. To a {@code HEAD} the body is not sent.
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
   * Sends an interim response (RFC 9110 section 15.2), after which the final one follows.
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
   * Answers that it is not possible now: with this status and {@code Retry-After} in seconds (RFC
   * 9110 section 10.2.3).
   *
   * @param status usually 503 or 429
   * @param retryAfter whole seconds, 0 to 365 days; a part of one counts as a whole one
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
   * Begins a response whose body comes in chunks (RFC 9112 section 7.1), or in DATA frames of
   * HTTP/2, and ends when {@link Reply#end()} says so.
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
   * Begins a response with a body of this length; less may be written, and more too.
   *
   * @param status 200 to 599, one that may have a body
   * @param headers the headers of the response
   * @param length what {@code Content-Length} says, in bytes; it is not checked
   * @return the rest of the response
   * @throws IOException if the client is gone
   */
  public Reply begin(int status, Headers headers, long length) throws IOException {
    return begin(status, headers.with("content-length", String.valueOf(length)), Framing.LENGTH);
  }

  /**
   * Begins a response whose body ends with the script, by the end of the connection (RFC 9112
   * section 6.3, rule 8) or of the stream.
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
   * Begins a response of server-sent events (HTML, section 9.2), in chunks.
   *
   * @return the stream of events
   * @throws IOException if the client is gone
   */
  public EventStream events() throws IOException {
    return events(Headers.EMPTY);
  }

  /**
   * Begins a response of server-sent events with further headers.
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
   * Whether the newest request asks for a WebSocket: by an upgrade (RFC 6455 section 4.1), or by an
   * extended CONNECT of HTTP/2 (RFC 8441 section 4), whose method is {@code CONNECT}.
   *
   * @return whether it does
   * @throws IllegalStateException if there was no request
   * @throws IOException if the client is gone
   */
  public boolean asksForWebSocket() throws IOException {
    newest();
    return step(() -> peer.talk().asksForWebSocket());
  }

  /**
   * Accepts the WebSocket that the newest request asks for; reads a request if there was none.
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
   * section 5), with further headers in the answer; reads a request if there was none. Extensions
   * are never accepted.
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

  // ---- bytes and time

  /**
   * Writes these bytes, whatever they are. A script that does so before it reads a request, or
   * answers one, has said nothing of HTTP/2 before.
   *
   * @param bytes the bytes
   * @throws IOException if the client is gone
   */
  public void write(Bytes bytes) throws IOException {
    write(bytes.toArray());
  }

  /**
   * Writes this text in ISO 8859-1, whatever it is.
   *
   * @param text the body of the response
   * @throws IOException if the client is gone
   */
  public void write(String text) throws IOException {
    write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  /**
   * Reads this many bytes, whatever they are, and waits until they have come.
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
   * Whether the client has ended the connection or its side of it, or of the WebSocket of HTTP/2
   * that the newest request asked for; does not wait.
   *
   * @return whether it has
   */
  public boolean clientGone() {
    return peer.gone();
  }

  /**
   * Reads until the client ends its side, in whatever manner, and throws it away; on HTTP/2 its
   * side of the WebSocket, if the newest request asked for one.
   */
  public void awaitEnd() {
    try {
      peer.awaitEnd();
    } catch (IOException e) {
      // a reset is an end too
    }
  }

  /**
   * Waits for this long, by the origin's time.
   *
   * @param length zero to 365 days
   * @throws InterruptedException if the origin is closed meanwhile, which is no failure of the
   *     script
   */
  public void pause(Duration length) throws InterruptedException {
    Range.nanos("length", length);
    machine.pause(length);
  }

  // ---- faults

  /**
   * From now on, bytes are written one by one, with this pause after each. The client sees a server
   * that is alive and hardly gets on.
   *
   * @param pause zero for none, as at the beginning, to 365 days
   */
  public void slow(Duration pause) {
    Range.nanos("pause", pause);
    peer.slow(pause);
  }

  /**
   * Cuts what is written next: this many bytes more go out, then a FIN, with TLS without a {@code
   * close_notify}. What is written after them goes nowhere. The client sees the beginning of a
   * frame, of a head or of a chunk, and the end of the input in its middle.
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
   * Breaks the connection: a RST. What the client has not read is lost to it. May be called from
   * any thread.
   */
  public void reset() {
    peer.reset();
  }

  /**
   * Makes the connection half-open: from now on nothing is read or written on it, and it is not
   * ended, until the origin is closed or the connection reset. The client sees a server that says
   * nothing any more, not even a pong. The script's next reading or writing waits until the end.
   * May be called from any thread.
   */
  public void halfOpen() {
    peer.freeze();
  }

  /**
   * Writes something that is not HTTP, as a server of another protocol would.
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
