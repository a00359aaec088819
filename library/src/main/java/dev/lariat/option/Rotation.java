package dev.lariat.option;

import java.time.Duration;

/**
 * How one session of a live connection takes over from another, before the first has ended.
 *
 * @param maxAge how old a session may become before the next one is opened: 1 s to 365 days. The
 *     last tenth of it is drawn at random, so that clients that began together do not rotate
 *     together. A year, as good as never, by default
 * @param drain how long the old session has to end, once the new one is open: to write what waits
 *     to be written on it, and to deliver what the server still sends before its close frame: 1 ms
 *     to 365 days, 5 s by default
 */
public record Rotation(Duration maxAge, Duration drain) {

  /** By the user's signal only. */
  public static final Rotation DEFAULT = new Rotation(Range.MAX, Duration.ofSeconds(5));

  /** Checks both. */
  public Rotation {
    Range.check("rotation.maxAge", maxAge, Duration.ofSeconds(1));
    Range.check("rotation.drain", drain, Range.MIN);
  }

  /** The same with another age. */
  public Rotation maxAge(Duration maxAge) {
    return new Rotation(maxAge, drain);
  }

  /** The same with another time for the old session. */
  public Rotation drain(Duration drain) {
    return new Rotation(maxAge, drain);
  }
}
