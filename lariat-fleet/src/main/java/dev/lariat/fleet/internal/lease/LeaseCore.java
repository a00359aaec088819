package dev.lariat.fleet.internal.lease;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How one node shares the slots of a fleet with others, by leases in a store that all of them
 * reach. It has no store, no thread and no clock: facts and times go in, and {@link LeaseAct}s come
 * out, to be carried out in their order. All facts come from one thread.
 *
 * <p>The store decides by its own clock whose lease is over. This node counts each lease from
 * before the request was sent, on its monotonic clock, and ends it earlier than the store does, by
 * the margin. So two nodes never have the same slot, whatever the network, the store and the clocks
 * of day do, as long as the clocks of all run at the same speed.
 *
 * <p>In each <em>beat</em> the node asks the store once. The answer shows all slots, so it heals
 * every difference: a slot that the node has and the store denies is lost, and a slot that the
 * store says the node has and that it does not run, because an earlier answer got lost, is given
 * back. Every node has the same share of the slots, within one. Who has more leaves some in good
 * order, and who has less takes those that are free.
 *
 * <p>A slot that <em>overlaps</em> is left when its next owner is ready for it. A node that has
 * less than its share says in the store of which slots it is the next owner, prepares them, says
 * that it is ready, and takes them when they are free; others leave them to it. All of that is
 * advice. A next owner that dies, or does not get ready, costs time and nothing else. So is who
 * stands by for a slot all the time, and takes it when its owner has died.
 *
 * <p>Times are nanoseconds of a monotonic clock, which may overflow: they are only subtracted.
 */
public final class LeaseCore {
  private static final long LONGEST_BEAT = 1_000_000_000; // others wait for it in a planned move
  private static final int STEPS = 32; // in which all slots would move
  private static final long LONGEST_WAIT = 10_000_000_000L; // for a next owner that is ready

  private final String node;
  private final int slotCount;
  private final long lease;
  private final long margin;
  private final long beat;
  private final IntPredicate overlaps;

  private final TreeMap<Integer, Held> held = new TreeMap<>();
  private final Map<Integer, Long> giveBack = new HashMap<>(); // with their terms
  private final Map<Integer, Long> lastTerms = new HashMap<>(); // of the slots that it has had
  private List<Integer> take = List.of(); // in the next request
  private List<Integer> dismissed = List.of(); // in the next request
  private LeaseTable last = new LeaseTable(Map.of(), List.of());
  private final Arrivals arrivals;
  private final StandBys standBys;
  private long arrivalsUntil; // unless the store answers again

  private final List<LeaseAct> acts = new ArrayList<>();
  private @Nullable LeaseRequest asked; // not answered yet
  private long askedAt;
  private long askAt;
  private long lastNumber;
  private boolean wants; // more slots than it has
  private boolean waits; // since "waitsSince", for next owners of slots that are to be left
  private long waitsSince;
  private boolean shutDown;
  private boolean leaving; // and it has said so
  private boolean ended;

  /** A slot that this node has. */
  private static final class Held {
    final long term;
    final long takenAt;
    long until;
    boolean ready;
    boolean leaving;

    Held(long term, long until, long takenAt) {
      this.term = term;
      this.until = until;
      this.takenAt = takenAt;
    }
  }

  /**
   * A node without slots.
   *
   * @param node its name, different for each start of a process
   * @param slotCount how many slots the fleet has
   * @param lease how long a lease lasts in the store
   * @param margin how much earlier it ends for this node: time to close what the slot had open
   * @param overlaps whether a slot is to be prepared by its next owner before it is left. It may
   *     change at any time, and need not be the same on all nodes
   * @param standsBy whether another node is to stand by for a slot, whose feeds overlap then. It
   *     may change, too
   * @param now when it begins
   */
  public LeaseCore(
      String node,
      int slotCount,
      long lease,
      long margin,
      IntPredicate overlaps,
      IntPredicate standsBy,
      long now) {
    this.node = node;
    this.slotCount = slotCount;
    this.lease = lease;
    this.margin = margin;
    this.beat = Math.min(lease / 6, LONGEST_BEAT); // so that a lease outlives several failures
    this.overlaps = overlaps;
    this.standBys = new StandBys(node, slotCount, standsBy, acts);
    this.arrivals = new Arrivals(node, slotCount, overlaps, standBys, acts);
    this.askAt = now;
  }

  /** It is now so late. Also begins. */
  public List<LeaseAct> passed(long now) {
    expire(now);
    if (shutDown && isLate(now)) {
      handOver(last, false, now);
    }
    if (asked != null && now - askedAt >= lease / 3) {
      asked = null; // its answer would be of little use
      askAt = now;
    }
    if (asked == null && !ended && now - askAt >= 0) {
      ask(now);
    }
    return acts();
  }

