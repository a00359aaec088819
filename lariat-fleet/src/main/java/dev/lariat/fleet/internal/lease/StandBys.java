package dev.lariat.fleet.internal.lease;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/**
 * The slots for which one node stands by: it has their feeds open all the time, and takes a slot
 * when its owner has died, however many it has. It is the next owner of a slot that is left, too.
 *
 * <p>Every node has the same share of these duties, as far as that is possible: a node cannot stand
 * by for a slot that it has itself. Who has less than its share chooses slots for which nobody
 * stands by.
 *
 * <p>A stand-by is dismissed if it has more than its share, and another node has less, or if
 * another node is to have the slot, so that no feed is open three times. Only the owner of a slot
 * does that, since only it knows that it has not died.
 */
final class StandBys {
  private static final int STEPS = 8; // in which all are chosen, as slots that overlap move
  private static final int FEW = 32; // and in which they are given up
  private static final long LONGEST = 3_000_000_000L; // nanoseconds that others wait for it
  private static final long VACANT = 2_000_000_000L; // until a node does more than its share
  private static final long PRECEDENCE = 2_000_000_000L; // of a stand-by whose slot is free

  private final String node;
  private final int slotCount;
  private final IntPredicate wanted;
  private final List<LeaseAct> acts;
  private final TreeMap<Integer, Duty> all = new TreeMap<>(); // by slot
  private final Map<Integer, Long> freeSince = new HashMap<>(); // slots without an owner
  private final Map<Integer, Long> vacantSince = new HashMap<>(); // and without a stand-by

  private static final class Duty {
    boolean shown; // by the store, since "shownAt"
    long shownAt;
    boolean ready;
  }

  /**
   * None.
   *
   * @param wanted whether a slot is to have a stand-by
   * @param acts to which is added what it says
   */
  StandBys(String node, int slotCount, IntPredicate wanted, List<LeaseAct> acts) {
    this.node = node;
    this.slotCount = slotCount;
    this.wanted = wanted;
    this.acts = acts;
  }

  /** Whether a node is to stand by for this slot. */
  boolean isWanted(int slot) {
    return wanted.test(slot);
  }

  boolean isEmpty() {
    return all.isEmpty();
  }

  /** Whether it stands by for this slot, as others can see. */
  boolean contains(int slot) {
    Duty its = all.get(slot);
    return its != null && its.shown;
  }

  /** Whether it has said that it is ready. */
  boolean isReady(int slot) {
    Duty its = all.get(slot);
    return its != null && its.ready;
  }

  /** Whether this slot is free, and another node stands by that has not had time to take it. */
  boolean isReserved(LeaseTable table, int slot, long now) {
    LeaseTable.Next its = table.standBys().get(slot);
    return its != null
        && !its.node().equals(node)
        && now - freeSince.getOrDefault(slot, now) < PRECEDENCE;
  }

  /** Another node than the owner of this slot, and than this one, that stands by for it. */
  boolean hasOther(LeaseTable table, int slot) {
    LeaseTable.Next its = table.standBys().get(slot);
    LeaseTable.Row row = table.rows().get(slot);
    return its != null
        && !its.node().equals(node)
        && (row == null || !its.node().equals(row.owner()));
  }

  /** Those of which the store does not know yet what is so, each with whether it is ready. */
  Map<Integer, Boolean> unknown(LeaseTable table) {
    Map<Integer, Boolean> its = new HashMap<>();
    all.forEach(
        (slot, duty) -> {
          if (!new LeaseTable.Next(node, duty.ready).equals(table.standBys().get(slot))) {
            its.put(slot, duty.ready);
          }
        });
    return its;
  }

  /** The slots for which it stands by as the store says, and does not. */
  List<Integer> resting(LeaseTable table) {
    return table.standBys().entrySet().stream()
        .filter(entry -> entry.getValue().node().equals(node) && !all.containsKey(entry.getKey()))
        .map(Map.Entry::getKey)
        .toList();
  }

