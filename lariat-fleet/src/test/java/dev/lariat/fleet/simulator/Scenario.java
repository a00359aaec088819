package dev.lariat.fleet.simulator;

import static dev.lariat.fleet.simulator.Timeline.MS;
import static dev.lariat.fleet.simulator.Timeline.SECOND;

import dev.lariat.fleet.internal.core.FleetCore;
import dev.lariat.fleet.internal.lease.LeaseTable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A fleet of one to four nodes that share the slots by leases, and what happens to it. A third of
 * the feeds are pairs. Of three seeds, one is calm: nodes come and go in good order, the
 * configuration changes, and the server ends connections. In the others nodes also crash and
 * freeze, requests to the store are slow or get lost, nodes are cut off from it, it is down for a
 * while, and sinks fail.
 *
 * <p>More than half of the feeds overlap, and some of these have a stand-by. One seed of nine is
 * still: nodes only come and go in good order. One seed of nine is guarded: nodes come and go, or
 * crash, and the server of the feeds with a stand-by cannot resume.
 *
 * <p>The laws, at every moment:
 *
 * <ul>
 *   <li>each lease and each epoch of a slot has one owner, and both numbers grow;
 *   <li>no two nodes may trust that they have the same slot;
 *   <li>after each beat, a node has or gives back exactly the slots that the store says it has;
 *   <li>nothing is written after a slot was lost;
 *   <li>an event is written after all events before it, whoever writes, so none is lost;
 *   <li>no feed is open twice, unless a node that has it is frozen, both are of one pair, or one is
 *       of a node that prepares to get it;
 *   <li>nothing is written by a node that only prepares to get a slot;
 *   <li>in a still fleet, a feed that overlaps is closed when another node has it open, if a node
 *       is there that stays, and unless the next owner begins to leave at this moment;
 *   <li>in a calm fleet, no event is written twice;
 *   <li>in a guarded fleet, an event is written twice only if its position was not stored when the
 *       slot was claimed, and no event of a feed with a stand-by is lost, unless no node that was
 *       to take the slot had received all since the stored position, or the owner or the next owner
 *       dies at the moment in which the stand-by is dismissed;
 *   <li>in a calm fleet, no slot is without an owner for two seconds while a node could take it.
 * </ul>
 *
 * <p>In the end, when all is well again, each feed is open on exactly one node, a pair twice, or a
 * node has told that it is gone, and everything is written. A feed with a stand-by is open on one
 * more node if there is one, and all nodes stand by for about as many slots.
 */
final class Scenario {
  static final int SLOTS = 6;
  static final long LEASE = 6 * SECOND;
  static final long MARGIN = 500 * MS;
  static final long HELD = LEASE + 3 * SECOND + 200 * MS; // a real stand-by holds more
  private static final int FEEDS = 9;
  private static final long TROUBLE = 40 * SECOND; // how long it lasts
  private static final long CALM = 30 * SECOND; // within which all must be well again
  private static final long GAP = 2 * SECOND; // of a slot that moves as planned

  final Timeline time;
  final Store store;
  final FeedServer server;
  final double slowness; // the share of requests that the store answers late
  private final boolean rough;
  private final boolean still;
  private final boolean guarded;
  private boolean over; // whether the trouble is
  private long storeDownUntil;

  private final List<Node> nodes = new ArrayList<>();
  private int started;
  private final Set<String> feeds = new TreeSet<>(); // of the configuration
  private final Map<List<Long>, Node> grants = new HashMap<>(); // by slot and term
  private final Map<Integer, Long> terms = new HashMap<>(); // the newest of each slot
  private final Map<Integer, Long> epochs = new HashMap<>(); // the newest of each slot
  private final Map<Integer, Long> free = new HashMap<>(); // the slots without an owner, since when
  private final Set<List<Object>> stopped = new HashSet<>(); // tenures that must not write
  private final Map<String, Long> written = new HashMap<>(); // the newest event of each feed
  private final Map<Integer, Map<String, String>> stored = new HashMap<>(); // at the last claims
  private long crashedAt = -2 * SECOND; // the last one
  private final Map<String, TreeSet<Long>> excused = // what lacks events after these epochs
      new HashMap<>();

  Scenario(long seed) {
    this.time = new Timeline(seed);
    this.guarded = Math.floorMod(seed, 9) == 4;
    this.rough = Math.floorMod(seed, 3) != 0 && !guarded;
    this.still = Math.floorMod(seed, 9) == 0;
    this.store = new Store(time, LEASE);
    int behind = guarded ? 2 : still ? 3 : 4;
    this.server =
        new FeedServer(time, behind, this::resumes); // in rough ones, longer than patience
    this.slowness = time.random.nextInt(3) * 0.03;
  }

