package dev.lariat.fleet.pekko;

import dev.lariat.fleet.Placement;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.apache.pekko.actor.Address;

/**
 * The slots for which this node prepares, since another node says that they come. Whoever says so
 * repeats it: if it falls silent, or says so no more, what was prepared is given up.
 */
final class Arrivals {
  /** How long a node may be silent. The one that decides may move meanwhile. */
  private static final Duration SILENCE = Duration.ofSeconds(5);

  private final Placement.Node node;
  private final Map<Address, Said> said = new HashMap<>(); // by who says so
  private final TreeMap<Integer, Boolean> all = new TreeMap<>(); // whether it is prepared

  private record Said(BitSet slots, long at) {}

  Arrivals(Placement.Node node) {
    this.node = node;
  }

  /**
   * A node says that these slots come.
   *
   * @param has those that this node has already
   */
  void heard(Address from, BitSet slots, BitSet has, long now) {
    if (slots.isEmpty()) {
      said.remove(from);
    } else {
      said.put(from, new Said(slots, now));
    }
    compare(has, now);
  }

  /** It is now so late. */
  void passed(BitSet has, long now) {
    if (!said.isEmpty()) {
      compare(has, now);
    }
  }

  private void compare(BitSet has, long now) {
    said.values().removeIf(its -> now - its.at > SILENCE.toNanos());
    BitSet comes = new BitSet();
    said.values().forEach(its -> comes.or(its.slots));
    comes.andNot(has);
    all.keySet().removeIf(slot -> isOver(slot, comes));
    comes.stream()
        .filter(slot -> !all.containsKey(slot))
        .forEach(
            slot -> {
              all.put(slot, false);
              node.coming(slot);
            });
  }

  private boolean isOver(int slot, BitSet comes) {
    boolean over = !comes.get(slot);
    if (over) {
      node.notComing(slot);
    }
    return over;
  }

  /** This node is prepared for a slot. Returns whether somebody waits for that. */
  boolean prepared(int slot) {
    return Boolean.FALSE.equals(all.replace(slot, true));
  }

  /** This node has a slot. Returns whether it was prepared for it. */
  boolean taken(int slot) {
    return Boolean.TRUE.equals(all.remove(slot));
  }

  /** None comes. */
  void clear() {
    said.clear();
    all.keySet().forEach(node::notComing);
    all.clear();
  }

  /** The slots for which this node is prepared. */
  BitSet prepared() {
    BitSet its = new BitSet();
    all.forEach((slot, prepared) -> its.set(slot, prepared));
    return its;
  }
}
