package dev.lariat.internal.http1;

import dev.lariat.cookie.RequestUri;
import dev.lariat.event.StreamInfo.State;
import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.Violation;
import dev.lariat.internal.content.Body;
import dev.lariat.internal.content.Contents;
import dev.lariat.internal.http1.Exchange.PendingUpgrade;
import dev.lariat.internal.http1.Exchange.ToRaw;
import dev.lariat.internal.http1.Exchange.ToWebSocket;
import dev.lariat.internal.protocol.Authorization;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Standing;
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
import dev.lariat.message.StreamRef;
import dev.lariat.message.Trailers;
import dev.lariat.message.Upgraded;
import dev.lariat.option.Http1;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import dev.lariat.option.Timeouts;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 (RFC 9112) on one connection: requests are written in their turn, responses are matched
 * to them in order.
 *
 * <p>Its states:
 *
 * <ul>
 *   <li><b>open</b>: a request is written if fewer are out than {@code pipelining} says, and the
 *       methods allow it. Else it waits, as it does while the transport takes none. Of HTTP/1.0 one
 *       is out at a time;
 *   <li><b>sending</b>: the newest request's body is on its way, or yet to come. Requests behind it
 *       are held back. Its response may be there first, and end first;
 *   <li><b>upgrading</b>: an upgrade waits for its answer. Requests behind it are held back, since
 *       only the answer tells which protocol they will meet: a refusal lets them out, a success
 *       leaves them unprocessed;
 *   <li><b>closing</b>: the responses that are awaited still are the last ones, because either side
 *       said so, or because a body was not sent to its end;
 *   <li><b>over</b>: the end was asked for, and nothing that arrives matters.
 * </ul>
 */
public final class Http1Engine implements Engine {

  /**
   * What the decoder is in the middle of. Every head it gives is followed by an end, be the body
   * empty.
   */
  private enum Reading {
    NOTHING,
    INFORMATIONAL,
    BODY,
    NO_BODY
  }

  private static final Reason UNASKED =
      new Reason.Protocol("a response answers no request", "RFC 9112 section 9.2");
  private static final int TOO_MANY_REQUESTS = 429; // RFC 6585 section 4

  /** How long the rest of a response that nobody wants may keep those waiting who come next. */
  private static final long NEAR = Duration.ofSeconds(1).toNanos();

  private static final String NOT_OPEN = "the WebSocket is not open";
  private static final String NO_BODY_AWAITED = "nothing more of the request's body is awaited";

  private final String authority;
  private final Pipelining pipelining;
  private final boolean http10; // so are the requests
  private final RequestWriter writer;
  private final Limits limits;
  private final Contents contents;
  private final long keepalive;
  private final long upgradeTimeout;
  private final long closingTimeout;
  private final CookieHeaders cookies;

  private final Deque<Exchange> live = new ArrayDeque<>(2); // the first is being answered
  private @Nullable BodyWriter sending; // of the newest request; its response may have ended
  private final Held held; // not written yet: the connection's, and the next engine's
  private final List<StreamRef> unprocessed =
      new ArrayList<>(0); // ended by the server's close, for the end's report
  private Reading reading = Reading.NOTHING;
  private boolean untilClose; // the body that is read ends with the connection
  private @Nullable Reason closing; // why, in that state
  private boolean over;
  private boolean forGood; // no other link follows that could take what is asked for
  private boolean left; // by this side, which has no use for the link any more
  private boolean answered; // by what is no sign of distress
  private boolean old; // HTTP/1.0 is spoken, by the server at least

  private final Deque<HttpObject> kept = new ArrayDeque<>(0); // not read, for want of credit
  private boolean inputCut; // behind that
  private boolean inputEnded; // behind that

  private long quietSince; // nothing was written, but for a body's middle
  private long late = NEVER; // not after the deadline of any request
  private long stalled = NEVER; // when the last response must have gone on

  /**
   * An engine for a connection that was just made.
   *
   * @param authority for the {@code Host} header: the host, and the port unless it is the scheme's
   *     own
   * @param held what has not begun; it outlives this engine
   */
  public Http1Engine(
      String authority,
      Http1 http1,
      Limits limits,
      Timeouts timeouts,
      CookieHeaders cookies,
      Held held,
      long now) {
    this.authority = authority;
    this.pipelining = new Pipelining(http1);
    this.http10 = http1.version() == Http1.Version.HTTP_1_0;
    this.writer =
        new RequestWriter(authority, http10 ? HttpVersion.HTTP_1_0 : HttpVersion.HTTP_1_1);
    this.old = http10;
    this.keepalive = http1.keepalive().map(Duration::toNanos).orElse(NEVER);
    this.quietSince = now;
    this.limits = limits;
    this.contents = new Contents(limits);
    this.held = held;
    this.upgradeTimeout = timeouts.upgrade().toNanos();
    this.closingTimeout = timeouts.closing().toNanos();
    this.cookies = cookies;
  }

