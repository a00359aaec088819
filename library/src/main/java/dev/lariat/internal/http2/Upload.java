package dev.lariat.internal.http2;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.message.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request on its way, part by part.
 *
 * <p>Its states: <b>awaiting consent</b>, if the head said {@code Expect: 100-continue}: the parts
 * gather until the server sends 100 or the time for that is over; <b>sending</b>; <b>hurried</b>,
 * when the response has ended before the body: the sender has until {@code deadline} to finish it;
 * and <b>complete</b>, or <b>dropped</b>.
 *
 * <p>A part stays in {@code parts} until all of it is in frames, so {@link #drop} answers each part
 * exactly once.
 */
final class Upload implements Sender {
  private static final Reason NOT_AWAITED =
      new Reason.BadState("data", "nothing more of the request's body is awaited");

  private final Http2Stream stream;
  private final Http2Engine engine;
  private final Sending sending;
  private final Out out;

  /** The parts that are not wholly in frames. */
  private final Deque<Command.OfBody> parts = new ArrayDeque<>(2);

  /** How many bytes of the first of {@code parts} are in frames. */
  private long written;

  /** How long to wait for the server's 100 response; null if it is not awaited. */
  private @Nullable Duration patience;

  /** When waiting for the consent ends, or, after the response's end, the time for the body. */
  private long deadline = Engine.NEVER;

  /** Whether the last part was added. */
  private boolean whole;

  Upload(
      Http2Stream stream,
      Http2Engine engine,
      Sending sending,
      @Nullable Duration patience,
      Out out) {
    this.stream = stream;
    this.engine = engine;
    this.sending = sending;
    this.patience = patience;
    this.out = out;
    if (patience != null) {
      deadline = out.now() + patience.toNanos();
    }
  }

  /** Sends this part after those that wait; false after the last part, which nothing may follow. */
  boolean add(Command.OfBody part) {
    if (whole) {
      return false;
    }
    whole = part.last();
    parts.add(part);
    if (ready()) {
      sending.wants(stream);
    }
    return true;
  }

  // ---- time

  boolean awaitsConsent() {
    return patience != null;
  }

  /** The server consents, or has had its time to. */
  void consent() {
    patience = null;
    deadline = Engine.NEVER;
    if (ready()) {
      sending.wants(stream);
    }
  }

  /** The response has ended: the sender has this long to finish the body. */
  void hurry(long now, long time) {
    deadline = now + time;
  }

  long deadline() {
    return deadline;
  }

  /** Whether it is the sender who is slow, and not the server. */
  boolean isStarved() {
    return parts.isEmpty();
  }

  // ---- frames

  @Override
  public boolean ready() {
    return patience == null && !parts.isEmpty();
  }

  @Override
  public void send(int most) throws IOException {
    Command.OfBody part = parts.element();
    boolean complete =
        switch (part) {
          case Command.Data data -> send(data, most);
          case Command.SendFile file -> send(file, most);
        };
    if (!complete) {
      return;
    }
    written = 0;
    parts.remove();
    if (part.last()) {
      stream.stream.gate().ended();
      engine.sent(stream);
    }
  }

  private boolean send(Command.Data data, int most) {
    ByteBuffer payload = data.payload();
    int from = payload.position() + (int) written;
    int size = Math.min(most, payload.limit() - from);
    written += size;
    boolean complete = written == payload.remaining();
    boolean trailed = !data.trailers().isEmpty();
    boolean ends = complete && data.last() && !trailed;
    if (size > 0 || ends) {
      sending.data(stream, payload.slice(from, size), ends);
    }
    if (!complete) {
      return false;
    }
    if (trailed) {
      engine.trailers(stream, data.trailers());
    }
    data.gate().left(data.bytes());
    Fate fate = data.fate();
    if (fate != null && data.last()) {
      out.follow(fate);
    }
    return true;
  }

  private boolean send(Command.SendFile file, int most) throws IOException {
    int size = (int) Math.min(most, file.size() - written);
    boolean complete = written + size == file.size();
    if (size > 0) {
      sending.data(stream, file.file(), file.position() + written, size, complete);
    } else {
      sending.end(stream);
    }
    written += size;
    if (complete) {
      out.follow(file.fate());
    }
    return complete;
  }

  @Override
  public void drop(Reason reason) {
    whole = true;
    while (!parts.isEmpty()) {
      Refusals.refuse(parts.remove(), NOT_AWAITED, reason, out);
    }
    stream.stream.gate().ended();
  }
}
