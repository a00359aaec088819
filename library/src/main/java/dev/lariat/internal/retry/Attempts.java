package dev.lariat.internal.retry;

import dev.lariat.message.Reason;
import dev.lariat.option.Backoff;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Counts the attempts of one connection, one live connection or one call, and draws the delays
 * between them, by its retry policy.
 */
public final class Attempts {
  private static final Logger LOG = System.getLogger("dev.lariat");
  private static final Duration LONGEST = Duration.ofDays(365); // fits nanoseconds in a long

  private final Backoff retry;
  private final RandomGenerator random;
  private int attempt; // the one that comes or runs; 0 is the very first, which open makes

  /** A count that begins. */
  public Attempts(Backoff retry, RandomGenerator random) {
    this.retry = retry;
    this.random = random;
  }

  /** How many attempts were made in a row. */
  public int attempt() {
    return attempt;
  }

  /** An established connection was lost after this time. */
  public void lostAfter(long nanos) {
    if (nanos >= retry.stable().toNanos()) {
      restart();
    }
  }

  /** An established connection was lost that had done what it was there for. */
  public void restart() {
    attempt = 0;
  }

  /** The delay before the next attempt; empty when there is to be none. */
  public Optional<Duration> next(Reason reason) {
    if (retry.schedule().isEmpty() && attempt >= retry.attempts() && attempt < Backoff.FOREVER) {
      return Optional.empty();
    }
    int next = attempt + 1;
    Optional<Duration> delay = scheduled(next, reason);
    if (delay.isPresent()) {
      attempt = next;
    }
    return delay.map(d -> d.isNegative() ? Duration.ZERO : d);
  }

  private Optional<Duration> scheduled(int attempt, Reason reason) {
    if (retry.schedule().isEmpty()) {
      return Optional.of(delay(attempt));
    }
    try {
      Optional<Duration> delay =
          Objects.requireNonNull(retry.schedule().get().delay(attempt, reason));
      return delay.map(d -> d.compareTo(LONGEST) > 0 ? LONGEST : d);
    } catch (Exception e) { // a checked one too: other languages do not check them
      LOG.log(Level.ERROR, "The retry schedule threw. The policy's backoff is used instead.", e);
      return Optional.of(delay(attempt));
    }
  }

  private Duration delay(int attempt) {
    if (retry.immediate() && attempt == 1) {
      return Duration.ZERO;
    }
    int steps = attempt - (retry.immediate() ? 2 : 1);
    double grown =
        (double) retry.first().toNanos() * Math.pow(retry.factor(), steps); // infinite in the end
    double full = Math.min((double) retry.cap().toNanos(), grown);
    return Duration.ofNanos((long) (retry.jitter() ? full * random.nextDouble() : full));
  }
}
