package dev.lariat.fleet;

import java.util.List;
import java.util.Map;

/**
 * How a fleet stands on this node.
 *
 * @param node the name of this node
 * @param members how many nodes live, with this one
 * @param slots the slots that this node has, with their epochs
 * @param owners the name of the node that has each slot, as far as this node knows
 * @param feeds all feeds of the configuration, in the order of their ids
 */
public record FleetInfo(
    String node,
    int members,
    Map<Integer, Long> slots,
    Map<Integer, String> owners,
    List<FeedInfo> feeds) {

  /** Copies the collections. */
  public FleetInfo {
    slots = Map.copyOf(slots);
    owners = Map.copyOf(owners);
    feeds = List.copyOf(feeds);
  }
}
