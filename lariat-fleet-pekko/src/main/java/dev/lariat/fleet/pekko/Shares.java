package dev.lariat.fleet.pekko;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How many slots each node will have when all moves are done, and which further slots move: those
 * of a node that leaves, and what a node has more than its share.
 *
 * @param <N> a node
 */
final class Shares<N> {
  private final Map<N, Share<N>> nodes = new LinkedHashMap<>();
  private final Map<String, Share<N>> owners = new HashMap<>(); // of the slots that do not move
  private final List<Share<N>> staying;

  /** A node: the slots that it keeps so far, and how many it will have when all moves are done. */
  private static final class Share<N> {
    final N node;
    final boolean stays;
    final Set<String> here; // those that it has had longest first
    int size;
    Deque<String> mayMove = new ArrayDeque<>(); // those that are chosen from

    Share(N node, boolean stays, Collection<String> here) {
      this.node = node;
      this.stays = stays;
      this.here = new LinkedHashSet<>(here);
      this.size = this.here.size();
    }

    int size() {
      return size;
    }
  }

  /**
   * Nothing moves yet.
   *
   * @param slots of each node, those that it has had longest first
   */
  Shares(Map<N, List<String>> slots, Predicate<N> stays) {
    slots.forEach(
        (node, its) -> {
          Share<N> share = new Share<>(node, stays.test(node), its);
          nodes.put(node, share);
          its.forEach(slot -> owners.put(slot, share));
        });
    this.staying = nodes.values().stream().filter(its -> its.stays).toList();
  }

  /** The node that gets a slot: the one with the fewest, if it can be one that stays. */
  N taker() {
    Comparator<Share<N>> first = Comparator.comparing(its -> !its.stays);
    return nodes.values().stream().min(first.thenComparingInt(Share::size)).orElseThrow().node;
  }

  /** The node that has a slot which does not move; null if there is none. */
  @Nullable N owner(String slot) {
    Share<N> its = owners.get(slot);
    return its == null ? null : its.node;
  }

  /** A slot is on its way, most likely to the node with the fewest. */
  void moves(String slot) {
    count(slot, staying.isEmpty() ? null : least());
  }

  /** A slot is on its way to a node. */
  void moves(String slot, N to) {
    count(slot, nodes.get(to));
  }

  private void count(String slot, @Nullable Share<N> to) {
    Share<N> from = owners.remove(slot);
    if (from != null) {
      from.here.remove(slot);
      from.size--;
    }
    if (to != null) {
      to.size++;
    }
  }

  /**
   * Counts a move that has not begun, if it is still right: no node would have to move another slot
   * for it.
   *
   * @return whether it is
   */
  boolean stillMoves(String slot, N to) {
    Share<N> from = owners.get(slot);
    Share<N> its = nodes.get(to);
    if (from == null || its == null || !its.stays || !lacks(its)) {
      return false;
    }
    if (from.stays && (!hasMore(from) || from.size - its.size < 2)) {
      return false;
    }
    count(slot, its);
    return true;
  }

  private boolean lacks(Share<N> its) {
    return its.size < total() / staying.size() || its.size == least().size;
  }

  private boolean hasMore(Share<N> its) {
    int most = staying.stream().mapToInt(Share::size).max().orElseThrow();
    return its.size > Math.ceilDiv(total(), staying.size()) || its.size == most;
  }

  private int total() {
    return nodes.values().stream().mapToInt(Share::size).sum();
  }

  /**
   * Chooses further slots that move, and counts them.
   *
   * @param most how many at most
   * @param which of which
   * @return the slots, each with the node that gets it
   */
  Map<String, N> choose(int most, Predicate<String> which) {
    if (most <= 0 || staying.isEmpty()) {
      return Map.of(); // nobody could take them
    }
    for (Share<N> its : nodes.values()) {
      its.mayMove =
          its.here.stream().filter(which).collect(Collectors.toCollection(ArrayDeque::new));
    }
    Map<String, N> chosen = new LinkedHashMap<>();
    for (Share<N> leaving : nodes.values().stream().filter(its -> !its.stays).toList()) {
      while (!leaving.mayMove.isEmpty() && chosen.size() < most) {
        choose(leaving.mayMove.remove(), least(), chosen);
      }
    }
    while (chosen.size() < most) {
      Share<N> poorest = least();
      Share<N> richest =
          staying.stream()
              .filter(its -> !its.mayMove.isEmpty() && hasMore(its))
              .max(Comparator.comparingInt(Share::size))
              .orElse(poorest);
      if (richest.size - poorest.size < 2) {
        return chosen;
      }
      choose(richest.mayMove.remove(), poorest, chosen);
    }
    return chosen;
  }

  private void choose(String slot, Share<N> to, Map<String, N> chosen) {
    count(slot, to);
    chosen.put(slot, to.node);
  }

  private Share<N> least() {
    return Collections.min(staying, Comparator.comparingInt(Share::size));
  }
}
