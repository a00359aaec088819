package dev.lariat.internal.http1;

import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.ResponseDecoder;
import dev.lariat.internal.codec.Violation;
import dev.lariat.internal.content.Body;
import dev.lariat.internal.content.Contents;
import dev.lariat.internal.protocol.Backlog;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.PendingUpgrade;
import dev.lariat.internal.protocol.PendingUpgrade.ToRaw;
import dev.lariat.internal.protocol.PendingUpgrade.ToTunnel;
import dev.lariat.internal.protocol.PendingUpgrade.ToWebSocket;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Trailers;
import dev.lariat.message.TunnelUp;
import dev.lariat.message.Upgraded;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import io.netty.buffer.ByteBuf;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The receiving side of {@link Http1Engine}. The decoder calls it with heads, parts of bodies and
 * trailers; they belong to the current exchange of the pipeline, since HTTP/1.1 answers in order.
 *
 * <p>Its states, by what holds it up:
 *
 * <ul>
 *   <li><b>reading</b>: nothing does; bytes are decoded as they come;
 *   <li><b>kept</b>: bytes wait undecoded, since the exchange has no credit or its body has used
 *       its share of the loop. The lane is not read meanwhile;
 *   <li><b>owing</b>: the response is decoded to its end, but its last messages wait for credit.
 *       The next response is not decoded before they are told;
 *   <li><b>inputCut</b>, <b>inputEnded</b>: the server has ended its side after the bytes in {@code
 *       kept}. The end is dealt with when those are decoded.
 * </ul>
 *
 * <p>{@link #readOn} always takes them in one order: what is owed, what is kept, then the end. So
 * no message overtakes another one, in whatever order credit, bytes and the end come.
 */
final class Responses implements ResponseDecoder.Sink {
  static final Reason.Protocol UNASKED =
      new Reason.Protocol("a response answers no request", "RFC 9112 section 9.2");
  private static final Reason CLOSED = new Reason.Closed();
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY_REQUESTS = 429; // RFC 6585 section 4

  /** How far the body of a response has come. */
  private enum Progress {
    /** No body is being decoded. */
    NO_BODY,
    /** There is more to come of it. */
    IN_BODY,
    /** All of it is decoded, but messages of it wait for credit. */
    OWING
  }

  private final Http1Engine engine;

  private final Pipeline pipeline;

  private final ResponseDecoder decoder;
  private final Limits limits;

  /** Makes the {@code Body} that decompresses a response, or splits it into events. */
  private final Contents contents;

  private final CookieHeaders cookies;

  /** How many octets have come on this connection. */
  private long arrived;

  /** How far the body of the current exchange's response has come. */
  private Progress progress = Progress.NO_BODY;

  /** Whether a request was answered with 200 to 499, but not 429: the server is healthy. */
  private boolean answered;

  /**
   * Whether the decoder runs, or is about to. The bytes that it has not seen may say that the
   * connection ends, so no further request is sent meanwhile.
   */
  private boolean reading;

  /** Bytes that have come and are not decoded yet. */
  private final Backlog kept = new Backlog();

  /**
   * Whether the server's side of TLS ended without a close_notify, after the bytes in {@code kept}.
   */
  private boolean inputCut;

  /** Whether the server has ended its side, after the bytes in {@code kept}. */
  private boolean inputEnded;

  /** The {@code Out} of the call that runs, for the methods that the decoder calls. */
  @SuppressWarnings("NullAway.Init")
  private Out out;

  /**
   * The receiving side of this engine.
   *
   * @param pipeline the exchanges whose responses have not ended
   * @param http10 whether the engine sends HTTP/1.0
   */
  Responses(
      Http1Engine engine,
      Pipeline pipeline,
      boolean tolerant,
      boolean http10,
      Limits limits,
      CookieHeaders cookies) {
    this.engine = engine;
    this.pipeline = pipeline;
    this.decoder = new ResponseDecoder(limits.headerBlock(), tolerant, http10, this);
    this.limits = limits;
    this.contents = new Contents(limits);
    this.cookies = cookies;
  }

  /** How many octets have come. The response to a request that is sent now begins after them. */
  long arrived() {
    return arrived;
  }

  /** Whether a request was answered with 200 to 499, but not 429: the server is healthy. */
  boolean answered() {
    return answered;
  }

  /** The exchange whose response is decoded. */
  private Exchange current() {
    return Objects.requireNonNull(pipeline.current());
  }

  /** How many bodies were begun and not released. */
  int bodies() {
    return contents.held();
  }

  /** Frees the bytes that are kept. */
  void release() {
    kept.release();
  }

  // ---- bytes

  /** Takes bytes. After a switch of protocols it leaves the rest of them in the buffer. */
  void received(ByteBuf bytes, Out out) {
    this.out = out;
    if (engine.isOver() || inputCut) {
      bytes.skipBytes(bytes.readableBytes());
      return;
    }
    arrived += bytes.readableBytes();
    decoder.at(out.now(), out.unreadUntil());
    if (!waits()) {
      read(bytes);
    }
    if (bytes.isReadable() && !engine.isOver()) {
      kept.keep(bytes);
      out.wanted(false);
    }
  }

  /** Whether what has come waits for credit, or for other connections' turn. */
  private boolean waits() {
    return !kept.isEmpty() || progress == Progress.OWING || hasEnough();
  }

  private boolean hasEnough() {
    Exchange current = pipeline.current();
    return current != null && current.body != null && current.body.hasEnough();
  }

  private void read(ByteBuf bytes) {
    reading = true;
    try {
      while (bytes.isReadable() && !engine.isOver() && takesMore()) {
        decoder.decode(bytes);
      }
    } catch (Violation v) {
      engine.over(v.reason(), out);
    }
    reading = false;
    engine.letOut(out);
  }

  /** Whether bytes that have come may still be decoded in this call. */
  boolean areReading() {
    return reading;
  }

  private boolean takesMore() {
    Exchange current = pipeline.current();
    if (current == null || current.cancelled || progress == Progress.NO_BODY) {
      return true;
    }
    Body body = current.body;
    boolean ready = body == null || !body.hasEnough();
    return ready && (current.credit > 0 || !decoder.inContent() && (body == null || !body.owes()));
  }

  /** Allows so many more messages of this exchange's body. */
  void credit(Exchange exchange, long messages, Out out) {
    this.out = out;
    long more = exchange.credit + messages;
    exchange.credit = more < 0 ? Request.UNLIMITED : more;
    if (exchange.body != null) {
      tellContent(exchange, exchange.body);
    }
    readOn(out);
  }

  /** Goes on when the other connections had their turn. */
  void goOn(Out out) {
    this.out = out;
    Exchange current = pipeline.current();
    if (current != null && current.body != null) {
      current.body.goOn();
      tellContent(current, current.body);
    }
    readOn();
  }

  /**
   * Goes on with what waits, if there is credit for it by now. While the decoder runs, it goes on
   * by itself: what it lets out may bring credit that waited with it.
   */
  void readOn(Out out) {
    this.out = out;
    if (!reading && waits()) {
      readOn();
    }
  }

  private void readOn() {
    if (progress == Progress.OWING) {
      reading = !kept.isEmpty();
      ended();
      reading = false;
    }
    if (!kept.isEmpty()) {
      read(kept.bytes());
      if (kept.bytes().isReadable() && !engine.isOver()) {
        return;
      }
      release();
    }
    if (progress == Progress.OWING || hasEnough() || engine.isOver()) {
      return;
    }
    if (inputCut) {
      inputCut(out); // nothing is kept any more, so this call acts on it
    }
    if (inputEnded) {
      inputClosed(out);
    } else {
      out.wanted(true);
    }
  }

  /** Decodes and drops what is kept of a cancelled response, if it is little. */
  void discard(Out out) {
    if (kept.bytes().readableBytes() <= limits.discarded()) {
      readOn(out);
    }
  }

  /** Whether the rest of the response is known to be short, so that it is worth waiting for. */
  boolean areNearTheirEnd() {
    long rest = decoder.rest();
    return progress == Progress.OWING || rest >= 0 && rest <= limits.discarded();
  }

  void inputCut(Out out) {
    if (waits()) {
      inputCut = true;
    } else if (decoder.untilClose()) {
      engine.over(
          new Reason.Protocol(
              "the server ended TLS without a close_notify, so the response is incomplete",
              "RFC 9112 section 9.8"),
          out);
    }
  }

  void inputClosed(Out out) {
    this.out = out;
    if (!waits() && !engine.isOver()) {
      try {
        decoder.end();
      } catch (Violation v) {
        engine.over(v.reason(), out);
      }
    }
    if (waits() && !engine.isOver()) {
      inputEnded = true;
      engine.inputEnds(out);
    } else {
      engine.over(CLOSED, out);
    }
  }

  // ---- heads

  /** Refuses a response that began before the request was sent that it would be taken for. */
  @Override
  public boolean begins(long before) throws Violation {
    Exchange current = pipeline.current();
    if (current == null) {
      engine.unasked(out.now());
      return false;
    }
    if (before < current.since) {
      throw Violation.protocol(UNASKED.rule(), UNASKED.section());
    }
    current.heard = true;
    return current.head;
  }

  @Override
  public boolean tunnels(int status) {
    Exchange current = pipeline.current();
    return current != null && current.upgrade instanceof ToTunnel && status >= 200 && status < 300;
  }

  @Override
  public void head(ResponseDecoder.Head head) throws Violation {
    int status = head.status();
    Headers headers = head.headers();
    Exchange exchange = pipeline.current();
    if (exchange == null) {
      unsolicited(status, headers);
      return;
    }
    engine.answered(head);
    cookies.received(exchange.uri, status, headers);
    if (status == 101) {
      if (head.http10()) {
        throw Violation.protocol("HTTP/1.0 cannot switch protocols", "RFC 9110 section 7.8");
      }
      switchProtocols(exchange, headers);
    } else if (head.informational()) {
      exchange.informed = true;
      if (!exchange.cancelled) {
        out.tell(exchange.stream.inbox(), new Inform(exchange.stream.ref(), status, headers));
      }
      if (status == 100) {
        engine.consented(exchange, out);
      }
    } else if (exchange.upgrade instanceof ToTunnel tunnel && tunnels(status)) {
      tunnel(exchange, tunnel, head);
    } else {
      response(exchange, head);
    }
  }

  /** A server may say why it closes an idle connection (RFC 9110 section 15.5.9). */
  private void unsolicited(int status, Headers headers) {
    out.notice(new Notice.Unsolicited(status, headers));
    engine.over(status == REQUEST_TIMEOUT ? CLOSED : UNASKED, out);
  }

  private void switchProtocols(Exchange exchange, Headers headers) throws Violation {
    PendingUpgrade upgrade = exchange.upgrade;
    if (upgrade == null) {
      throw Violation.protocol(
          "the server switched protocols without a request to do so", "RFC 9110 section 15.2.2");
    }
    if (leaveIfCancelled(exchange)) {
      return;
    }
    Stream stream = exchange.stream;
    switch (upgrade) {
      case ToTunnel tunnel ->
          throw Violation.protocol(
              "the proxy switched protocols when it was asked for a tunnel",
              "RFC 9110 section 9.3.6");
      case ToWebSocket socket -> {
        Handshake.Agreement agreement = socket.handshake().verify(headers);
        switched(stream, Protocol.WEBSOCKET, agreement.subprotocol(), headers);
        out.become(
            new Change.SpeakWebSocket(
                stream, agreement, headers, socket.options(), socket.takeEarly(), CLOSED));
      }
      case ToRaw raw -> {
        Optional<String> chosen = Optional.of(raw.accepted(headers));
        switched(stream, Protocol.RAW, chosen, headers);
        out.become(new Change.SpeakRaw(stream, exchange.credit, raw.takeEarly()));
      }
    }
  }

  /** The proxy has opened a tunnel, whose bytes follow the head (RFC 9110 section 9.3.6). */
  private void tunnel(Exchange exchange, ToTunnel asked, ResponseDecoder.Head head) {
    if (leaveIfCancelled(exchange)) {
      return;
    }
    Stream stream = exchange.stream;
    out.tell(stream.inbox(), new TunnelUp(stream.ref(), head.status(), head.headers()));
    engine.switched("a tunnel", out);
    out.become(Change.SpeakRaw.tunnel(stream, asked));
  }

  /** Nobody can use what the connection has become. */
  private boolean leaveIfCancelled(Exchange exchange) {
    if (exchange.cancelled) {
      engine.over(new Reason.Cancelled(), out);
    }
    return exchange.cancelled;
  }

  private void switched(
      Stream stream, Protocol protocol, Optional<String> chosen, Headers headers) {
    out.tell(stream.inbox(), new Upgraded(stream.ref(), protocol, chosen, headers));
    engine.switched(
        protocol == Protocol.WEBSOCKET ? "a WebSocket" : "a connection of another protocol", out);
  }

  private void response(Exchange exchange, ResponseDecoder.Head head) {
    int status = head.status();
    Headers headers = head.headers();
    Stream stream = exchange.stream;
    boolean again = engine.sendAgainIfChallenged(exchange, head, out);
    boolean refused = engine.refuseUpgrade(exchange, out);
    answered |= !refused && status >= 200 && status < 500 && status != TOO_MANY_REQUESTS;
    boolean hasBody = !head.ends();
    progress = hasBody ? Progress.IN_BODY : Progress.NO_BODY;
    if (!exchange.cancelled) {
      Body body = hasBody ? contents.begin(exchange.content, stream.ref(), status, headers) : null;
      exchange.body = body;
      Headers told = body == null ? headers : body.headers();
      out.tell(stream.inbox(), new Response(stream.ref(), !hasBody, status, told));
    }
    engine.responded(exchange, head, out);
    if (refused || again) {
      engine.letOut(out); // up to the next upgrade
    }
    if (exchange.body != null && !engine.isOver()) {
      tellContent(exchange, exchange.body); // its handlers may tell something before its first byte
    }
    if (!hasBody) {
      ended();
    }
  }

  // ---- bodies

  @Override
  public void part(Bytes part, boolean last) {
    Exchange exchange = current();
    content(exchange, part, last ? new Data(exchange.stream.ref(), true, Bytes.EMPTY) : null);
  }

  @Override
  public void trailers(Headers trailers) {
    Exchange exchange = current();
    content(exchange, Bytes.EMPTY, new Trailers(exchange.stream.ref(), trailers));
  }

  /** Takes a part of the body, and the message that ends it, if it does. */
  private void content(Exchange exchange, Bytes part, @Nullable Message end) {
    engine.patience().goesOn(out.now());
    progress = end == null ? Progress.IN_BODY : Progress.OWING;
    Stream stream = exchange.stream;
    Body body = exchange.body;
    if (exchange.cancelled) {
      exchange.discarded += part.size();
      if (exchange.discarded > limits.discarded()) {
        engine.over(new Reason.Limit(Reason.Bound.DISCARDED, limits.discarded()), out);
      }
    } else if (body != null) {
      body.at(out.now(), out.unreadUntil());
      body.received(part);
      if (end != null) {
        body.end(end);
      }
      tellContent(exchange, body);
    } else if (end instanceof Trailers) {
      out.tell(stream.inbox(), end);
    } else {
      exchange.spend(part.isEmpty() ? 0 : 1);
      out.tell(stream.inbox(), new Data(stream.ref(), end != null, part));
    }
    if (end != null) {
      ended();
    }
  }

  /** The response is decoded to its end; messages of it may still wait for credit. */
  private void ended() {
    if (engine.isOver()) {
      return;
    }
    Body body = current().body;
    if (body != null && (body.hasEnough() || body.owes())) {
      out.wanted(false);
    } else {
      progress = Progress.NO_BODY;
      engine.finished(out);
    }
  }

  /** Tells the messages that a body was made into, as far as there is credit. */
  private void tellContent(Exchange exchange, Body body) {
    Stream stream = exchange.stream;
    while (!body.hasEnough() && (exchange.credit > 0 || !body.owes())) {
      Message next = body.next();
      if (next instanceof StreamFailed(var ref, var reason)) {
        engine.gaveUp(exchange, reason, out);
        return;
      }
      if (next == null) {
        break;
      }
      if (!(next instanceof Message.OfStream of && of.ends())) {
        exchange.spend(1);
      }
      out.tell(stream.inbox(), next);
    }
    if (body.hasEnough()) {
      out.wanted(false);
      out.again();
    }
  }
}