  @Override
  public Protocol protocol() {
    return Protocol.HTTP_1_1;
  }

  // ---- commands

  @Override
  public void established(long now, Out out) {
    letOut(now, out);
  }

  @Override
  public void command(Command.OfStream command, long now, Out out) {
    if (command instanceof Command.Cancel(var stream, var reason)) {
      cancel(stream, reason, now, out);
    } else if (forGood && command.begins()) {
      refuse(command, "the connection is closing", out);
    } else if (command.begins()
        ? !held.isEmpty() || mustWait(command, out)
        : held.has(command.stream())) {
      held.add(command, out);
    } else {
      carryOut(command, now, out);
    }
  }

  /** Whether what begins a stream must not be written now, even if nothing waits before it. */
  private boolean mustWait(Command.OfStream command, Out out) {
    return over
        || closing != null // the next connection's
        || upgrading()
        || sending != null
        || !out.writable()
        || switches(command) && mayKeep()
        || !pipelining.admits(command, live);
  }

  /** Carries out what waits, as far as it need not wait any longer. */
  private void letOut(long now, Out out) {
    while (!held.isEmpty()) {
      Command.OfStream next = held.peek();
      if (next.begins() && mustWait(next, out)) {
        return;
      }
      carryOut(held.remove(), now, out);
    }
  }

  private static boolean switches(Command.OfStream command) {
    return command instanceof Command.Upgrade
        || command instanceof Command.Request request && request.upgrades();
  }

  /** Whether what comes may have to wait, which what follows an upgrade must not. */
  private boolean mayKeep() {
    return live.stream().anyMatch(exchange -> exchange.credit != Request.UNLIMITED);
  }

  private void carryOut(Command.OfStream command, long now, Out out) {
    if (command instanceof Command.OfBody part && isSending(part.stream())) {
      body(part, now, out);
      return;
    }
    if (command instanceof Command.Credit(var stream, var messages)
        && credit(stream, messages, now, out)) {
      return;
    }
    boolean ending = over || closing != null && pendingUpgrade(command.stream()) == null;
    if (ending && !command.begins()) {
      Reason reason = refusal(command, "the connection is closing");
      Reason why = command instanceof Command.OfBody ? closing : null;
      Engine.refuse(command, reason, why == null ? reason : why, out);
      return;
    }
    switch (command) {
      case Command.Request request -> request(request, now, out);
      case Command.OfBody part -> {
        if (pendingUpgrade(part.stream()) == null) {
          refuse(part, NO_BODY_AWAITED, out);
        } else {
          early(part, out);
        }
      }
      case Command.Cancel(var stream, var reason) -> cancel(stream, reason, now, out);
      case Command.Upgrade(var stream, var path, var options, var names) -> {
        quietSince = now;
        Handshake handshake = new Handshake(options.subprotocols(), options.deflate());
        RequestUri uri = cookies.uri(authority, options.headers(), path);
        live.add(new Exchange(command, uri, false, new ToWebSocket(handshake, options)));
        awaitAnswer(now);
        Headers shown = stream.authorization().with(options.headers(), "GET", path, Bytes.EMPTY);
        out.observer().upgrade(stream.ref(), path, shown, handshake.headers());
        Headers users = cookies.with(shown, uri);
        writer.upgrade(path, handshake.headers(), users, names, out);
      }
      case Command.Raw raw ->
          Engine.refuse(raw, new Reason.BadState("raw", "the connection speaks HTTP"), out);
      case Command.Send send -> early(send, out);
      case Command.SendPart part -> early(part, out);
      case Command.GiveUp(var stream, var message) ->
          early(command, upgrade -> upgrade.giveUp(message, refusal(command, NOT_OPEN), out), out);
      case Command.Credit(var stream, var messages) ->
          early(command, upgrade -> upgrade.credit(messages), out);
      case Command.SetKeepalive(var stream, var keepalive) ->
          early(command, upgrade -> upgrade.keepalive(keepalive), out);
    }
  }

  private void request(Command.Request command, long now, Out out) {
    Stream stream = command.stream();
    RequestUri uri =
        cookies.uri(authority, command.request().headers(), command.request().target());
    Request request = cookies.with(authorized(command), uri);
    boolean whole = command.whole();
    if (old && !whole && request.contentLength().isEmpty()) {
      Reason state =
          new Reason.BadState(
              "headers", "the server speaks HTTP/1.0, which has no chunks (RFC 9112 section 6.1)");
      Engine.fail(stream, state, out);
      return;
    }
    PendingUpgrade upgrade = command.upgrades() ? new ToRaw(command.protocols()) : null;
    Exchange exchange = new Exchange(command, uri, request.method().equals("HEAD"), upgrade);
    exchange.idempotent = Pipelining.isIdempotent(command);
    exchange.credit = request.credit();
    exchange.content = request.content();
    if (command.deadline() != NEVER) {
      exchange.deadline = command.deadline();
      exchange.late = command.late();
      late = Math.min(late, command.deadline());
    }
    live.add(exchange);
    quietSince = now;
    out.observer()
        .requestStart(stream.ref(), request.method(), request.target(), request.headers());
    Duration patience = expects(command) ? request.expectContinue().orElse(null) : null;
    if (whole && (patience == null || upgrade != null)) {
      writer.request(request, command.protocols(), command.names(), out);
      out.observer().requestEnd(stream.ref());
      awaitAnswer(now);
    } else {
      boolean chunked = writer.head(request, whole, patience != null, command.names(), out);
      sending = new BodyWriter(stream, chunked, patience);
      if (whole) {
        body(wholeBody(stream, request), now, out);
      }
      awaitAnswer(now);
    }
    if (isLast(request) && closing == null) {
      closing = new Reason.Closed(); // RFC 9112 section 9.6
    }
  }

