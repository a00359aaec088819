package dev.lariat.fleet.pekko;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Which node gets a slot, and which slots move: those of a node that leaves, and what a node has
 * more than its share.
 *
 * @param <N> a node
 */
final class Shares<N> {
  private final Map<N, List<String>> slots; // of each node, those that it has had longest first
  private final Predicate<N> stays;

  Shares(Map<N, List<String>> slots, Predicate<N> stays) {
    this.slots = slots;
    this.stays = stays;
  }

  /** The node that gets a slot: the one with the fewest, if it can be one that stays. */
  N taker() {
    Comparator<N> first = Comparator.comparing(node -> !stays.test(node));
    return slots.keySet().stream()
        .min(first.thenComparing(node -> slots.get(node).size()))
        .orElseThrow();
  }

  /**
   * The slots that begin to move now.
   *
   * @param moving those that still count as slots of the node that they leave
   * @param most how many more may move
   */
  Set<String> moves(Set<String> moving, int most) {
    Map<N, List<String>> here = new HashMap<>();
    slots.forEach(
        (node, its) ->
            here.put(
                node, new ArrayList<>(its.stream().filter(any -> !moving.contains(any)).toList())));
    Map<N, Integer> shares = new HashMap<>(); // when all that move have arrived
    here.forEach((node, its) -> shares.put(node, its.size()));
    shares.keySet().removeIf(stays.negate());
    if (shares.isEmpty()) {
      return Set.of(); // nobody could take them
    }
    moving.forEach(any -> shares.merge(least(shares), 1, Integer::sum));
    Set<String> moves = new TreeSet<>();
    for (N node : here.keySet()) {
      List<String> its = here.get(node);
      while (!stays.test(node) && !its.isEmpty() && moves.size() < most) {
        moves.add(its.removeFirst());
        shares.merge(least(shares), 1, Integer::sum);
      }
    }
    while (moves.size() < most) {
      N richest = shares.keySet().stream().max(Comparator.comparing(shares::get)).orElseThrow();
      N poorest = least(shares);
      if (shares.get(richest) - shares.get(poorest) < 2 || here.get(richest).isEmpty()) {
        return moves;
      }
      moves.add(here.get(richest).removeFirst());
      shares.merge(richest, -1, Integer::sum);
      shares.merge(poorest, 1, Integer::sum);
    }
    return moves;
  }

  private static <N> N least(Map<N, Integer> shares) {
    return shares.keySet().stream().min(Comparator.comparing(shares::get)).orElseThrow();
  }
}
