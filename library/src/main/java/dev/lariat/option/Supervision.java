package dev.lariat.option;

import java.time.Duration;
import java.util.Optional;

/**
 * How a supervisor treats its children, by the terms of OTP.
 *
 * @param strategy who is restarted with a child that is; that child alone by default
 * @param intensity how many restarts there may be within {@code period}: 0 to 1000000, 1 by
 *     default. With one more, the supervisor ends all children and itself. The restart of a whole
 *     group counts as one, for the child that caused it
 * @param period how long a restart counts: 1 ms to 365 days, 5 s by default. One that is exactly so
 *     old still counts
 * @param platform where the children live; the machine by default
 */
public record Supervision(
    Strategy strategy, int intensity, Duration period, Optional<Platform> platform) {

  /** As OTP has it: each child alone, and no more than one restart within 5 s. */
  public static final Supervision DEFAULT =
      new Supervision(Strategy.ONE_FOR_ONE, 1, Duration.ofSeconds(5), Optional.empty());

  /** Who is restarted with a child that is. */
  public enum Strategy {
    /** Nobody. */
    ONE_FOR_ONE,
    /** All other children: they are ended, the last started first, and all start again in order. */
    ONE_FOR_ALL,
    /** The children that were started after it, in the same way. */
    REST_FOR_ONE
  }

  /** When a child is started again after its end. */
  public enum Restart {
    /** Always. */
    PERMANENT,
    /** After an abnormal end only: it threw. */
    TRANSIENT,
    /** Never, not even with its group. When it has ended, the supervisor forgets it. */
    TEMPORARY
  }

  /** Checks every component. */
  public Supervision {
    Range.check("supervision.intensity", intensity, 0, 1_000_000);
    Range.check("supervision.period", period, Range.MIN);
  }

  /** The same with another strategy. */
  public Supervision strategy(Strategy strategy) {
    return new Supervision(strategy, intensity, period, platform);
  }

  /** The same with another number of restarts. */
  public Supervision intensity(int intensity) {
    return new Supervision(strategy, intensity, period, platform);
  }

  /** The same with another time within which restarts count. */
  public Supervision period(Duration period) {
    return new Supervision(strategy, intensity, period, platform);
  }

  /** The same on this platform. */
  public Supervision platform(Platform platform) {
    return new Supervision(strategy, intensity, period, Optional.of(platform));
  }
}