  private static Request authorized(Command.Request command) {
    Request request = command.request();
    Headers headers =
        command.stream()
            .authorization()
            .with(request.headers(), request.method(), request.target(), request.body());
    return headers == request.headers() ? request : request.headers(headers);
  }

  private static Command.Data wholeBody(Stream stream, Request request) {
    return new Command.Data(
        new Stream(stream.ref(), stream.inbox(), Gate.NONE),
        request.body().asByteBuffer(),
        true,
        Fate.IGNORED);
  }

  /** Whether the server closes behind it (RFC 9112 section 9.3). */
  private boolean isLast(Request request) {
    Headers headers = request.headers();
    return headers.contains("connection")
        ? asks(headers, "close") || http10 && !asks(headers, "keep-alive")
        : http10;
  }

  private static boolean asks(Headers headers, String wanted) {
    return Handshake.hasToken(headers, "connection", wanted);
  }

  /** Whether there is anything for the server to consent to (RFC 9110 section 10.1.1). */
  private boolean expects(Command.Request command) {
    boolean any =
        command.whole()
            ? !command.request().body().isEmpty()
            : command.request().contentLength().orElse(1) > 0;
    return any && !old;
  }

  private void early(Command.OfStream command, Consumer<ToWebSocket> change, Out out) {
    if (pendingUpgrade(command.stream()) instanceof ToWebSocket upgrade) {
      change.accept(upgrade);
    } else {
      refuse(command, NOT_OPEN, out);
    }
  }

  private void early(Command.OfStream command, Out out) {
    PendingUpgrade upgrade = pendingUpgrade(command.stream());
    if (upgrade == null) {
      refuse(command, NOT_OPEN, out);
    } else {
      upgrade.early.add(command);
    }
  }

  // ---- bodies of requests

  private boolean isSending(Stream stream) {
    return sending != null && sending.stream.ref() == stream.ref();
  }

  private void body(Command.OfBody part, long now, Out out) {
    BodyWriter body = sending;
    if (body == null) {
      return;
    }
    if (body.add(part)) {
      sendBody(now, out);
    } else {
      refuse(part, NO_BODY_AWAITED, out);
    }
  }

  private void sendBody(long now, Out out) {
    BodyWriter body = sending;
    if (body == null) {
      return;
    }
    boolean complete;
    try {
      complete = body.drain(out);
    } catch (IOException e) {
      failBody(body.stream, Engine.unreadable(e), out);
      return;
    }
    if (complete) {
      sending = null;
      quietSince = now;
      out.observer().requestEnd(body.stream.ref());
      letOut(now, out);
    } else if (!isLive(body.stream)) {
      body.hurry(now, closingTimeout);
    }
  }

  /** What was to be sent is not there, and the server would wait for it. */
  private void failBody(Stream stream, Reason reason, Out out) {
    if (isLive(stream)) {
      Exchange exchange = live.removeLast();
      if (!exchange.cancelled) {
        exchange.cancel();
        fail(exchange, reason, out);
      }
    }
    abandonBody(stream, reason, out);
  }

  private boolean isLive(Stream stream) {
    Exchange newest = live.peekLast();
    return newest != null && newest.stream == stream;
  }

  /** Sends nothing more of the body that is on its way. */
  private void dropBody(Reason reason, Out out) {
    BodyWriter body = sending;
    if (body != null) {
      sending = null;
      body.drop(new Reason.BadState("data", NO_BODY_AWAITED), reason, out);
    }
  }

  /** Nothing can follow a body that has no end, but the responses before its own can come. */
  private static Reason givenUp(Reason reason) {
    return new Reason.BodyUnfinished("its request was given up: " + reason.sentence());
  }

  private void abandonBody(Stream stream, Reason reason, Out out) {
    dropBody(reason, out);
    if (closing == null) {
      closing = reason;
    }
    live.removeIf(exchange -> exchange.stream == stream);
    if (live.isEmpty()) {
      leave(closing, out);
    }
  }

  // ---- giving up

