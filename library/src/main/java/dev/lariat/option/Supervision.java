package dev.lariat.option;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How a supervisor treats its children, in the terms of OTP. */
public final class Supervision {

  /**
   * The defaults of OTP: each child restarts alone, and at most one restart is allowed within 5 s.
   */
  public static final Supervision DEFAULT = new Supervision(new Values());

  /** Which children are restarted together with a child. */
  public enum Strategy {
    /** None. */
    ONE_FOR_ONE,
    /**
     * All other children. The supervisor ends them, in the reverse order of their start, and starts
     * all again in order.
     */
    ONE_FOR_ALL,
    /** The children that were started after it, in the same way. */
    REST_FOR_ONE
  }

  /** When the supervisor restarts a child that has ended. */
  public enum Restart {
    /** Always. */
    PERMANENT,
    /** Only after an abnormal end: it threw an exception. */
    TRANSIENT,
    /** Never, not even with its group. After its end, the supervisor forgets it. */
    TEMPORARY
  }

  private final Values values;

  private Supervision(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return which children are restarted together with a child} */
  public Strategy strategy() {
    return values.strategy;
  }

  /**
   * Sets which children are restarted together with a child; none by default.
   *
   * @param strategy the strategy
   * @return a copy of these options with this value
   */
  public Supervision strategy(Strategy strategy) {
    return with(draft -> draft.strategy = strategy);
  }

  /** {@return how many restarts are allowed within {@code period}} */
  public int intensity() {
    return values.intensity;
  }

  /**
   * Sets how many restarts are allowed within {@code period}: 0 to 1000000, 1 by default. If one
   * more is necessary, the supervisor ends all children and itself. The restart of a whole group
   * counts once, for the child that caused it.
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
   * Sets how long a restart counts: 1 ms to 365 days, 5 s by default. A restart that is exactly
   * this old still counts.
   *
   * @param period the period
   * @return a copy of these options with this value
   */
  public Supervision period(Duration period) {
    return with(draft -> draft.period = period);
  }

  /** {@return the platform that the children use} */
  public Optional<Platform> platform() {
    return values.platform;
  }

  /**
   * Sets the platform that the children use; by default, the machine.
   *
   * @param platform the platform
   * @return a copy of these options with this value
   */
  public Supervision platform(Platform platform) {
    return with(draft -> draft.platform = Range.some("platform", platform));
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
