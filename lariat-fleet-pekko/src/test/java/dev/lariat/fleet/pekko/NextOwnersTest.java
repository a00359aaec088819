package dev.lariat.fleet.pekko;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

/** Who decides, without a cluster: nodes have slots, and say for which they are prepared. */
class NextOwnersTest implements NextOwners.Sight<String> {
  private static final int SLOTS = 16; // two of which are prepared at a time
  private static final int PLAIN = 3;
  private static final long SECOND = 1_000_000_000;

  private final Map<String, List<String>> slots = new LinkedHashMap<>(); // as sharding has them
  private final Map<String, Set<String>> says = new HashMap<>(); // which slots nodes say they have
  private final Set<String> leaving = new HashSet<>();
  private final Set<String> overlapping = new HashSet<>();
  private final Map<String, Set<String>> prepared = new HashMap<>();
  private final Set<String> moving = new TreeSet<>();
  private final NextOwners<String> next = new NextOwners<>(SLOTS);
  private boolean mayBegin = true;
  private long now;

  @Override
  public boolean stays(String node) {
    return !leaving.contains(node);
  }

  @Override
  public boolean overlaps(String slot) {
    return overlapping.contains(slot);
  }

  @Override
  public boolean isPrepared(String node, String slot) {
    return prepared.getOrDefault(node, Set.of()).contains(slot);
  }

  @Override
  public boolean has(String node, String slot) {
    return says.getOrDefault(node, Set.of()).contains(slot);
  }

  @Test
  void aSlotIsLeftWhenItsNextOwnerIsPrepared() {
    theNewNodeIsToGetSlotsThatOverlap();
    assertThat(moves()).isEmpty();
    assertThat(next.all()).isEqualTo(Map.of("0", "new", "1", "new"));
    prepared("new", "1");
    assertThat(moves()).containsExactly("1");
    moving.add("1");
    assertThat(moves()).isEmpty();
    goes("1", "a", "new");
    assertThat(moves()).isEmpty();
    assertThat(next.contains("1")).as("told until it has the slot").isTrue();
    says("new", "1");
    moves();
    assertThat(next.all().keySet()).containsExactly("0", "2");
  }

  @Test
  void aSlotGoesToItsNextOwnerAlsoWhenAnotherNodeHasFewer() {
    theNewNodeIsToGetSlotsThatOverlap();
    moves();
    prepared("new", "0");
    assertThat(moves()).containsExactly("0");
    moving.add("0");
    has("newer", 16, 16);
    moves();
    assertThat(next.of("0")).contains("new");
  }

  @Test
  void aNextOwnerThatIsNeverPreparedGetsItsSlotsAfterThreeSeconds() {
    theNewNodeIsToGetSlotsThatOverlap();
    moves();
    now += 3 * SECOND - 1;
    assertThat(moves()).isEmpty();
    now++;
    assertThat(moves()).containsExactly("0", "1");
  }

  @Test
  void slotsThatDoNotOverlapWaitForNobody() {
    theNewNodeIsToGetSlotsThatOverlap();
    overlapping.removeAll(Set.of("4", "5", "6", "7", "8"));
    assertThat(moves()).containsExactly("4", "5", "6");
    assertThat(next.all().keySet()).containsExactly("0", "1");
    moving.addAll(Set.of("4", "5", "6"));
    goes("4", "a", "new");
    goes("5", "a", "new");
    goes("6", "a", "new");
    assertThat(moves()).containsExactly("7", "8");
  }

  @Test
  void whatANodeThatIsLostWasToHaveStaysWhereItIs() {
    theNewNodeIsToGetSlotsThatOverlap();
    moves();
    slots.remove("new");
    assertThat(moves()).isEmpty();
    assertThat(next.all()).isEmpty();
  }

  @Test
  void whatANodeThatLeavesWasToHaveStaysWhereItIs() {
    theNewNodeIsToGetSlotsThatOverlap();
    moves();
    leaving.add("new");
    assertThat(moves()).isEmpty();
    assertThat(next.all()).isEmpty();
  }

  @Test
  void aSlotThatANodeNeedsNoMoreStaysWhereItIs() {
    has("a", 0, 6);
    has("b", 6, 10);
    overlapping.addAll(slots.get("a"));
    moves();
    assertThat(next.all()).isEqualTo(Map.of("0", "b"));
    has("c", 10, 10); // now all are to have three or four
    moves();
    assertThat(next.all()).isEqualTo(Map.of("0", "c", "1", "c"));
  }

  @Test
  void nothingMovesWhileANodeIsSilentAndAStaleMoveIsGivenUp() {
    theNewNodeIsToGetSlotsThatOverlap();
    moves();
    prepared("new", "0");
    mayBegin = false;
    assertThat(moves()).isEmpty();
    assertThat(next.all()).hasSize(2);
    now += 30 * SECOND;
    assertThat(moves()).isEmpty();
    assertThat(next.all()).isEmpty();
  }

