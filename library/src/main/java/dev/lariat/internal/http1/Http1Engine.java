package dev.lariat.internal.http1;

import dev.lariat.event.StreamInfo.State;
import dev.lariat.internal.codec.Handshake;
import dev.lariat.internal.codec.Violation;
import dev.lariat.internal.http1.Exchange.PendingUpgrade;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Standing;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Inform;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Trailers;
import dev.lariat.message.Upgraded;
import dev.lariat.option.Limits;
import dev.lariat.option.Timeouts;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 (RFC 9112) on one connection: requests are written as they come, responses are matched
 * to them in order.
 *
 * <p>Its states:
 *
 * <ul>
 *   <li><b>open</b>: requests are written at once and whole, pipelined behind each other, unless
 *       the transport takes none for now: they are held back until it does;
 *   <li><b>upgrading</b>: an upgrade waits for its answer. Requests behind it are held back, since
 *       only the answer tells which protocol they will meet: a refusal lets them out, a success
 *       leaves them unprocessed;
 *   <li><b>closing</b>: the response that is arriving is the last one, because either side said so;
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

  private static final String NOT_OPEN = "the WebSocket is not open";

  private final String authority;
  private final Limits limits;
  private final long upgradeTimeout;

  private final Deque<Exchange> live = new ArrayDeque<>(2); // the first is being answered
  private final Deque<Command.OfStream> held = new ArrayDeque<>(0); // not written yet, in order
  private final List<StreamRef> unprocessed =
      new ArrayList<>(0); // ended by the server's close, for the end's report
  private Reading reading = Reading.NOTHING;
  private boolean untilClose; // the body that is read ends with the connection
  private @Nullable Reason closing; // why, in that state
  private boolean over;

  /**
   * An engine for a connection that was just made.
   *
   * @param authority for the {@code Host} header: the host, and the port unless it is the scheme's
   *     own
   */
  public Http1Engine(String authority, Limits limits, Timeouts timeouts) {
    this.authority = authority;
    this.limits = limits;
    this.upgradeTimeout = timeouts.upgrade().toNanos();
  }

  @Override
  public Protocol protocol() {
    return Protocol.HTTP_1_1;
  }

  // ---- commands

  @Override
  public void command(Command.OfStream command, long now, Out out) {
    if (closing != null || over) {
      refuse(command, "the connection is closing", out);
    } else if (mustWait(command, out)) {
      hold(command, out);
    } else {
      carryOut(command, now, out);
    }
  }

  private boolean mustWait(Command.OfStream command, Out out) {
    return command.begins()
        ? upgrading() || !held.isEmpty() || !out.writable()
        : held.stream().anyMatch(earlier -> earlier.stream() == command.stream());
  }

  private void hold(Command.OfStream command, Out out) {
    if (held.size() < limits.heldCommands()) {
      held.add(command);
    } else {
      Engine.refuse(
          command, new Reason.Limit(Reason.Bound.HELD_COMMANDS, limits.heldCommands()), out);
    }
  }

  private void carryOut(Command.OfStream command, long now, Out out) {
    switch (command) {
      case Command.Request(var stream, var request) -> {
        live.add(new Exchange(stream, request.method().equals("HEAD"), null));
        out.observer()
            .requestStart(stream.ref(), request.method(), request.target(), request.headers());
        RequestWriter.request(authority, request, out);
        out.observer().requestEnd(stream.ref());
      }
      case Command.Upgrade(var stream, var path, var options) -> {
        Handshake handshake = new Handshake(options.subprotocols(), options.deflate());
        live.add(new Exchange(stream, false, new PendingUpgrade(handshake, options)));
        awaitUpgrade(now);
        out.observer().upgrade(stream.ref(), path, options.headers(), handshake.headers());
        RequestWriter.upgrade(authority, path, handshake.headers(), options.headers(), out);
      }
      case Command.Send send -> early(send, out);
      case Command.SendPart part -> early(part, out);
      case Command.GiveUp giveUp -> early(giveUp, out);
      case Command.Credit credit -> early(credit, out);
      case Command.SetKeepalive(var stream, var keepalive) -> {
        PendingUpgrade upgrade = pendingUpgrade(stream);
        if (upgrade == null) {
          refuse(command, NOT_OPEN, out);
        } else {
          upgrade.options = upgrade.options.keepalive(keepalive);
        }
      }
    }
  }

  private void early(Command.OfStream command, Out out) {
    PendingUpgrade upgrade = pendingUpgrade(command.stream());
    if (upgrade == null) {
      refuse(command, NOT_OPEN, out);
    } else {
      upgrade.early.add(command); // the gate bounds how much this can be
    }
  }

  /** An upgrade whose answer comes next has its time from now on. */
  private void awaitUpgrade(long now) {
    Exchange current = live.peek();
    if (current != null && current.upgrade != null) {
      current.upgrade.deadline = now + upgradeTimeout;
    }
  }

  private static void refuse(Command.OfStream command, String why, Out out) {
    Engine.refuse(command, refusal(command, why), out);
  }

  private static Reason refusal(Command.OfStream command, String why) {
    return command.begins()
        ? new Reason.Unprocessed(why)
        : new Reason.BadState(command.operation(), NOT_OPEN);
  }

  private boolean upgrading() {
    Exchange newest = live.peekLast(); // nothing is written behind an upgrade
    return newest != null && newest.upgrade != null;
  }

  private @Nullable PendingUpgrade pendingUpgrade(Stream stream) {
    Exchange newest = live.peekLast();
    return newest != null && newest.stream == stream ? newest.upgrade : null;
  }

  @Override
  public void writable(long now, Out out) {
    if (!upgrading()) {
      letOut(now, out);
    }
  }

  /** Carries out what was held, as far as it need not be held again. */
  private void letOut(long now, Out out) {
    List<Command.OfStream> waiting = List.copyOf(held);
    held.clear();
    waiting.forEach(command -> command(command, now, out));
  }

  // ---- what arrives

  /** Takes the next part of a response. The part stays the caller's. */
  public void received(HttpObject part, long now, Out out) {
    if (over) {
      return;
    }
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
    ResponseReader.checkFraming(headers);
    Exchange exchange = live.peek();
    if (exchange == null) {
      throw Violation.protocol("a response answers no request", "RFC 9112 section 9.2");
    }
    int status = response.status().code();
    if (status == 101) {
      switchProtocols(exchange, headers, out);
    } else if (status < 200) {
      reading = Reading.INFORMATIONAL;
      out.tell(exchange.stream.inbox(), new Inform(exchange.stream.ref(), status, headers));
    } else {
      response(exchange, response, status, headers, now, out);
    }
  }

  private void switchProtocols(Exchange exchange, Headers headers, Out out) throws Violation {
    PendingUpgrade upgrade = exchange.upgrade;
    if (upgrade == null) {
      throw Violation.protocol("the server switched protocols unasked", "RFC 9110 section 15.2.2");
    }
    Handshake.Agreement agreement = upgrade.handshake.verify(headers);
    Stream stream = exchange.stream;
    live.remove();
    out.tell(
        stream.inbox(),
        new Upgraded(stream.ref(), Protocol.WEBSOCKET, agreement.subprotocol(), headers));
    refuseHeld("the connection became a WebSocket", out);
    over = true;
    out.become(
        new Change.SpeakWebSocket(
            stream, agreement, headers, upgrade.options, List.copyOf(upgrade.early)));
  }

  private void response(
      Exchange exchange, HttpResponse response, int status, Headers headers, long now, Out out) {
    boolean empty =
        exchange.head
            || status == 204
            || status == 304
            || HttpUtil.getContentLength(response, -1L) == 0;
    untilClose =
        !empty
            && !HttpUtil.isTransferEncodingChunked(response)
            && !HttpUtil.isContentLengthSet(response);
    reading = empty ? Reading.NO_BODY : Reading.BODY;
    Stream stream = exchange.stream;
    PendingUpgrade refused = exchange.upgrade;
    if (refused != null) {
      exchange.upgrade = null;
      refused.early.forEach(command -> refuse(command, NOT_OPEN, out));
      stream.gate().ended();
    }
    out.tell(stream.inbox(), new Response(stream.ref(), empty, status, headers));
    if (closing == null && (untilClose || !HttpUtil.isKeepAlive(response))) {
      closing = new Reason.Closed();
      refuseBehind(exchange, out);
    }
    if (refused != null) {
      letOut(now, out); // up to the next upgrade
    }
  }

  /** The server answers nothing after this response (RFC 9112 section 9.6). */
  private void refuseBehind(Exchange current, Out out) {
    String why = "the server closes the connection after an earlier response";
    for (Exchange exchange : live) {
      if (exchange != current) {
        unprocessed.add(exchange.stream.ref());
        fail(exchange, new Reason.Unprocessed(why), out);
      }
    }
    live.clear();
    live.add(current);
    refuseHeld(why, out);
  }

  /** Ends an exchange, and answers what was sent early on it. */
  private static void fail(Exchange exchange, Reason reason, Out out) {
    if (exchange.upgrade != null) {
      exchange.upgrade.early.forEach(
          command -> Engine.refuse(command, refusal(command, NOT_OPEN), reason, out));
    }
    Engine.fail(exchange.stream, reason, out);
  }

  private void refuseHeld(String why, Out out) {
    for (Command.OfStream command : held) {
      noteUnprocessed(command);
      refuse(command, why, out);
    }
    held.clear();
  }

  private void noteUnprocessed(Command.OfStream command) {
    if (command.begins()) {
      unprocessed.add(command.stream().ref());
    }
  }

  private void content(HttpContent content, long now, Out out) throws Violation {
    boolean last = content instanceof LastHttpContent;
    if (reading == Reading.BODY) {
      body(content, last, out);
    }
    if (last && reading != Reading.NOTHING) {
      if (reading != Reading.INFORMATIONAL) {
        live.remove();
        awaitUpgrade(now);
        if (closing != null) {
          over(closing, out);
        }
      }
      reading = Reading.NOTHING;
    }
  }

  private void body(HttpContent content, boolean last, Out out) throws Violation {
    Stream stream = live.element().stream;
    Bytes bytes = Bytes.wrap(ByteBufUtil.getBytes(content.content()));
    Headers trailers =
        content instanceof LastHttpContent end
            ? ResponseReader.headers(end.trailingHeaders())
            : Headers.EMPTY;
    boolean fin = last && trailers.isEmpty();
    if (fin || !bytes.isEmpty()) {
      out.tell(stream.inbox(), new Data(stream.ref(), fin, bytes));
    }
    if (!trailers.isEmpty()) {
      out.tell(stream.inbox(), new Trailers(stream.ref(), trailers));
    }
  }

  @Override
  public void inputCut(Out out) {
    if (reading == Reading.BODY && untilClose) {
      over(
          new Reason.Protocol(
              "the server ended TLS without a close_notify, so the response is incomplete",
              "RFC 9112 section 9.8"),
          out);
    }
  }

  @Override
  public void inputClosed(long now, Out out) {
    if (!over && reading == Reading.BODY && untilClose) {
      // TLS has said goodbye, before the codec knows of the end that it waits for
      Stream stream = live.remove().stream;
      reading = Reading.NOTHING;
      out.tell(stream.inbox(), new Data(stream.ref(), true, Bytes.EMPTY));
    }
    over(new Reason.Closed(), out);
  }

  // ---- how it stands

  @Override
  public int streams() {
    return live.size() + (int) held.stream().filter(Command.OfStream::begins).count();
  }

  @Override
  public @Nullable Standing standing(StreamRef ref) {
    int ahead = 0;
    for (Exchange exchange : live) {
      if (exchange.stream.ref() == ref) {
        State sent = closing == null ? State.RUNNING : State.STOPPING;
        return new Standing(exchange.upgrade == null ? sent : State.OPENING, ahead);
      }
      ahead++;
    }
    for (Command.OfStream command : held) {
      if (command.stream().ref() == ref) {
        return new Standing(State.WAITING, ahead);
      }
      ahead += command.begins() ? 1 : 0;
    }
    return null;
  }

  // ---- time and the end

  @Override
  public long deadline() {
    Exchange current = live.peek();
    PendingUpgrade upgrade = current == null || over ? null : current.upgrade;
    return upgrade == null ? NEVER : upgrade.deadline;
  }

  @Override
  public void elapsed(long now, Out out) {
    if (now < deadline()) {
      return;
    }
    if (!out.reading()) {
      awaitUpgrade(now); // the answer may be here, unread
    } else {
      over(new Reason.Timeout(Reason.Step.UPGRADE, Duration.ofNanos(upgradeTimeout)), out);
    }
  }

  @Override
  public void shutdown(long now, Out out) {
    Exchange current = live.peek();
    if (current == null || current.upgrade != null) {
      over(new Reason.OwnerClosed(), out);
    } else if (!over) {
      closing = new Reason.OwnerClosed();
      for (Exchange exchange : live) {
        if (exchange != current) {
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
  public Casualties end(Reason reason, Out out) {
    over = true;
    List<StreamRef> killed = new ArrayList<>();
    for (Exchange exchange : live) {
      if (exchange != live.peek() || reading != Reading.NO_BODY) {
        killed.add(exchange.stream.ref());
        fail(exchange, reason, out);
      }
    }
    live.clear();
    refuseHeld("the connection ended before it was sent", out);
    return new Casualties(killed, unprocessed);
  }
}
