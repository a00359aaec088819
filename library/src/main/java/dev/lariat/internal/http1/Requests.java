package dev.lariat.internal.http1;

import dev.lariat.cookie.RequestUri;
import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.KeepAlive;
import dev.lariat.internal.codec.ResponseDecoder;
import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.PendingUpgrade;
import dev.lariat.internal.protocol.PendingUpgrade.ToRaw;
import dev.lariat.internal.protocol.PendingUpgrade.ToTunnel;
import dev.lariat.internal.protocol.PendingUpgrade.ToWebSocket;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.option.Http1;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The sending side of {@link Http1Engine}: what is asked for is written in its turn, or waits for
 * that.
 *
 * <ul>
 *   <li>A request is written if fewer are out than {@code pipelining} says, and the methods allow
 *       it. Of HTTP/1.0 one is out at a time.
 *   <li>While the newest request's body is on its way, or yet to come, what comes after it waits.
 *       Its response may be there first, and end first.
 *   <li>While an upgrade waits for its answer, what comes after it waits, since only the answer
 *       tells which protocol that will meet: a refusal lets it out, a success leaves it
 *       unprocessed.
 *   <li>When the server is about to close the connection by its {@code Keep-Alive}, nothing more is
 *       written, and this side ends the connection: {@link Persistence}.
 * </ul>
 */
final class Requests {
  static final String CLOSING = "the connection is closing";
  private static final String NOT_OPEN = "the WebSocket is not open";
  private static final String SENT = "the request was sent, and the connection speaks HTTP/1.1";
  private static final String NO_BODY_AWAITED = "no more of the request's body is expected";

  private final Http1Engine engine;
  private final String authority;
  private final Dialect dialect;
  private final RequestWriter writer;
  private final CookieHeaders cookies;

  /** After how long without a request an empty line is written; NEVER for none. */
  private final long keepalive;

  /** What was written and is not answered to its end. */
  private final Pipeline pipeline;

  /** What is not written yet: the connection's, and the next engine's. */
  private final Held held;

  private final Shared shared;

  /** How long the server keeps the connection. */
  private final Persistence persistence = new Persistence();

  /** The rest of the newest request's body, until all of it is written. */
  private @Nullable BodyWriter sending;

  /** When a request's head, or the last part of its body, was last written. */
  private long quietSince;

  /**
   * The sending side of this engine.
   *
   * @param absolute whether targets have the absolute form, for a proxy
   * @param pipeline to which this side adds
   */
  Requests(
      Http1Engine engine,
      String authority,
      boolean absolute,
      Http1 http1,
      Dialect dialect,
      CookieHeaders cookies,
      Pipeline pipeline,
      Held held,
      Shared shared) {
    this.engine = engine;
    this.authority = authority;
    this.dialect = dialect;
    this.writer = new RequestWriter(authority, absolute, dialect.version());
    this.cookies = cookies;
    this.keepalive = http1.keepalive().map(Duration::toNanos).orElse(Engine.NEVER);
    this.pipeline = pipeline;
    this.held = held;
    this.shared = shared;
  }

  /** The link is there, and takes what waits for it. */
  void begin(Out out) {
    quietSince = out.now();
    persistence.begins(out.now());
    letOut(out);
  }

  /** Carries out what was asked, or keeps it until its turn has come. */
  void command(Command.OfStream command, Out out) {
    if (command instanceof Command.Begin) {
      leaveIfOver(out);
    }
    boolean waits =
        command instanceof Command.Begin
            ? !held.isEmpty() || mustWait(command, out)
            : held.has(command.stream());
    if (waits) {
      held.add(command, out);
    } else {
      carryOut(command, out);
    }
  }

  /** Ends the connection if it is too late for another request; a body is sent to its end first. */
  private void leaveIfOver(Out out) {
    if (sending == null) {
      engine.leaveIfOver(persistence, out);
    }
  }

  /** Whether what begins a stream must not be written now, even if nothing waits before it. */
  private boolean mustWait(Command.OfStream command, Out out) {
    return engine.isEnding() // it is for the next connection
        || pipeline.upgrades()
        || sending != null
        || pipeline.isEmpty() && engine.isReading() // the undecoded bytes may end the connection
        || !out.writable()
        || switches(command) && pipeline.mayWaitForCredit() // the new protocol would wait with it
        || persistence.usedUp() != null
        || !pipeline.admits(command);
  }