  void play() {
    for (int i = 0; i < FEEDS; i++) {
      feeds.add("feed " + i);
    }
    int first = 1 + time.random.nextInt(3);
    for (int i = 0; i < first; i++) {
      start();
    }
    time.after(SECOND, this::trouble);
    if (!still && !guarded) {
      time.after(SECOND, this::cut);
    }
    time.runUntil(TROUBLE);
    settle();
    time.runUntil(TROUBLE + CALM);
    server.stop();
    time.runUntil(TROUBLE + CALM + 5 * SECOND);
    checkTheEnd();
  }

  /** Whether faults happen now. */
  boolean isRough() {
    return rough && !over;
  }

  boolean storeDown() {
    return time.now() < storeDownUntil;
  }

  // ---- what happens

  private void start() {
    Node node = new Node(this, "node " + ++started, feeds);
    time.trace(node + " starts");
    if (!stays()) {
      free.clear(); // nobody could take them until now
    }
    nodes.add(node);
  }

  private List<Node> living() {
    return nodes.stream().filter(node -> !node.isDead() && !node.hasEnded()).toList();
  }

  private void trouble() {
    if (over) {
      return;
    }
    List<Node> living = living();
    Node one = living.isEmpty() ? null : living.get(time.random.nextInt(living.size()));
    int kind = time.random.nextInt(rough ? 10 : still || guarded ? 2 : 5);
    if (guarded && time.chance(0.4)) {
      kind = 5;
    }
    if (one == null || (kind == 0 && living.size() < 4)) {
      start();
    } else {
      switch (kind) {
        case 0, 1 -> one.shutDown();
        case 2 -> change("feed " + time.random.nextInt(FEEDS));
        case 3 -> refuse("feed " + time.random.nextInt(FEEDS));
        case 4 -> remove("feed " + time.random.nextInt(FEEDS));
        case 5 -> one.crash();
        case 6, 7 -> one.freeze(time.between(100 * MS, 14 * SECOND));
        case 8 -> {
          one.cut(true);
          time.after(time.between(SECOND, 15 * SECOND), () -> one.cut(false));
        }
        case 9 -> {
          time.trace("the store is down");
          storeDownUntil = time.now() + time.between(SECOND, 12 * SECOND);
        }
        default -> throw new AssertionError(kind);
      }
    }
    time.after(time.between(200 * MS, 8 * SECOND), this::trouble);
  }

  /** Connections are lost all the time. */
  private void cut() {
    if (!over) {
      server.cut("feed " + time.random.nextInt(FEEDS));
      time.after(time.between(50 * MS, 1500 * MS), this::cut);
    }
  }

  /** Whether nodes only come and go, or crash. */
  boolean isOrderly() {
    return still || guarded;
  }

  boolean isOverlapping(String feed) {
    return FleetCore.slotOf(feed, 2) == 0 || hasStandBy(feed);
  }

  boolean hasStandBy(String feed) {
    return FleetCore.slotOf(feed, 5) < 2;
  }

  /** Whether the server can begin where it is asked to. */
  boolean resumes(String feed) {
    return !guarded || !hasStandBy(feed);
  }

  boolean standsBy(int slot) {
    return feeds.stream()
        .anyMatch(feed -> FleetCore.slotOf(feed, SLOTS) == slot && hasStandBy(feed));
  }

  boolean overlaps(int slot) {
    return feeds.stream()
        .anyMatch(feed -> FleetCore.slotOf(feed, SLOTS) == slot && isOverlapping(feed));
  }

  boolean isPair(String feed) {
    return FleetCore.slotOf(feed, 3) == 0;
  }

  private void change(String feed) {
    server.serve(feed);
    feeds.add(feed);
    time.trace(feed + " is configured anew");
    living().forEach(node -> node.put(feed));
  }

  private void refuse(String feed) {
    time.trace(feed + " will be refused");
    server.refuse(feed);
    if (feeds.contains(feed)) {
      living().forEach(node -> node.put(feed));
    }
  }

  private void remove(String feed) {
    time.trace(feed + " is removed");
    feeds.remove(feed);
    living().forEach(node -> node.remove(feed));
  }

  /** The trouble is over. */
  private void settle() {
    time.trace("the trouble is over");
    over = true;
    storeDownUntil = 0;
    living().forEach(node -> node.cut(false));
    start(); // there may be none
  }

  // ---- the laws

  void granted(Node node, int slot, long term) {
    if (grants.put(List.of((long) slot, term), node) != null) {
      throw time.broken("slot " + slot + " has two owners in term " + term);
    }
    Long before = terms.put(slot, term);
    if (before != null && before >= term) {
      throw time.broken("the term of slot " + slot + " went from " + before + " to " + term);
    }
  }

  void claimed(Node node, int slot, Store.Claimed its) {
    long epoch = its.epoch();
    stored.put(slot, its.positions());
    Long before = epochs.put(slot, epoch);
    if (before != null && before >= epoch) {
      throw time.broken("the epoch of slot " + slot + " went from " + before + " to " + epoch);
    }
  }

