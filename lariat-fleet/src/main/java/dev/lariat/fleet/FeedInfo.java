package dev.lariat.fleet;

import dev.lariat.message.Reason;
import java.time.Instant;
import java.util.Optional;

/**
 * How a feed of the configuration stands on this node.
 *
 * @param id the id of the feed
 * @param slot its slot
 * @param state its state
 * @param position how far the sink has it; empty if that is not known on this node
 * @param lastEvent when its last event was written on this node
 * @param reason why it is waiting or gone
 */
public record FeedInfo(
    String id,
    int slot,
    State state,
    Optional<String> position,
    Optional<Instant> lastEvent,
    Optional<Reason> reason) {

  /** The states of a feed. */
  public enum State {
    /** This node does not have its slot, or does not have it yet. */
    ELSEWHERE,
    /** It tries to open a session. */
    CONNECTING,
    /** It has a session, and receives. */
    OPEN,
    /** It has no session, and waits before the next attempt. */
    WAITING,
    /** It has ended for good, until its configuration changes. */
    GONE
  }

  static FeedInfo elsewhere(String id, int slot) {
    return new FeedInfo(
        id, slot, State.ELSEWHERE, Optional.empty(), Optional.empty(), Optional.empty());
  }

  FeedInfo state(State its) {
    return new FeedInfo(id, slot, its, position, lastEvent, Optional.empty());
  }

  FeedInfo state(State its, Reason why) {
    return new FeedInfo(id, slot, its, position, lastEvent, Optional.of(why));
  }

  FeedInfo at(String its) {
    return new FeedInfo(id, slot, state, Optional.of(its), lastEvent, reason);
  }

  FeedInfo written(Instant at, Optional<String> its) {
    return new FeedInfo(id, slot, state, its.or(() -> position), Optional.of(at), reason);
  }
}