  private void cancel(Stream stream, Reason reason, long now, Out out) {
    if (held.has(stream)) {
      held.giveUp(stream, reason, out); // what was not written is not sent
      letOut(now, out);
      return;
    }
    Exchange exchange = null;
    for (Exchange each : live) {
      if (each.stream.ref() == stream.ref() && !each.cancelled) {
        exchange = each;
      }
    }
    if (exchange != null) {
      exchange.cancel();
      if (reason instanceof Reason.Cancelled) { // and not late: that may come as a surprise
        stream.inbox().drop(stream.ref());
      }
      fail(exchange, reason, out);
    }
    if (isSending(stream)) {
      abandonBody(stream, givenUp(reason), out);
    } else if (exchange != null && !leaves(reason, out) && exchange == live.peek()) {
      awaitAnswer(now);
      readOn(now, out);
    }
  }

  /**
   * Ends the connection where nobody wants anything of it, unless it may go on soon: whoever asks
   * next must not wait for a response that may have no end, nor the server go on with it.
   *
   * @param reason why, if it does
   */
  private boolean leaves(Reason reason, Out out) {
    Exchange current = live.peek();
    for (Exchange exchange : live) {
      if (!exchange.cancelled) {
        return false; // it is answered in its turn
      }
    }
    if (current == null || closing == null && live.size() == 1 && isNearItsEnd(current)) {
      return false;
    }
    leave(reason, out);
    return true;
  }

  private void leave(Reason reason, Out out) {
    left = true;
    over(reason, out);
  }

  /** Whether the response that arrives is here soon, and how soon is known. */
  private boolean isNearItsEnd(Exchange current) {
    return reading == Reading.NO_BODY
        || reading == Reading.BODY && current.rest >= 0 && current.rest <= limits.discarded()
        || kept.stream().anyMatch(LastHttpContent.class::isInstance);
  }

  /**
   * How long what nobody wants may take. A rest that is near is here after a round trip or two; for
   * what was written behind it the connection waits longer.
   */
  private long discardTime() {
    return live.size() > 1 ? closingTimeout : Math.min(closingTimeout, NEAR);
  }

  /** What has its time from when its response is the next one. */
  private void awaitAnswer(long now) {
    Exchange current = live.peek();
    if (current == null) {
      return;
    }
    if (current.upgrade != null) {
      current.upgrade.deadline = now + upgradeTimeout;
    }
    if (current.cancelled && current.discardBy == NEVER) {
      current.discardBy = now + discardTime();
    }
    if (sending != null && sending.stream == current.stream) {
      sending.expectConsent(now);
    }
  }

  private static void refuse(Command.OfStream command, String why, Out out) {
    Engine.refuse(command, refusal(command, why), out);
  }

  private static Reason refusal(Command.OfStream command, String why) {
    return command.begins()
        ? new Reason.Unprocessed(why)
        : new Reason.BadState(
            command.operation(), command instanceof Command.OfBody ? why : NOT_OPEN);
  }

  private boolean upgrading() {
    Exchange newest = live.peekLast(); // nothing is written behind an upgrade
    return newest != null && newest.upgrade != null;
  }

  private @Nullable PendingUpgrade pendingUpgrade(Stream stream) {
    Exchange newest = live.peekLast();
    boolean its = newest != null && newest.stream == stream && !newest.cancelled;
    return its ? newest.upgrade : null;
  }

  @Override
  public void writable(long now, Out out) {
    sendBody(now, out);
    letOut(now, out);
  }

  // ---- what arrives

  /**
   * A response begins that answers no request. It may be the server's last words, and is told when
   * its head is there; what is asked for now would be taken for what it answers (RFC 9112 section
   * 9.2).
   */
  @Override
  public void unasked(long now, Out out) {
    if (closing == null && !over) {
      closing = UNASKED;
      stalled = now + closingTimeout; // it may be no response at all
    }
  }

  /** Takes the next part of a response. The part stays the caller's; what is kept is retained. */
  public void received(HttpObject part, long now, Out out) {
    if (over || inputCut) { // behind a cut only the codec's own end may come
      return;
    }
    if (kept.isEmpty() && hasCreditFor(part)) {
      take(part, now, out);
      return;
    }
    if (part instanceof HttpContent content) {
      content.retain();
    }
    kept.add(part);
    out.wanted(false);
  }

  private boolean hasCreditFor(HttpObject part) {
    Exchange current = live.peek();
    return current == null
        || current.credit > 0
        || current.cancelled
        || reading != Reading.BODY
        || !(part instanceof HttpContent content && content.content().isReadable())
            && (current.body == null || !current.body.owes());
  }

  private boolean credit(Stream stream, long messages, long now, Out out) {
    for (Exchange exchange : live) {
      if (exchange.stream == stream && !(exchange.upgrade instanceof ToWebSocket)) {
        long more = exchange.credit + messages;
        exchange.credit = more < 0 ? Request.UNLIMITED : more;
        if (exchange.body != null && kept.isEmpty()) {
          tellContent(exchange, exchange.body, now, out); // what was told before the body came
        }
        readOn(now, out);
        return true;
      }
    }
    return false;
  }

