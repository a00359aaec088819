package dev.lariat.fleet.pekko;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which slots move, and who has those next that overlap: such a slot is prepared by its next owner
 * before its last one is asked to leave it. It is asked again and again, on the node where sharding
 * decides, and has no clock.
 *
 * <p>All of that is advice. If the node that decides dies, another one begins anew, and whoever
 * prepares for a slot hears no more of it.
 *
 * @param <N> a node
 */
final class NextOwners<N> {
  /** How long a slot waits for its next owner: a feed may open late, or never. */
  static final Duration LONGEST = Duration.ofSeconds(3);

  /** How long a move may be held up, before what was prepared for it is given up. */
  private static final Duration STALE = Duration.ofSeconds(30);

  private static final int FEW = 2;
  private static final int STEPS = 8; // no feed is away, so they may be larger than others

  private final int most; // slots with a next owner
  private final Map<String, Next<N>> all = new LinkedHashMap<>(); // by slot, the oldest first

  /** The next owner of a slot, since it was chosen. */
  private record Next<N>(N node, long since) {
    boolean hasWaited(Duration length, long now) {
      return now - since >= length.toNanos();
    }
  }

  /** What is known of nodes and slots. */
  interface Sight<N> {
    /** Whether a node may get slots. */
    boolean stays(N node);

    /** Whether feeds of a slot overlap. */
    boolean overlaps(String slot);

    /** Whether a node says that it is prepared for a slot. */
    boolean isPrepared(N node, String slot);

    /** Whether a node says that it has a slot. */
    boolean has(N node, String slot);
  }

  NextOwners(int slotCount) {
    this.most = Math.max(FEW, slotCount / STEPS);
  }

  /** Begins anew, since the decision was elsewhere meanwhile. */
  void clear() {
    all.clear();
  }

  boolean contains(String slot) {
    return all.containsKey(slot);
  }

  /** The next owner of a slot; empty if it has none. */
  Optional<N> of(String slot) {
    return Optional.ofNullable(all.get(slot)).map(Next::node);
  }

  /** The slots with their next owners. */
  Map<String, N> all() {
    Map<String, N> its = new LinkedHashMap<>();
    all.forEach((slot, next) -> its.put(slot, next.node));
    return its;
  }

  /**
   * Decides again.
   *
   * @param slots of each node, those that it has had longest first
   * @param moving those of them that are on their way: they still count as slots of the node that
   *     they leave, until they are somewhere else or nowhere
   * @param sight what is known
   * @param mayBegin whether further slots may move now
   * @param plain how many that do not overlap
   * @return the slots that begin to move now
   */
  Set<String> moves(
      Map<N, List<String>> slots,
      Set<String> moving,
      Sight<N> sight,
      boolean mayBegin,
      int plain,
      long now) {
    Shares<N> shares = new Shares<>(slots, sight::stays);
    all.values().removeIf(next -> !slots.containsKey(next.node) || !sight.stays(next.node));
    // Until the next owner has a slot, it hears that the slot comes: it would give it up otherwise.
    all.entrySet().removeIf(its -> sight.has(its.getValue().node, its.getKey()));
    Map<String, Next<N>> waiting = new LinkedHashMap<>();
    all.forEach(
        (slot, next) -> {
          N owner = shares.owner(slot);
          if (moving.contains(slot) || owner == null || owner.equals(next.node)) {
            shares.moves(slot, next.node);
          } else {
            waiting.put(slot, next);
          }
        });
    moving.stream().filter(slot -> !all.containsKey(slot)).forEach(shares::moves);
    waiting.entrySet().removeIf(its -> isOver(its.getKey(), its.getValue(), shares, now));
    if (!mayBegin) {
      return Set.of();
    }
    Set<String> moves = new TreeSet<>(shares.choose(plain, its -> !sight.overlaps(its)).keySet());
    waiting.forEach(
        (slot, next) -> {
          if (sight.isPrepared(next.node, slot) || next.hasWaited(LONGEST, now)) {
            moves.add(slot);
          }
        });
    shares
        .choose(most - all.size(), sight::overlaps)
        .forEach((slot, node) -> all.put(slot, new Next<>(node, now)));
    return moves;
  }

  /** Whether a slot that was to move stays where it is. */
  private boolean isOver(String slot, Next<N> next, Shares<N> shares, long now) {
    boolean over = next.hasWaited(STALE, now) || !shares.stillMoves(slot, next.node);
    if (over) {
      all.remove(slot);
    }
    return over;
  }
}