  /** Carries out what waits, as far as it need not wait any longer. */
  void letOut(Out out) {
    if (!held.isEmpty()) {
      leaveIfOver(out);
    }
    while (!held.isEmpty()) {
      Command.OfStream next = held.peek();
      if (next instanceof Command.Begin && mustWait(next, out)) {
        return;
      }
      carryOut(held.remove(), out);
    }
  }

  private static boolean switches(Command.OfStream command) {
    return command instanceof Command.Upgrade
        || command instanceof Command.Connect
        || command instanceof Command.Request request && request.upgrades();
  }

  private void carryOut(Command.OfStream command, Out out) {
    if (command instanceof Command.OfBody part && isSending(part.stream())) {
      body(part, out);
      return;
    }
    if (command instanceof Command.Credit(var stream, var messages)
        && engine.credit(stream, messages, out)) {
      return;
    }
    boolean ending =
        engine.isOver() || engine.isEnding() && pipeline.upgrade(command.stream()) == null;
    boolean answered = command instanceof Command.Begin || command instanceof Command.SetPriority;
    if (ending && !answered) {
      Reason reason = refusal(command, CLOSING);
      Reason why = command instanceof Command.OfBody ? engine.ending() : null;
      Refusals.refuse(command, reason, why == null ? reason : why, out);
      return;
    }
    switch (command) {
      case Command.Request request -> request(request, out);
      case Command.OfBody part -> early(part, out);
      case Command.Cancel(var stream, var reason) -> engine.cancel(stream, reason, out);
      case Command.Upgrade upgrade -> upgrade(upgrade, out);
      case Command.Connect connect -> tunnel(connect, out);
      case Command.Raw raw ->
          Refusals.refuse(raw, new Reason.BadState("raw", "the connection speaks HTTP"), out);
      case Command.Send send -> early(send, out);
      case Command.SendPart part -> early(part, out);
      case Command.GiveUp giveUp -> early(giveUp, out);
      case Command.Credit credit -> early(credit, out);
      case Command.SetKeepalive keepalive -> early(keepalive, out);
      case Command.SetPriority priority -> {
        if (pipeline.of(priority.stream()) != null) {
          Refusals.reject(priority, new Reason.BadState(priority.operation(), SENT), out);
        }
      }
    }
  }

  private void upgrade(Command.Upgrade command, Out out) {
    Stream stream = command.stream();
    String path = command.path();
    WebSocketOptions options = command.options();
    begins(out.now());
    Handshake handshake =
        new Handshake(shared.handshakeKey(), options.subprotocols(), options.deflate());
    RequestUri uri = cookies.uri(authority, options.headers(), path);
    PendingUpgrade asked = new ToWebSocket(handshake, options);
    pipeline.add(new Exchange(command, uri, false, asked, engine.arrived()));
    engine.patience().awaitAnswer(out.now());
    Headers shown = stream.authorization().with(options.headers(), "GET", path, Bytes.EMPTY);
    Headers traced = out.observer().upgrade(stream, path, shown, handshake.headers());
    Headers users = cookies.with(traced, uri);
    writer.upgrade(path, handshake.headers(), users, command.names(), out);
  }

  private void tunnel(Command.Connect command, Out out) {
    Stream stream = command.stream();
    begins(out.now());
    pipeline.add(new Exchange(command, null, false, new ToTunnel(), engine.arrived()));
    engine.patience().awaitAnswer(out.now());
    Headers shown = command.authorized();
    out.observer().requestStart(stream, "CONNECT", command.destination(), shown);
    writer.connect(command.destination(), shown, command.names(), out);
    out.observer().requestEnd(stream.ref());
  }

  private void request(Command.Request command, Out out) {
    Stream stream = command.stream();
    RequestUri uri = cookies.uri(authority, command.request());
    Request asked = cookies.with(command.authorized(), uri);
    boolean whole = command.whole();
    if (!dialect.hasChunks() && !whole && asked.contentLength().isEmpty()) {
      Reason state =
          new Reason.BadState(
              "begin", "the server speaks HTTP/1.0, which has no chunks (RFC 9112 section 6.1)");
      Refusals.fail(stream, state, out);
      return;
    }
    PendingUpgrade upgrade = command.upgrades() ? new ToRaw(command.protocols()) : null;
    boolean head = asked.method().equals("HEAD");
    Exchange exchange = new Exchange(command, uri, head, upgrade, engine.arrived());
    exchange.idempotent = Pipeline.isIdempotent(command);
    exchange.credit = asked.credit();
    exchange.content = asked.content();
    if (command.deadline() != Engine.NEVER) {
      exchange.deadline = command.deadline();
      exchange.late = command.late();
      engine.patience().hasDeadline(exchange);
    }
    pipeline.add(exchange);
    begins(out.now());
    Request request = out.observer().requestStart(stream, asked);
    Duration patience = expects(command) ? request.expectContinue().orElse(null) : null;
    if (whole && (patience == null || upgrade != null)) {
      writer.request(request, command.protocols(), command.names(), out);
      out.observer().requestEnd(stream.ref());
      engine.patience().awaitAnswer(out.now());
    } else {
      boolean chunked = writer.head(request, whole, patience != null, command.names(), out);
      sending = new BodyWriter(command, chunked, patience);
      if (whole) {
        body(command.wholeBody(), out);
      }
      engine.patience().awaitAnswer(out.now());
    }
    if (dialect.isLast(request)) {
      engine.ends(new Reason.Closed()); // RFC 9112 section 9.6
    }
  }

