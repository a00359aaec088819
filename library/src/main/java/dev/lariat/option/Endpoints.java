package dev.lariat.option;

import dev.lariat.message.Reason;
import java.util.List;
import java.util.Optional;

/**
 * Where the next session of a live connection goes: asked before every attempt, so that tokens are
 * fresh and a host that has failed can be left alone.
 */
@FunctionalInterface
public interface Endpoints {

  /**
   * {@return the endpoint of the next attempt} Called on its own virtual thread, which may block,
   * and which is interrupted when {@code live.endpoint} is over. What it throws counts as a failed
   * attempt.
   *
   * @param attempt how many attempts in a row have failed, 0 for the first
   * @param last why the session or the attempt before ended; empty before the very first
   * @throws Exception what you throw is the reason of the failure
   */
  Endpoint next(int attempt, Optional<Reason> last) throws Exception;

  /**
   * {@return these in turn: the first until an attempt fails, then the next}
   *
   * @param endpoints the endpoints
   * @throws IllegalArgumentException if there is none
   */
  static Endpoints inTurn(Endpoint... endpoints) {
    List<Endpoint> all = List.of(endpoints);
    if (all.isEmpty()) {
      throw Range.refused("endpoints", "none", "one or more");
    }
    return (attempt, last) -> all.get(attempt % all.size());
  }
}
