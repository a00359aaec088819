package dev.lariat.internal.http1;

import dev.lariat.cookie.RequestUri;
import dev.lariat.event.StreamInfo.State;
import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.ResponseDecoder;
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
import dev.lariat.message.Headers;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Http1;
import dev.lariat.option.Limits;
import dev.lariat.option.Request;
import dev.lariat.option.Timeouts;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
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

  /** How long the rest of a response that nobody wants may keep those waiting who come next. */
  private static final long NEAR = Duration.ofSeconds(1).toNanos();

  private static final String NOT_OPEN = "the WebSocket is not open";
  private static final String NO_BODY_AWAITED = "nothing more of the request's body is awaited";

  private final String authority;
  private final Pipelining pipelining;
  private final boolean http10; // so are the requests
  private final RequestWriter writer;
  private final long keepalive;
  private final long upgradeTimeout;
  private final long closingTimeout;
  private final CookieHeaders cookies;

  private final Deque<Exchange> live = new ArrayDeque<>(2); // the first is being answered
  private @Nullable BodyWriter sending; // of the newest request; its response may have ended
  private final Responses responses;
  private final Held held; // not written yet: the connection's, and the next engine's
  private final List<StreamRef> unprocessed =
      new ArrayList<>(0); // ended by the server's close, for the end's report
  private @Nullable Reason closing; // why, in that state
  private boolean over;
  private boolean forGood; // no other link follows that could take what is asked for
  private boolean left; // by this side, which has no use for the link any more
  private boolean old; // HTTP/1.0 is spoken, by the server at least

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
    this.writer = new RequestWriter(authority, http10 ? "HTTP/1.0" : "HTTP/1.1");
    this.old = http10;
    this.keepalive = http1.keepalive().map(Duration::toNanos).orElse(NEVER);
    this.quietSince = now;
    this.responses = new Responses(this, live, http1.tolerant(), http10, limits, cookies);
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
  public void begin(long now, Out out) {
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
        || live.isEmpty() && responses.areReading() // what follows may say that none is answered
        || !out.writable()
        || switches(command) && mayKeep()
        || !pipelining.admits(command, live);
  }

  /** Carries out what waits, as far as it need not wait any longer. */
  void letOut(long now, Out out) {
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
        live.add(
            new Exchange(
                command, uri, false, new ToWebSocket(handshake, options), responses.arrived()));
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
    boolean head = request.method().equals("HEAD");
    Exchange exchange = new Exchange(command, uri, head, upgrade, responses.arrived());
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
    } else if (exchange != null) {
      boolean current = exchange == live.peek();
      if (current) {
        responses.discard(now, out);
      }
      if (!over && live.contains(exchange) && !leaves(reason, out) && current) {
        awaitAnswer(now);
        responses.readOn(now, out);
      }
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
    if (current == null || closing == null && live.size() == 1 && responses.areNearTheirEnd()) {
      return false;
    }
    leave(reason, out);
    return true;
  }

  private void leave(Reason reason, Out out) {
    left = true;
    over(reason, out);
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

  @Override
  public void received(ByteBuf bytes, long now, Out out) {
    responses.received(bytes, now, out);
  }

  @Override
  public void goOn(long now, Out out) {
    responses.goOn(now, out);
  }

  private boolean credit(Stream stream, long messages, long now, Out out) {
    for (Exchange exchange : live) {
      if (exchange.stream == stream && !(exchange.upgrade instanceof ToWebSocket)) {
        responses.credit(exchange, messages, now, out);
        return true;
      }
    }
    return false;
  }

  /**
   * A response begins that answers no request. It may be the server's last words, and is told when
   * its head is there; what is asked for now would be taken for what it answers (RFC 9112 section
   * 9.2).
   */
  void unasked(long now) {
    if (closing == null && !over) {
      closing = Responses.UNASKED;
      stalled = now + closingTimeout; // it may be no response at all
    }
  }

  /** A response has come, of HTTP/1.0 or of a later version. */
  void answeredBy(boolean http10) {
    old = this.http10 || http10;
  }

  /** The server consents to the body of this one. */
  void consented(Exchange exchange, long now, Out out) {
    if (sending != null && sending.stream == exchange.stream) {
      sending.consent();
      sendBody(now, out);
    }
  }

  /** The connection is another engine's from the next octet on. */
  void switched(String became, Out out) {
    live.remove();
    refuseHeld("the connection became " + became, out);
    forGood = true;
    over = true;
  }

  /**
   * Whether the response is a challenge, and its request can be sent once more. If so, the
   * challenge is thrown away, and the request waits to be sent with an answer; what was sent early
   * waits behind it.
   */
  boolean asksAgain(Exchange exchange, ResponseDecoder.Head head, long now, Out out) {
    Authorization authorization = exchange.stream.authorization();
    boolean whole = !(exchange.begun instanceof Command.Request request) || request.whole();
    boolean gone = isLast(head) || closing != null || exchange.cancelled;
    if (!whole || gone || isSending(exchange.stream)) {
      authorization.learn(head.status(), head.headers());
      return false;
    }
    if (!authorization.asksAgain(head.status(), head.headers())) {
      return false;
    }
    Command.OfStream once = exchange.again();
    PendingUpgrade upgrade = exchange.upgrade;
    exchange.upgrade = null;
    exchange.cancel();
    out.observer() // for its request is one of its own there
        .told(new Response(exchange.stream.ref(), true, head.status(), head.headers()));
    awaitAnswer(now);
    held.add(once, out);
    if (upgrade != null) {
      upgrade.takeEarly().forEach(command -> held.add(command, out));
    }
    return true;
  }

  /** Whether no response follows, whatever the server's own version. */
  private boolean isLast(ResponseDecoder.Head head) {
    return head.last() || http10 && !asks(head.headers(), "keep-alive");
  }

  /** The answer to an upgrade is a plain one; false if none was asked for. */
  boolean refused(Exchange exchange, Out out) {
    PendingUpgrade refused = exchange.upgrade;
    if (refused == null) {
      return false;
    }
    exchange.upgrade = null;
    refused.takeEarly().forEach(command -> refuse(command, refused.notOpen(), out));
    exchange.stream.gate().ended();
    return true;
  }

  /** The head of a response was told. */
  void responded(Exchange exchange, ResponseDecoder.Head head, long now, Out out) {
    if (isLast(head)) {
      if (closing == null) {
        closing = new Reason.Closed();
      }
      refuseBehind(exchange, out);
      if (head.sized() && !head.ends()) {
        stalled = now + closingTimeout; // others may be streams of events
      }
    } else if (sending != null && isSending(exchange.stream) && sending.awaitsConsent()) {
      closing = new Reason.BodyUnfinished("the server answered without asking for it");
      dropBody(closing, out);
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

  /** A part of a response has come, so that the last one has not stalled. */
  void goesOn(long now) {
    if (stalled != NEVER) {
      stalled = now + closingTimeout;
    }
  }

  /** A response has ended, and is told. */
  void finished(long now, Out out) {
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

  /** The body of a response cannot be told any further: the rest of it is nobody's. */
  void gaveUp(Exchange exchange, Reason reason, long now, Out out) {
    exchange.cancel();
    fail(exchange, reason, out);
    if (isSending(exchange.stream)) {
      abandonBody(exchange.stream, givenUp(reason), out);
    } else if (!leaves(reason, out)) {
      awaitAnswer(now);
    }
  }

  @Override
  public void inputCut(Out out) {
    responses.inputCut(out);
  }

  @Override
  public void inputClosed(long now, Out out) {
    responses.inputClosed(now, out);
  }

  /** What came before the end is told first, as far as credit goes; nothing more is sent. */
  void inputEnds(Out out) {
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
      // what has come was read, but for informational responses that there was no room for
      over(new Reason.Timeout(Reason.Step.UPGRADE, Duration.ofNanos(upgradeTimeout)), out);
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
      over(closing == Responses.UNASKED ? closing : late, out);
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
      RequestWriter.newLine(out.room(2));
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

  /** Whether nothing that arrives matters any more. */
  boolean isOver() {
    return over;
  }

  /** Asks for the end. */
  void over(Reason reason, Out out) {
    if (!over) {
      over = true;
      out.become(new Change.Close(reason));
    }
  }

  @Override
  public boolean needsNoRoom() {
    Exchange current = live.peek();
    return current != null && (current.cancelled || current.awaitsAnswer());
  }

  @Override
  public boolean inGoodOrder() {
    return responses.answered() || left;
  }

  @Override
  public Casualties end(Reason reason, Out out) {
    over = true;
    dropBody(reason, out);
    List<StreamRef> killed = new ArrayList<>();
    for (Exchange exchange : live) {
      if (!exchange.cancelled) {
        killed.add(exchange.stream.ref());
        exchange.release();
        fail(exchange, ended(exchange, reason), out);
      }
    }
    live.clear();
    responses.release();
    return new Casualties(killed, unprocessed);
  }

  /** How many bodies hold what must be freed. */
  int bodies() {
    return responses.bodies();
  }

  /**
   * What the end of the connection means for an exchange. It may have met its request on the way
   * (RFC 9112 section 9.3.1), or cut its response short. If the server or this side could not go on
   * with an exchange, those behind it have no part in that, nor has one that something unasked
   * stands before.
   */
  private Reason ended(Exchange exchange, Reason reason) {
    boolean race = reason instanceof Reason.Closed || reason instanceof Reason.Reset;
    boolean behind =
        reason.equals(Responses.UNASKED)
            || exchange != live.peek() && !(reason instanceof Reason.OwnerClosed);
    if (exchange.upgrade != null || !race && !behind) {
      return reason;
    }
    if (exchange.heard) {
      return race ? new Reason.Incomplete(reason) : reason;
    }
    return new Reason.Unanswered(reason);
  }
}
