package dev.lariat.fleet;

import java.util.List;
import java.util.Map;

/**
 * How a fleet stands on this node.
 *
 * @param slots the slots that this node has, with their epochs
 * @param feeds all feeds of the configuration, in the order of their ids
 */
public record FleetInfo(Map<Integer, Long> slots, List<FeedInfo> feeds) {

  /** Copies the collections. */
  public FleetInfo {
    slots = Map.copyOf(slots);
    feeds = List.copyOf(feeds);
  }
}
