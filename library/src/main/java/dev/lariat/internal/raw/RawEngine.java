package dev.lariat.internal.raw;

import dev.lariat.event.StreamInfo.State;
import dev.lariat.internal.protocol.Backlog;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Parts;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.Standing;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.Bytes;
import dev.lariat.message.Data;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection that is one stream of bytes both ways, from its first byte ({@link Command.Raw}) or
 * after an upgrade ({@link Change.SpeakRaw}). It is the smallest engine, so read it first.
 *
 * <p>The two sides end independently:
 *
 * <ul>
 *   <li><b>The peer's side.</b> Bytes are told while there is credit. Without credit they are
 *       {@code kept}, and the lane is not read. The side ends when the lane's input has ended and
 *       nothing is kept: then the stream gets its final message.
 *   <li><b>This side.</b> Parts are written in order, as long as the lane takes them. The side ends
 *       with its last part: {@code outputEnded} when that is written, {@code outputOut} when the
 *       end has reached the socket.
 * </ul>
 *
 * <p>The engine is {@code over} when both sides have ended, when the stream is cancelled, or when
 * something fails. Before the stream begins there is no credit, so early bytes of the peer are
 * kept.
 */
public final class RawEngine implements Engine {
  /** Bytes: the most that one message carries, and that one write takes. */
  private static final int PIECE = 64 << 10;

  private static final String RAW = "the connection speaks another protocol";
  private static final String TUNNEL = "the connection is a tunnel";
  private static final String UNWRITTEN = "the connection ended before it was written";

  /** The connection's commands that no engine has taken yet. */
  private final Held held;

  /** The stream of an upgrade, with what was sent on it early; null once it has begun. */
  private Change.@Nullable SpeakRaw start;

  /** The one stream; null before it has begun. */
  private @Nullable Stream stream;

  /** How many messages may still be told; {@code Long.MAX_VALUE} if there is no limit. */
  private long credit;

  /** Bytes that have come and for which there is no credit. */
  private final Backlog kept = new Backlog();

  /** Whether the peer has ended its side. What is in {@code kept} came before that. */
  private boolean inputEnded;

  /** Whether the peer's side of TLS ended without a close_notify, so bytes may be missing. */
  private boolean inputCut;

  /** Whether the lane is closed, so nothing more can be written. */
  private boolean bothEnded;

  /** Whether the stream has had its final message. */
  private boolean streamEnded;

  /** What was sent and is not wholly written. */
  private final Parts parts = new Parts();

  /** Whether the last part is written, which nothing may follow. */
  private boolean outputEnded;

  /** Whether the end of this side has reached the socket. */
  private boolean outputOut;

  /** Whether it is a tunnel. What is asked for when that ends is for the next connection. */
  private boolean tunnel;

  /** Whether the engine has asked for the end of the connection. */
  private boolean over;

  /**
   * An engine for a link that was just made, or that is taken over.
   *
   * @param held what was asked for before the connection was established
   */
  public RawEngine(Held held) {
    this.held = held;
  }

  /**
   * An engine for a lane that is taken over.
   *
   * @param start the stream, its credit, and what was sent on it early
   */
  public RawEngine(Change.SpeakRaw start, Held held) {
    this(held);
    this.start = start;
  }

  @Override
  public void begin(Out out) {
    out.allowHalfClose();
    Change.SpeakRaw known = start;
    start = null;
    if (known != null) {
      begin(known, out);
      return; // what is held is for the next connection, or for other streams of this one
    }
    while (!held.isEmpty()) {
      command(held.remove(), out);
    }
  }

  private void begin(Change.SpeakRaw start, Out out) {
    stream = start.stream();
    tunnel = start.tunnel();
    credit = start.credit();
    for (Command.OfStream command : start.early()) {
      command(command, out);
    }
    readOn(out);
  }

  @Override
  public Protocol protocol() {
    return Protocol.RAW;
  }

  @Override
  public int streams() {
    return stream == null || streamEnded ? 0 : 1;
  }

  @Override
  public @Nullable Standing standing(StreamRef ref) {
    if (stream == null || streamEnded || ref != stream.ref()) {
      return null;
    }
    boolean stopping = inputEnded || outputEnded || over;
    return new Standing(stopping ? State.STOPPING : State.RUNNING, 0);
  }

  @Override
  public Optional<Reason> whyWaiting(StreamRef ref) {
    return held.streamsBefore(ref) < 0
        ? Optional.empty()
        : Optional.of(new Reason.Unprocessed("it waits for the end of a tunnel before it"));
  }

  // ---- commands

  @Override
  public void command(Command.OfStream command, Out out) {
    if (waits(command)) {
      held.take(command, out);
      return;
    }
    boolean ours = command.stream() == stream && !over;
    switch (command) {
      case Command.OfBody part -> {
        if (ours && bothEnded) {
          refuseUnwritten(part, new Reason.Closed(), out);
        } else if (ours && parts.add(part)) {
          drain(out);
        } else {
          refuse(part, out);
        }
      }
      case Command.Cancel(var target, var reason) -> {
        if (ours) {
          out.drop(target.inbox(), target.ref());
          over(reason, out);
        }
      }
      case Command.Credit(var target, var messages) -> {
        if (ours) {
          long more = credit + messages;
          credit = more < 0 ? Long.MAX_VALUE : more;
          readOn(out);
        }
      }
      case Command.Request request -> refuse(request, out);
      case Command.Upgrade upgrade -> refuse(upgrade, out);
      case Command.Connect connect -> refuse(connect, out);
      case Command.Raw raw -> {
        if (stream == null && !over) {
          begin(new Change.SpeakRaw(raw.stream(), raw.credit(), List.of()), out);
        } else if (tunnel) {
          refuse(raw, out);
        } else {
          Refusals.refuse(raw, new Reason.BadState("raw", "the connection has its stream"), out);
        }
      }
      case Command.Send send -> refuse(send, out);
      case Command.SendPart part -> refuse(part, out);
      case Command.GiveUp giveUp -> refuse(giveUp, out);
      case Command.SetKeepalive keepalive -> refuse(keepalive, out);
      case Command.SetPriority priority -> {
        if (ours) {
          Refusals.reject(priority, new Reason.BadState(priority.operation(), RAW), out);
        }
      }
    }
  }