  @Test
  void aSlotWhoseOwnerDoesNotLeaveItIsAskedForAgain() {
    theNewNodeIsToGetSlotsThatOverlap();
    moves();
    prepared("new", "0");
    assertThat(moves()).containsExactly("0");
    moving.add("0");
    assertThat(moves()).isEmpty();
    moving.remove("0"); // the hand-over has failed
    assertThat(moves()).containsExactly("0");
  }

  @Test
  void whoBeginsToDecideKnowsNoNextOwners() {
    theNewNodeIsToGetSlotsThatOverlap();
    moves();
    next.clear();
    assertThat(next.all()).isEmpty();
  }

  /** From any beginning, while nodes come, leave, die, prepare, and do not. */
  @RepeatedTest(200)
  void allSharesBecomeEqualAndASlotGoesToWhoHasPreparedIt(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    IntStream.range(0, 2 + random.nextInt(3)).forEach(node -> has("node " + node, 0, 0));
    for (int slot = 0; slot < SLOTS; slot++) {
      String owner = "node " + random.nextInt(slots.size());
      slots.get(owner).add(Integer.toString(slot));
      says(owner, Integer.toString(slot));
      if (random.nextBoolean()) {
        overlapping.add(Integer.toString(slot));
      }
    }
    for (int round = 0; round < 20; round++) {
      happens(random, round);
      round(random);
    }
    for (int calm = 0; calm < 200; calm++) {
      round(random);
    }
    assertThat(moving).isEmpty();
    assertThat(next.all()).isEmpty();
    leaving.stream()
        .filter(slots::containsKey)
        .forEach(its -> assertThat(slots.get(its)).isEmpty());
    List<Integer> sizes =
        slots.keySet().stream()
            .filter(this::stays)
            .map(its -> slots.get(its).size())
            .sorted()
            .toList();
    assertThat(sizes.getLast() - sizes.getFirst()).isLessThan(2);
  }

  private void happens(Random random, int round) {
    List<String> staying = slots.keySet().stream().filter(this::stays).toList();
    switch (random.nextInt(8)) {
      case 0 -> has("node " + (10 + round), 0, 0);
      case 1 -> {
        if (staying.size() > 1) {
          leaving.add(staying.get(random.nextInt(staying.size())));
        }
      }
      case 2 -> {
        if (staying.size() > 1) {
          String dead = staying.getFirst();
          moving.removeAll(slots.get(dead));
          List<String> orphans = slots.remove(dead);
          says.remove(dead);
          orphans.forEach(this::allocate);
        }
      }
      default -> {}
    }
  }

  private void round(Random random) {
    now += SECOND / 2;
    next.all()
        .forEach(
            (slot, node) -> {
              if (random.nextBoolean()) {
                prepared(node, slot);
              }
            });
    Map<String, String> before = next.all();
    for (String slot : moves()) {
      assertThat(moving.add(slot)).isTrue();
      if (overlapping.contains(slot)) {
        assertThat(before).as("not prepared").containsKey(slot);
      }
    }
    for (String slot : List.copyOf(moving)) {
      if (random.nextBoolean()) {
        moving.remove(slot);
        slots.values().forEach(its -> its.remove(slot));
        says.values().forEach(its -> its.remove(slot));
        allocate(slot);
      }
    }
    slots.forEach(
        (node, its) ->
            its.stream().filter(any -> random.nextBoolean()).forEach(slot -> says(node, slot)));
  }

  private void allocate(String slot) {
    String node =
        next.of(slot)
            .filter(its -> slots.containsKey(its) && stays(its))
            .orElseGet(() -> new Shares<>(slots, this::stays).taker());
    slots.get(node).add(slot);
  }

  // ---- the stage

  private void theNewNodeIsToGetSlotsThatOverlap() {
    has("a", 0, 16);
    has("new", 16, 16);
    overlapping.addAll(slots.get("a"));
  }

  private Set<String> moves() {
    return next.moves(slots, moving, this, mayBegin, PLAIN - plainMoving(), now);
  }

  private int plainMoving() {
    return (int) moving.stream().filter(slot -> !next.contains(slot)).count();
  }

  private void goes(String slot, String from, String to) {
    moving.remove(slot);
    slots.get(from).remove(slot);
    slots.get(to).add(slot);
  }

  private void prepared(String node, String slot) {
    prepared.computeIfAbsent(node, any -> new HashSet<>()).add(slot);
  }

  private void says(String node, String slot) {
    says.computeIfAbsent(node, any -> new HashSet<>()).add(slot);
  }

  private void has(String node, int first, int end) {
    slots.put(
        node, new ArrayList<>(IntStream.range(first, end).mapToObj(Integer::toString).toList()));
  }
}