  /** Goes on where the credit ended. */
  private void readOn(long now, Out out) {
    if (kept.isEmpty()) {
      return;
    }
    while (!kept.isEmpty() && !over && hasCreditFor(kept.element())) {
      HttpObject part = kept.remove();
      take(part, now, out);
      release(part);
    }
    if (!kept.isEmpty() || over) {
      return;
    }
    if (inputCut) {
      inputCut(out); // in earnest
    }
    if (inputEnded) {
      inputClosed(now, out);
    } else {
      out.wanted(true);
    }
  }

  private static void release(HttpObject part) {
    if (part instanceof HttpContent content) {
      content.release();
    }
  }

  private void take(HttpObject part, long now, Out out) {
    if (part.decoderResult().isFailure()) {
      over(
          ResponseReader.malformed(part.decoderResult().cause(), reading == Reading.BODY, limits),
          out);
      return;
    }
    try {
      if (part instanceof HttpResponse response) {
        head(response, now, out);
      }
      if (part instanceof HttpContent content && !over) {
        content(content, now, out);
      }
    } catch (Violation v) {
      over(v.reason(), out);
    }
  }

  private void head(HttpResponse response, long now, Out out) throws Violation {
    ResponseReader.checkStatusLine(response);
    Headers headers = ResponseReader.headers(response.headers());
    ResponseReader.checkFraming(headers, http10);
    int status = response.status().code();
    Exchange exchange = live.peek();
    if (exchange == null) {
      unsolicited(status, headers, out);
      return;
    }
    exchange.heard = true;
    old = http10 || response.protocolVersion().equals(HttpVersion.HTTP_1_0);
    cookies.received(exchange.uri, status, headers);
    if (status == 101) {
      if (old) {
        throw Violation.protocol("HTTP/1.0 switches no protocols", "RFC 9110 section 7.8");
      }
      switchProtocols(exchange, headers, out);
    } else if (status < 200) {
      reading = Reading.INFORMATIONAL;
      inform(exchange, status, headers, now, out);
    } else {
      response(exchange, response, status, headers, now, out);
    }
  }

  /** A server may say why it closes an idle connection (RFC 9110 section 15.5.9). */
  private void unsolicited(int status, Headers headers, Out out) {
    out.notice(new Notice.Unsolicited(status, headers));
    if (status != HttpResponseStatus.REQUEST_TIMEOUT.code()) {
      over(UNASKED, out);
      return;
    }
    over(new Reason.Closed(), out);
  }

  private void inform(Exchange exchange, int status, Headers headers, long now, Out out) {
    if (!exchange.cancelled) {
      out.tell(exchange.stream.inbox(), new Inform(exchange.stream.ref(), status, headers));
    }
    if (status == 100 && sending != null && sending.stream == exchange.stream) {
      sending.consent();
      sendBody(now, out);
    }
  }

  private void switchProtocols(Exchange exchange, Headers headers, Out out) throws Violation {
    PendingUpgrade upgrade = exchange.upgrade;
    if (upgrade == null) {
      throw Violation.protocol("the server switched protocols unasked", "RFC 9110 section 15.2.2");
    }
    if (exchange.cancelled) {
      over(new Reason.Cancelled(), out); // nobody speaks what comes now
      return;
    }
    Stream stream = exchange.stream;
    switch (upgrade) {
      case ToWebSocket socket -> {
        Handshake.Agreement agreement = socket.handshake.verify(headers);
        switched(stream, Protocol.WEBSOCKET, agreement.subprotocol(), headers, out);
        out.become(
            new Change.SpeakWebSocket(
                stream, agreement, headers, socket.options, socket.takeEarly()));
      }
      case ToRaw raw -> {
        Optional<String> chosen = Optional.of(raw.accepted(headers));
        switched(stream, Protocol.RAW, chosen, headers, out);
        out.become(new Change.SpeakRaw(stream, exchange.credit, raw.takeEarly()));
      }
    }
  }

  private void switched(
      Stream stream, Protocol protocol, Optional<String> chosen, Headers headers, Out out) {
    live.remove();
    out.tell(stream.inbox(), new Upgraded(stream.ref(), protocol, chosen, headers));
    String now = protocol == Protocol.WEBSOCKET ? "a WebSocket" : "one of another protocol";
    refuseHeld("the connection became " + now, out);
    forGood = true;
    over = true;
  }

