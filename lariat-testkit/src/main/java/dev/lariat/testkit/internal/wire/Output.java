package dev.lariat.testkit.internal.wire;

import dev.lariat.internal.transport.Time;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;

/** What goes out on a wire, with the faults of a bad way. */
final class Output {
  private static final long ALL = Long.MAX_VALUE;

  private final Wire wire;
  private final Time time;
  private Duration pause = Duration.ZERO; // between bytes
  private long left = ALL; // before it is cut
  private boolean ended;

  Output(Wire wire, Time time) {
    this.wire = wire;
    this.time = time;
  }

  /** From now on there is a pause behind each byte. */
  void slow(Duration pause) {
    this.pause = pause;
  }

  /** Ends this side when so many bytes more were written; what is written then goes nowhere. */
  void cutAfter(long bytes) throws IOException {
    left = bytes;
    if (left == 0) {
      cut();
    }
  }

  void write(byte[] bytes) throws IOException {
    if (ended) {
      return;
    }
    int count = (int) Math.min(left, bytes.length);
    if (pause.isZero()) {
      wire.write(bytes, 0, count);
    } else {
      trickle(bytes, count);
    }
    if (left != ALL) {
      left -= count;
      if (left == 0) {
        cut();
      }
    }
  }

  private void trickle(byte[] bytes, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      wire.write(bytes, i, 1);
      try {
        time.pause(pause);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      }
    }
  }

  private void cut() throws IOException {
    ended = true;
    wire.cut();
  }

  /** Ends this side in good order, unless it has ended. */
  void end() throws IOException {
    if (!ended) {
      ended = true;
      wire.endOutput();
    }
  }
}
