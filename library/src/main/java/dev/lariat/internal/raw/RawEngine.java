package dev.lariat.internal.raw;

import dev.lariat.event.StreamInfo.State;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Out;
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
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
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
  private static final String UNWRITTEN = "the connection ended before it was written";

  /** The connection's commands that no engine has taken yet. */
  private final Held held;

  /** The stream of an upgrade, with what was sent on it early; null once it has begun. */
  private Change.@Nullable SpeakRaw start;

  /** The one stream; null before it has begun. */
  private @Nullable Stream stream;

  /** How many messages may still be told; {@code Long.MAX_VALUE} if there is no limit. */
  private long credit;

  /** Bytes that have come and for which there is no credit; null if there are none. */
  private @Nullable ByteBuf kept;

  /** Whether the peer has ended its side. What is in {@code kept} came before that. */
  private boolean inputEnded;

  /** Whether the peer's side of TLS ended without a close_notify, so bytes may be missing. */
  private boolean inputCut;

  /** Whether the lane is closed, so nothing more can be written. */
  private boolean bothEnded;

  /** Whether the stream has had its final message. */
  private boolean told;

  /** What was sent and is not wholly written. */
  private final Deque<Command.OfBody> parts = new ArrayDeque<>(2);

  /** How many bytes of the first of {@code parts} are written. */
  private long written;

  /** Whether the last part is written, which nothing may follow. */
  private boolean outputEnded;

  /** Whether the end of this side has reached the socket. */
  private boolean outputOut;

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
    }
    while (!held.isEmpty()) {
      command(held.remove(), out);
    }
  }

  private void begin(Change.SpeakRaw start, Out out) {
    stream = start.stream();
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
    return stream == null || told ? 0 : 1;
  }

  @Override
  public @Nullable Standing standing(StreamRef ref) {
    if (stream == null || told || ref != stream.ref()) {
      return null;
    }
    boolean stopping = inputEnded || outputEnded || over;
    return new Standing(stopping ? State.STOPPING : State.RUNNING, 0);
  }

  // ---- commands

  @Override
  public void command(Command.OfStream command, Out out) {
    boolean ours = command.stream() == stream && !over;
    switch (command) {
      case Command.OfBody part -> {
        if (ours && bothEnded) {
          refuseUnwritten(part, new Reason.Closed(), out);
        } else if (ours && !outputEnded) {
          parts.add(part);
          drain(out);
        } else {
          refuse(part, out);
        }
      }
      case Command.Cancel(var target, var reason) -> {
        if (ours) {
          target.inbox().drop(target.ref());
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
      case Command.Raw raw -> {
        if (stream == null && !over) {
          begin(new Change.SpeakRaw(raw.stream(), raw.credit(), List.of()), out);
        } else {
          Refusals.refuse(raw, new Reason.BadState("raw", "the connection has its stream"), out);
        }
      }
      case Command.Send send -> refuse(send, out);
      case Command.SendPart part -> refuse(part, out);
      case Command.GiveUp giveUp -> refuse(giveUp, out);
      case Command.SetKeepalive keepalive -> refuse(keepalive, out);
    }
  }

  private static void refuse(Command.OfStream command, Out out) {
    Refusals.refuse(command, new Reason.BadState(command.operation(), RAW), out);
  }

  @Override
  public void writable(Out out) {
    drain(out);
  }

  private void drain(Out out) {
    try {
      drainParts(out);
    } catch (IOException e) { // the peer must not take what it has for the whole
      over(Refusals.unreadable(e), out);
    }
  }

  private void drainParts(Out out) throws IOException {
    while (!parts.isEmpty() && !over && out.writable()) {
      boolean whole =
          switch (parts.element()) {
            case Command.Data data -> write(data, out);
            case Command.SendFile file -> write(file, out);
          };
      if (whole) {
        written = 0;
        Command.OfBody part = parts.remove();
        if (part.last()) {
          outputEnded = true;
          part.stream().gate().ended();
          out.endOutput();
        }
      }
    }
  }

  private boolean write(Command.Data data, Out out) {
    ByteBuffer payload = data.payload();
    int from = payload.position() + (int) written;
    int size = Math.min(PIECE, payload.limit() - from);
    if (size > 0) {
      out.write(Unpooled.wrappedBuffer(payload.slice(from, size)));
      written += size;
    }
    boolean whole = written == payload.remaining();
    Fate fate = data.fate();
    if (whole) {
      data.gate().left(data.bytes());
    }
    if (whole && data.last() && fate != null) {
      out.follow(fate);
    }
    return whole;
  }

  private boolean write(Command.SendFile file, Out out) throws IOException {
    long size = Math.min(PIECE, file.size() - written);
    if (size > 0) {
      out.write(file.file(), file.position() + written, size);
      written += size;
    }
    boolean whole = written == file.size();
    if (whole) {
      out.follow(file.fate());
    }
    return whole;
  }

  private void dropParts(Reason reason, Out out) {
    while (!parts.isEmpty()) {
      refuseUnwritten(parts.remove(), reason, out);
    }
  }

  private static void refuseUnwritten(Command.OfBody part, Reason reason, Out out) {
    Refusals.refuse(part, new Reason.BadState(part.operation(), UNWRITTEN), reason, out);
  }

  // ---- what arrives

  @Override
  public void received(ByteBuf bytes, Out out) {
    ByteBuf before = kept;
    if (before != null) {
      before.writeBytes(bytes);
      return;
    }
    tell(bytes, out);
    if (bytes.isReadable() && !over) {
      kept = Unpooled.buffer(bytes.readableBytes()).writeBytes(bytes);
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
    ByteBuf bytes = kept;
    if (bytes == null) {
      return;
    }
    tell(bytes, out);
    if (bytes.isReadable()) {
      return;
    }
    kept = null;
    bytes.release();
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
    if (kept == null) { // what is kept is told before the end
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
      if (!told) {
        told = true;
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
    if (told && (outputOut || bothEnded)) {
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

  @Override
  public void shutdown(Out out) {
    over(new Reason.OwnerClosed(), out);
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
    dropParts(reason, out);
    if (kept != null) {
      kept.release();
      kept = null;
    }
    Stream its = stream;
    if (its == null) {
      return Casualties.NONE;
    }
    if (told) {
      its.gate().ended();
      return Casualties.NONE;
    }
    told = true;
    Refusals.fail(its, reason, out);
    return new Casualties(List.of(its.ref()), List.of());
  }
}
