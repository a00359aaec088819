package dev.lariat.internal.websocket;

import dev.lariat.event.StreamInfo.State;
import dev.lariat.internal.codec.DeflateTerms;
import dev.lariat.internal.codec.Deflation;
import dev.lariat.internal.codec.FrameDecoder;
import dev.lariat.internal.codec.Inflation;
import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.codec.Violation;
import dev.lariat.internal.protocol.Backlog;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.FrameObserver;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.Standing;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Side;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.message.WebSocketHandler;
import dev.lariat.message.WebSocketPart;
import dev.lariat.option.Deflate;
import dev.lariat.option.Limits;
import dev.lariat.option.Subprotocols;
import dev.lariat.option.Timeouts;
import dev.lariat.option.WebSocketOptions;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket (RFC 6455) that has the connection for itself, from the end of its opening handshake.
 *
 * <p>Its states:
 *
 * <ul>
 *   <li><b>open</b>: frames go both ways;
 *   <li><b>closing</b> ({@code sent} is set): this side's close frame was sent, or waits in the
 *       queue after data; frames still arrive, and the server has until {@code closeDeadline} for
 *       its own close frame;
 *   <li><b>concluding</b> ({@code received} or {@code broken} is set): the server's close frame was
 *       read, or the server broke a rule. What the receiver answers to the messages before that
 *       goes out first, so the WebSocket ends one turn later;
 *   <li><b>over</b>: both close frames were exchanged, or the server broke a rule, or the
 *       connection is lost; nothing that arrives matters.
 * </ul>
 *
 * <p>The {@link SendQueue} decides what is sent next. What arrives goes to the receiver, or to the
 * user's handler if there is one. What has no credit waits in {@code kept}, and the lane is not
 * read. Liveness is judged by bytes that arrive, never by writing, so a stuck writer cannot hide a
 * dead server.
 */
public final class WebSocketEngine implements Engine, FrameDecoder.Sink {
  private static final String CLOSED = "the WebSocket is closing or closed";

  /** Decode at least this many bytes in a turn, or half of the input if it is larger. */
  private static final int TURN = 8 << 10;

  private static final Reason SEND_REFUSED = new Reason.BadState("send", CLOSED);

  /** What the handshake agreed on; null once the engine has begun. */
  private Change.@Nullable SpeakWebSocket start;

  private final Stream stream;
  private final WebSocketOptions options;

  /** {@code timeouts.closing} in nanoseconds: the time for the server's close frame. */
  private final long closingTimeout;

  private final FrameDecoder decoder;
  private final SendQueue queue;

  /** Calls the user's handler; null if the subprotocol has none. */
  private @Nullable HandlerSession session;

  // ---- what has arrived

  /** Bytes that have come and are not decoded, for want of credit or of time. */
  private final Backlog kept = new Backlog();

  /** Why it ends if the server ends its side without a close frame. */
  private final Reason whenInputCloses;

  /** Whether the server has ended its side, after the bytes in {@code kept}. */
  private boolean inputEnded;

  // ---- the end

  /** This side's close frame, once it was asked for. */
  private @Nullable Close sent;

  /** Whether this side's close frame was written. */
  private boolean closeWritten;

  /** When waiting for the server's close frame ends. */
  private long closeDeadline = NEVER;

  /** The rule that the server broke, if it did. */
  private @Nullable Violation broken;

  /** The server's close frame, once it was read. */
  private @Nullable Close received;

  /** Which side began the closing handshake. */
  private Side initiator = Side.SERVER;

  /** Whether nothing that arrives matters any more. */
  private boolean over;

  /** How many frames and parts were given to the receiver or the handler. */
  private long arrivals;

  /** Whether the stream has had its final message. */
  private boolean streamEnded;

  // ---- liveness

  /** How long nothing must arrive before a ping is sent, in nanoseconds. */
  private long interval;

  /** How long after a ping something must arrive, in nanoseconds. */
  private long patience;

  /** When something arrived last, or reading resumed. */
  private long lastInbound;

  /** Whether a keepalive ping was sent, and nothing has arrived since. */
  private boolean probing;

  /** When the keepalive ping was sent, or reading resumed after it. */
  private long probedAt;

  /** The payload of the newest ping of either kind; null once its pong has come. */
  private @Nullable Bytes pinged;

  /** When the newest ping was written. */
  private long pingedAt;

  /** The {@code Out} of the call that runs, for the methods that the decoder calls. */
  @SuppressWarnings("NullAway.Init")
  private Out out;

