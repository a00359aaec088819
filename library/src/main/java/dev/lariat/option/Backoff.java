package dev.lariat.option;

import dev.lariat.message.Reason;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The retry policy of a connection: exponential backoff, by default with full jitter.
 *
 * <p>The delay before attempt <i>n</i> is {@code min(cap, first * factor^(n-1))}; with {@code
 * jitter} it is a random time between zero and that. The jitter applies after the cap, so that
 * clients that have waited long do not reconnect at the same time.
 */
public final class Backoff {

  /** For {@code attempts}: no limit. */
  public static final int FOREVER = Integer.MAX_VALUE;

  /**
   * For a service that should reconnect whenever the server is available again: no limit of
   * attempts, delays that double from 500 ms to 60 s, full jitter, and a new count after a
   * connection that was up for 30 s.
   */
  public static final Backoff DEFAULT = new Backoff(new Values());

  /**
   * Gun's policy: five attempts, the first at once, the others every 5 s, and a new count after
   * each established connection.
   */
  public static final Backoff GUN = new Backoff(Values.gun());

  /** One attempt only. Lariat does not retry it, and does not reconnect. */
  public static final Backoff NEVER = DEFAULT.attempts(0);

  /** Your own rule. Lariat calls it on the connection's event loop, so it must not block. */
  @FunctionalInterface
  public interface Schedule {

    /**
     * Says when to make the next attempt.
     *
     * @param attempt the number of the next attempt, starting at 1
     * @param reason why the previous attempt failed, or why the connection was lost
     * @return the delay; empty to give up
     */
    Optional<Duration> delay(int attempt, Reason reason);
  }

  private final Values values;

  private Backoff(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return how many attempts may fail in a row before the connection gives up} */
  public int attempts() {
    return values.attempts;
  }

  /**
   * Sets how many attempts may fail in a row before the connection gives up, not counting the very
   * first one that {@code open} makes: 0 to {@link #FOREVER}, which is the default.
   *
   * @param attempts the number of attempts
   * @return a copy of these options with this value
   */
  public Backoff attempts(int attempts) {
    return with(draft -> draft.attempts = attempts);
  }

  /** {@return whether attempt 1 follows at once} */
  public boolean immediate() {
    return values.immediate;
  }

  /**
   * Sets whether attempt 1 follows at once, so that the backoff begins with attempt 2; false by
   * default.
   *
   * @param immediate whether the first retry has no delay
   * @return a copy of these options with this value
   */
  public Backoff immediate(boolean immediate) {
    return with(draft -> draft.immediate = immediate);
  }

  /** {@return the first delay of the backoff} */
  public Duration first() {
    return values.first;
  }

  /** {@return the factor by which each delay is longer than the previous one} */
  public double factor() {
    return values.factor;
  }

  /**
   * Sets the factor by which each delay is longer than the previous one: 1 to 100, 2 by default.
   *
   * @param factor the factor
   * @return a copy of these options with this value
   */
  public Backoff factor(double factor) {
    return with(draft -> draft.factor = factor);
  }

  /** {@return the longest delay} */
  public Duration cap() {
    return values.cap;
  }

  /**
   * Sets the first delay of the backoff, and the longest one.
   *
   * @param first 1 ms to 365 days, 500 ms by default
   * @param cap {@code first} to 365 days, 60 s by default
   * @return a copy of these options with this value
   */
  public Backoff delays(Duration first, Duration cap) {
    return with(
        draft -> {
          draft.first = first;
          draft.cap = cap;
        });
  }

  /** {@return whether a delay is random, between zero and its full length} */
  public boolean jitter() {
    return values.jitter;
  }

  /**
   * Sets whether a delay is random, between zero and its full length; true by default.
   *
   * @param jitter whether the delays are random
   * @return a copy of these options with this value
   */
  public Backoff jitter(boolean jitter) {
    return with(draft -> draft.jitter = jitter);
  }

  /** {@return how long a connection must have been up before its loss starts a new count} */
  public Duration stable() {
    return values.stable;
  }

  /**
   * Sets how long a connection must have been up before its loss starts a new count: 0 to 365 days,
   * 30 s by default. The count also starts again if the connection had answered a request with a
   * status other than 429 or 5xx, and no request was lost with it. A connection that the server
   * closes after each response is an example. The count also starts again if the connection ended
   * because a request was cancelled or timed out.
   *
   * @param stable 0 to 365 days
   * @return a copy of these options with this value
   */
  public Backoff stable(Duration stable) {
    return with(draft -> draft.stable = stable);
  }

  /** {@return your own rule} */
  public Optional<Schedule> schedule() {
    return values.schedule;
  }

  /**
   * Sets your own rule, which replaces all other options except {@code stable}; none by default.
   *
   * @param schedule the schedule
   * @return a copy of these options with this value
   */
  public Backoff schedule(Schedule schedule) {
    return with(draft -> draft.schedule = Range.some("schedule", schedule));
  }

  private Backoff with(Consumer<Values> change) {
    return new Backoff(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Backoff its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "Backoff" + values;
  }

  private static final class Values extends Draft<Values> {
    int attempts = FOREVER;
    boolean immediate = false;
    Duration first = Duration.ofMillis(500);
    double factor = 2;
    Duration cap = Duration.ofSeconds(60);
    boolean jitter = true;
    Duration stable = Duration.ofSeconds(30);
    Optional<Schedule> schedule = Optional.empty();

    static Values gun() {
      Values values = new Values();
      values.attempts = 5;
      values.immediate = true;
      values.first = Duration.ofSeconds(5);
      values.cap = Duration.ofSeconds(5);
      values.factor = 1;
      values.jitter = false;
      values.stable = Duration.ZERO;
      return values;
    }

    @Override
    void check() {
      Range.check("backoff.attempts", attempts, 0, FOREVER);
      Range.check("backoff.first", first, Range.MIN);
      if (!(factor >= 1 && factor <= 100)) { // also refuses NaN
        throw Range.refused("backoff.factor", factor, "1 to 100");
      }
      Range.check("backoff.cap", cap, first);
      Range.check("backoff.stable", stable, Duration.ZERO);
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "attempts", attempts,
        "immediate", immediate,
        "first", first,
        "factor", factor,
        "cap", cap,
        "jitter", jitter,
        "stable", stable,
        "schedule", schedule
      };
    }
  }
}
