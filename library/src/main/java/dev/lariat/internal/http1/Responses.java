package dev.lariat.internal.http1;

import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.ResponseDecoder;
import dev.lariat.internal.codec.Violation;
import dev.lariat.internal.content.Body;
import dev.lariat.internal.content.Contents;
import dev.lariat.internal.http1.Exchange.PendingUpgrade;
import dev.lariat.internal.http1.Exchange.ToRaw;
import dev.lariat.internal.http1.Exchange.ToWebSocket;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Out;
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
import dev.lariat.message.Upgraded;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Deque;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The receiving side of {@link Http1Engine}: what the server says goes to the exchange that is the
 * next to be answered, as far as there is credit for it. What there is no credit for stays bytes,
 * and so does all that follows it.
 */
final class Responses implements ResponseDecoder.Sink {
  static final Reason.Protocol UNASKED =
      new Reason.Protocol("a response answers no request", "RFC 9112 section 9.2");
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY_REQUESTS = 429; // RFC 6585 section 4

  private final Http1Engine engine;
  private final Deque<Exchange> live; // the engine's; the first is being answered
  private final ResponseDecoder decoder;
  private final Limits limits;
  private final Contents contents;
  private final CookieHeaders cookies;

  private long arrived; // octets
  private boolean inBody; // of the first exchange's response
  private boolean owing; // that body has come to its end, and not all of it may be told
  private boolean answered; // by what is no sign of distress
  private boolean reading; // so that what has come may say that the connection is of no use

  private @Nullable ByteBuf kept; // not read, for want of credit, or since there was enough to do
  private boolean inputCut; // behind that
  private boolean inputEnded; // behind that

  // of the call that runs, for what the decoder gives
  @SuppressWarnings("NullAway.Init")
  private Out out;

  /**
   * The receiving side of this engine.
   *
   * @param live the exchanges that are not answered to their end, which the engine adds
   * @param http10 whether its requests are of HTTP/1.0
   */
  Responses(
      Http1Engine engine,
      Deque<Exchange> live,
      boolean tolerant,
      boolean http10,
      Limits limits,
      CookieHeaders cookies) {
    this.engine = engine;
    this.live = live;
    this.decoder = new ResponseDecoder(limits.headerBlock(), tolerant, http10, this);
    this.limits = limits;
    this.contents = new Contents(limits);
    this.cookies = cookies;
  }

  /** How many octets have come: no response to what is sent now begins among them. */
  long arrived() {
    return arrived;
  }

  /** Whether a request was answered, and not by a sign of distress. */
  boolean answered() {
    return answered;
  }

  /** How many bodies hold what must be freed. */
  int bodies() {
    return contents.held();
  }

  /** Frees what was kept. */
  void release() {
    if (kept != null) {
      kept.release();
      kept = null;
    }
  }

  // ---- bytes

