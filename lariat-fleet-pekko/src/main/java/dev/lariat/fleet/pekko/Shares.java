package dev.lariat.fleet.pekko;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Deque;
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
  private static final Comparator<Share> BY_SIZE = Comparator.comparingInt(its -> its.size);

  private final Map<N, List<String>> slots; // of each node, those that it has had longest first
  private final Predicate<N> stays;

  Shares(Map<N, List<String>> slots, Predicate<N> stays) {
    this.slots = slots;
    this.stays = stays;
  }

  /** A node: the slots that it still has, and how many it will have when all moves are done. */
  private static final class Share {
    final boolean stays;
    final Deque<String> here;
    int size;

    Share(boolean stays, Deque<String> here) {
      this.stays = stays;
      this.here = here;
      this.size = here.size();
    }
  }

  /** The node that gets a slot: the one with the fewest, if it can be one that stays. */
  N taker() {
    Comparator<Map.Entry<N, List<String>>> first =
        Comparator.comparing(its -> !stays.test(its.getKey()));
    return slots.entrySet().stream()
        .min(first.thenComparingInt(its -> its.getValue().size()))
        .orElseThrow()
        .getKey();
  }

  /**
   * The slots that begin to move now.
   *
   * @param moving those that still count as slots of the node that they leave
   * @param most how many more may move
   */
  Set<String> moves(Set<String> moving, int most) {
    List<Share> all = new ArrayList<>();
    slots.forEach(
        (node, its) -> {
          List<String> here = its.stream().filter(any -> !moving.contains(any)).toList();
          all.add(new Share(stays.test(node), new ArrayDeque<>(here)));
        });
    List<Share> staying = all.stream().filter(its -> its.stays).toList();
    if (staying.isEmpty()) {
      return Set.of(); // nobody could take them
    }
    moving.forEach(any -> least(staying).size++);
    Set<String> moves = new TreeSet<>();
    for (Share leaving : all.stream().filter(its -> !its.stays).toList()) {
      while (!leaving.here.isEmpty() && moves.size() < most) {
        moves.add(leaving.here.removeFirst());
        least(staying).size++;
      }
    }
    while (moves.size() < most) {
      Share richest = Collections.max(staying, BY_SIZE);
      Share poorest = least(staying);
      if (richest.size - poorest.size < 2 || richest.here.isEmpty()) {
        return moves;
      }
      moves.add(richest.here.removeFirst());
      richest.size--;
      poorest.size++;
    }
    return moves;
  }

  private static Share least(List<Share> all) {
    return Collections.min(all, BY_SIZE);
  }
}