  /** The store has carried out this request, and shows what it has then. */
  public List<LeaseAct> answered(long number, LeaseTable table, long now) {
    expire(now);
    LeaseRequest request = asked;
    if (request == null || request.number() != number) {
      return acts();
    }
    asked = null;
    askAt = now + beat;
    if (!shutDown && table.members().size() != last.members().size()) {
      acts.add(new LeaseAct.Members(table.members().size()));
    }
    last = table;
    long until = askedAt + lease - margin;
    arrivalsUntil = until;
    compare(request, table, until, now);
    if (request.leaves() && isEmpty()) {
      end();
    } else if (shutDown) {
      handOver(table, table.members().stream().allMatch(node::equals), now);
    } else {
      share(table, now);
    }
    return acts();
  }

  /** The store has not answered this request: nobody knows whether it carried it out. */
  public List<LeaseAct> failed(long number, long now) {
    expire(now);
    if (asked != null && asked.number() == number) {
      askAt = now + beat;
      if (asked.leaves() && isEmpty()) {
        end(); // its membership ends by itself
      }
      asked = null;
    }
    return acts();
  }

  /** All that a slot runs runs now, so that the next ones can come. */
  public List<LeaseAct> ready(int slot, long term, long now) {
    Held its = held.get(slot);
    if (its != null && its.term == term && !its.ready) {
      its.ready = true;
      if (wants) {
        askBy(now);
      }
    }
    return acts();
  }

  /** This node is prepared for a slot that is coming, or for which it stands by. */
  public List<LeaseAct> prepared(int slot, long now) {
    boolean news = arrivals.prepared(slot); // its owner waits for it
    if (standBys.prepared(slot) || news) {
      askBy(now);
    }
    return acts();
  }

  /** A slot that was to be left is left: nothing of it runs here any more. */
  public List<LeaseAct> left(int slot, long term, long now) {
    Held its = held.get(slot);
    if (its != null && its.term == term) { // and was not lost and taken again meanwhile
      held.remove(slot);
      giveBack.put(slot, its.term);
      askBy(now); // another node waits for it
    }
    return acts();
  }

  /**
   * Leaves the fleet at once, and all slots in good order: others take each of them as soon as it
   * is given back. Those that overlap wait for their next owners, but not long.
   */
  public List<LeaseAct> shutDown(long now) {
    if (!shutDown) {
      shutDown = true;
      waitsSince = now;
      waits = true;
      take = List.of();
      standBys.rest(arrivals::isComing);
      arrivals.stay();
      handOver(last, false, now); // a node may have joined since the last answer
      askBy(now);
    }
    return acts();
  }

  /** Whether this node has this slot by this lease at this time. */
  public boolean holds(int slot, long term, long now) {
    Held its = held.get(slot);
    return its != null && its.term == term && now - its.until < 0;
  }

  /** The slots that this node has at this time, with the terms of their leases. */
  public Map<Integer, Long> holds(long now) {
    Map<Integer, Long> its = new HashMap<>();
    held.forEach(
        (slot, lease) -> {
          if (now - lease.until < 0) {
            its.put(slot, lease.term);
          }
        });
    return its;
  }

  /** The name of the node that has this slot, as far as this one knows; null if none is known. */
  public @Nullable String owner(int slot) {
    if (held.containsKey(slot)) {
      return node;
    }
    LeaseTable.Row row = last.rows().get(slot);
    return row == null || row.owner().equals(node) ? null : row.owner();
  }

  /** Who stands by for this slot, as far as this node knows; null if nobody does. */
  public LeaseTable.@Nullable Next standBy(int slot) {
    LeaseTable.Next its = last.standBys().get(slot);
    return its == null || its.node().equals(owner(slot)) ? null : its;
  }

  /** The slots that the store says this node has, and that it gives back. */
  public Map<Integer, Long> givesBack() {
    return Map.copyOf(giveBack);
  }

  /** Whether the answer to this request still counts. */
  public boolean awaits(long number) {
    return asked != null && asked.number() == number;
  }

  /** How long until {@link #passed} has something to do; {@link Long#MAX_VALUE} for never. */
  public long delay(long now) {
    long least = Long.MAX_VALUE;
    if (!ended) {
      least = asked == null ? askAt - now : askedAt + lease / 3 - now;
    }
    for (Held its : held.values()) {
      least = Math.min(least, its.until - now);
      if (shutDown && !its.leaving) {
        least = Math.min(least, waitsSince + LONGEST_WAIT - now);
      }
    }
    if (!arrivals.isEmpty() || !standBys.isEmpty()) {
      least = Math.min(least, arrivalsUntil - now);
    }
    return Math.max(0, least);
  }

  // ---- inside

