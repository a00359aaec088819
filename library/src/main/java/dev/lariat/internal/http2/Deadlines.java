package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.CANCEL;

import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.PendingUpgrade;
import dev.lariat.message.Reason;
import dev.lariat.option.Timeouts;

/**
 * The times by which something must have happened on a stream of {@link Http2Engine}: the response,
 * the answer to an upgrade, the consent to a body and its end, and a window for what is sent.
 */
final class Deadlines {
  private final Http2Engine engine;
  private final Streams streams;
  private final Sending sending;
  private final Timeouts timeouts;

  /** A time that no deadline of a stream is before. */
  private long due = Engine.NEVER;

  @SuppressWarnings("NullAway.Init") // nothing is asked of it before begin
  private Out out;

  Deadlines(Http2Engine engine, Streams streams, Sending sending, Timeouts timeouts) {
    this.engine = engine;
    this.streams = streams;
    this.sending = sending;
    this.timeouts = timeouts;
  }

  void begin(Out out) {
    this.out = out;
  }

  /** A stream begins. */
  void began(Http2Stream stream) {
    if (stream.upgrade != null) {
      stream.upgrade.awaitUntil(out.now() + timeouts.upgrade().toNanos());
    }
    note(of(stream));
  }

  /** A deadline is at this time. */
  void note(long at) {
    due = Math.min(due, at);
  }

  /** When the server's windows must let out a byte of what they stop now. */
  long stuckUntil() {
    long until = out.now() + timeouts.write().toNanos();
    note(until);
    return until;
  }

  /** The response has ended before the request's body, whose sender may not care any more. */
  void hurry(Upload upload) {
    upload.hurry(out.now(), timeouts.closing().toNanos());
    note(upload.deadline());
  }

  private long of(Http2Stream stream) {
    long deadline = stream.over ? Engine.NEVER : stream.deadline;
    deadline = Math.min(deadline, sending.stuckAt(stream));
    if (stream.upgrade != null && !stream.informed()) {
      deadline = Math.min(deadline, stream.upgrade.deadline());
    }
    return stream.sender instanceof Upload upload
        ? Math.min(deadline, upload.deadline())
        : deadline;
  }

  /** When to call {@link #elapsed}, or earlier. */
  long next() {
    return due;
  }

  /** The time has come, or an earlier one. */
  void elapsed() {
    if (out.now() < due) {
      return;
    }
    due = Engine.NEVER;
    for (Http2Stream stream : streams.all()) {
      if (streams.has(stream)) {
        if (out.now() >= of(stream)) {
          late(stream);
        }
        if (streams.has(stream)) {
          note(of(stream));
        }
      }
    }
  }

  private void late(Http2Stream stream) {
    long now = out.now();
    Reason late = stream.late;
    PendingUpgrade upgrade = stream.upgrade;
    if (late != null && !stream.over && now >= stream.deadline) {
      engine.cancel(stream, late);
    } else if (upgrade != null && !stream.informed() && now >= upgrade.deadline()) {
      engine.fail(stream, new Reason.Timeout(Reason.Step.UPGRADE, timeouts.upgrade()), CANCEL);
    } else if (now >= sending.stuckAt(stream)) {
      engine.fail(stream, new Reason.Timeout(Reason.Step.WRITE, timeouts.write()), CANCEL);
    } else if (stream.sender instanceof Upload upload) {
      late(stream, upload);
    }
  }

  private void late(Http2Stream stream, Upload upload) {
    Reason late = upload.late(out.now());
    if (late != null) {
      engine.fail(stream, late, CANCEL);
    } else if (upload.awaitsConsent()) {
      upload.consent(); // a server need not say that it consents
    } else if (upload.isStarved()) {
      engine.fail(stream, new Reason.Timeout(Reason.Step.BODY, timeouts.closing()), CANCEL);
    } else {
      hurry(upload);
    }
  }
}