  /**
   * An engine for the stream whose handshake was just completed; {@link #begin} comes next.
   *
   * @param start what the handshake agreed on, and what was sent early
   * @param shared what the event loop's WebSockets share
   */
  public WebSocketEngine(
      Change.SpeakWebSocket start, Limits limits, Timeouts timeouts, Shared shared) {
    this.start = start;
    this.stream = start.stream();
    this.options = start.options();
    this.whenInputCloses = start.inputClosed();
    this.closingTimeout = timeouts.closing().toNanos();
    this.interval = options.keepalive().interval().toNanos();
    this.patience = options.keepalive().deadline().toNanos();
    Optional<DeflateTerms> terms = start.agreement().deflate();
    Deflate deflate = options.deflate().orElse(Deflate.DEFAULT);
    this.queue =
        new SendQueue(
            shared,
            terms.map(agreed -> new Deflation(agreed, deflate, shared)).orElse(null),
            this::wrote);
    this.decoder =
        new FrameDecoder(
            limits.message(),
            options.parts(),
            options.credit(),
            terms.map(agreed -> new Inflation(agreed, limits.inflateRatio(), shared)).orElse(null),
            shared.scratch,
            this);
  }

  /**
   * Starts liveness and the handler, and carries out the commands that came before the handshake
   * was over.
   */
  @Override
  public void begin(Out out) {
    Change.SpeakWebSocket start = Objects.requireNonNull(this.start);
    this.start = null;
    lastInbound = out.now();
    this.out = out;
    stream.gate().opened();
    FrameObserver frames = out.observer().frames(stream.ref());
    if (frames != null) {
      decoder.tap(frames);
      queue.observe(frames);
    }
    Subprotocols subprotocols = options.subprotocols();
    Optional<WebSocketHandler.Factory> handler =
        start.agreement().subprotocol().isEmpty()
            ? subprotocols.otherwise()
            : start.agreement().subprotocol().map(subprotocols.handlers()::get);
    handler.ifPresent(factory -> handle(() -> session = new HandlerSession(this, start, factory)));
    for (Command.OfStream command : start.early()) {
      command(command, out);
    }
  }

  @Override
  public Protocol protocol() {
    return Protocol.WEBSOCKET;
  }

  // ---- commands

  @Override
  public void command(Command.OfStream command, Out out) {
    this.out = out;
    boolean refused = command.stream() != stream || over || sent != null;
    switch (command) {
      case Command.Request request ->
          Refusals.refuse(
              request, new Reason.BadState("request", "the connection is a WebSocket"), out);
      case Command.Data data ->
          Refusals.refuse(data, new Reason.BadState("data", "the request has ended"), out);
      case Command.SendFile file ->
          Refusals.refuse(file, new Reason.BadState("send", "the request has ended"), out);
      case Command.Cancel(var target, var reason) -> {
        if (target == stream) {
          over(reason, out); // what has ended needs none
        }
      }
      case Command.Upgrade upgrade ->
          Refusals.refuse(
              upgrade, new Reason.BadState("upgrade", "the connection is a WebSocket"), out);
      case Command.Raw raw ->
          Refusals.refuse(raw, new Reason.BadState("raw", "the connection is a WebSocket"), out);
      case Command.Connect connect ->
          Refusals.refuse(
              connect, new Reason.BadState("connect", "the connection is a WebSocket"), out);
      case Command.Send send -> {
        if (refused) {
          Refusals.refuse(send, SEND_REFUSED, out);
        } else {
          send(send);
        }
      }
      case Command.SendPart part -> {
        if (refused || part.message().isLost()) {
          Refusals.refuse(part, SEND_REFUSED, out);
        } else {
          queue.part(part, out);
        }
      }
      case Command.GiveUp(var target, var message) -> {
        if (!refused && queue.giveUp(message, SEND_REFUSED, out)) {
          sayGoodbye(new Close(Close.INTERNAL_ERROR, "")); // nobody may take it for whole
        }
      }
      case Command.Credit(var target, var messages) -> {
        if (target == stream && !over) {
          decoder.credit(messages);
          readOn();
        }
      }
      case Command.SetPriority priority -> {} // of a request, which has ended
      case Command.SetKeepalive(var target, var keepalive) -> {
        if (target != stream || over) {
          Refusals.refuse(command, new Reason.BadState("keepalive", CLOSED), out);
        } else {
          interval = keepalive.interval().toNanos();
          patience = keepalive.deadline().toNanos();
        }
      }
    }
  }