  void stopped(Node node, int slot, long epoch) {
    stopped.add(List.of(node, slot, epoch));
  }

  void written(Node node, int slot, long epoch, String feed, long event) {
    if (stopped.contains(List.of(node, slot, epoch))) {
      throw time.broken(node + " writes " + feed + " after it has lost its slot");
    }
    if (FleetCore.slotOf(feed, SLOTS) != slot) {
      throw time.broken(feed + " is written by slot " + slot);
    }
    for (Node other : nodes) {
      if (other != node && !other.isDead() && other.holds().containsKey(slot)) {
        throw time.broken(node + " writes " + feed + ", and " + other + " has its slot");
      }
    }
    long last = written.getOrDefault(feed, 0L);
    boolean isExcused = excused.getOrDefault(feed, new TreeSet<>()).removeIf(its -> its < epoch);
    if (!isExcused && event > last + 1) {
      throw time.broken(feed + " lacks event " + (last + 1) + ", and has " + event);
    }
    long claimed = Long.parseLong(stored.get(slot).getOrDefault(feed, "0"));
    if (event <= last && !rough && !(guarded && event > claimed)) {
      throw time.broken(feed + " has event " + event + " twice");
    }
    written.put(feed, Math.max(last, event));
  }

  /** A node has died. Others may lack events that only it had. */
  void crashed(Node node) {
    crashedAt = time.now();
    for (String feed : feeds) {
      if (hasStandBy(feed) && !isSafe(feed)) {
        excuse(feed);
      }
    }
  }

  /** Whether a node has, or holds for when it takes the slot, all after the stored position. */
  private boolean isSafe(String feed) {
    int slot = FleetCore.slotOf(feed, SLOTS);
    long position = Long.parseLong(store.positions(slot).getOrDefault(feed, "0"));
    return server.connections(feed).stream()
        .filter(its -> !its.early || isHeir(its.node, slot))
        .anyMatch(its -> its.first <= position);
  }

  /** The owner of a slot has died as it dismissed its stand-by. */
  void dismissedByTheDead(int slot) {
    feeds.stream().filter(feed -> FleetCore.slotOf(feed, SLOTS) == slot).forEach(this::excuse);
  }

  private boolean isHeir(Node node, int slot) {
    return node.holds().containsKey(slot)
        || store.heirs(slot).stream().anyMatch(its -> its.node().equals(node.toString()));
  }

  private boolean isAwake(String name) {
    return living().stream().anyMatch(its -> its.toString().equals(name) && !its.isLeaving());
  }

  private void excuse(String feed) {
    if (guarded) {
      time.trace(feed + " may lack events");
      long epoch = epochs.getOrDefault(FleetCore.slotOf(feed, SLOTS), 0L);
      excused.computeIfAbsent(feed, none -> new TreeSet<>()).add(epoch);
    }
  }

  /** A node has closed a connection itself. */
  void closed(Node node, String feed, boolean early) {
    boolean nextLeaves = // it can be the next owner, and its last word be on its way
        nodes.stream().anyMatch(its -> its != node && its.beganToLeaveAfter(time.now() - SECOND));
    boolean stays =
        living().stream().anyMatch(its -> !its.isLeaving() && its.startedAt < time.now() - SECOND);
    int slot = FleetCore.slotOf(feed, SLOTS);
    boolean excuse =
        early
            ? node.isLeaving() || time.now() - crashedAt < 2 * SECOND // it was to take the slot
            : store.heirs(slot).stream().noneMatch(its -> its.ready() && isAwake(its.node()));
    boolean empty = server.connections(feed).isEmpty();
    if (guarded && excuse && (early ? !isSafe(feed) : empty)) {
      excuse(feed);
    }
    boolean law = still && isOverlapping(feed) && !early && stays && !nextLeaves;
    if (law && empty) {
      throw time.broken(node + " closes " + feed + ", and no other node has it open");
    }
  }

  /** No two nodes trust that they have the same slot. */
  void checkOwners() {
    Map<Integer, Node> owners = new HashMap<>();
    for (Node node : nodes) {
      if (node.isDead()) {
        continue;
      }
      for (int slot : node.holds().keySet()) {
        Node other = owners.put(slot, node);
        if (other != null) {
          throw time.broken(node + " and " + other + " have slot " + slot);
        }
      }
    }
    if (!guarded) {
      checkGaps(owners.keySet());
    }
  }

  private void checkGaps(Set<Integer> owned) {
    for (int slot = 0; slot < SLOTS; slot++) {
      long since = free.getOrDefault(slot, time.now());
      if (!rough && time.now() - since > GAP) {
        throw time.broken("slot " + slot + " has had no owner for " + GAP / MS + " ms");
      }
      if (owned.contains(slot)) {
        free.remove(slot);
      } else {
        free.put(slot, stays() ? since : time.now());
      }
    }
  }

