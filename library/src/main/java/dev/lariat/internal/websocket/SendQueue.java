package dev.lariat.internal.websocket;

import dev.lariat.event.FrameType;
import dev.lariat.internal.codec.Deflation;
import dev.lariat.internal.codec.FrameEncoder;
import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.codec.Shared;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.FrameObserver;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Outgoing;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.SparseQueue;
import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Everything that a WebSocket sends, in the order in which it goes out. Frames are written at once
 * while the lane takes them, and wait here otherwise: a peer that does not read costs memory that
 * the stream's gate has counted, and never blocks the loop.
 *
 * <p>{@link #drain} writes, in this order:
 *
 * <ol>
 *   <li>the pong that is owed. Only the newest ping needs an answer (RFC 6455 section 5.5.3), so a
 *       peer cannot pile up pongs here;
 *   <li>the owner's pings and pongs, which may stand between the fragments of a message;
 *   <li>the rest of the message whose first fragment was written, since no other data may stand
 *       between its fragments (section 5.4);
 *   <li>what waits: whole messages, parts of messages that have not begun, and the close frame, in
 *       the order in which they were asked for.
 * </ol>
 *
 * <p>A part is in {@code begun} if its message has begun, and in {@code waiting} otherwise. {@link
 * #begin} moves the parts of a message when it begins. Nothing follows a close frame.
 */
final class SendQueue {
  /** The encoder and the buffer that all WebSockets of the event loop share. */
  private final Shared shared;

  /** Compresses data frames; null if no compression was agreed. */
  private final @Nullable Deflation deflation;

  /** Is called with each unfragmented frame when it is written. */
  private final Consumer<Frame> wrote;

  /** Is called with every frame; null if no listener wants frames. */
  private @Nullable FrameObserver observer;

  /** How many frames were written since the handshake. */
  private long sent;

  /** The payload of the newest ping that is not answered; null if every ping is answered. */
  private @Nullable Bytes owedPong;

  /** The owner's pings and pongs that wait for the lane. */
  private final SparseQueue<Command.Send> controls = new SparseQueue<>();

  /** The message whose first fragment was written and whose last was not; null between messages. */
  private @Nullable Begun begun;

  /** Whole messages, parts of messages that have not begun, and the close frame at the end. */
  private final SparseQueue<Command.OfStream> waiting = new SparseQueue<>();

  /** Whether a close frame was written, which nothing may follow. */
  private boolean closed;

  /**
   * A message that goes out in fragments.
   *
   * @param parts those that wait for the lane
   */
  private record Begun(Outgoing message, boolean compressed, SparseQueue<Command.SendPart> parts) {

    /** Whether the last part is here. */
    boolean isWhole() {
      return parts.stream().anyMatch(Command.SendPart::fin);
    }
  }

  /**
   * An empty queue.
   *
   * @param wrote is called with each unfragmented frame when it is written
   */
  SendQueue(Shared shared, @Nullable Deflation deflation, Consumer<Frame> wrote) {
    this.shared = shared;
    this.deflation = deflation;
    this.wrote = wrote;
  }

  /** Calls this observer with every frame from now on. */
  void observe(FrameObserver observer) {
    this.observer = observer;
  }

  /** How many frames were written. */
  long sent() {
    return sent;
  }

  /** Sends a text or binary message after what waits. */
  void data(Command.Send send, Out out) {
    if (begun == null && waiting.isEmpty() && noneOvertakes() && out.writable()) {
      write(send, out);
    } else {
      waiting.add(send);
    }
  }

  /** Sends a part of a message, once those before it are written. */
  void part(Command.SendPart part, Out out) {
    Begun its = begun;
    if (its != null && its.message == part.message()) {
      its.parts.add(part);
    } else {
      waiting.add(part);
    }
    drain(out);
  }

  private boolean noneOvertakes() {
    return owedPong == null && controls.isEmpty();
  }

  /** Sends a ping or pong as soon as the lane takes it, before all data. */
  void control(Command.Send send, Out out) {
    if (noneOvertakes() && out.writable()) {
      write(send, out);
    } else {
      controls.add(send);
    }
  }

  /** Answers a ping. While the lane takes nothing, only the newest ping stays to be answered. */
  void pong(Bytes payload, Out out) {
    if (closed) {
      return;
    }
    owedPong = payload;
    drain(out);
  }

  /**
   * Sends a close frame after what waits. Messages whose last part has not come can never be
   * finished: they are refused, and so is what would have to wait for them.
   */
  void close(Command.Send close, Reason refusal, Out out) {
    if (begun != null && !begun.isWhole()) {
      refuseData(refusal, refusal, out);
    } else {
      refuseUnfinished(refusal, out);
    }
    waiting.add(close);
    drain(out);
  }

  /** Sends a close frame now, before all that waits. It may be the one that waits at the end. */
  void closeNow(Close close, Out out) {
    if (closed) {
      return;
    }
    if (waiting.peekLast() instanceof Command.Send last && last.frame() == close) {
      waiting.removeLast();
      write(last, out);
    } else {
      write(close, Payload.of(close), out);
    }
  }

  /**
   * Forgets a message that gets no further parts, unless its first fragment was written.
   *
   * @return whether its first fragment was written and its last part is missing, so that the peer
   *     waits for the rest
   */
  boolean giveUp(Outgoing message, Reason reason, Out out) {
    if (begun != null && begun.message == message) {
      return !begun.isWhole();
    }
    Refusals.refuseAll(waiting, command -> command.isPartOf(message), reason, reason, out);
    message.lose(reason);
    return false;
  }

  /** Sends a keepalive ping now, even if the lane takes nothing. */
  void probe(Ping ping, Out out) {
    write(ping, ping.payload().asByteBuffer(), out);
  }

  /** Writes what waits, as long as the lane takes it. */
  void drain(Out out) {
    while (!closed && out.writable()) {
      Bytes pong = owedPong;
      Begun its = begun;
      if (pong != null) {
        owedPong = null;
        write(new Pong(pong), pong.asByteBuffer(), out);
      } else if (!controls.isEmpty()) {
        write(controls.remove(), out);
      } else if (its != null && !its.parts.isEmpty()) {
        write(its, its.parts.remove(), false, out);
      } else if (its == null && !waiting.isEmpty()) {
        next(out);
      } else {
        return;
      }
    }
  }

  private void next(Out out) {
    Command.OfStream next = waiting.remove();
    if (next instanceof Command.Send send) {
      write(send, out);
    } else if (next instanceof Command.SendPart part) {
      begin(part, out);
    }
  }

  /** Writes the first part of a message, which those after it need not wait for any more. */
  private void begin(Command.SendPart first, Out out) {
    Outgoing message = first.message();
    boolean compressed = // with more parts to come it may become large
        deflation != null && (!first.fin() || deflation.isWorth(first.payload().remaining()));
    Begun its = new Begun(message, compressed, new SparseQueue<>());
    for (Iterator<Command.OfStream> i = waiting.iterator(); i.hasNext(); ) {
      if (i.next() instanceof Command.SendPart part && part.message() == message) {
        its.parts.add(part);
        i.remove();
      }
    }
    write(its, first, true, out);
  }

  // ---- refusing

  /**
   * Refuses all that waits.
   *
   * @param why the reason that their fates get
   */
  void refuse(Reason reason, Reason why, Out out) {
    Refusals.refuseAll(controls, command -> true, reason, why, out);
    refuseData(reason, why, out);
  }

  private void refuseData(Reason reason, Reason why, Out out) {
    Begun unfinished = begun;
    if (unfinished != null) {
      Refusals.refuseAll(unfinished.parts, command -> true, reason, why, out);
    }
    Refusals.refuseAll(waiting, command -> true, reason, why, out);
    if (unfinished != null) {
      begun = null;
      unfinished.message.lose(why);
    }
  }

  private void refuseUnfinished(Reason reason, Out out) {
    List<Outgoing> finished = new ArrayList<>(0);
    for (Command.OfStream command : waiting) {
      if (command instanceof Command.SendPart part && part.fin()) {
        finished.add(part.message());
      }
    }
    Refusals.refuseAll(
        waiting,
        command -> command instanceof Command.SendPart part && !finished.contains(part.message()),
        reason,
        reason,
        out);
  }

  /** Frees what compression holds. */
  void release() {
    if (deflation != null) {
      deflation.release();
    }
  }

  // ---- writing

  private void write(Command.Send send, Out out) {
    write(send.frame(), send.payload(), out);
    send.gate().left(send.bytes());
    follow(send.fate(), out);
  }

  private static void follow(@Nullable Fate fate, Out out) {
    if (fate != null) {
      out.follow(fate);
    }
  }

  private void write(Frame frame, ByteBuffer payload, Out out) {
    boolean compressed = false;
    ByteBuffer carried = payload;
    if (deflation != null
        && (frame instanceof Text || frame instanceof Binary)
        && deflation.isWorth(payload.remaining())) {
      compressed = true;
      carried = deflation.deflate(payload, shared.scratch);
    }
    if (observer == null) {
      encode(frame, compressed, carried, out);
    } else {
      boolean deflated = compressed;
      ByteBuffer octets = carried;
      observer.sends(
          frame, deflated, octets.remaining(), () -> encode(frame, deflated, octets, out));
    }
    if (frame instanceof Close) {
      closed = true;
      release();
    }
    wrote.accept(frame);
  }

  private void encode(Frame frame, boolean compressed, ByteBuffer carried, Out out) {
    ByteBuf room = out.room(FrameEncoder.size(carried.remaining()));
    shared.encoder.encode(room, frame, compressed, carried);
    sent++;
  }

  private void write(Begun its, Command.SendPart part, boolean first, Out out) {
    Outgoing message = its.message;
    boolean fin = part.fin();
    ByteBuffer carried = part.payload();
    if (deflation != null && its.compressed) {
      carried = deflation.deflate(carried, fin, shared.scratch);
    }
    ByteBuffer octets = carried;
    if (observer == null) {
      encode(its, first, fin, octets, out);
    } else {
      FrameType whole = message.isText() ? FrameType.TEXT : FrameType.BINARY;
      observer.sends(
          first ? whole : FrameType.CONTINUATION,
          fin,
          its.compressed,
          octets.remaining(),
          () -> encode(its, first, fin, octets, out));
    }
    begun = fin ? null : its;
    message.gate().left(part.bytes());
    if (fin) {
      out.follow(message.fate());
    }
  }

  private void encode(Begun its, boolean first, boolean fin, ByteBuffer carried, Out out) {
    ByteBuf room = out.room(FrameEncoder.size(carried.remaining()));
    shared.encoder.encode(room, its.message.isText(), first, fin, its.compressed, carried);
    sent++;
  }
}
