package dev.lariat.internal.entrance;

import dev.lariat.FailedException;
import dev.lariat.internal.codec.LineDecoder;
import dev.lariat.internal.codec.Violation;
import dev.lariat.message.Bytes;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The lines of a body that are values, if the response is a success. */
final class ValueLines {
  private final LineDecoder decoder;
  private ByteBuffer current = ByteBuffer.allocate(0);
  private boolean begun;

  /**
   * A line.
   *
   * @param number from 1
   */
  record Line(long number, Bytes content) {}

  /** The response, within the deadline of a call. */
  interface Body {
    /** Its status and headers. */
    Response response();

    /** The next part; null after the last. */
    @Nullable Bytes next();

    /** Fails for this reason, whatever has failed before. */
    FailedException giveUp(Reason reason);
  }

  ValueLines(int limit) {
    this.decoder = new LineDecoder(limit);
  }

  /** The next line; empty after the last. */
  Optional<Line> next(Body body) {
    if (!begun) {
      begun = true;
      refuseFailure(body);
    }
    try {
      Bytes line = decoder.next(current);
      while (line == null) {
        Bytes more = body.next();
        if (more == null) {
          line = decoder.last();
          break;
        }
        current = more.asByteBuffer();
        line = decoder.next(current);
      }
      return line == null ? Optional.empty() : Optional.of(new Line(decoder.number(), line));
    } catch (Violation e) {
      throw body.giveUp(e.reason());
    }
  }

  /** Fails if the status is no success, with the beginning of the body, if it comes in time. */
  private static void refuseFailure(Body body) {
    Response response = body.response();
    if (Values.isSuccess(response.status())) {
      return;
    }
    ByteArrayOutputStream beginning = new ByteArrayOutputStream();
    try {
      Bytes more = body.next();
      while (more != null) {
        beginning.writeBytes(more.toArray());
        more = beginning.size() < Reason.Status.MOST_OF_BODY ? body.next() : null;
      }
    } catch (FailedException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      } // else the status says more
    }
    Bytes kept = Bytes.wrap(beginning.toByteArray());
    throw body.giveUp(Values.refusal(response.status(), response.headers(), kept));
  }
}
