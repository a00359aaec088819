package dev.lariat.fleet.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.internal.lease.LeaseTable.Next;
import dev.lariat.fleet.internal.lease.LeaseTable.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** Slots with a stand-by: "a" has 0 and 1 of them, and "b" has 2 and 3. */
class StandBysTest {
  private static final long SECOND = 1_000_000_000;
  private static final List<String> BOTH = List.of("a", "b");
  private static final Map<Integer, Next> NONE = Map.of();

  private final LeaseCore b = node("b");
  private final Map<Integer, Row> rows = new HashMap<>();
  private LeaseRequest asked;
  private long now;

  private static LeaseCore node(String name) {
    return new LeaseCore(name, 4, 6 * SECOND, SECOND / 2, slot -> true, slot -> true, 0);
  }

  @Test
  void aNodeStandsByForTheSlotsOfOthers() {
    settled();
    assertThat(ask().standing()).containsExactly(Map.entry(0, false)); // a few at a time
    assertThat(answer(BOTH, NONE, standBy(0, "b", false))).containsExactly(new LeaseAct.StandBy(0));
    b.prepared(0, now);
    assertThat(ask().standing()).containsExactly(Map.entry(0, true));
    answer(BOTH, NONE, standBy(0, "b", true));
    assertThat(ask().standing()).containsExactly(Map.entry(1, false));
    assertThat(b.standBy(0)).isEqualTo(new Next("b", true));
    assertThat(b.standBy(1)).isNull();
  }

  @Test
  void aNodeAloneHasNoStandBy() {
    assertThat(ask().standing()).isEmpty();
    own("b", 0, 1, 2, 3);
    answer(List.of("b"), NONE, NONE);
    assertThat(ask().standing()).isEmpty();
  }

  @Test
  void whoIsTooLateStandsByForNothing() {
    settled();
    ask();
    assertThat(answer(List.of("a", "b", "c"), NONE, standBy(0, "c", false))).noneMatch(isOf(0));
    assertThat(ask().resting()).isEmpty();
  }

  @Test
  void whenTheOwnerDiesItsStandByTakesTheSlotThoughItHasItsShare() {
    standing();
    rows.remove(0);
    assertThat(answer(List.of("a", "b"), NONE, standBy(0, "b", true))).isEmpty();
    assertThat(ask().take()).containsExactly(0);
    rows.put(0, new Row("b", 2));
    assertThat(answer(List.of("b"), NONE, standBy(0, "b", true)))
        .contains(new LeaseAct.Taken(0, 2));
    assertThat(ask().resting()).containsExactly(0); // it does not stand by for itself
  }

  @Test
  void othersLetAStandByTakeASlotButNotForLong() {
    List<String> three = List.of("a", "b", "c");
    rows.put(1, new Row("c", 1));
    rows.put(2, new Row("c", 1));
    ask();
    answer(three, NONE, standBy(0, "a", true));
    assertThat(ask().take()).containsExactly(3);
    now += 2 * SECOND;
    rows.put(3, new Row("c", 1));
    answer(three, NONE, standBy(0, "a", true));
    assertThat(ask().take()).containsExactly(0);
  }

  @Test
  void theStandByOfAnOwnerThatLeavesIsTheNextOwner() {
    standing();
    answer(List.of("b"), NONE, standBy(0, "b", true));
    assertThat(ask().coming()).containsKey(0);
    assertThat(answer(List.of("b"), standBy(0, "b", false), standBy(0, "b", true)))
        .contains(new LeaseAct.Coming(0));
  }

  @Test
  void onlyTheOwnerDismissesAStandByIfAnotherNodeIsToHaveTheSlot() {
    own("b", 0, 1, 2, 3);
    LeaseCore owner = node("b");
    LeaseRequest first = asked(owner.passed(0));
    assertThat(first.take()).isEmpty();
    owner.answered(first.number(), new LeaseTable(Map.of(), List.of("b")), 0);
    LeaseRequest take = asked(owner.passed(0));
    assertThat(take.take()).hasSize(4);
    owner.answered(take.number(), new LeaseTable(rows, List.of("b")), 0);
    LeaseRequest renew = asked(owner.passed(SECOND));
    owner.answered(
        renew.number(),
        new LeaseTable(rows, List.of("a", "b", "c"), standBy(3, "c", false), standBy(3, "a", true)),
        SECOND);
    assertThat(asked(owner.passed(SECOND)).dismissed()).containsExactly(3);
  }

  @Test
  void aStandByThatIsDismissedClosesItsFeeds() {
    standing();
    Map<Integer, Next> other = standBy(0, "c", false);
    assertThat(answer(List.of("a", "b", "c"), other, standBy(0, "b", true))).noneMatch(isOf(0));
    ask();
    assertThat(answer(List.of("a", "b", "c"), other, NONE)).contains(new LeaseAct.NotComing(0));
  }

  @Test
  void aNodeThatDoesNotReachTheStoreStandsByForNothingForLong() {
    standing();
    answer(BOTH, NONE, standBy(0, "b", true));
    assertThat(b.passed(now + 6 * SECOND)).contains(new LeaseAct.NotComing(0));
  }

  @Test
  void aNodeThatShutsDownStandsByForNothing() {
    standing();
    answer(BOTH, NONE, standBy(0, "b", true));
    assertThat(b.shutDown(now)).contains(new LeaseAct.NotComing(0));
    assertThat(ask().resting()).containsExactly(0);
  }

  /** Each of both has two slots. */
  private void settled() {
    own("a", 0, 1);
    ask();
    answer(BOTH, NONE, NONE);
    assertThat(ask().take()).containsExactlyInAnyOrder(2, 3);
    own("b", 2, 3);
    answer(BOTH, NONE, NONE);
  }

  /** And "b" stands by for slot 0. The next request is asked. */
  private void standing() {
    settled();
    ask();
    answer(BOTH, NONE, standBy(0, "b", false));
    b.prepared(0, now);
    ask();
  }

  private void own(String node, int... slots) {
    for (int slot : slots) {
      rows.put(slot, new Row(node, 1));
    }
  }

  private static Map<Integer, Next> standBy(int slot, String node, boolean ready) {
    return Map.of(slot, new Next(node, ready));
  }

  private static Predicate<LeaseAct> isOf(int slot) {
    return act ->
        act.equals(new LeaseAct.StandBy(slot)) || act.equals(new LeaseAct.NotComing(slot));
  }

  private LeaseRequest ask() {
    List<LeaseAct> acts = b.passed(now);
    if (acts.isEmpty()) {
      now += SECOND;
      acts = b.passed(now);
    }
    asked = asked(acts);
    return asked;
  }

  private static LeaseRequest asked(List<LeaseAct> acts) {
    return ((LeaseAct.Ask) acts.getLast()).request();
  }

  private List<LeaseAct> answer(
      List<String> members, Map<Integer, Next> next, Map<Integer, Next> standBys) {
    LeaseTable table = new LeaseTable(Map.copyOf(rows), members, next, standBys);
    return b.answered(asked.number(), table, now);
  }
}
