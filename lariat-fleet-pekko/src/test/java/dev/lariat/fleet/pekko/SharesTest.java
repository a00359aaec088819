package dev.lariat.fleet.pekko;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class SharesTest {
  private static final int MOST = 8;

  private final Map<String, List<String>> slots = new LinkedHashMap<>();
  private final Set<String> leaving = new HashSet<>();

  @Test
  void aSlotGoesToTheNodeWithTheFewestThatStays() {
    has("a", 0, 3);
    has("b", 3, 5);
    has("c", 5, 6);
    assertThat(shares().taker()).isEqualTo("c");
    leaving.add("c");
    assertThat(shares().taker()).isEqualTo("b");
    leaving.addAll(List.of("a", "b"));
    assertThat(shares().taker()).isEqualTo("c");
  }

  @Test
  void aNodeThatComesGetsTheSlotsThatOthersHaveHadLongest() {
    has("a", 0, 6);
    has("b", 6, 12);
    has("new", 12, 12);
    assertThat(moves(Set.of(), MOST)).containsOnlyKeys("0", "1", "6", "7");
    assertThat(moves(Set.of(), MOST).values()).containsOnly("new");
    assertThat(moves(Set.of("0", "6"), MOST)).containsOnlyKeys("1", "7");
    assertThat(moves(Set.of("0", "1", "6", "7"), MOST)).isEmpty();
  }

  @Test
  void onlyAFewMoveAtATime() {
    has("a", 0, 100);
    has("new", 100, 100);
    assertThat(moves(Set.of(), 3)).hasSize(3);
    assertThat(moves(Set.of("0"), 0)).isEmpty();
    assertThat(moves(Set.of("0"), -1)).isEmpty();
  }

  @Test
  void aNodeThatLeavesGivesAwayAllOfItsSlotsIfSomebodyCanTakeThem() {
    has("a", 0, 2);
    has("b", 2, 4);
    leaving.add("a");
    assertThat(moves(Set.of(), MOST)).isEqualTo(Map.of("0", "b", "1", "b"));
    leaving.add("b");
    assertThat(moves(Set.of(), MOST)).isEmpty();
  }

  @Test
  void slotsOfWhichNoneMayMoveDoNotKeepThoseOfOthers() {
    has("a", 0, 6);
    has("b", 6, 11);
    has("new", 11, 11);
    Predicate<String> ofTheSecond = slot -> slots.get("b").contains(slot);
    assertThat(shares().choose(MOST, ofTheSecond)).containsOnlyKeys("6"); // the rest is its share
  }

  @Test
  void aMoveIsStillRightIfItsEndNeedNotGiveAnotherSlotAway() {
    has("a", 0, 8);
    has("b", 8, 11);
    has("c", 11, 12); // all have four in the end
    Shares<String> shares = shares();
    assertThat(shares.stillMoves("0", "b")).isTrue();
    assertThat(shares.stillMoves("1", "b")).isFalse();
    assertThat(shares.stillMoves("8", "c")).isFalse();
    assertThat(shares.stillMoves("1", "c")).isTrue();
    assertThat(shares.stillMoves("1", "c")).isFalse(); // it moves already
    assertThat(shares.owner("1")).isNull();
    assertThat(shares.owner("2")).isEqualTo("a");
    leaving.add("c");
    assertThat(shares().stillMoves("0", "c")).isFalse();
    assertThat(shares().stillMoves("11", "b")).isTrue();
  }

  /** From any beginning, however the moves end that are on their way. */
  @RepeatedTest(200)
  void allSharesBecomeEqualAndNoSlotMovesTwice(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    int nodes = 2 + random.nextInt(4);
    int count = random.nextInt(64);
    IntStream.range(0, nodes).forEach(node -> has("node " + node, 0, 0));
    for (int slot = 0; slot < count; slot++) {
      slots.get("node " + random.nextInt(nodes)).add(Integer.toString(slot));
    }
    if (random.nextBoolean()) {
      leaving.add("node 0");
    }
    Set<String> moving = new TreeSet<>();
    Set<String> moved = new HashSet<>();
    do {
      for (String slot : moves(moving, MOST - moving.size()).keySet()) {
        assertThat(moving.add(slot)).isTrue();
        assertThat(moved.add(slot)).as("slot %s moves twice", slot).isTrue();
      }
      assertThat(moving.size()).isLessThanOrEqualTo(MOST);
      arrive(moving, random);
    } while (!moving.isEmpty() || !moves(moving, MOST).isEmpty());
    List<Integer> sizes =
        slots.entrySet().stream()
            .filter(its -> !leaving.contains(its.getKey()))
            .map(its -> its.getValue().size())
            .sorted()
            .toList();
    assertThat(sizes.getLast() - sizes.getFirst()).isLessThan(2);
    leaving.forEach(node -> assertThat(slots.get(node)).isEmpty());
  }

  private void arrive(Set<String> moving, Random random) {
    for (String slot : List.copyOf(moving)) {
      if (random.nextBoolean()) {
        slots.values().forEach(its -> its.remove(slot));
        slots.get(shares().taker()).add(slot);
        moving.remove(slot);
      }
    }
  }

  private void has(String node, int first, int end) {
    slots.put(
        node, new ArrayList<>(IntStream.range(first, end).mapToObj(Integer::toString).toList()));
  }

  private Map<String, String> moves(Set<String> moving, int most) {
    Shares<String> shares = shares();
    moving.forEach(shares::moves);
    return shares.choose(most, any -> true);
  }

  private Shares<String> shares() {
    return new Shares<>(slots, node -> !leaving.contains(node));
  }
}
