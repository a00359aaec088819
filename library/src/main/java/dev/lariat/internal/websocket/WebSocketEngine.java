package dev.lariat.internal.websocket;

import dev.lariat.internal.codec.DeflateTerms;
import dev.lariat.internal.codec.Deflation;
import dev.lariat.internal.codec.FrameDecoder;
import dev.lariat.internal.codec.FrameEncoder;
import dev.lariat.internal.codec.Inflation;
import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.codec.Violation;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Notice;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Side;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Limits;
import dev.lariat.option.Timeouts;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket (RFC 6455) that has the connection for itself, from the end of its opening handshake.
 *
 * <p>Its states:
 *
 * <ul>
 *   <li><b>open</b>: frames go both ways;
 *   <li><b>closing</b>: this side's close frame was sent, or waits behind data that does; frames
 *       still arrive, and the server has until {@code closeDeadline} for its own close frame;
 *   <li><b>over</b>: both close frames were exchanged, or a rule was broken, or the peer is gone;
 *       nothing matters any more.
 * </ul>
 *
 * <p>Outbound, data waits here while the transport takes none; a ping or pong goes past it, between
 * messages. Liveness looks at inbound bytes only and has no part in the writing, so a stuck writer
 * cannot hide a dead peer.
 */
public final class WebSocketEngine implements Engine, FrameDecoder.Sink {
  private static final String CLOSED = "the WebSocket is closing or closed";

  private final Stream stream;
  private final boolean silencePings;
  private final long closingTimeout;
  private final Shared shared;
  private final FrameDecoder decoder;
  private final @Nullable Deflation deflation;

  private final Deque<Command.Send> waiting =
      new ArrayDeque<>(0); // data, and the close frame behind it
  private @Nullable Bytes
      owedPong; // of the newest ping, which is all that section 5.5.3 asks to answer

  private @Nullable Close sent; // in the state "closing"
  private boolean closeWritten;
  private long closeDeadline = NEVER;
  private boolean over;
  private boolean told; // the stream has had its final message

  private long interval; // of silence before a ping
  private long patience; // for a sign of life after it
  private long lastInbound;
  private boolean probing; // nothing has come since the ping of probedAt
  private long probedAt;
  private @Nullable Bytes pinged; // the payload of the newest ping, while its pong is awaited
  private long pingedAt;

  // of the call that runs, for what the decoder gives
  @SuppressWarnings("NullAway.Init")
  private Out out;

  private long now;

  /**
   * An engine for the stream whose handshake was just completed; {@link #begin} comes next.
   *
   * @param start what the handshake left
   * @param shared what the event loop's WebSockets share
   */
  public WebSocketEngine(
      Change.SpeakWebSocket start, Limits limits, Timeouts timeouts, Shared shared) {
    this.stream = start.stream();
    this.silencePings = start.options().silencePings();
    this.closingTimeout = timeouts.closing().toNanos();
    this.interval = start.options().keepalive().interval().toNanos();
    this.patience = start.options().keepalive().deadline().toNanos();
    this.shared = shared;
    Optional<DeflateTerms> terms = start.agreement().deflate();
    this.deflation = terms.map(Deflation::new).orElse(null);
    this.decoder =
        new FrameDecoder(
            limits.message(),
            terms.map(agreed -> new Inflation(agreed, limits.inflateRatio())).orElse(null),
            shared.scratch,
            this);
  }

  /**
   * Starts the clock, and sends what the owner sent without waiting for the handshake.
   *
   * @param early that, in its order
   */
  public void begin(List<Command.Send> early, long now, Out out) {
    lastInbound = now;
    for (Command.Send send : early) {
      command(send, now, out);
    }
  }

  @Override
  public Protocol protocol() {
    return Protocol.WEBSOCKET;
  }

  // ---- commands

  @Override
  public void command(Command.OfStream command, long now, Out out) {
    switch (command) {
      case Command.Request request ->
          Engine.refuse(
              request, new Reason.BadState("request", "the connection is a WebSocket"), out);
      case Command.Upgrade upgrade ->
          Engine.refuse(
              upgrade, new Reason.BadState("upgrade", "the connection is a WebSocket"), out);
      case Command.Send send -> {
        if (send.stream() != stream || over || sent != null) {
          Engine.refuse(send, new Reason.BadState("send", CLOSED), out);
        } else {
          send(send, now, out);
        }
      }
      case Command.SetKeepalive(var target, var keepalive) -> {
        if (target != stream || over) {
          Engine.refuse(command, new Reason.BadState("keepalive", CLOSED), out);
        } else {
          interval = keepalive.interval().toNanos();
          patience = keepalive.deadline().toNanos();
        }
      }
    }
  }

  private void send(Command.Send send, long now, Out out) {
    switch (send.frame()) {
      case Ping ping -> write(send, now, out);
      case Pong pong -> write(send, now, out);
      case Text text -> inTurn(send, now, out);
      case Binary binary -> inTurn(send, now, out);
      case Close close -> {
        sent = close;
        closeDeadline = now + closingTimeout;
        inTurn(send, now, out);
      }
    }
  }

  private void inTurn(Command.Send send, long now, Out out) {
    if (waiting.isEmpty() && out.writable()) {
      write(send, now, out);
    } else {
      waiting.add(send);
    }
  }

  private void write(Command.Send send, long now, Out out) {
    write(send.frame(), send.payload(), now, out);
    send.stream().gate().left(send.bytes());
  }

