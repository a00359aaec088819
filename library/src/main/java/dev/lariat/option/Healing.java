package dev.lariat.option;

import java.time.Duration;
import java.util.Optional;

/**
 * When a live connection tries again, and when it gives up.
 *
 * <p>A <em>good end</em> of a session is no failure: the server ends a response of events in good
 * order, or closes a WebSocket with 1000, 1001, 1012 or without a code, after the session brought
 * you an event or a message, or after 10 s. The count of attempts starts anew, and the next attempt
 * follows after the time that the server asked for by {@code retry}, plus a random time up to the
 * same, at most {@code spread}. If it asked for none, the wait is a random time between {@code
 * shortestWait} and {@code spread}.
 *
 * @param retry how often, and the delays between attempts. Its {@code stable} says how long a
 *     session must have been open for the count to start anew after any other end; without end by
 *     default
 * @param spread the first attempt after the loss of a session comes after a random time between
 *     zero and this, in place of the delay that {@code retry} has for it, so that the clients of a
 *     server that goes down do not come back all at once (RFC 6455 section 7.2.3): 0 to 365 days, 5
 *     s by default; zero leaves it to {@code retry}
 * @param shortestWait the shortest wait after a session that the server ended in good order,
 *     whatever {@code retry}, {@code spread} and the server say: 1 ms to 365 days, 500 ms by
 *     default. Stops a server that sends one event and ends, again and again, from being asked
 *     without a pause
 * @param longestRetryAfter the longest that a server is waited for which asks for patience, by
 *     {@code Retry-After} or among its events by {@code retry}; one that asks for more is waited
 *     for so long: 0 to 365 days, 1 hour by default
 * @param classifier which failures lead to another attempt, and which end the live connection
 * @param repeats how many sessions in a row must end by the same rule for {@link
 *     Classifier.Verdict#END_IF_REPEATED} to end the live connection: 1 to 1000000, 3 by default
 * @param budget attempts that are shared with others; none by default
 */
public record Healing(
    Retry retry,
    Duration spread,
    Duration shortestWait,
    Duration longestRetryAfter,
    Classifier classifier,
    int repeats,
    Optional<Budget> budget) {

  /** The defaults of every part. */
  public static final Healing DEFAULT =
      new Healing(
          Retry.DEFAULT,
          Duration.ofSeconds(5),
          Duration.ofMillis(500),
          Duration.ofHours(1),
          Classifier.DEFAULT,
          3,
          Optional.empty());

  /** Checks every component. */
  public Healing {
    Range.check("healing.spread", spread, Duration.ZERO);
    Range.check("healing.shortestWait", shortestWait, Range.MIN);
    Range.check("healing.longestRetryAfter", longestRetryAfter, Duration.ZERO);
    Range.check("healing.repeats", repeats, 1, 1_000_000);
  }

  /** The same with another retry policy. */
  public Healing retry(Retry retry) {
    return new Healing(retry, spread, shortestWait, longestRetryAfter, classifier, repeats, budget);
  }

  /** The same with another spread. */
  public Healing spread(Duration spread) {
    return new Healing(retry, spread, shortestWait, longestRetryAfter, classifier, repeats, budget);
  }

  /** The same with another shortest wait after a session that the server ended in good order. */
  public Healing shortestWait(Duration shortestWait) {
    return new Healing(retry, spread, shortestWait, longestRetryAfter, classifier, repeats, budget);
  }

  /** The same with another longest {@code Retry-After}. */
  public Healing longestRetryAfter(Duration longestRetryAfter) {
    return new Healing(retry, spread, shortestWait, longestRetryAfter, classifier, repeats, budget);
  }

  /** The same with another classifier. */
  public Healing classifier(Classifier classifier) {
    return new Healing(retry, spread, shortestWait, longestRetryAfter, classifier, repeats, budget);
  }

  /** The same with another number of sessions that must end by the same rule. */
  public Healing repeats(int repeats) {
    return new Healing(retry, spread, shortestWait, longestRetryAfter, classifier, repeats, budget);
  }

  /** The same with this budget. */
  public Healing budget(Budget budget) {
    return new Healing(
        retry, spread, shortestWait, longestRetryAfter, classifier, repeats, Optional.of(budget));
  }
}
