package dev.lariat.option;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How a supervisor treats its children, by the terms of OTP. */
public final class Supervision {

  /** As OTP has it: each child alone, and no more than one restart within 5 s. */
  public static final Supervision DEFAULT = new Supervision(new Values());

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

  private final Values values;

  private Supervision(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return who is restarted with a child that is} */
  public Strategy strategy() {
    return values.strategy;
  }

  /**
   * Sets who is restarted with a child that is; nobody by default.
   *
   * @param strategy the strategy
   * @return a copy of these options with this value
   */
  public Supervision strategy(Strategy strategy) {
    return with(draft -> draft.strategy = strategy);
  }

  /** {@return how many restarts there may be within {@code period}} */
  public int intensity() {
    return values.intensity;
  }

  /**
   * Sets how many restarts there may be within {@code period}: 0 to 1000000, 1 by default. With one
   * more, the supervisor ends all children and itself. The restart of a whole group counts as one,
   * for the child that caused it.
   *
   * @param intensity the number of restarts
   * @return a copy of these options with this value
   */
  public Supervision intensity(int intensity) {
    return with(draft -> draft.intensity = intensity);
  }

  /** {@return how long a restart counts} */
  public Duration period() {
    return values.period;
  }

  /**
   * Sets how long a restart counts: 1 ms to 365 days, 5 s by default. One that is exactly so old
   * still counts.
   *
   * @param period the period
   * @return a copy of these options with this value
   */
  public Supervision period(Duration period) {
    return with(draft -> draft.period = period);
  }

  /** {@return where the children live} */
  public Optional<Platform> platform() {
    return values.platform;
  }

  /**
   * Sets where the children live; on the machine by default.
   *
   * @param platform the platform
   * @return a copy of these options with this value
   */
  public Supervision platform(Platform platform) {
    return with(draft -> draft.platform = Optional.of(platform));
  }

  private Supervision with(Consumer<Values> change) {
    return new Supervision(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Supervision its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "Supervision" + values;
  }

  private static final class Values extends Draft<Values> {
    Strategy strategy = Strategy.ONE_FOR_ONE;
    int intensity = 1;
    Duration period = Duration.ofSeconds(5);
    Optional<Platform> platform = Optional.empty();

    @Override
    void check() {
      Range.check("supervision.intensity", intensity, 0, 1_000_000);
      Range.check("supervision.period", period, Range.MIN);
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "strategy", strategy,
        "intensity", intensity,
        "period", period,
        "platform", platform
      };
    }
  }
}
