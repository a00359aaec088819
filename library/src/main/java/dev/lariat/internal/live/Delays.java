package dev.lariat.internal.live;

import dev.lariat.message.Reason;
import dev.lariat.option.Healing;
import java.time.Duration;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * How long a live connection waits before its next attempt: as long as the backoff says, as long as
 * the server has asked for, and not at the same moment as all others that lost it.
 */
final class Delays {
  private final Healing healing;
  private final RandomGenerator random;
  private Optional<Duration> patience = Optional.empty(); // the wait that the server asked for

  Delays(Healing healing, RandomGenerator random) {
    this.healing = healing;
    this.random = random;
  }

  /** The server asks for a wait of at least this length after a loss. */
  void patience(Duration least) {
    patience = Optional.of(least);
  }

  /**
   * The delay after a session that did not end well.
   *
   * @param backoffs what the backoff says
   * @param attempt the number of the attempt; the first is spread over the healing's spread
   */
  Duration afterLoss(Duration backoffs, int attempt, Reason reason) {
    boolean spread = attempt == 1 && !healing.spread().isZero();
    Duration delay = atLeast(spread ? between(Duration.ZERO, healing.spread()) : backoffs, reason);
    return Verdicts.isGoodEnd(reason) ? longer(delay, healing.shortestWait()) : delay;
  }

  /**
   * The wait that the server has asked for, or a short one. Many sessions may have ended together,
   * so it is drawn at random.
   */
  Duration afterGoodEnd(Duration backoffs) {
    Duration spread = healing.spread();
    Duration least = longer(healing.shortestWait(), bounded(patience.orElse(Duration.ZERO)));
    if (patience.isPresent()) {
      return between(least, least.plus(shorter(least, spread)));
    }
    return spread.isZero() ? longer(least, backoffs) : between(least, longer(least, spread));
  }

  /** The delay, or the wait that the server asked for if it is longer, up to a limit. */
  Duration atLeast(Duration delay, Reason reason) {
    Duration wanted = patience.orElse(Duration.ZERO);
    if (reason instanceof Reason.Status answer) {
      wanted = longer(wanted, answer.retryAfter().orElse(Duration.ZERO));
    }
    return longer(delay, bounded(wanted));
  }

  private Duration bounded(Duration wanted) {
    return shorter(wanted, healing.longestRetryAfter());
  }

  private Duration between(Duration least, Duration most) {
    return least.plusNanos((long) (most.minus(least).toNanos() * random.nextDouble()));
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static Duration longer(Duration one, Duration other) {
    return one.compareTo(other) > 0 ? one : other;
  }
}