  /** Whether it is for the next connection, which follows the end of a tunnel. */
  private boolean waits(Command.OfStream command) {
    Stream its = stream;
    boolean ends = outputEnded || inputEnded || over || (its != null && its.inbox().leaves());
    boolean patient = command instanceof Command.Connect connect && connect.patient();
    boolean begins = command instanceof Command.Begin && (ends || patient);
    return tunnel && (begins || held.has(command.stream()));
  }

  private void refuse(Command.OfStream command, Out out) {
    Reason unsent =
        tunnel && command instanceof Command.Begin
            ? new Reason.Unprocessed(TUNNEL)
            : new Reason.BadState(command.operation(), RAW);
    Refusals.refuse(command, unsent, out);
  }

  @Override
  public void writable(Out out) {
    drain(out);
  }

  private void drain(Out out) {
    if (over) {
      return;
    }
    try {
      if (parts.drain(Parts.Form.PLAIN, out)) {
        outputEnded = true;
        out.endOutput();
      }
    } catch (IOException e) { // the peer must not take what it has for the whole
      over(Refusals.unreadable(e), out);
    }
  }

  private void dropParts(Reason reason, Out out) {
    parts.removeAll().forEach(part -> refuseUnwritten(part, reason, out));
  }

  private static void refuseUnwritten(Command.OfBody part, Reason reason, Out out) {
    Refusals.refuse(part, new Reason.BadState(part.operation(), UNWRITTEN), reason, out);
  }

  // ---- what arrives

  @Override
  public void received(ByteBuf bytes, Out out) {
    if (kept.isEmpty()) {
      tell(bytes, out);
    }
    if (bytes.isReadable() && !over) {
      kept.keep(bytes);
      out.wanted(false);
    }
  }

  private void tell(ByteBuf bytes, Out out) {
    Stream its = stream;
    while (its != null && bytes.isReadable() && credit > 0 && !over) {
      if (credit != Long.MAX_VALUE) {
        credit--;
      }
      int size = Math.min(PIECE, bytes.readableBytes());
      Bytes part = Bytes.wrap(ByteBufUtil.getBytes(bytes, bytes.readerIndex(), size));
      bytes.skipBytes(size);
      out.tell(its.inbox(), new Data(its.ref(), false, part));
    }
  }

  /** Tells what is kept, as far as there is credit, and then reads the lane again. */
  private void readOn(Out out) {
    if (kept.isEmpty()) {
      return;
    }
    tell(kept.bytes(), out);
    if (kept.bytes().isReadable()) {
      return;
    }
    kept.release();
    if (inputEnded) {
      endInput(out);
    } else {
      out.wanted(true);
    }
  }

  @Override
  public void inputCut(Out out) {
    inputCut = !inputEnded;
  }

  @Override
  public void closed(Out out) {
    bothEnded = true;
    dropParts(new Reason.Closed(), out);
    inputClosed(out);
  }

  @Override
  public void inputClosed(Out out) {
    inputEnded = true;
    if (kept.isEmpty()) { // what is kept is told before the end
      endInput(out);
    }
  }

  private void endInput(Out out) {
    Stream its = stream;
    if (inputCut) {
      over(
          new Reason.Protocol(
              "the server ended TLS without a close_notify, so what it sent is incomplete",
              "RFC 8446 section 6.1"),
          out);
    } else if (its == null) {
      over(new Reason.Closed(), out); // no stream has begun, so nothing is lost
    } else {
      if (!streamEnded) {
        streamEnded = true;
        out.tell(its.inbox(), new Data(its.ref(), true, Bytes.EMPTY));
      }
      endWithBoth(out);
    }
  }

  @Override
  public void outputEnded(Out out) {
    outputOut = true;
    endWithBoth(out);
  }

  private void endWithBoth(Out out) {
    if (streamEnded && (outputOut || bothEnded)) {
      over(new Reason.Closed(), out);
    }
  }

  // ---- time and the end

  @Override
  public long deadline() {
    return NEVER;
  }

  @Override
  public void elapsed(Out out) {}

  /** What is in a tunnel ends first. Other raw bytes have no end that this side knows. */
  @Override
  public void shutdown(Out out) {
    Stream its = stream;
    if (tunnel && its != null && !over) {
      out.goodbye(its.inbox());
    } else {
      over(new Reason.OwnerClosed(), out);
    }
  }

  private void over(Reason reason, Out out) {
    if (!over) {
      over = true;
      out.become(new Change.Close(reason));
    }
  }

  @Override
  public boolean inGoodOrder() {
    return tunnel && streamEnded;
  }

  @Override
  public Casualties end(Reason reason, Out out) {
    over = true;
    dropParts(reason, out);
    kept.release();
    Stream its = stream;
    if (its == null) {
      return Casualties.NONE;
    }
    if (streamEnded) {
      its.gate().ended();
      return Casualties.NONE;
    }
    streamEnded = true;
    Refusals.fail(its, reason, out);
    return new Casualties(List.of(its.ref()), List.of());
  }
}