  private void response(
      Exchange exchange, HttpResponse response, int status, Headers headers, long now, Out out) {
    boolean empty =
        exchange.head
            || status == 204
            || status == 304
            || HttpUtil.getContentLength(response, -1L) == 0;
    boolean chunked = HttpUtil.isTransferEncodingChunked(response);
    untilClose = !empty && !chunked && !HttpUtil.isContentLengthSet(response);
    exchange.rest = chunked ? -1 : HttpUtil.getContentLength(response, -1L);
    reading = empty ? Reading.NO_BODY : Reading.BODY;
    Stream stream = exchange.stream;
    boolean last =
        untilClose
            || !HttpUtil.isKeepAlive(response)
            || http10 && !asks(headers, "keep-alive"); // whatever the server's own version
    boolean again = asksAgain(exchange, last, status, headers);
    if (again) {
      askAgain(exchange, new Response(stream.ref(), true, status, headers), now, out);
    }
    PendingUpgrade refused = exchange.upgrade;
    answered |= refused == null && status < 500 && status != TOO_MANY_REQUESTS;
    if (refused != null) {
      exchange.upgrade = null;
      refused.takeEarly().forEach(command -> refuse(command, refused.notOpen(), out));
      stream.gate().ended();
    }
    if (!exchange.cancelled) {
      Body body = empty ? null : contents.begin(exchange.content, stream.ref(), status, headers);
      exchange.body = body;
      Headers told = body == null ? headers : body.headers();
      out.tell(stream.inbox(), new Response(stream.ref(), empty, status, told));
    }
    if (last) {
      if (closing == null) {
        closing = new Reason.Closed();
      }
      refuseBehind(exchange, out);
      goesOn(response, now);
    } else if (sending != null && sending.stream == stream && sending.awaitsConsent()) {
      closing = new Reason.BodyUnfinished("the server answered without asking for it");
      dropBody(closing, out);
    }
    if (refused != null || again) {
      letOut(now, out); // up to the next upgrade
    }
    if (exchange.body != null && !over) {
      tellContent(exchange, exchange.body, now, out); // what its handlers do before it comes
    }
  }

  /** Whether this is a challenge, and its request can be sent once more. */
  private boolean asksAgain(Exchange exchange, boolean last, int status, Headers headers) {
    Authorization authorization = exchange.stream.authorization();
    boolean whole = !(exchange.begun instanceof Command.Request request) || request.whole();
    boolean gone = last || closing != null || exchange.cancelled;
    if (!whole || gone || isSending(exchange.stream)) {
      authorization.learn(status, headers);
      return false;
    }
    return authorization.asksAgain(status, headers);
  }

  /**
   * Throws a challenge away, and lets its request wait to be sent once more, with an answer. What
   * was sent early waits behind it.
   */
  private void askAgain(Exchange exchange, Response challenge, long now, Out out) {
    Command.OfStream once = exchange.again();
    PendingUpgrade upgrade = exchange.upgrade;
    exchange.upgrade = null;
    exchange.cancel();
    out.observer().told(challenge); // for its request is one of its own there
    awaitAnswer(now);
    held.add(once, out);
    if (upgrade != null) {
      upgrade.takeEarly().forEach(command -> held.add(command, out));
    }
  }

  /**
   * A last response whose length is known has no reason to stall; others may be streams of events.
   */
  private void goesOn(HttpResponse last, long now) {
    if (reading == Reading.BODY && HttpUtil.isContentLengthSet(last)) {
      stalled = now + closingTimeout;
    }
  }

  /** The server answers nothing after this response (RFC 9112 section 9.6). */
  private void refuseBehind(Exchange current, Out out) {
    String why = "the server closes the connection after an earlier response";
    for (Exchange exchange : live) {
      if (exchange != current && !exchange.cancelled) {
        unprocessed.add(exchange.stream.ref());
        fail(exchange, new Reason.Unprocessed(why), out);
      }
    }
    live.clear();
    live.add(current);
    dropBody(new Reason.Closed(), out); // RFC 9112 section 9.5
  }

  /** Ends an exchange, and answers what was sent early on it. */
  private static void fail(Exchange exchange, Reason reason, Out out) {
    PendingUpgrade upgrade = exchange.upgrade;
    if (upgrade != null) {
      upgrade
          .takeEarly()
          .forEach(
              command -> Engine.refuse(command, refusal(command, upgrade.notOpen()), reason, out));
    }
    Engine.fail(exchange.stream, reason, out);
  }

  private void refuseHeld(String why, Out out) {
    held.removeAll().forEach(command -> refuse(command, why, out));
  }

  private void content(HttpContent content, long now, Out out) throws Violation {
    boolean last = content instanceof LastHttpContent;
    if (stalled != NEVER) {
      stalled = now + closingTimeout;
    }
    if (reading == Reading.BODY) {
      body(content, last, now, out);
      Body body = over ? null : live.element().body;
      if (body != null && body.owes()) { // there is no credit for it, nor for what follows
        kept.addFirst(content.retain());
        out.wanted(false);
        return;
      }
    }
    if (over) {
      return;
    }
    if (last && reading != Reading.NOTHING) {
      boolean whole = reading != Reading.INFORMATIONAL;
      reading = Reading.NOTHING;
      if (whole) {
        finished(now, out);
      }
    }
  }

  private void finished(long now, Out out) {
    Exchange finished = live.remove();
    if (closing != null && live.isEmpty()) {
      over(closing, out);
    } else if (sending != null && sending.stream == finished.stream) {
      sending.hurry(now, closingTimeout); // its sender may not care any more
    }
    if (leaves(new Reason.Cancelled(), out)) {
      return;
    }
    awaitAnswer(now);
    letOut(now, out);
  }