  private boolean stays() {
    return living().stream().anyMatch(node -> !node.isLeaving());
  }

  /** What the store says a node has, it has or gives back. */
  void checkOwned(Node node, Map<Integer, Long> givesBack, LeaseTable table) {
    Map<Integer, Long> owned = new HashMap<>();
    table
        .rows()
        .forEach(
            (slot, row) -> {
              if (row.owner().equals(node.toString())) {
                owned.put(slot, row.term());
              }
            });
    Map<Integer, Long> has = new HashMap<>(node.holds());
    givesBack.forEach(
        (slot, term) -> {
          if (has.put(slot, term) != null) {
            throw time.broken(node + " has slot " + slot + " and gives it back");
          }
        });
    if (!has.equals(owned)) {
      throw time.broken(node + " has or gives back " + has + ", and owns " + owned);
    }
  }

  private void checkTheEnd() {
    List<Node> living = living();
    Set<Integer> all = new HashSet<>();
    for (Node node : living) {
      Set<Integer> its = node.holds().keySet();
      all.addAll(its);
      int share = SLOTS / living.size();
      if (its.size() < share || its.size() > share + 1) {
        throw time.broken(node + " has " + its + " with " + living.size() + " nodes");
      }
      if (node.members() != living.size()) {
        throw time.broken(node + " knows " + node.members() + " nodes of " + living.size());
      }
      for (int slot = 0; slot < SLOTS; slot++) {
        if ((its.contains(slot) || standsBy(node, slot)) != node.runs(slot)) {
          throw time.broken(node + " has " + its + ", and this is not so: it runs " + slot);
        }
      }
    }
    for (Node node : living) {
      for (int slot : node.holds().keySet()) {
        if (!living.stream().allMatch(each -> node.toString().equals(each.ownerOf(slot)))) {
          throw time.broken("not all nodes know that " + node + " has slot " + slot);
        }
      }
    }
    if (all.size() != SLOTS) {
      throw time.broken("only the slots " + all + " have owners");
    }
    checkStandBys(living);
    for (int i = 0; i < FEEDS; i++) {
      checkTheEnd("feed " + i, living);
    }
  }

  private boolean standsBy(Node node, int slot) {
    LeaseTable.Next its = store.standBys().get(slot);
    return its != null && its.node().equals(node.toString());
  }

  /** All nodes stand by for about as many slots, and each slot that needs it has a stand-by. */
  private void checkStandBys(List<Node> living) {
    Map<String, Integer> duties = new HashMap<>();
    int wanted = 0;
    for (int slot = 0; slot < SLOTS; slot++) {
      LeaseTable.Next its = store.standBys().get(slot);
      boolean wants = standsBy(slot) && living.size() > 1;
      wanted += wants ? 1 : 0;
      if (wants != (its != null) || (wants && isOrderly() && !its.ready())) {
        throw time.broken("slot " + slot + " has the stand-by " + its);
      }
      if (its != null) {
        duties.merge(its.node(), 1, Integer::sum);
      }
    }
    int most = (wanted + living.size() - 1) / living.size() + 1; // none can have all that it has
    if (duties.values().stream().anyMatch(count -> count > most)) {
      throw time.broken("the nodes stand by for " + duties + " slots");
    }
  }

  private void checkTheEnd(String feed, List<Node> living) {
    List<FeedServer.Connection> open = server.connections(feed);
    if (!feeds.contains(feed)) {
      if (!open.isEmpty()) {
        throw time.broken(feed + " is open, and not configured");
      }
      return;
    }
    int slot = FleetCore.slotOf(feed, SLOTS);
    Node owner =
        living.stream().filter(node -> node.holds().containsKey(slot)).findFirst().orElseThrow();
    if (server.refuses(feed)) {
      if (!owner.goneFeeds.contains(feed) || !open.isEmpty()) {
        throw time.broken(feed + " is refused, and " + owner + " has not told it");
      }
      return;
    }
    int wanted = isPair(feed) ? 2 : 1;
    long early = open.stream().filter(its -> its.early && standsBy(its.node, slot)).count();
    long here = open.stream().filter(its -> !its.early && its.node == owner).count();
    int standing = hasStandBy(feed) && living.size() > 1 ? wanted : 0;
    if (here != wanted || early != standing || open.size() != wanted + standing) {
      throw time.broken(
          "%s is open %d times, on %s, to which it belongs, %d times, and on its stand-by %d times"
              .formatted(feed, open.size(), owner, here, early));
    }
    if (written.getOrDefault(feed, 0L) != server.newest()) {
      throw time.broken(
          feed + " has " + written.get(feed) + " events written, and had " + server.newest());
    }
  }
}
