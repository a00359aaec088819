package dev.lariat.fleet.internal.lease;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntPredicate;

/**
 * The slots of which one node prepares to be the next owner, since they overlap. It chooses them
 * among those of nodes that have more than their share, or that leave the fleet.
 */
final class Arrivals {
  private static final int STEPS = 8; // no feed is away, so they may be larger than others
  private static final long LONGEST = 3_000_000_000L; // nanoseconds that an owner waits for it
  private static final long LONGEST_IF_STANDING = 8_000_000_000L; // it may not be able to resume
  private static final long GRACE = 2_000_000_000L; // after it has withdrawn

  private final String node;
  private final int slotCount;
  private final IntPredicate overlaps;
  private final StandBys standBys;
  private final List<LeaseAct> acts;
  private final TreeMap<Integer, Arrival> all = new TreeMap<>(); // by slot

  private static final class Arrival {
    boolean shown; // by the store, since "shownAt"
    long shownAt;
    boolean ready;
    boolean withdrawn; // at "withdrawnAt": the owner may leave the slot all the same
    long withdrawnAt;
  }

  /**
   * None.
   *
   * @param standBys for which slots this node stands by
   * @param acts to which is added what it says
   */
  Arrivals(
      String node, int slotCount, IntPredicate overlaps, StandBys standBys, List<LeaseAct> acts) {
    this.node = node;
    this.slotCount = slotCount;
    this.overlaps = overlaps;
    this.standBys = standBys;
    this.acts = acts;
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  boolean contains(int slot) {
    return all.containsKey(slot);
  }

  /** Whether this node prepares it. */
  boolean isComing(int slot) {
    Arrival its = all.get(slot);
    return its != null && its.shown;
  }

  /** Whether it has said that the owner of this slot may leave it. */
  boolean isReady(int slot) {
    Arrival its = all.get(slot);
    return its != null && its.ready;
  }

  /** The slots, each with whether it is ready. */
  Map<Integer, Boolean> ready() {
    Map<Integer, Boolean> its = new HashMap<>();
    all.forEach(
        (slot, arrival) -> {
          if (!arrival.withdrawn) {
            its.put(slot, arrival.ready);
          }
        });
    return its;
  }

  /** The slots of which the store says that this node is the next owner, and that are none. */
  List<Integer> staying(LeaseTable table) {
    return table.next().keySet().stream()
        .filter(slot -> isNext(table, slot) && !isWanted(slot))
        .toList();
  }

  private boolean isWanted(int slot) {
    Arrival its = all.get(slot);
    return its != null && !its.withdrawn;
  }

  private boolean isNext(LeaseTable table, int slot) {
    LeaseTable.Next next = table.next().get(slot);
    return next != null && next.node().equals(node);
  }

  /** It is prepared. Returns whether somebody waits for that. */
  boolean prepared(int slot) {
    Arrival its = all.get(slot);
    if (its == null || !its.shown || its.ready) {
      return false;
    }
    its.ready = true;
    return true;
  }

  /** This node has the slot. */
  void taken(int slot) {
    all.remove(slot);
  }

  /** None comes any more. */
  void stay() {
    List.copyOf(all.keySet()).forEach(this::stay);
  }

  private void stay(int slot) {
    Arrival its = all.remove(slot);
    if (its != null && its.shown) {
      acts.add(standBys.contains(slot) ? new LeaseAct.StandBy(slot) : new LeaseAct.NotComing(slot));
    }
  }

  /**
   * Compares with what the store has, and chooses further ones.
   *
   * @param take those that are free, and asked for in the next request
   * @param lacks how many others this node lacks
   * @return whether the store has to be told of something
   */
  boolean compare(LeaseTable table, List<Integer> take, int lacks, long now) {
    Map<String, Integer> surplus = surplus(table);
    int left = lacks;
    boolean news = false;
    for (Map.Entry<Integer, Arrival> entry : new TreeMap<>(all).entrySet()) {
      int slot = entry.getKey();
      Arrival its = entry.getValue();
      if (take.contains(slot)) {
        continue;
      }
      LeaseTable.Row row = table.rows().get(slot);
      boolean others = table.next().containsKey(slot) && !isNext(table, slot);
      if (others || row == null) {
        stay(slot);
      } else if (!isHeir(table, slot) && (left <= 0 || surplus.getOrDefault(row.owner(), 0) <= 0)) {
        news |= withdraw(slot, its, now);
      } else {
        left--;
        its.withdrawn = false;
        news |= look(slot, its, table, now);
      }
    }
    return inherit(table) || choose(table, surplus, left) || news;
  }

  /** Whether this node stands by for a slot whose owner leaves the fleet. */
  private boolean isHeir(LeaseTable table, int slot) {
    LeaseTable.Row row = table.rows().get(slot);
    return row != null && standBys.contains(slot) && !table.members().contains(row.owner());
  }

  /** It is not wanted any more, but its owner may be about to leave it. */
  private boolean withdraw(int slot, Arrival its, long now) {
    boolean news = !its.withdrawn;
    if (news) {
      its.withdrawn = true;
      its.withdrawnAt = now;
    }
    if (!its.ready || now - its.withdrawnAt >= GRACE) {
      stay(slot);
    }
    return news;
  }

  private boolean look(int slot, Arrival its, LeaseTable table, long now) {
    boolean waits = standBys.hasOther(table, slot); // until the owner has dismissed it
    if (!its.shown && isNext(table, slot) && !waits) {
      its.shown = true;
      its.shownAt = now;
      acts.add(new LeaseAct.Coming(slot));
    }
    long longest = standBys.isWanted(slot) ? LONGEST_IF_STANDING : LONGEST;
    boolean late = its.shown && !its.ready && now - its.shownAt >= longest;
    its.ready = its.ready || late; // a feed may open late, or never
    return late || !(its.shown || waits);
  }

  /** How many slots each other node is to leave. */
  private Map<String, Integer> surplus(LeaseTable table) {
    Map<String, Integer> surplus = new HashMap<>();
    table.rows().values().forEach(row -> surplus.merge(row.owner(), 1, Integer::sum));
    List<String> members = table.members();
    for (int rank = 0; rank < members.size(); rank++) {
      surplus.merge(members.get(rank), -share(slotCount, rank, members.size()), Integer::sum);
    }
    surplus.remove(node);
    return surplus;
  }

  /** The share of the member with this rank. */
  static int share(int slotCount, int rank, int members) {
    return slotCount / members + (rank < slotCount % members ? 1 : 0);
  }

  /** A slot that is left goes to the node that stands by for it, whatever its share is. */
  private boolean inherit(LeaseTable table) {
    boolean news = false;
    for (int slot : table.rows().keySet()) {
      if (isHeir(table, slot) && isFree(table, slot)) {
        all.put(slot, new Arrival());
        news = true;
      }
    }
    return news;
  }

  private boolean isFree(LeaseTable table, int slot) {
    return !table.next().containsKey(slot) && !all.containsKey(slot);
  }

  private boolean choose(LeaseTable table, Map<String, Integer> surplus, int lacks) {
    for (int slot : table.next().keySet()) {
      LeaseTable.Row row = table.rows().get(slot);
      if (row != null) {
        surplus.merge(row.owner(), -1, Integer::sum); // somebody prepares it already
      }
    }
    int left = Math.min(lacks, Math.max(1, slotCount / STEPS) - all.size());
    List<Integer> slots = new ArrayList<>(LeaseCore.inOrder(table, node, slotCount));
    slots.sort(Comparator.comparing(slot -> !standBys.contains(slot))); // those first
    boolean news = false;
    for (int slot : slots) {
      LeaseTable.Row row = table.rows().get(slot);
      if (left > 0
          && row != null
          && isFree(table, slot)
          && surplus.getOrDefault(row.owner(), 0) > 0
          && overlaps.test(slot)
          && !isInherited(table, slot, row)) {
        all.put(slot, new Arrival());
        surplus.merge(row.owner(), -1, Integer::sum);
        left--;
        news = true;
      }
    }
    return news;
  }

  private boolean isInherited(LeaseTable table, int slot, LeaseTable.Row row) {
    return standBys.hasOther(table, slot) && !table.members().contains(row.owner());
  }
}