  private void body(HttpContent content, boolean last, long now, Out out) throws Violation {
    Exchange exchange = live.element();
    Stream stream = exchange.stream;
    exchange.rest -= exchange.rest < 0 ? 0 : content.content().readableBytes();
    if (exchange.cancelled) {
      exchange.discarded += content.content().readableBytes();
      if (exchange.discarded > limits.discarded()) {
        over(new Reason.Limit(Reason.Bound.DISCARDED, limits.discarded()), out);
      }
      return;
    }
    Bytes bytes = Bytes.wrap(ByteBufUtil.getBytes(content.content()));
    Headers trailers =
        content instanceof LastHttpContent end
            ? ResponseReader.headers(end.trailingHeaders())
            : Headers.EMPTY;
    boolean fin = last && trailers.isEmpty();
    if (exchange.body != null) {
      content.content().skipBytes(bytes.size()); // taken, though the part may have to be kept
      exchange.body.received(bytes);
      if (last) {
        exchange.body.end(
            fin ? new Data(stream.ref(), true, Bytes.EMPTY) : new Trailers(stream.ref(), trailers));
      }
      tellContent(exchange, exchange.body, now, out);
      return;
    }
    if (!bytes.isEmpty() && exchange.credit != Request.UNLIMITED) {
      exchange.credit--;
    }
    if (fin || !bytes.isEmpty()) {
      out.tell(stream.inbox(), new Data(stream.ref(), fin, bytes));
    }
    if (!trailers.isEmpty()) {
      out.tell(stream.inbox(), new Trailers(stream.ref(), trailers));
    }
  }

  /** Tells what a body was made into, as far as there is credit. */
  private void tellContent(Exchange exchange, Body body, long now, Out out) {
    Stream stream = exchange.stream;
    while (exchange.credit > 0 || !body.owes()) {
      Message next = body.next();
      if (next instanceof StreamFailed(var ref, var reason)) {
        exchange.cancel(); // the rest of the response is nobody's
        fail(exchange, reason, out);
        if (isSending(stream)) {
          abandonBody(stream, givenUp(reason), out);
        } else if (!leaves(reason, out)) {
          awaitAnswer(now);
        }
        return;
      }
      if (next == null) {
        return;
      }
      if (!(next instanceof Message.OfStream of && of.ends())
          && exchange.credit != Request.UNLIMITED) {
        exchange.credit--;
      }
      out.tell(stream.inbox(), next);
    }
  }

  @Override
  public void inputCut(Out out) {
    if (!kept.isEmpty()) {
      inputCut = true;
    } else if (reading == Reading.BODY && untilClose) {
      over(
          new Reason.Protocol(
              "the server ended TLS without a close_notify, so the response is incomplete",
              "RFC 9112 section 9.8"),
          out);
    }
  }

  @Override
  public void inputClosed(long now, Out out) {
    if (!kept.isEmpty() && !over) {
      endBehindKept(out);
      return;
    }
    if (!over && reading == Reading.BODY && untilClose) {
      // TLS has said goodbye, before the codec knows of the end that it waits for
      take(LastHttpContent.EMPTY_LAST_CONTENT, now, out);
      if (!kept.isEmpty()) {
        endBehindKept(out);
        return;
      }
    }
    over(new Reason.Closed(), out);
  }

  /** What came before the end is told first, as far as credit goes; nothing more is sent. */
  private void endBehindKept(Out out) {
    inputEnded = true;
    if (closing == null) {
      closing = new Reason.Closed();
    }
    dropBody(closing, out);
  }

  // ---- how it stands

  @Override
  public int streams() {
    return (int) live.stream().filter(exchange -> !exchange.cancelled).count();
  }

  @Override
  public @Nullable Standing standing(StreamRef ref) {
    int ahead = 0;
    for (Exchange exchange : live) {
      if (exchange.stream.ref() == ref && !exchange.cancelled) {
        State sent = closing == null ? State.RUNNING : State.STOPPING;
        return new Standing(exchange.upgrade == null ? sent : State.OPENING, ahead);
      }
      ahead++;
    }
    int before = held.streamsBefore(ref);
    return before < 0 ? null : new Standing(State.WAITING, ahead + before);
  }

  // ---- time and the end

  @Override
  public long deadline() {
    if (over) {
      return NEVER;
    }
    long deadline = Math.min(emptyLineAt(), Math.min(late, stalled));
    deadline = Math.min(deadline, sending == null ? NEVER : sending.deadline());
    Exchange current = live.peek();
    if (current != null) {
      deadline = Math.min(deadline, current.discardBy);
      deadline = Math.min(deadline, current.upgrade == null ? NEVER : current.upgrade.deadline);
    }
    return deadline;
  }