  /** A request is about to be written. */
  private void begins(long now) {
    quietSince = now;
    persistence.sent(now, pipeline.size() <= 1);
  }

  /** Whether there is anything for the server to consent to (RFC 9110 section 10.1.1). */
  private boolean expects(Command.Request command) {
    boolean any =
        command.whole()
            ? !command.request().body().isEmpty()
            : command.request().contentLength().orElse(1) > 0;
    return any && dialect.hasConsent();
  }

  /** What is asked of a stream before its upgrade is answered. */
  private void early(Command.OfStream command, Out out) {
    PendingUpgrade upgrade = pipeline.upgrade(command.stream());
    if (upgrade == null || !upgrade.early(command, out)) {
      refuse(command, NO_BODY_AWAITED, out);
    }
  }

  // ---- bodies of requests

  boolean isSending(Stream stream) {
    return sending != null && sending.stream == stream;
  }

  private void body(Command.OfBody part, Out out) {
    BodyWriter body = sending;
    if (body == null) {
      return;
    }
    if (body.add(part)) {
      sendBody(out);
    } else {
      refuse(part, NO_BODY_AWAITED, out);
    }
  }

  void sendBody(Out out) {
    BodyWriter body = sending;
    if (body == null) {
      return;
    }
    boolean complete;
    try {
      complete = body.drain(out);
    } catch (IOException e) {
      engine.failBody(body.stream, Refusals.unreadable(e), out);
      return;
    }
    if (complete) {
      sending = null;
      quietSince = out.now();
      out.observer().requestEnd(body.stream.ref());
      letOut(out);
    } else if (!pipeline.isNewest(body.stream)) {
      engine.patience().hurry(body, out.now());
    }
  }

  /** Sends nothing more of the body that is on its way. */
  void dropBody(Reason reason, Out out) {
    BodyWriter body = sending;
    if (body != null) {
      sending = null;
      body.drop(new Reason.BadState("data", NO_BODY_AWAITED), reason, out);
    }
  }

  long emptyLineAt() {
    boolean quiet = sending == null && !pipeline.upgrades() && !engine.isEnding();
    return quiet && keepalive != Engine.NEVER ? quietSince + keepalive : Engine.NEVER;
  }

  /** Writes an empty line, which servers ignore before a request (RFC 9112 section 2.2). */
  void emptyLine(Out out) {
    quietSince = out.now();
    if (out.writable()) { // otherwise other bytes are on their way
      RequestWriter.newLine(out.room(2));
    }
  }

  /** The body that is on its way; null if there is none. */
  @Nullable BodyWriter sending() {
    return sending;
  }

  /** Octets have come. */
  void heard(Out out) {
    persistence.heard(out.now(), out.unreadUntil());
  }

  /** The head of the response to the first of the exchanges has come. */
  void answered(ResponseDecoder.Head head) {
    dialect.answered(head);
    if (!head.informational()) {
      persistence.said(KeepAlive.of(head.headers()), pipeline.size() - 1);
    }
  }

  /** Why no request may be sent, if the server answers no more than those that were. */
  Optional<Reason> usedUp() {
    return Optional.ofNullable(persistence.usedUp());
  }

  /** For how long the server keeps a connection without a request, less a margin. */
  long idleLimit() {
    return persistence.idleLimit();
  }

  // ---- refusals

  static void refuse(Command.OfStream command, String why, Out out) {
    Refusals.refuse(command, refusal(command, why), out);
  }

  static Reason refusal(Command.OfStream command, String why) {
    return command instanceof Command.Begin
        ? new Reason.Unprocessed(why)
        : new Reason.BadState(
            command.operation(), command instanceof Command.OfBody ? why : NOT_OPEN);
  }
}