  private void expire(long now) {
    held.entrySet().removeIf(entry -> isLost(entry.getKey(), now - entry.getValue().until >= 0));
    if (now - arrivalsUntil >= 0) {
      standBys.rest(arrivals::isComing);
      arrivals.stay(); // others do not see that it is the next owner any more
    }
  }

  private boolean isLost(int slot, boolean lost) {
    if (lost) {
      acts.add(new LeaseAct.Lost(slot));
    }
    return lost;
  }

  private void ask(long now) {
    Map<Integer, Long> renew = new HashMap<>();
    held.forEach((slot, its) -> renew.put(slot, its.term));
    asked =
        new LeaseRequest(
            ++lastNumber,
            node,
            renew,
            Map.copyOf(giveBack),
            take,
            arrivals.ready(),
            arrivals.staying(last),
            standBys.unknown(last),
            standBys.resting(last),
            dismissed,
            shutDown);
    askedAt = now;
    take = List.of();
    dismissed = List.of();
    acts.add(new LeaseAct.Ask(asked));
  }

  /** Those that another node is to have than that which stands by for them, and some others. */
  private List<Integer> dismissed(LeaseTable table, boolean leavesSome) {
    Set<Integer> moving = leavesSome ? Set.of() : standBys.moving(table);
    return held.entrySet().stream()
        .filter(entry -> !entry.getValue().leaving)
        .map(Map.Entry::getKey)
        .filter(slot -> moving.contains(slot) || (leavesSome && isForAnother(table, slot)))
        .toList();
  }

  private boolean isForAnother(LeaseTable table, int slot) {
    LeaseTable.Next next = otherNext(table, slot);
    LeaseTable.Next its = table.standBys().get(slot);
    return next != null && its != null && !its.node().equals(next.node());
  }

  /** What the store says that this node has becomes what it has, or is given back. */
  private void compare(LeaseRequest request, LeaseTable table, long until, long now) {
    Map<Integer, Long> its = new HashMap<>();
    table
        .rows()
        .forEach(
            (slot, row) -> {
              if (row.owner().equals(node)) {
                its.put(slot, row.term());
              }
            });
    held.entrySet()
        .removeIf(
            entry -> {
              Long term = its.get(entry.getKey());
              boolean lost = term == null || term != entry.getValue().term;
              if (!lost) {
                entry.getValue().until = until;
              }
              return isLost(entry.getKey(), lost);
            });
    giveBack.clear();
    its.forEach(
        (slot, term) -> {
          if (held.containsKey(slot)) {
            return;
          }
          // A renewal that was carried out late can bring back a lease that was over already.
          boolean anew = term > lastTerms.getOrDefault(slot, 0L);
          if (anew && request.take().contains(slot) && !shutDown && now - until < 0) {
            Held taken = new Held(term, until, now);
            taken.ready =
                arrivals.isReady(slot)
                    || standBys.isReady(slot); // what it has prepared keeps no other waiting
            held.put(slot, taken);
            lastTerms.put(slot, term);
            arrivals.taken(slot);
            standBys.taken(slot);
            acts.add(new LeaseAct.Taken(slot, term));
          } else {
            giveBack.put(slot, term);
          }
        });
    if (!giveBack.isEmpty() || (shutDown && held.isEmpty())) {
      askBy(now);
    }
  }

  private boolean isEmpty() {
    return held.isEmpty() && giveBack.isEmpty();
  }

  /**
   * Leaves what is more than its share, or takes what it lacks. Only a few slots move at a time as
   * planned, and the next ones wait until those before them are taken and ready, so that no feed
   * waits for many others. More free slots than that are those of a node that has died or left, and
   * wait for nobody.
   */
  private void share(LeaseTable table, long now) {
    int rank = table.members().indexOf(node);
    if (rank < 0) {
      return;
    }
    int share = Arrivals.share(slotCount, rank, table.members().size());
    int has = (int) held.values().stream().filter(its -> !its.leaving).count();
    int free = slotCount - table.rows().size();
    int few = Math.max(1, slotCount / STEPS);
    leaveSurplus(table, has - share, few - free - (held.size() - has), now);
    standBys.look(table, now);
    take = take(table, share - has, few, now);
    wants = has < share;
    dismissed = dismissed(table, has > share);
    boolean news = arrivals.compare(table, take, share - has - take.size(), now);
    news |= standBys.compare(table, arrivals::isComing, now);
    if (!take.isEmpty() || !dismissed.isEmpty() || news) {
      askBy(now);
    } else if (has != share) {
      askBy(now + beat / 8); // somebody is about to leave some, or to take some
    }
  }

  private boolean isOpening(Held its, long now) {
    return !its.ready && now - its.takenAt < beat; // a feed may open late, or never
  }