  private void send(Command.Send send) {
    switch (send.frame()) {
      case Ping ping -> queue.control(send, out);
      case Pong pong -> queue.control(send, out);
      case Text text -> queue.data(send, out);
      case Binary binary -> queue.data(send, out);
      case Close close -> {
        sent = close;
        closeDeadline = out.now() + closingTimeout;
        queue.close(send, SEND_REFUSED, out);
      }
    }
  }

  /** Sends a close frame that the owner did not ask for, so no gate has counted it. */
  private void sayGoodbye(Close close) {
    send(new Command.Send(stream, close, Payload.of(close), Fate.IGNORED, Gate.NONE));
  }

  private void wrote(Frame frame) {
    if (frame instanceof Ping(var token)) {
      decoder.pinged();
      pinged = token;
      pingedAt = out.now();
    } else if (frame instanceof Close) {
      closeWritten = true;
    }
  }

  @Override
  public void writable(Out out) {
    queue.drain(out);
  }

  // ---- what arrives

  @Override
  public void received(ByteBuf bytes, Out out) {
    if (over) {
      bytes.skipBytes(bytes.readableBytes());
      return;
    }
    decoder.at(out.now(), out.unreadUntil());
    lastInbound = out.now();
    probing = false;
    this.out = out;
    if (!kept.isEmpty()) {
      kept.keep(bytes);
      return;
    }
    decode(bytes);
    if (holds() && bytes.isReadable()) {
      kept.keep(bytes);
    }
  }

  private void decode(ByteBuf bytes) {
    try {
      int length = bytes.readableBytes();
      boolean few = length < TURN + TURN / 2;
      decoder.decode(bytes, few ? length : Math.max(TURN, length / 2));
    } catch (Violation v) {
      bytes.skipBytes(bytes.readableBytes());
      broken = v; // elapsed() ends it, after the receiver has answered what it was just told
    }
    if (holds() && !over) {
      out.wanted(false);
    }
    if (decoder.hasEnough() && !over) {
      out.again();
    }
  }

  /** Whether the rest waits for credit, or until other connections had their turn. */
  private boolean holds() {
    return decoder.starved() || decoder.hasEnough();
  }

  @Override
  public void goOn(Out out) {
    this.out = out;
    if (!over) {
      decoder.goOn();
      readOn();
    }
  }

  /** Decodes what is kept, if there is credit and time by now. */
  private void readOn() {
    if (holds()) {
      return;
    }
    do {
      decode(kept.bytes());
    } while (kept.bytes().isReadable() && !holds());
    if (over || holds()) {
      return;
    }
    kept.release();
    if (inputEnded) {
      inputClosed(out);
    } else {
      out.wanted(true);
    }
  }

  private boolean concluding() {
    return broken != null || received != null;
  }

  private void conclude() {
    if (over) {
      return;
    }
    if (broken != null) {
      fail(broken.code(), broken.reason());
    } else if (received != null) {
      answer(received);
    }
  }

  /**
   * Fails the WebSocket (RFC 6455 section 7.1.7): a close frame says why, and the server gets time
   * to read it.
   */
  private void fail(int code, Reason reason) {
    queue.closeNow(new Close(code, ""), out);
    over = true;
    decoder.release();
    closing(reason);
  }

  /** Ends the engine. The server is to close the TCP connection first (section 7.1.1). */
  private void closing(Reason reason) {
    out.become(inputEnded ? new Change.Close(reason) : new Change.Closing(reason));
  }

  @Override
  public void text(String text) {
    frame(new Text(text));
  }

  @Override
  public void binary(Bytes bytes) {
    frame(new Binary(bytes));
  }

  @Override
  public void part(String text, boolean fin) {
    part(new Text(text), fin);
  }

  @Override
  public void part(Bytes bytes, boolean fin) {
    part(new Binary(bytes), fin);
  }

  @Override
  public void ping(Bytes payload) {
    if (!options.silencePings()) {
      frame(new Ping(payload));
    }
    queue.pong(payload, out);
  }

  @Override
  public void pong(Bytes payload) {
    if (!options.silencePings()) {
      frame(new Pong(payload));
    }
    if (pinged != null && pinged.equals(payload)) {
      pinged = null;
      out.notice(new Notice.PingAcknowledged(stream.ref(), Duration.ofNanos(out.now() - pingedAt)));
    }
  }

  @Override
  public void close(Close close) {
    boolean answered = closeWritten;
    frame(close);
    received = close;
    if (answered) {
      initiator = Side.CLIENT;
      conclude(); // both close frames were exchanged
    }
  }

