package dev.lariat.option;

import java.time.Duration;

/**
 * How a dead peer is detected. If nothing arrives for {@code interval}, Lariat sends a ping. If
 * nothing arrives within {@code deadline} after that, Lariat ends the connection. Any byte that
 * arrives is a sign of life.
 *
 * @param interval the silence before a ping: 1 ms to 365 days, 30 s by default
 * @param deadline how long the answer may take: 1 ms to 365 days, 10 s by default
 */
public record Keepalive(Duration interval, Duration deadline) {

  /** A ping after 30 s, an answer within 10 s. */
  public static final Keepalive DEFAULT =
      new Keepalive(Duration.ofSeconds(30), Duration.ofSeconds(10));

  /** In effect never: a ping after a year of silence. */
  public static final Keepalive OFF = new Keepalive(Range.MAX, Range.MAX);

  /** Checks both. */
  public Keepalive {
    Range.check("keepalive.interval", interval, Range.MIN);
    Range.check("keepalive.deadline", deadline, Range.MIN);
  }

  /**
   * {@return a ping after this silence, with the default deadline for its answer}
   *
   * @param interval the interval
   */
  public static Keepalive every(Duration interval) {
    return new Keepalive(interval, DEFAULT.deadline);
  }

  /**
   * Sets how long the answer to a ping may take: 1 ms to 365 days, 10 s by default.
   *
   * @param deadline the timeout
   * @return a copy of these options with this value
   */
  public Keepalive deadline(Duration deadline) {
    return new Keepalive(interval, deadline);
  }
}