  /** It is prepared. Returns whether others should know that soon. */
  boolean prepared(int slot) {
    Duty its = all.get(slot);
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

  /**
   * It stands by for none any more.
   *
   * @param coming whether this node prepares to be the next owner of a slot
   */
  void rest(IntPredicate coming) {
    List.copyOf(all.keySet()).forEach(slot -> rest(slot, coming));
  }

  private void rest(int slot, IntPredicate coming) {
    Duty its = all.remove(slot);
    if (its != null && its.shown && !coming.test(slot)) {
      acts.add(new LeaseAct.NotComing(slot));
    }
  }

  /** Sees which slots are free. */
  void look(LeaseTable table, long now) {
    for (int slot = 0; slot < slotCount; slot++) {
      if (table.rows().containsKey(slot)) {
        freeSince.remove(slot);
      } else {
        freeSince.putIfAbsent(slot, now);
      }
    }
  }

  /**
   * Compares with what the store has, and chooses further ones.
   *
   * @param coming whether this node prepares to be the next owner of a slot
   * @return whether the store has to be told of something
   */
  boolean compare(LeaseTable table, IntPredicate coming, long now) {
    boolean news = false;
    for (Map.Entry<Integer, Duty> entry : new TreeMap<>(all).entrySet()) {
      int slot = entry.getKey();
      if (isOver(table, slot, entry.getValue())) {
        rest(slot, coming);
        news = true;
      } else {
        look(slot, entry.getValue(), table, coming, now);
      }
    }
    return choose(table, lacks(table), coming, now) || news || !resting(table).isEmpty();
  }

  /** Whether it was dismissed, or was too late, or is needed no more. */
  private boolean isOver(LeaseTable table, int slot, Duty duty) {
    LeaseTable.Row row = table.rows().get(slot);
    LeaseTable.Next its = table.standBys().get(slot);
    return (its == null ? duty.shown : !its.node().equals(node))
        || (row != null && row.owner().equals(node))
        || !wanted.test(slot);
  }

  private void look(int slot, Duty its, LeaseTable table, IntPredicate coming, long now) {
    if (!its.shown && table.standBys().containsKey(slot)) {
      its.shown = true;
      its.shownAt = now;
      if (!coming.test(slot)) {
        acts.add(new LeaseAct.StandBy(slot));
      }
    }
  }

  private static boolean isOpening(Duty its, long now) {
    return !its.ready && (!its.shown || now - its.shownAt < LONGEST); // or never, or late
  }

  /** How many slots more each member is to stand by for; negative if it has too many. */
  private Map<String, Integer> lacks(LeaseTable table) {
    int count = wantedSlots();
    Map<String, Integer> lacks = new HashMap<>();
    List<String> members = table.members();
    for (int rank = 0; rank < members.size(); rank++) {
      lacks.put(members.get(rank), Arrivals.share(count, rank, members.size()));
    }
    table
        .standBys()
        .forEach(
            (slot, its) -> {
              if (!all.containsKey(slot)) {
                lacks.merge(its.node(), -1, Integer::sum);
              }
            });
    lacks.merge(node, -all.size(), Integer::sum);
    return lacks;
  }

  private int wantedSlots() {
    return (int) IntStream.range(0, slotCount).filter(wanted).count();
  }

  private boolean choose(
      LeaseTable table, Map<String, Integer> lacks, IntPredicate coming, long now) {
    int opening = (int) all.values().stream().filter(its -> isOpening(its, now)).count();
    int left = Math.max(1, slotCount / STEPS) - opening;
    boolean news = false;
    for (int slot : LeaseCore.inOrder(table, node, slotCount)) {
      LeaseTable.Row row = table.rows().get(slot);
      if (row == null
          || table.standBys().containsKey(slot)
          || table.next().containsKey(slot)
          || all.containsKey(slot)
          || !wanted.test(slot)) {
        vacantSince.remove(slot);
        continue;
      }
      long since = vacantSince.computeIfAbsent(slot, any -> now);
      boolean late = now - since >= VACANT; // who has less cannot do it, or does not
      if (left > 0
          && !row.owner().equals(node)
          && !coming.test(slot)
          && (lacks.getOrDefault(node, 0) > 0 || late)) {
        all.put(slot, new Duty());
        lacks.merge(node, -1, Integer::sum);
        left--;
        news = true;
      }
    }
    return news;
  }

  /**
   * The slots for which another node is to stand by, so that all nodes have their share: a few, and
   * none before each slot has a stand-by. All nodes find the same ones.
   */
  Set<Integer> moving(LeaseTable table) {
    Set<Integer> moving = new HashSet<>();
    if (table.standBys().size() < wantedSlots()) {
      return moving;
    }
    Map<String, Integer> lacks = lacks(table);
    for (Map.Entry<Integer, LeaseTable.Next> entry : new TreeMap<>(table.standBys()).entrySet()) {
      LeaseTable.Row row = table.rows().get(entry.getKey());
      String its = entry.getValue().node();
      if (row != null
          && lacks.getOrDefault(its, 0) < 0
          && moving.size() < Math.max(1, slotCount / FEW)) {
        table.members().stream()
            .filter(other -> !other.equals(row.owner()) && lacks.getOrDefault(other, 0) > 0)
            .findFirst()
            .ifPresent(
                other -> {
                  lacks.merge(other, -1, Integer::sum);
                  lacks.merge(its, 1, Integer::sum);
                  moving.add(entry.getKey());
                });
      }
    }
    return moving;
  }
}
