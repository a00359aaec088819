package dev.lariat.internal.http1;

import dev.lariat.event.StreamInfo.State;
import dev.lariat.internal.codec.ResponseDecoder;
import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.protocol.Authorization;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.PendingUpgrade;
import dev.lariat.internal.protocol.PendingUpgrade.ToWebSocket;
import dev.lariat.internal.protocol.Standing;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Http1;
import dev.lariat.option.Limits;
import dev.lariat.option.Timeouts;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 (RFC 9112) on one connection: requests are written in their turn, responses are matched
 * to them in order.
 *
 * <p>{@link Requests} is its sending side, {@link Responses} its receiving side, {@link Patience}
 * its time. Its own are the exchanges between the two, and the end, which comes in phases:
 *
 * <ul>
 *   <li><b>open</b>: what is asked for is written in its turn;
 *   <li><b>last responses</b>: nothing more is written, because either side said so, or because a
 *       body was not sent to its end; the responses that are awaited still are the last ones;
 *   <li><b>over</b>: the end was asked for, and nothing that arrives matters.
 * </ul>
 */
public final class Http1Engine implements Engine {

  /** How far the end has come. */
  private sealed interface Phase {}

  private record Open() implements Phase {}

  private record LastResponses(Reason why) implements Phase {}

  /**
   * The end was asked for.
   *
   * @param why the responses before it were the last ones; null if they were not
   */
  private record Over(@Nullable Reason why) implements Phase {}

  private static final Phase OPEN = new Open();

  private final Dialect dialect;
  private final Pipeline pipeline;

  private final Requests requests;
  private final Responses responses;
  private final Patience patience;

  /** What is not written yet: the connection's, and the next engine's. */
  private final Held held;

  /** What the server's close left unprocessed, for the end's report. */
  private final List<StreamRef> unprocessed = new ArrayList<>(0);

  private Phase phase = OPEN;

  /** Whether no other link follows that could take what is asked for. */
  private boolean forGood;

  /** Whether this side has ended the link, since it has no use for it any more. */
  private boolean left;

  /**
   * An engine for a connection that was just made.
   *
   * @param authority for the {@code Host} header: the host, and the port unless it is the scheme's
   *     own
   * @param absolute whether targets have the absolute form, for a proxy that receives the requests
   * @param held what has not begun; it outlives this engine
   * @param shared what the event loop's engines share
   */
  public Http1Engine(
      String authority,
      boolean absolute,
      Http1 http1,
      Limits limits,
      Timeouts timeouts,
      CookieHeaders cookies,
      Held held,
      Shared shared) {
    this.dialect = new Dialect(http1.version());
    this.pipeline = new Pipeline(http1, dialect);
    this.requests =
        new Requests(this, authority, absolute, http1, dialect, cookies, pipeline, held, shared);
    this.responses =
        new Responses(this, pipeline, http1.tolerant(), dialect.isHttp10(), limits, cookies);
    this.held = held;
    this.patience = new Patience(this, requests, pipeline, timeouts);
  }

  @Override
  public Protocol protocol() {
    return Protocol.HTTP_1_1;
  }

  // ---- commands

  @Override
  public void begin(Out out) {
    requests.begin(out);
  }

  @Override
  public void command(Command.OfStream command, Out out) {
    if (command instanceof Command.Cancel(var stream, var reason)) {
      cancel(stream, reason, out);
    } else if (forGood && command instanceof Command.Begin) {
      Requests.refuse(command, Requests.CLOSING, out);
    } else {
      requests.command(command, out);
    }
  }

  // ---- how far the end has come

  @Override
  public boolean draining() {
    return forGood || isEnding();
  }

  /** Why the responses that are awaited are the last ones; null if more may follow. */
  @Nullable Reason ending() {
    return switch (phase) {
      case Open open -> null;
      case LastResponses(var why) -> why;
      case Over(var why) -> why;
    };
  }

  /** Whether nothing more is written. */
  boolean isEnding() {
    return phase != OPEN;
  }

  /** Whether nothing that arrives matters any more. */
  boolean isOver() {
    return phase instanceof Over;
  }

  /** The responses that are awaited are the last ones, unless they were before. */
  void ends(Reason why) {
    if (phase == OPEN) {
      phase = new LastResponses(why);
    }
  }

  /** Asks for the end. */
  void over(Reason reason, Out out) {
    if (!isOver()) {
      phase = new Over(ending());
      out.become(new Change.Close(reason));
    }
  }

  // ---- bodies of requests

