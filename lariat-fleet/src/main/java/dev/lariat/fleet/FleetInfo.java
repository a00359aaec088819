package dev.lariat.fleet;

import java.time.Instant;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a fleet stands on this node.
 *
 * @param node the name of this node
 * @param members how many nodes live, with this one; 0 if this one has ended
 * @param ended why this node has ended, as {@link FleetEvent.NodeEnded} says; empty if it lives
 * @param slots the slots that this node has, with their epochs
 * @param owners the name of the node that has each slot, as far as this node knows
 * @param written how many events the sink has taken from this node
 * @param unwritten when the oldest event was read that the sink has not taken yet; empty if it has
 *     all. The time since then is how far the sink is behind
 * @param feeds all feeds of the configuration, in the order of their ids
 */
public record FleetInfo(
    String node,
    int members,
    Optional<String> ended,
    Map<Integer, Long> slots,
    Map<Integer, String> owners,
    long written,
    Optional<Instant> unwritten,
    List<FeedInfo> feeds) {

  /** Copies the collections. */
  public FleetInfo {
    slots = Map.copyOf(slots);
    owners = Map.copyOf(owners);
    feeds = List.copyOf(feeds);
  }

  /** {@return how many feeds are in each state, with 0 for those that none has} */
  public Map<FeedInfo.State, Long> states() {
    Map<FeedInfo.State, Long> counts = new EnumMap<>(FeedInfo.State.class);
    for (FeedInfo.State state : FeedInfo.State.values()) {
      counts.put(state, 0L);
    }
    feeds.forEach(feed -> counts.merge(feed.state(), 1L, Long::sum));
    return counts;
  }

  /**
   * {@return the feed that has been silent for the longest time, of those that have a session and
   * have had an event} A server that sends nothing any more shows here first.
   */
  public Optional<FeedInfo> oldestEvent() {
    return feeds.stream()
        .filter(feed -> feed.state() == FeedInfo.State.OPEN && feed.lastEvent().isPresent())
        .min(Comparator.comparing(feed -> feed.lastEvent().orElseThrow()));
  }
}
