package dev.lariat.option;

import dev.lariat.message.Reason;
import java.time.Duration;
import java.util.Optional;

/**
 * When a connection that is not established is tried again: exponential backoff, by default with
 * full jitter.
 *
 * <p>The delay before attempt <i>n</i> is {@code min(cap, first * factor^(n-1))}; with {@code
 * jitter} it is a random time between zero and that. The jitter comes after the cap, so that
 * clients that have waited long do not fall into step.
 *
 * @param attempts how many attempts may fail in a row before the connection gives up, not counting
 *     the very first one that {@code open} makes: 0 to {@link #FOREVER}
 * @param immediate whether attempt 1 is made at once; the backoff then begins with attempt 2
 * @param first the delay that the backoff begins with: 1 ms to 365 days
 * @param factor what each delay is multiplied by to give the next: 1 to 100
 * @param cap the longest delay: {@code first} to 365 days
 * @param jitter whether a delay is drawn at random between zero and its full length
 * @param stable how long a connection must have been up for the count to start anew when it is
 *     lost: 0 to 365 days. It starts anew, too, where a connection had answered a request, not by
 *     429 or 5xx, and took none with it, as one that the server closes behind each response; and if
 *     it ended because a request was cancelled, or passed its {@code timeout}
 * @param schedule the user's own rule, asked in place of all the above but {@code stable}
 */
public record Retry(
    int attempts,
    boolean immediate,
    Duration first,
    double factor,
    Duration cap,
    boolean jitter,
    Duration stable,
    Optional<Schedule> schedule) {

  /** For {@code attempts}: without end. */
  public static final int FOREVER = Integer.MAX_VALUE;

  /**
   * For a service that should come back whenever the other side does: without end, from 500 ms
   * doubling up to 60 s, full jitter, anew after 30 s of stability.
   */
  public static final Retry DEFAULT =
      new Retry(
          FOREVER,
          false,
          Duration.ofMillis(500),
          2,
          Duration.ofSeconds(60),
          true,
          Duration.ofSeconds(30),
          Optional.empty());

  /** As Gun does: five attempts, the first at once, then every 5 s, anew after every connection. */
  public static final Retry GUN =
      new Retry(
          5,
          true,
          Duration.ofSeconds(5),
          1,
          Duration.ofSeconds(5),
          false,
          Duration.ZERO,
          Optional.empty());

  /** One attempt only: what fails or is lost stays so. */
  public static final Retry NEVER = DEFAULT.attempts(0);

  /** The user's own rule. It is called on the connection's event loop and must not block. */
  @FunctionalInterface
  public interface Schedule {

    /**
     * When to try next.
     *
     * @param attempt which attempt this is about, from 1
     * @param reason why the one before it failed, or why the connection was lost
     * @return the delay; empty to give up
     */
    Optional<Duration> delay(int attempt, Reason reason);
  }

  /** Checks every component. */
  public Retry {
    Range.check("retry.attempts", attempts, 0, FOREVER);
    Range.check("retry.first", first, Range.MIN);
    if (!(factor >= 1 && factor <= 100)) { // also refuses NaN
      throw Range.refused("retry.factor", factor, "1 to 100");
    }
    Range.check("retry.cap", cap, first);
    Range.check("retry.stable", stable, Duration.ZERO);
  }

  /** The same with another number of attempts. */
  public Retry attempts(int attempts) {
    return new Retry(attempts, immediate, first, factor, cap, jitter, stable, schedule);
  }

  /** The same with another first delay and cap. */
  public Retry backoff(Duration first, Duration cap) {
    return new Retry(attempts, immediate, first, factor, cap, jitter, stable, schedule);
  }

  /** The same with another factor. */
  public Retry factor(double factor) {
    return new Retry(attempts, immediate, first, factor, cap, jitter, stable, schedule);
  }

  /** The same with or without jitter. */
  public Retry jitter(boolean jitter) {
    return new Retry(attempts, immediate, first, factor, cap, jitter, stable, schedule);
  }

  /** The same with or without an immediate first attempt. */
  public Retry immediate(boolean immediate) {
    return new Retry(attempts, immediate, first, factor, cap, jitter, stable, schedule);
  }

  /** The same with another time of stability. */
  public Retry stable(Duration stable) {
    return new Retry(attempts, immediate, first, factor, cap, jitter, stable, schedule);
  }

  /** The same with the user's own rule. */
  public Retry schedule(Schedule schedule) {
    return new Retry(
        attempts, immediate, first, factor, cap, jitter, stable, Optional.of(schedule));
  }
}