  /** The rest of a body cannot be had, and the server would wait for it. */
  void failBody(Stream stream, Reason reason, Out out) {
    if (pipeline.isNewest(stream)) {
      Exchange exchange = pipeline.removeNewest();
      if (!exchange.cancelled) {
        exchange.cancel();
        exchange.fail(reason, out);
      }
    }
    abandonBody(stream, reason, out);
  }

  /** Why a connection ends on which a body was given up before its end. */
  private static Reason givenUp(Reason reason) {
    return new Reason.BodyUnfinished("its request was abandoned: " + reason.sentence());
  }

  /** Nothing can follow a body that has no end. The responses before its own can still come. */
  private void abandonBody(Stream stream, Reason reason, Out out) {
    requests.dropBody(reason, out);
    ends(reason);
    pipeline.remove(stream);
    Reason why = ending();
    if (pipeline.isEmpty() && why != null) {
      leave(why, out);
    }
  }

  // ---- giving up

  void cancel(Stream stream, Reason reason, Out out) {
    if (held.has(stream)) {
      held.giveUp(stream, reason, out); // what was not written is not sent
      letOut(out);
      return;
    }
    Exchange exchange = pipeline.of(stream);
    if (exchange != null) {
      exchange.cancel();
      if (reason
          instanceof Reason.Cancelled) { // not at a deadline, which its reader did not ask for
        out.drop(stream.inbox(), stream.ref());
      }
      exchange.fail(reason, out);
    }
    if (requests.isSending(stream)) {
      abandonBody(stream, givenUp(reason), out);
    } else if (exchange != null) {
      boolean current = exchange == pipeline.current();
      if (current) {
        responses.discard(out);
      }
      if (!isOver() && pipeline.contains(exchange) && !leaveIfUnwanted(reason, out) && current) {
        patience.awaitAnswer(out.now());
        responses.readOn(out);
      }
    }
  }

  /**
   * Ends the connection if all of its responses are cancelled, unless their rest is known to be
   * short. The next request must not wait for a response that may have no end, and the server need
   * not go on with it.
   *
   * @param reason why, if it does
   * @return whether it has ended the connection
   */
  private boolean leaveIfUnwanted(Reason reason, Out out) {
    if (pipeline.isEmpty() || pipeline.wanted() > 0) {
      return false; // what is wanted is answered in its turn
    }
    if (phase == OPEN && pipeline.size() == 1 && responses.areNearTheirEnd()) {
      return false;
    }
    leave(reason, out);
    return true;
  }

  /** Ends the connection if the server is about to, before it loses what is asked for now. */
  void leaveIfOver(Persistence persistence, Out out) {
    Reason over = phase == OPEN && pipeline.isEmpty() ? persistence.over(out.now()) : null;
    if (over != null) {
      leave(over, out);
    }
  }

  /** Ends the connection, for which this side has no use any more. */
  void leave(Reason reason, Out out) {
    left = true;
    over(reason, out);
  }

  @Override
  public void writable(Out out) {
    requests.sendBody(out);
    letOut(out);
  }

  /** How long it waits for whom. */
  Patience patience() {
    return patience;
  }

  /** Writes what waits, as far as it need not wait any longer. */
  void letOut(Out out) {
    requests.letOut(out);
  }

  // ---- what arrives

  @Override
  public void received(ByteBuf bytes, Out out) {
    requests.heard(out);
    responses.received(bytes, out);
  }

  @Override
  public void goOn(Out out) {
    responses.goOn(out);
  }

  /** How many octets have come. */
  long arrived() {
    return responses.arrived();
  }

  /** Whether bytes have come that are not decoded, and may say that the connection ends. */
  boolean isReading() {
    return responses.areReading();
  }

  boolean credit(Stream stream, long messages, Out out) {
    for (Exchange exchange : pipeline) {
      if (exchange.stream == stream && !(exchange.upgrade instanceof ToWebSocket)) {
        responses.credit(exchange, messages, out);
        return true;
      }
    }
    return false;
  }

  /**
   * A response begins that answers no request. The server may say so why it closes, and the owner
   * is told when the head is complete. Nothing is sent any more, since this response would be taken
   * for the answer (RFC 9112 section 9.2).
   */
  void unasked(long now) {
    if (phase == OPEN) {
      phase = new LastResponses(Responses.UNASKED);
      patience.awaitsUnasked(now); // it may be no response at all
    }
  }

  /** The head of a response has come. */
  void answered(ResponseDecoder.Head head) {
    requests.answered(head);
  }

