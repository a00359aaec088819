package dev.lariat.internal.http2;

import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.RequestBody;
import dev.lariat.internal.protocol.SentFile;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The body of a request. It is <b>complete</b> when its last part is in frames. */
final class Upload extends RequestBody implements Sender {
  private static final Reason NOT_AWAITED =
      new Reason.BadState("data", "nothing more of the request's body is awaited");

  private final Http2Stream stream;
  private final Http2Engine engine;
  private final Sending sending;
  private final Out out;

  private boolean dropped;

  Upload(
      Http2Stream stream,
      Command.Request request,
      Http2Engine engine,
      Sending sending,
      @Nullable Duration patience,
      Out out) {
    super(request, patience);
    this.stream = stream;
    this.engine = engine;
    this.sending = sending;
    this.out = out;
    expectConsent(out.now());
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

  @Override
  public void consent() {
    super.consent();
    sendOn();
  }

  /** Whether the rest of the body is not sent. */
  boolean isDropped() {
    return dropped;
  }

  // ---- frames

  @Override
  public boolean ready() {
    return !awaitsConsent() && !parts.isEmpty();
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
    drop(stream.stream, NOT_AWAITED, reason, out);
    out.observer().requestFailed(stream.stream.ref(), reason);
  }
}