  @Override
  public void elapsed(long now, Out out) {
    if (now < deadline()) {
      return;
    }
    if (now >= late) {
      giveUpLate(now, out);
    }
    if (now >= stalled) {
      stalled = late(Reason.Step.CLOSE, closingTimeout, now, out);
    }
    BodyWriter body = sending;
    if (body != null && now >= body.deadline()) {
      late(body, now, out);
    }
    if (now >= emptyLineAt()) {
      emptyLine(now, out);
    }
    Exchange current = live.peek();
    if (current == null || over) {
      return;
    }
    PendingUpgrade upgrade = current.upgrade;
    if (upgrade != null && now >= upgrade.deadline) {
      upgrade.deadline = late(Reason.Step.UPGRADE, upgradeTimeout, now, out);
    } else if (now >= current.discardBy) {
      current.discardBy = late(Reason.Step.DISCARD, discardTime(), now, out);
      left |= over;
    }
  }

  /**
   * The time for a step is over, unless what was awaited may be here, unread.
   *
   * @return until when it has time
   */
  private long late(Reason.Step step, long time, long now, Out out) {
    long until = Math.min(now, out.unreadUntil()) + time;
    if (now >= until) {
      Reason late = new Reason.Timeout(step, Duration.ofNanos(time));
      over(closing == UNASKED ? UNASKED : late, out);
    }
    return until;
  }

  private long emptyLineAt() {
    boolean quiet = sending == null && !upgrading() && closing == null && !over;
    return quiet && keepalive != NEVER ? quietSince + keepalive : NEVER;
  }

  /** Servers pass it over before a request (RFC 9112 section 2.2). */
  private void emptyLine(long now, Out out) {
    quietSince = now;
    if (out.writable()) { // else there is something on its way
      out.write(Unpooled.copyShort(('\r' << Byte.SIZE) + '\n'));
    }
  }

  /** Gives up what has not ended by its deadline, and looks for the next one. */
  private void giveUpLate(long now, Out out) {
    for (Exchange exchange : List.copyOf(live)) {
      Reason reason = exchange.late;
      if (now >= exchange.deadline && reason != null) {
        cancel(exchange.stream, reason, now, out);
      }
    }
    late = NEVER;
    for (Exchange exchange : live) {
      late = Math.min(late, exchange.cancelled ? NEVER : exchange.deadline);
    }
  }

  private void late(BodyWriter body, long now, Out out) {
    if (body.awaitsConsent()) {
      body.consent(); // a server need not say that it consents
      sendBody(now, out);
    } else if (body.isStarved()) {
      over(new Reason.Timeout(Reason.Step.BODY, Duration.ofNanos(closingTimeout)), out);
    } else {
      body.hurry(now, closingTimeout); // the server's turn, which has a deadline of its own
    }
  }

  @Override
  public void shutdown(long now, Out out) {
    Exchange current = live.peek();
    if (current == null || current.upgrade != null || current.cancelled) {
      forGood = true;
      over(new Reason.OwnerClosed(), out);
    } else if (!over) {
      closing = new Reason.OwnerClosed();
      forGood = true;
      if (!isSending(current.stream)) {
        dropBody(closing, out);
      }
      for (Exchange exchange : live) {
        if (exchange != current && !exchange.cancelled) {
          fail(exchange, closing, out);
        }
      }
      live.clear();
      live.add(current);
      refuseHeld("the owner shut the connection down", out);
    }
  }

  private void over(Reason reason, Out out) {
    if (!over) {
      over = true;
      out.become(new Change.Close(reason));
    }
  }

  @Override
  public boolean discards() {
    Exchange current = live.peek();
    return current != null && current.cancelled;
  }

  @Override
  public boolean inGoodOrder() {
    return answered || left;
  }

  @Override
  public Casualties end(Reason reason, Out out) {
    over = true;
    dropBody(reason, out);
    List<StreamRef> killed = new ArrayList<>();
    for (Exchange exchange : live) {
      boolean told = exchange == live.peek() && reading == Reading.NO_BODY;
      if (!told && !exchange.cancelled) {
        killed.add(exchange.stream.ref());
        exchange.release();
        fail(exchange, exchange.heard ? reason : unheard(exchange, reason), out);
      }
    }
    live.clear();
    kept.forEach(Http1Engine::release);
    kept.clear();
    return new Casualties(killed, unprocessed);
  }

  /** How many bodies hold what must be freed. */
  int bodies() {
    return contents.held();
  }

  /**
   * The end of a connection may have met its request on the way (RFC 9112 section 9.3.1). Where the
   * server or this side could not go on with an exchange, those behind it have no part in that, nor
   * has one that something unasked stands before.
   */
  private Reason unheard(Exchange exchange, Reason reason) {
    boolean race = reason instanceof Reason.Closed || reason instanceof Reason.Reset;
    boolean behind =
        reason.equals(UNASKED)
            || exchange != live.peek() && !(reason instanceof Reason.OwnerClosed);
    return (race || behind) && exchange.upgrade == null ? new Reason.Unanswered(reason) : reason;
  }
}
