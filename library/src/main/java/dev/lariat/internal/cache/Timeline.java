package dev.lariat.internal.cache;

import java.time.Duration;
import java.time.Instant;

/**
 * A time that never runs back, and never slower than the machine's steady clock, although someone
 * may set the time of day back: or what is stored would stay fresh for longer than its server said.
 */
public final class Timeline {
  private Instant last;
  private long nanos;

  /** Begins at this time of day, and this reading of the steady clock. */
  public Timeline(Instant now, long nanos) {
    this.last = now;
    this.nanos = nanos;
  }

  /** The time on it. */
  public Instant at(Instant now, long nanosNow) {
    Instant least = last.plusNanos(Math.max(0, nanosNow - nanos));
    last = now.isAfter(least) ? now : least;
    nanos = Math.max(nanos, nanosNow);
    return last;
  }

  /** How long something took that began then. */
  static Duration since(Instant then, Instant now) {
    return now.isBefore(then) ? Duration.ZERO : Duration.between(then, now);
  }
}