  /** The server consents to the body of this one. */
  void consented(Exchange exchange, Out out) {
    BodyWriter body = requests.sending();
    if (body != null && body.stream == exchange.stream) {
      body.consent();
      requests.sendBody(out);
    }
  }

  /** The connection is another engine's from the next octet on. */
  void switched(String became, Out out) {
    pipeline.finish();
    for (Command.OfStream command : held.removeAll()) {
      if (command instanceof Command.Connect connect && connect.patient()) {
        held.add(command, out); // for the next link
      } else {
        Requests.refuse(command, "the connection became " + became, out);
      }
    }
    forGood = true;
    phase = new Over(ending());
  }

  /**
   * If the response is a challenge that can be answered, lets its request wait to be sent once
   * more, with what was sent early on its stream after it. The rest of the challenge is thrown
   * away. If the connection ends with the challenge, the next one may take the request.
   *
   * @return whether it is sent once more
   */
  boolean sendAgainIfChallenged(Exchange exchange, ResponseDecoder.Head head, Out out) {
    Authorization authorization = exchange.stream.authorization();
    boolean whole = !(exchange.begun instanceof Command.Request request) || request.whole();
    boolean goesOn = held.goesOn() && authorization.outlives(head.status());
    boolean last = dialect.isLast(head) && !goesOn;
    boolean gone = last || isEnding() || exchange.cancelled;
    if (!whole || gone || requests.isSending(exchange.stream)) {
      authorization.learn(head.status(), head.headers());
      return false;
    }
    if (!authorization.asksAgain(head.status(), head.headers())) {
      return false;
    }
    Command.Begin once = exchange.begun.again(exchange.credit, exchange.upgrade);
    PendingUpgrade upgrade = exchange.upgrade;
    exchange.upgrade = null;
    exchange.cancel();
    out.observer() // listeners see two requests, each with its response
        .told(new Response(exchange.stream.ref(), true, head.status(), head.headers()));
    patience.awaitAnswer(out.now());
    held.add(once, out);
    if (upgrade != null) {
      upgrade.takeEarly().forEach(command -> held.add(command, out));
    }
    return true;
  }

  /**
   * The final response is a plain one: refuses the upgrade that the exchange asked for, if any.
   *
   * @return whether it asked for one
   */
  boolean refuseUpgrade(Exchange exchange, Out out) {
    PendingUpgrade refused = exchange.upgrade;
    if (refused == null) {
      return false;
    }
    exchange.upgrade = null;
    refused.refuseEarly(out);
    exchange.stream.gate().ended();
    return true;
  }

  /** The head of a response was told. */
  void responded(Exchange exchange, ResponseDecoder.Head head, Out out) {
    BodyWriter body = requests.sending();
    if (dialect.isLast(head)) {
      ends(new Reason.Closed());
      refuseBehindCurrent(out);
      if (head.sized() && !head.ends()) {
        patience.awaitsLast(out.now()); // others may be streams of events
      }
    } else if (body != null && requests.isSending(exchange.stream) && body.awaitsConsent()) {
      Reason unasked = new Reason.BodyUnfinished("the server answered without asking for it");
      phase = new LastResponses(unasked);
      requests.dropBody(unasked, out);
    }
  }

  /** The server answers nothing after this response (RFC 9112 section 9.6). */
  private void refuseBehindCurrent(Out out) {
    String why = "the server closes the connection after an earlier response";
    for (Exchange exchange : pipeline.cutBehindCurrent()) {
      unprocessed.add(exchange.stream.ref());
      exchange.fail(new Reason.Unprocessed(why), out);
    }
    requests.dropBody(new Reason.Closed(), out); // RFC 9112 section 9.5
  }

  private void refuseHeld(String why, Out out) {
    held.removeAll().forEach(command -> Requests.refuse(command, why, out));
  }

  /** A response has ended, and is told. */
  void finished(Out out) {
    Exchange finished = pipeline.finish();
    BodyWriter body = requests.sending();
    Reason why = ending();
    if (why != null && pipeline.isEmpty()) {
      over(why, out);
    } else if (body != null && body.stream == finished.stream) {
      patience.hurry(body, out.now()); // its sender may not care any more
    }
    if (leaveIfUnwanted(new Reason.Cancelled(), out)) {
      return;
    }
    patience.awaitAnswer(out.now());
    letOut(out);
  }

  /** The body of a response cannot be told any further: the rest of it is nobody's. */
  void gaveUp(Exchange exchange, Reason reason, Out out) {
    exchange.cancel();
    exchange.fail(reason, out);
    if (requests.isSending(exchange.stream)) {
      abandonBody(exchange.stream, givenUp(reason), out);
    } else if (!leaveIfUnwanted(reason, out)) {
      patience.awaitAnswer(out.now());
    }
  }

