package dev.lariat.internal.http2;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Parts;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.SentFile;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The body of a request on its way, part by part.
 *
 * <p>Its states:
 *
 * <ul>
 *   <li><b>awaiting consent</b>, if the head said {@code Expect: 100-continue}: the parts gather
 *       until the server sends 100 or the time for that is over;
 *   <li><b>sending</b>;
 *   <li><b>hurried</b>, when the response has ended before the body: the sender has until {@code
 *       deadline} to finish it;
 *   <li><b>complete</b>, when the last part is in frames, or <b>dropped</b>.
 * </ul>
 */
final class Upload implements Sender, Parts.Form {
  private static final Reason NOT_AWAITED =
      new Reason.BadState("data", "nothing more of the request's body is awaited");

  private final Http2Stream stream;
  private final Http2Engine engine;
  private final Sending sending;
  private final Out out;

  /** The parts that are not wholly in frames. */
  private final Parts parts = new Parts();

  /** How long to wait for the server's 100 response; null if it is not awaited. */
  private @Nullable Duration patience;

  /** When waiting for the consent ends, or, after the response's end, the time for the body. */
  private long deadline = Engine.NEVER;

  private boolean dropped;

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
    if (!parts.add(part)) {
      return false;
    }
    sendOn();
    return true;
  }

  private void sendOn() {
    if (ready()) {
      sending.wants(stream);
    }
  }

  // ---- time

  boolean awaitsConsent() {
    return patience != null;
  }

  /** The server consents, or has had its time to. */
  void consent() {
    patience = null;
    deadline = Engine.NEVER;
    sendOn();
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

  /** Whether the rest of the body is not sent. */
  boolean isDropped() {
    return dropped;
  }

  // ---- frames

  @Override
  public boolean ready() {
    return patience == null && !parts.isEmpty();
  }

  @Override
  public boolean needsWindow() {
    return parts.hasBytes();
  }

  @Override
  public void send(int most) throws IOException {
    if (parts.next(most, this, out)) {
      engine.sent(stream);
    }
  }

  @Override
  public void data(ByteBuffer piece, boolean ends, Out out) {
    sending.data(stream, piece, ends);
  }

  @Override
  public void file(SentFile file, long position, long size, boolean ends, Out out)
      throws IOException {
    sending.data(stream, file, position, (int) size, ends);
  }

  @Override
  public void end(Command.OfBody last, Out out) {
    if (stream.sentEnd) {
      return;
    }
    Headers trailers = last instanceof Command.Data data ? data.trailers() : Headers.EMPTY;
    if (trailers.isEmpty()) {
      sending.end(stream);
    } else {
      engine.trailers(stream, trailers);
    }
  }

  @Override
  public void drop(Reason reason) {
    if (dropped) {
      return;
    }
    dropped = true;
    patience = null;
    deadline = Engine.NEVER;
    parts.removeAll().forEach(part -> Refusals.refuse(part, NOT_AWAITED, reason, out));
    stream.stream.gate().ended();
    out.observer().requestFailed(stream.stream.ref(), reason);
  }
}
