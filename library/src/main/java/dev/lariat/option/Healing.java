package dev.lariat.option;

import java.time.Duration;
import java.util.Optional;

/**
 * When a live connection tries again, and when it gives up.
 *
 * @param retry how often, and the delays between attempts. Its {@code stable} says how long a
 *     session must have been open for the count to start anew; without end by default
 * @param spread the first attempt after the loss of a session comes after a random time between
 *     zero and this, in place of the delay that {@code retry} has for it, so that the clients of a
 *     server that goes down do not come back all at once (RFC 6455 section 7.2.3): 0 to 365 days, 5
 *     s by default; zero leaves it to {@code retry}
 * @param longestRetryAfter the longest that a server is waited for which asks for patience, by
 *     {@code Retry-After} or among its events by {@code retry}; one that asks for more is waited
 *     for so long: 0 to 365 days, 1 hour by default
 * @param classifier what is got over and what ends it
 * @param budget attempts that are shared with others; none by default
 */
public record Healing(
    Retry retry,
    Duration spread,
    Duration longestRetryAfter,
    Classifier classifier,
    Optional<Budget> budget) {

  /** The defaults of every part. */
  public static final Healing DEFAULT =
      new Healing(
          Retry.DEFAULT,
          Duration.ofSeconds(5),
          Duration.ofHours(1),
          Classifier.DEFAULT,
          Optional.empty());

  /** Checks every component. */
  public Healing {
    Range.check("healing.spread", spread, Duration.ZERO);
    Range.check("healing.longestRetryAfter", longestRetryAfter, Duration.ZERO);
  }

  /** The same with another retry policy. */
  public Healing retry(Retry retry) {
    return new Healing(retry, spread, longestRetryAfter, classifier, budget);
  }

  /** The same with another spread. */
  public Healing spread(Duration spread) {
    return new Healing(retry, spread, longestRetryAfter, classifier, budget);
  }

  /** The same with another longest {@code Retry-After}. */
  public Healing longestRetryAfter(Duration longestRetryAfter) {
    return new Healing(retry, spread, longestRetryAfter, classifier, budget);
  }

  /** The same with another classifier. */
  public Healing classifier(Classifier classifier) {
    return new Healing(retry, spread, longestRetryAfter, classifier, budget);
  }

  /** The same with this budget. */
  public Healing budget(Budget budget) {
    return new Healing(retry, spread, longestRetryAfter, classifier, Optional.of(budget));
  }
}