  @Override
  public void inputCut(Out out) {
    responses.inputCut(out);
  }

  @Override
  public void inputClosed(Out out) {
    responses.inputClosed(out);
  }

  /** The server has ended its side, but bytes before that still wait: nothing more is sent. */
  void inputEnds(Out out) {
    ends(new Reason.Closed());
    Reason why = ending();
    if (why != null) {
      requests.dropBody(why, out);
    }
  }

  // ---- how it stands

  @Override
  public int streams() {
    return pipeline.wanted();
  }

  @Override
  public int room() {
    boolean quiet = pipeline.isEmpty() && requests.sending() == null && held.isEmpty();
    return quiet && !draining() && requests.usedUp().isEmpty() ? 1 : 0;
  }

  @Override
  public int occupied() {
    BodyWriter body = requests.sending();
    boolean alone = body != null && !pipeline.isNewest(body.stream); // its response has ended
    return pipeline.size() + held.streams() + (alone ? 1 : 0);
  }

  @Override
  public long idleLimit() {
    return requests.idleLimit();
  }

  @Override
  public @Nullable Standing standing(StreamRef ref) {
    int ahead = 0;
    for (Exchange exchange : pipeline) {
      if (exchange.stream.ref() == ref && !exchange.cancelled) {
        State sent = phase == OPEN ? State.RUNNING : State.STOPPING;
        return new Standing(exchange.upgrade == null ? sent : State.OPENING, ahead);
      }
      ahead++;
    }
    int before = held.streamsBefore(ref);
    return before < 0 ? null : new Standing(State.WAITING, ahead + before);
  }

  @Override
  public Optional<Reason> whyWaiting(StreamRef ref) {
    Optional<Reason> usedUp = requests.usedUp();
    if (usedUp.isPresent()) {
      return usedUp;
    }
    int before = pipeline.size() + held.streamsBefore(ref);
    String why =
        "it waits until the connection has finished "
            + (before == 1 ? "1 request" : before + " requests")
            + " before it (http1.pipelining)";
    return before == 0 ? Optional.empty() : Optional.of(new Reason.Unprocessed(why));
  }

  @Override
  public Optional<Reason> whyNotOpen(StreamRef ref, long now) {
    Exchange newest = pipeline.newest(); // nothing is written after an upgrade before its answer
    if (newest == null || newest.upgrade == null || newest.stream.ref() != ref) {
      return Optional.empty();
    }
    if (newest != pipeline.current()) {
      return whyWaiting(ref);
    }
    return Optional.of(patience.ofUpgrade(newest.upgrade, now));
  }

  // ---- time and the end

  @Override
  public long deadline() {
    return isOver() ? NEVER : patience.deadline();
  }

  @Override
  public void elapsed(Out out) {
    if (out.now() >= deadline()) {
      patience.elapsed(out);
    }
  }

  @Override
  public void shutdown(Out out) {
    Exchange current = pipeline.current();
    if (current == null || current.upgrade != null || current.cancelled) {
      forGood = true;
      over(new Reason.OwnerClosed(), out);
    } else if (!isOver()) {
      Reason why = new Reason.OwnerClosed();
      phase = new LastResponses(why);
      forGood = true;
      if (!requests.isSending(current.stream)) {
        requests.dropBody(why, out);
      }
      pipeline.cutBehindCurrent().forEach(exchange -> exchange.fail(why, out));
      refuseHeld("the owner shut the connection down", out);
    }
  }

  @Override
  public boolean needsNoRoom() {
    Exchange current = pipeline.current();
    return current != null && (current.cancelled || current.awaitsAnswer());
  }

  @Override
  public boolean inGoodOrder() {
    return responses.answered() || left;
  }

  @Override
  public Casualties end(Reason reason, Out out) {
    phase = new Over(ending());
    requests.dropBody(reason, out);
    List<StreamRef> killed = new ArrayList<>();
    for (Exchange exchange : pipeline) {
      if (!exchange.cancelled) {
        killed.add(exchange.stream.ref());
        exchange.release();
        exchange.fail(exchange.meaning(reason, exchange == pipeline.current()), out);
      }
    }
    pipeline.clear();
    responses.release();
    return new Casualties(killed, unprocessed);
  }

  /** How many bodies hold what must be freed. */
  int bodies() {
    return responses.bodies();
  }
}
