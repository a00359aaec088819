package dev.lariat.option;

import dev.lariat.message.Reason;
import java.util.List;
import java.util.Optional;

/**
 * Finds the endpoint of a live connection's next session. Lariat calls it before every attempt, so
 * that a token is fresh, and so that you can avoid a host that has failed.
 */
@FunctionalInterface
public interface Endpoints {

  /**
   * {@return the endpoint of the next attempt} Lariat calls this on a separate virtual thread, so
   * it may block. The thread is interrupted when {@code live.endpoint} or {@code events.endpoint}
   * ends. An exception counts as a failed attempt.
   *
   * @param attempt how many attempts in a row have failed, 0 for the first
   * @param last why the previous session or attempt ended; empty before the very first attempt
   * @throws Exception if no endpoint is available; the exception is the reason of the failed
   *     attempt
   */
  Endpoint next(int attempt, Optional<Reason> last) throws Exception;

  /**
   * {@return these endpoints in turn: the first until an attempt fails, then the next}
   *
   * @param endpoints the endpoints
   * @throws IllegalArgumentException if there is none
   */
  static Endpoints inTurn(Endpoint... endpoints) {
    List<Endpoint> all = Range.list("endpoints", endpoints);
    if (all.isEmpty()) {
      throw Range.refused("endpoints", "none", "one or more");
    }
    return (attempt, last) -> all.get(attempt % all.size());
  }
}
