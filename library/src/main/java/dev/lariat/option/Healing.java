package dev.lariat.option;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * When a live connection makes another attempt, and when it gives up.
 *
 * <p>A <em>clean end</em> of a session is not a failure: the server completes a response of events,
 * or closes a WebSocket with 1000, 1001, 1012 or without a code. An end is clean only if the
 * session delivered an event or a message before it, or was open for 10 s. The count of attempts
 * then starts again. The next attempt follows after the time that the server asked for with {@code
 * retry}, plus a random time that is at most as long and at most {@code spread}. If the server
 * asked for no time, the wait is a random time between {@code shortestWait} and {@code spread}.
 */
public final class Healing {

  /** The defaults of every option. */
  public static final Healing DEFAULT = new Healing(new Values());

  private final Values values;

  private Healing(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return how many attempts to make, and the delays between them} */
  public Backoff retry() {
    return values.retry;
  }

  /**
   * Sets how many attempts to make, and the delays between them; no limit by default. Its {@code
   * stable} is how long a session must have been open so that its loss starts a new count, if its
   * end was not clean.
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
   * 365 days, 5 s by default. It replaces the delay that {@code retry} has for that attempt, so
   * that the clients of a server that goes down do not all reconnect at once (RFC 6455 section
   * 7.2.3). With zero, the delay of {@code retry} applies.
   *
   * @param spread the spread
   * @return a copy of these options with this value
   */
  public Healing spread(Duration spread) {
    return with(draft -> draft.spread = spread);
  }

  /** {@return the shortest wait after a session that the server ended cleanly} */
  public Duration shortestWait() {
    return values.shortestWait;
  }

  /**
   * Sets the shortest wait after a session that the server ended cleanly, regardless of {@code
   * retry}, {@code spread} and the server: 1 ms to 365 days, 500 ms by default. Stops an endless
   * loop of requests to a server that sends one event and ends the response each time.
   *
   * @param shortestWait the shortest wait
   * @return a copy of these options with this value
   */
  public Healing shortestWait(Duration shortestWait) {
    return with(draft -> draft.shortestWait = shortestWait);
  }

  /** {@return the longest wait that a server can impose} */
  public Duration longestRetryAfter() {
    return values.longestRetryAfter;
  }

  /**
   * Sets the longest wait that a server can impose, with {@code Retry-After} or with {@code retry}
   * in an event stream: 0 to 365 days, 1 hour by default. If it asks for more, the wait is this
   * long.
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

  /**
   * {@return after how many sessions in a row that end by the same rule the live connection ends}
   */
  public int repeats() {
    return values.repeats;
  }

  /**
   * Sets after how many sessions in a row that end by the same rule {@link
   * Classifier.Verdict#END_IF_REPEATED} ends the live connection: 1 to 1000000, 3 by default.
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
    return with(draft -> draft.budget = Range.some("budget", budget));
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
