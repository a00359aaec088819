package dev.lariat.option;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * When a live connection makes another attempt, and when it gives up.
 *
 * <p>A <em>good end</em> of a session is no failure: the server ends a response of events in good
 * order, or closes a WebSocket with 1000, 1001, 1012 or without a code, after the session brought
 * you an event or a message, or after 10 s. The count of attempts restarts, and the next attempt
 * follows after the time that the server asked for by {@code retry}, plus a random time up to the
 * same, at most {@code spread}. If it asked for none, the wait is a random time between {@code
 * shortestWait} and {@code spread}.
 */
public final class Healing {

  /** The defaults of every option. */
  public static final Healing DEFAULT = new Healing(new Values());

  private final Values values;

  private Healing(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return how often to try again, and the delays between attempts} */
  public Backoff retry() {
    return values.retry;
  }

  /**
   * Sets how often to try again, and the delays between attempts; without end by default. Its
   * {@code stable} says how long a session must have been open for the count to restart after an
   * end that is not a good end.
   *
   * @param retry the attempts and the delays between them
   * @return a copy of these options with this value
   */
  public Healing retry(Backoff retry) {
    return with(draft -> draft.retry = retry);
  }

  /** {@return the range of the random time before the first attempt after the loss of a session} */
  public Duration spread() {
    return values.spread;
  }

  /**
   * Sets the range of the random time before the first attempt after the loss of a session: 0 to
   * 365 days, 5 s by default. It takes the place of the delay that {@code retry} has for that
   * attempt, so that the clients of a server that goes down do not reconnect all at once (RFC 6455
   * section 7.2.3). Zero leaves the delay to {@code retry}.
   *
   * @param spread the spread
   * @return a copy of these options with this value
   */
  public Healing spread(Duration spread) {
    return with(draft -> draft.spread = spread);
  }

  /** {@return the shortest wait after a session that the server ended in good order} */
  public Duration shortestWait() {
    return values.shortestWait;
  }

  /**
   * Sets the shortest wait after a session that the server ended in good order, whatever {@code
   * retry}, {@code spread} and the server say: 1 ms to 365 days, 500 ms by default. Stops a server
   * that sends one event and ends, again and again, from being asked without a pause.
   *
   * @param shortestWait the shortest wait
   * @return a copy of these options with this value
   */
  public Healing shortestWait(Duration shortestWait) {
    return with(draft -> draft.shortestWait = shortestWait);
  }

  /** {@return the longest wait that a server can ask for} */
  public Duration longestRetryAfter() {
    return values.longestRetryAfter;
  }

  /**
   * Sets the longest wait that a server can ask for, by {@code Retry-After} or among its events by
   * {@code retry}: 0 to 365 days, 1 hour by default. If it asks for more, the wait is this long.
   *
   * @param longestRetryAfter the longest wait
   * @return a copy of these options with this value
   */
  public Healing longestRetryAfter(Duration longestRetryAfter) {
    return with(draft -> draft.longestRetryAfter = longestRetryAfter);
  }

  /** {@return which failures lead to another attempt, and which end the live connection} */
  public Classifier classifier() {
    return values.classifier;
  }

  /**
   * Sets which failures lead to another attempt, and which end the live connection; {@link
   * Classifier#DEFAULT} by default.
   *
   * @param classifier the classifier
   * @return a copy of these options with this value
   */
  public Healing classifier(Classifier classifier) {
    return with(draft -> draft.classifier = classifier);
  }

  /** {@return how many sessions in a row must end by the same rule to end the live connection} */
  public int repeats() {
    return values.repeats;
  }

  /**
   * Sets how many sessions in a row must end by the same rule for {@link
   * Classifier.Verdict#END_IF_REPEATED} to end the live connection: 1 to 1000000, 3 by default.
   *
   * @param repeats the number of sessions
   * @return a copy of these options with this value
   */
  public Healing repeats(int repeats) {
    return with(draft -> draft.repeats = repeats);
  }

  /** {@return the budget of attempts that is shared with other live connections} */
  public Optional<Budget> budget() {
    return values.budget;
  }

  /**
   * Sets the budget of attempts that is shared with other live connections; none by default.
   *
   * @param budget the budget
   * @return a copy of these options with this value
   */
  public Healing budget(Budget budget) {
    return with(draft -> draft.budget = Optional.of(budget));
  }

  private Healing with(Consumer<Values> change) {
    return new Healing(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Healing its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "Healing" + values;
  }

  private static final class Values extends Draft<Values> {
    Backoff retry = Backoff.DEFAULT;
    Duration spread = Duration.ofSeconds(5);
    Duration shortestWait = Duration.ofMillis(500);
    Duration longestRetryAfter = Duration.ofHours(1);
    Classifier classifier = Classifier.DEFAULT;
    int repeats = 3;
    Optional<Budget> budget = Optional.empty();

    @Override
    void check() {
      Range.check("healing.spread", spread, Duration.ZERO);
      Range.check("healing.shortestWait", shortestWait, Range.MIN);
      Range.check("healing.longestRetryAfter", longestRetryAfter, Duration.ZERO);
      Range.check("healing.repeats", repeats, 1, 1_000_000);
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "retry", retry,
        "spread", spread,
        "shortestWait", shortestWait,
        "longestRetryAfter", longestRetryAfter,
        "classifier", classifier,
        "repeats", repeats,
        "budget", budget
      };
    }
  }
}
