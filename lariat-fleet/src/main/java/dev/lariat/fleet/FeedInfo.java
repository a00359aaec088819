package dev.lariat.fleet;

import dev.lariat.message.Reason;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How a feed of the configuration stands on this node.
 *
 * @param id the id of the feed
 * @param slot its slot
 * @param state its state
 * @param position how far the sink has it; empty if that is not known on this node
 * @param lastEvent when its last event was read that the sink has from this node
 * @param gaps how often it has lost its session and got another one on this node
 * @param lastGap how long the last of these gaps was, from the loss to the next session
 * @param lost when it lost its session; empty if it has one, or has had none since it was opened
 * @param reason why it is waiting or gone
 * @param standBy how its stand-by stands; empty if it is to have none
 * @param pair how its two connections stand, if it is collected twice and has been opened on this
 *     node. It is {@code OPEN} if one of them has a session
 */
public record FeedInfo(
    String id,
    int slot,
    State state,
    Optional<String> position,
    Optional<Instant> lastEvent,
    long gaps,
    Optional<Duration> lastGap,
    Optional<Instant> lost,
    Optional<Reason> reason,
    Optional<StandByInfo> standBy,
    Optional<PairInfo> pair) {

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
        id,
        slot,
        State.ELSEWHERE,
        Optional.empty(),
        Optional.empty(),
        0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** It has a session. */
  FeedInfo opened(Instant now) {
    long all = lost.isPresent() ? gaps + 1 : gaps;
    Optional<Duration> last = lost.map(at -> Duration.between(at, now)).or(() -> lastGap);
    return new FeedInfo(
        id,
        slot,
        State.OPEN,
        position,
        lastEvent,
        all,
        last,
        Optional.empty(),
        Optional.empty(),
        standBy,
        pair);
  }

  /** It has no session, and is about to have another one. */
  FeedInfo without(State its, Optional<Reason> why, Instant now) {
    Optional<Instant> since = state == State.OPEN ? Optional.of(now) : lost;
    return new FeedInfo(
        id, slot, its, position, lastEvent, gaps, lastGap, since, why, standBy, pair);
  }

  /** It has ended on this node. */
  FeedInfo ended(State its, Optional<Reason> why) {
    return new FeedInfo(
        id, slot, its, position, lastEvent, gaps, lastGap, Optional.empty(), why, standBy, pair);
  }

  FeedInfo at(String its) {
    return read(Optional.of(its), lastEvent);
  }

  FeedInfo written(Instant at, Optional<String> its) {
    return read(its.or(() -> position), Optional.of(at));
  }

  private FeedInfo read(Optional<String> its, Optional<Instant> at) {
    return new FeedInfo(id, slot, state, its, at, gaps, lastGap, lost, reason, standBy, pair);
  }

  FeedInfo standingBy(Optional<StandByInfo> its) {
    return new FeedInfo(
        id, slot, state, position, lastEvent, gaps, lastGap, lost, reason, its, pair);
  }

  FeedInfo paired(Optional<PairInfo> its) {
    return new FeedInfo(
        id, slot, state, position, lastEvent, gaps, lastGap, lost, reason, standBy, its);
  }
}