  private void answer(Close received) {
    Close answer = sent;
    if (answer == null) {
      answer = received.code() == Close.NO_CODE ? Close.EMPTY : new Close(received.code(), "");
    }
    queue.closeNow(answer, out); // before data that waits
    over = true;
    decoder.release();
    streamEnded = true;
    Reason.CloseHandshake handshake = new Reason.CloseHandshake(received, answer, initiator);
    queue.refuse(SEND_REFUSED, handshake, out);
    stream.gate().ended();
    out.tell(stream.inbox(), new WebSocketClosed(stream.ref(), handshake));
    closing(handshake);
  }

  private void frame(Frame frame) {
    arrivals++;
    HandlerSession handling = session;
    if (handling == null) {
      tell(frame);
    } else {
      handle(() -> handling.frame(frame));
    }
  }

  private void part(Frame data, boolean fin) {
    arrivals++;
    HandlerSession handling = session;
    if (handling == null) {
      tell(new WebSocketPart(stream.ref(), data, fin));
    } else {
      handle(() -> handling.part(data, fin));
    }
  }

  /** Runs a handler's code, which may throw anything. */
  private void handle(Runnable call) {
    if (over) {
      return;
    }
    try {
      call.run();
    } catch (Throwable thrown) { // a user's code
      fail(Close.INTERNAL_ERROR, new Reason.HandlerThrew(thrown));
    }
  }

  /** Tells the receiver a frame. */
  void tell(Frame frame) {
    tell(new WebSocketFrame(stream.ref(), frame));
  }

  /** Tells the receiver another message of this stream. */
  void tell(Message.OfStream message) {
    out.tell(stream.inbox(), message);
  }

  /** Sends a handler's frame; false if there is no room for it, or the WebSocket is closing. */
  boolean trySend(Frame frame) {
    Command.Send send = new Command.Send(stream, frame, Payload.of(frame));
    if (over || sent != null || !stream.gate().tryEnter(send.bytes())) {
      return false;
    }
    send(send);
    return true;
  }

  @Override
  public void inputClosed(Out out) {
    if ((holds() || concluding()) && !over) {
      inputEnded = true; // what is kept is decoded first
      return;
    }
    over(whenInputCloses, out); // even inside a message, which breaks no rule
  }

  // ---- how it stands

  @Override
  public int streams() {
    return streamEnded ? 0 : 1;
  }

  @Override
  public @Nullable Standing standing(StreamRef ref) {
    if (streamEnded || ref != stream.ref()) {
      return null;
    }
    boolean stopping = sent != null || concluding() || over;
    return new Standing(stopping ? State.STOPPING : State.RUNNING, 0, arrivals, queue.sent());
  }

  // ---- time and the end

  @Override
  public long deadline() {
    if (over) {
      return NEVER;
    }
    if (concluding()) {
      return lastInbound; // in the next turn
    }
    if (closeWritten) {
      return closeDeadline; // no ping may follow a close frame, so nothing else can be overdue
    }
    return Math.min(closeDeadline, probing ? probedAt + patience : lastInbound + interval);
  }

  @Override
  public void elapsed(Out out) {
    this.out = out;
    if (over) {
      return;
    }
    if (concluding()) {
      conclude();
    } else if (out.now() >= closeDeadline) {
      over(new Reason.Timeout(Reason.Step.CLOSE, Duration.ofNanos(closingTimeout)), out);
    } else if (!closeWritten) {
      keepAlive(out);
    }
  }

  private void keepAlive(Out out) {
    long unreadUntil = Math.min(out.now(), out.unreadUntil());
    lastInbound = Math.max(lastInbound, unreadUntil);
    probedAt = Math.max(probedAt, unreadUntil);
    if (probing && out.now() - probedAt >= patience) {
      over(new Reason.Timeout(Reason.Step.PONG, Duration.ofNanos(patience)), out);
    } else if (!probing && out.now() - lastInbound >= interval) {
      probing = true;
      probedAt = out.now();
      Bytes token = Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(out.now()).array());
      Ping ping = new Ping(token);
      // written even if the lane takes nothing: a server that lives must answer in time
      queue.probe(ping, out);
    }
  }

  @Override
  public void shutdown(Out out) {
    this.out = out;
    if (!over && sent == null) {
      sayGoodbye(Close.GOING_AWAY);
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
    this.out = out;
    conclude();
    over = true;
    decoder.release();
    queue.release();
    queue.refuse(SEND_REFUSED, reason, out);
    kept.release();
    if (streamEnded) {
      return Casualties.NONE;
    }
    streamEnded = true;
    Refusals.fail(stream, broken == null ? reason : broken.reason(), out);
    return new Casualties(List.of(stream.ref()), List.of());
  }
}