  private void write(Frame frame, ByteBuffer payload, long now, Out out) {
    boolean compressed = false;
    ByteBuffer carried = payload;
    if (deflation != null && (frame instanceof Text || frame instanceof Binary)) {
      compressed = true;
      carried = deflation.deflate(payload, shared.scratch);
    }
    ByteBuf room = out.room(FrameEncoder.size(carried.remaining()));
    shared.encoder.encode(room, frame, compressed, carried);
    if (frame instanceof Ping(var token)) {
      pinged = token;
      pingedAt = now;
    } else if (frame instanceof Close) {
      closeWritten = true;
    }
  }

  @Override
  public void writable(long now, Out out) {
    Bytes pong = owedPong;
    if (pong != null && !closeWritten && !over) {
      owedPong = null;
      write(new Pong(pong), pong.asByteBuffer(), now, out);
    }
    while (!waiting.isEmpty() && out.writable()) {
      write(waiting.remove(), now, out);
    }
  }

  // ---- what arrives

  /** Takes bytes, cut anywhere. The buffer is read to its end and stays the caller's. */
  public void received(ByteBuf bytes, long now, Out out) {
    if (over) {
      return;
    }
    lastInbound = now;
    probing = false;
    this.now = now;
    this.out = out;
    try {
      decoder.decode(bytes);
    } catch (Violation v) {
      fail(v, now, out);
    }
  }

  /**
   * Fails the WebSocket (RFC 6455 section 7.1.7): a close frame says why, and the server gets time
   * to read it.
   */
  private void fail(Violation violation, long now, Out out) {
    if (!closeWritten) {
      Close close = new Close(violation.closeCode(), "");
      write(close, Payload.of(close), now, out);
    }
    over = true;
    out.become(new Change.Closing(violation.reason()));
  }

  @Override
  public void text(String text) {
    tell(new Text(text));
  }

  @Override
  public void binary(Bytes bytes) {
    tell(new Binary(bytes));
  }

  @Override
  public void ping(Bytes payload) {
    if (!silencePings) {
      tell(new Ping(payload));
    }
    if (closeWritten) {
      return; // nothing may follow a close frame
    }
    if (out.writable()) {
      owedPong = null;
      write(new Pong(payload), payload.asByteBuffer(), now, out);
    } else {
      owedPong = payload;
    }
  }

  @Override
  public void pong(Bytes payload) {
    if (!silencePings) {
      tell(new Pong(payload));
    }
    if (pinged != null && pinged.equals(payload)) {
      pinged = null;
      out.notice(new Notice.PingAcknowledged(stream.ref(), Duration.ofNanos(now - pingedAt)));
    }
  }

  @Override
  public void close(Close received) {
    tell(received);
    Side initiator = closeWritten ? Side.CLIENT : Side.SERVER;
    Close answer = sent;
    if (answer == null) {
      answer = received.code() == Close.NO_CODE ? Close.EMPTY : new Close(received.code(), "");
    }
    if (sent == null) {
      write(answer, Payload.of(answer), now, out);
    } else if (!closeWritten) {
      write(waiting.removeLast(), now, out); // past the data that it waited behind
    }
    over = true;
    told = true;
    refuseWaiting(out);
    Reason.CloseHandshake handshake = new Reason.CloseHandshake(received, answer, initiator);
    stream.gate().ended();
    out.tell(stream.inbox(), new WebSocketClosed(stream.ref(), handshake));
    out.become(
        new Change.Closing(handshake)); // the server closes the TCP connection (section 7.1.1)
  }

  private void tell(Frame frame) {
    out.tell(stream.inbox(), new WebSocketFrame(stream.ref(), frame));
  }

  @Override
  public void inputClosed(long now, Out out) {
    over(
        decoder.unfinished()
            ? new Reason.Protocol("the connection ended inside a message", "RFC 6455 section 7.1.1")
            : new Reason.Closed(),
        out);
  }

  // ---- time and the end

  @Override
  public long deadline() {
    if (over) {
      return NEVER;
    }
    if (closeWritten) {
      return closeDeadline; // no ping may follow a close frame, so nothing else can be overdue
    }
    return Math.min(closeDeadline, probing ? probedAt + patience : lastInbound + interval);
  }

  @Override
  public void elapsed(long now, Out out) {
    if (over) {
      return;
    }
    if (now >= closeDeadline) {
      over(new Reason.Timeout(Reason.Step.CLOSE, Duration.ofNanos(closingTimeout)), out);
    } else if (!closeWritten) {
      keepAlive(now, out);
    }
  }

  private void keepAlive(long now, Out out) {
    if (!out.reading()) {
      lastInbound = now; // what this side does not read says nothing about the peer
      probing = false;
    } else if (probing && now - probedAt >= patience) {
      over(new Reason.Timeout(Reason.Step.PONG, Duration.ofNanos(patience)), out);
    } else if (!probing && now - lastInbound >= interval) {
      probing = true;
      probedAt = now;
      Bytes token = Bytes.wrap(ByteBuffer.allocate(Long.BYTES).putLong(now).array());
      write(new Ping(token), token.asByteBuffer(), now, out);
    }
  }

  @Override
  public void shutdown(long now, Out out) {
    if (!over && sent == null) {
      Close close = Close.GOING_AWAY;
      // counted at no gate: the owner did not send it
      Stream ours = new Stream(stream.ref(), stream.inbox(), Gate.NONE);
      send(new Command.Send(ours, close, Payload.of(close)), now, out);
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
    decoder.release();
    if (deflation != null) {
      deflation.release();
    }
    refuseWaiting(out);
    if (told) {
      return Casualties.NONE;
    }
    told = true;
    Engine.fail(stream, reason, out);
    return new Casualties(List.of(stream.ref()), List.of());
  }

  private void refuseWaiting(Out out) {
    for (Command.Send send : waiting) {
      if (send.stream() == stream) { // not the close frame of a shutdown
        Engine.refuse(send, new Reason.BadState("send", CLOSED), out);
      }
    }
    waiting.clear();
  }
}