  /** Takes bytes. The buffer stays the caller's, with what follows a switch to another protocol. */
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
      ByteBuf before = kept;
      kept = before == null ? Unpooled.buffer(bytes.readableBytes()) : before;
      kept.writeBytes(bytes);
      out.wanted(false);
    }
  }

  /** Whether what has come waits for credit, or for other connections' turn. */
  private boolean waits() {
    return kept != null || owing || hasEnough();
  }

  private boolean hasEnough() {
    Exchange current = live.peek();
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

  /** Whether there may be more to read of what has come. */
  boolean areReading() {
    return reading;
  }

  private boolean takesMore() {
    Exchange current = live.peek();
    if (current == null || current.cancelled || !inBody) {
      return true;
    }
    Body body = current.body;
    boolean ready = body == null || !body.hasEnough();
    return ready && (current.credit > 0 || !decoder.inContent() && (body == null || !body.owes()));
  }

  /** Allows so many messages more of this exchange's body. */
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
    Exchange current = live.peek();
    if (current != null && current.body != null) {
      current.body.goOn();
      tellContent(current, current.body);
    }
    readOn();
  }

  /** Goes on where the credit ended. */
  void readOn(Out out) {
    this.out = out;
    if (waits()) {
      readOn();
    }
  }

  private void readOn() {
    ByteBuf bytes = kept;
    if (owing) {
      reading = bytes != null;
      ended();
      reading = false;
    }
    if (bytes != null) {
      read(bytes);
      if (bytes.isReadable() && !engine.isOver()) {
        return;
      }
      release();
    }
    if (owing || hasEnough() || engine.isOver()) {
      return;
    }
    if (inputCut) {
      inputCut(out); // in earnest
    }
    if (inputEnded) {
      inputClosed(out);
    } else {
      out.wanted(true);
    }
  }

  /** Throws away what has come of a response that nobody wants any more, unless it is much. */
  void discard(Out out) {
    if (kept == null || kept.readableBytes() <= limits.discarded()) {
      readOn(out);
    }
  }

  /** Whether the response that arrives is here soon, and how soon is known. */
  boolean areNearTheirEnd() {
    long rest = decoder.rest();
    return owing || rest >= 0 && rest <= limits.discarded();
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
      engine.over(new Reason.Closed(), out);
    }
  }

  // ---- heads

  /** What was asked for after it began would be taken for what it answers. */
  @Override
  public boolean begins(long before) throws Violation {
    Exchange current = live.peek();
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
  public void head(ResponseDecoder.Head head) throws Violation {
    int status = head.status();
    Headers headers = head.headers();
    Exchange exchange = live.peek();
    if (exchange == null) {
      unsolicited(status, headers);
      return;
    }
    engine.answeredBy(head.http10());
    cookies.received(exchange.uri, status, headers);
    if (status == 101) {
      if (head.http10()) {
        throw Violation.protocol("HTTP/1.0 switches no protocols", "RFC 9110 section 7.8");
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
    } else {
      response(exchange, head);
    }
  }

  /** A server may say why it closes an idle connection (RFC 9110 section 15.5.9). */
  private void unsolicited(int status, Headers headers) {
    out.notice(new Notice.Unsolicited(status, headers));
    engine.over(status == REQUEST_TIMEOUT ? new Reason.Closed() : UNASKED, out);
  }

  private void switchProtocols(Exchange exchange, Headers headers) throws Violation {
    PendingUpgrade upgrade = exchange.upgrade;
    if (upgrade == null) {
      throw Violation.protocol("the server switched protocols unasked", "RFC 9110 section 15.2.2");
    }
    if (exchange.cancelled) {
      engine.over(new Reason.Cancelled(), out); // nobody speaks what comes now
      return;
    }
    Stream stream = exchange.stream;
    switch (upgrade) {
      case ToWebSocket socket -> {
        Handshake.Agreement agreement = socket.handshake.verify(headers);
        switched(stream, Protocol.WEBSOCKET, agreement.subprotocol(), headers);
        out.become(
            new Change.SpeakWebSocket(
                stream, agreement, headers, socket.options, socket.takeEarly()));
      }
      case ToRaw raw -> {
        Optional<String> chosen = Optional.of(raw.accepted(headers));
        switched(stream, Protocol.RAW, chosen, headers);
        out.become(new Change.SpeakRaw(stream, exchange.credit, raw.takeEarly()));
      }
    }
  }

  private void switched(
      Stream stream, Protocol protocol, Optional<String> chosen, Headers headers) {
    out.tell(stream.inbox(), new Upgraded(stream.ref(), protocol, chosen, headers));
    engine.switched(
        protocol == Protocol.WEBSOCKET ? "a WebSocket" : "one of another protocol", out);
  }

  private void response(Exchange exchange, ResponseDecoder.Head head) {
    int status = head.status();
    Headers headers = head.headers();
    Stream stream = exchange.stream;
    boolean again = engine.asksAgain(exchange, head, out);
    boolean refused = engine.refused(exchange, out);
    answered |= !refused && status >= 200 && status < 500 && status != TOO_MANY_REQUESTS;
    inBody = !head.ends();
    if (!exchange.cancelled) {
      Body body = inBody ? contents.begin(exchange.content, stream.ref(), status, headers) : null;
      exchange.body = body;
      Headers told = body == null ? headers : body.headers();
      out.tell(stream.inbox(), new Response(stream.ref(), !inBody, status, told));
    }
    engine.responded(exchange, head, out);
    if (refused || again) {
      engine.letOut(out); // up to the next upgrade
    }
    if (exchange.body != null && !engine.isOver()) {
      tellContent(exchange, exchange.body); // what its handlers do before it comes
    }
    if (!inBody) {
      ended();
    }
  }

  // ---- bodies

  @Override
  public void part(Bytes part, boolean last) {
    Exchange exchange = live.element();
    content(exchange, part, last ? new Data(exchange.stream.ref(), true, Bytes.EMPTY) : null);
  }

  @Override
  public void trailers(Headers trailers) {
    Exchange exchange = live.element();
    content(exchange, Bytes.EMPTY, new Trailers(exchange.stream.ref(), trailers));
  }

  /** Takes a part of the body, and the message that ends it, if it does. */
  private void content(Exchange exchange, Bytes part, @Nullable Message end) {
    engine.goesOn(out.now());
    owing = end != null;
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

  /** The response has come to its end, though not all of it may be told. */
  private void ended() {
    if (engine.isOver()) {
      return;
    }
    Body body = live.element().body;
    owing = body != null && (body.hasEnough() || body.owes());
    if (owing) {
      out.wanted(false);
    } else {
      inBody = false;
      engine.finished(out);
    }
  }

  /** Tells what a body was made into, as far as there is credit. */
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
