package dev.lariat.cli;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** What a load has measured: latencies in microseconds, and errors by reason. For all threads. */
final class Tally {
  private static final int DIGITS = 3;
  private static final long LONGEST =
      TimeUnit.HOURS.toMicros(1); // a latency that is longer counts so
  private static final int REASONS = 20; // a server can make up any number of them

  private final Recorder recorder = new Recorder(LONGEST, DIGITS);
  private final Histogram all = new Histogram(LONGEST, DIGITS);

  // under the lock
  private final Map<String, Long> errors = new LinkedHashMap<>();
  private long unsent;
  private long reconnects;
  private Duration measured = Duration.ZERO;

  /** A request was answered. */
  void answered(Duration latency) {
    recorder.recordValue(Math.clamp(latency.toNanos() / 1000, 0, LONGEST));
  }

  /** A request or an attempt to connect has failed. */
  synchronized void failed(String reason) {
    boolean known = errors.containsKey(reason) || errors.size() < REASONS;
    errors.merge(known ? reason : "Other reasons.", 1L, Long::sum);
  }

  /**
   * The measurement ended before a planned request was sent. It counts in the latencies, with what
   * it had waited until then: leaving it out would hide that the server was too slow.
   */
  void unsent(Duration waited) {
    answered(waited);
    synchronized (this) {
      unsent++;
    }
  }

  synchronized void reconnected() {
    reconnects++;
  }

  /** The measurement has taken this long more. */
  synchronized void measured(Duration more) {
    measured = measured.plus(more);
  }

  /** The latencies up to now. */
  synchronized Histogram latencies() {
    all.add(recorder.getIntervalHistogram());
    return all.copy();
  }

  synchronized Map<String, Long> errors() {
    return new LinkedHashMap<>(errors);
  }

  synchronized long failures() {
    return errors.values().stream().mapToLong(Long::longValue).sum();
  }

  synchronized long unsent() {
    return unsent;
  }

  synchronized long reconnects() {
    return reconnects;
  }

  synchronized Duration measured() {
    return measured;
  }

  /** How many were answered. */
  long answers() {
    return latencies().getTotalCount() - unsent();
  }

  double perSecond() {
    return measured().isZero() ? 0 : answers() * 1e9 / measured().toNanos();
  }
}