  /** Slots that are free: those for which it is prepared, and then some of the others. */
  private List<Integer> take(LeaseTable table, int lacks, int few, long now) {
    List<Integer> ready = new ArrayList<>(); // left to this node, or by one that has died
    List<Integer> preparing = new ArrayList<>();
    List<Integer> others = new ArrayList<>();
    for (int slot : inOrder(table, node, slotCount)) {
      if (!table.rows().containsKey(slot)) {
        LeaseTable.Next next = otherNext(table, slot);
        if (arrivals.isReady(slot) || (standBys.contains(slot) && !isReady(next))) {
          ready.add(slot);
        } else if (!standBys.isReserved(table, slot, now)) { // or another node has its feeds open
          if (arrivals.contains(slot)) {
            preparing.add(slot);
          } else if (next == null) {
            others.add(slot);
          }
        }
      }
    }
    int opening = (int) held.values().stream().filter(its -> isOpening(its, now)).count();
    int most = others.size() > few ? slotCount : few - opening;
    List<Integer> all = new ArrayList<>(ready);
    all.addAll(first(preparing, lacks - all.size()));
    all.addAll(first(others, Math.min(lacks - all.size(), most)));
    return all;
  }

  private static boolean isReady(LeaseTable.@Nullable Next next) {
    return next != null && next.ready();
  }

  private static List<Integer> first(List<Integer> slots, int most) {
    return slots.subList(0, Math.clamp(most, 0, slots.size()));
  }

  /** All slots, in an order in which others begin elsewhere. */
  static List<Integer> inOrder(LeaseTable table, String node, int slotCount) {
    int rank = Math.max(0, table.members().indexOf(node));
    int first = (int) ((long) slotCount * rank / Math.max(1, table.members().size()));
    return IntStream.range(0, slotCount).map(i -> (first + i) % slotCount).boxed().toList();
  }

  /** Another node that prepares to have this slot; null if there is none. */
  private LeaseTable.@Nullable Next otherNext(LeaseTable table, int slot) {
    LeaseTable.Next next = table.next().get(slot);
    return next == null || next.node().equals(node) ? null : next;
  }

  /**
   * Leaves those whose next owners are ready, and some of the others at once if they do not
   * overlap, or if nobody has got ready for long.
   */
  private void leaveSurplus(LeaseTable table, int surplus, int most, long now) {
    boolean late = isLate(now);
    int left = surplus;
    int soon = 0;
    for (Map.Entry<Integer, Held> entry : held.descendingMap().entrySet()) {
      LeaseTable.Next next = otherNext(table, entry.getKey());
      if (left > 0 && next != null && !entry.getValue().leaving) {
        if (next.ready()) {
          leave(entry.getKey(), entry.getValue());
          left--;
          waits = false;
        } else if (!late) {
          soon++;
        }
      }
    }
    left = Math.min(left - soon, most);
    boolean waiting = soon > 0;
    for (Map.Entry<Integer, Held> entry : held.descendingMap().entrySet()) {
      if (left > 0 && !entry.getValue().leaving) {
        waiting |= overlaps.test(entry.getKey());
        if (late || !overlaps.test(entry.getKey())) {
          leave(entry.getKey(), entry.getValue());
          left--;
        }
      }
    }
    if (surplus <= 0) {
      waits = false;
    } else if (waiting && !waits) {
      waits = true;
      waitsSince = now;
    }
  }

  private boolean isLate(long now) {
    return waits && now - waitsSince >= LONGEST_WAIT;
  }

  /** Leaves all slots, those that overlap when their next owners are ready or after a while. */
  private void handOver(LeaseTable table, boolean alone, long now) {
    held.forEach(
        (slot, its) -> {
          LeaseTable.Next next = otherNext(table, slot);
          if (alone || isReady(next) || isLate(now) || !overlaps.test(slot)) {
            leave(slot, its);
          }
        });
    dismissed = dismissed(table, true);
    if (!isLeavingAll()) {
      askBy(now + beat / 8); // somebody is about to get ready
    }
  }

  private boolean isLeavingAll() {
    return held.values().stream().allMatch(its -> its.leaving);
  }

  private void leave(int slot, Held its) {
    if (!its.leaving) {
      its.leaving = true;
      acts.add(new LeaseAct.Leave(slot));
    }
  }

  private void askBy(long at) {
    if (at - askAt < 0) {
      askAt = at;
    }
  }

  private void end() {
    ended = true;
    acts.add(new LeaseAct.Ended());
  }

  private List<LeaseAct> acts() {
    if (shutDown && !leaving && isLeavingAll()) {
      leaving = true;
      acts.add(new LeaseAct.Leaving());
    }
    List<LeaseAct> all = List.copyOf(acts);
    acts.clear();
    return all;
  }
}
