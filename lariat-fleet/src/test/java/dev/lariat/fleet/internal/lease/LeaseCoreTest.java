package dev.lariat.fleet.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.internal.lease.LeaseTable.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Single situations; the simulator plays all of them together. */
class LeaseCoreTest {
  private static final long SECOND = 1_000_000_000;
  private static final long LEASE = 6 * SECOND;
  private static final long MARGIN = SECOND / 2;

  private final LeaseCore core =
      new LeaseCore("a", 4, LEASE, MARGIN, slot -> false, slot -> false, 0);

  @Test
  void aNodeAloneTakesAllSlots() {
    assertThat(ask(0).take()).isEmpty(); // it does not know yet which ones are free
    answer(1, Map.of(), "a");
    assertThat(ask(1).take()).containsExactly(0, 1, 2, 3);
    assertThat(answer(2, owned(1, 0, 1, 2, 3), "a"))
        .contains(new LeaseAct.Taken(0, 1), new LeaseAct.Taken(3, 1));
    assertThat(core.holds(3, 1, 2)).isTrue();
  }

  @Test
  void aLeaseCountsFromBeforeTheRequestWasSentAndEndsBeforeThatOfTheStore() {
    takeAll();
    LeaseRequest beat = ask(SECOND);
    assertThat(beat.renew()).containsOnlyKeys(0, 1, 2, 3);
    answer(SECOND + SECOND / 2, owned(1, 0, 1, 2, 3), "a"); // the answer is slow
    long end = SECOND + LEASE - MARGIN;
    assertThat(core.holds(0, 1, end - 1)).isTrue();
    assertThat(core.holds(0, 1, end)).isFalse();
    assertThat(core.passed(end)).contains(new LeaseAct.Lost(0), new LeaseAct.Lost(3));
  }

  @Test
  void aSlotThatTheStoreDeniesIsLostAtOnce() {
    takeAll();
    ask(SECOND);
    Map<Integer, Row> rows = owned(1, 1, 2, 3);
    rows.put(0, new Row("b", 2));
    assertThat(answer(SECOND, rows, "a", "b")).contains(new LeaseAct.Lost(0));
  }

  @Test
  void whoHasMoreThanItsShareLeavesSomeAndGivesThemBackWhenNothingRunsThere() {
    takeAll();
    ask(SECOND);
    assertThat(answer(SECOND, owned(1, 0, 1, 2, 3), "a", "b"))
        .containsExactly(new LeaseAct.Members(2), new LeaseAct.Leave(3));
    assertThat(ask(2 * SECOND).giveBack()).isEmpty();
    answer(2 * SECOND, owned(1, 0, 1, 2, 3), "a", "b");
    core.left(3, 1, 2 * SECOND);
    assertThat(ask(2 * SECOND).giveBack()).containsExactly(Map.entry(3, 1L));
  }

  @Test
  void aSlotWhoseTakingWasNotAnsweredIsGivenBack() {
    ask(0);
    answer(0, Map.of(), "a");
    LeaseRequest taking = ask(0);
    core.failed(taking.number(), SECOND);
    ask(2 * SECOND);
    assertThat(answer(2 * SECOND, owned(1, 0, 1, 2, 3), "a"))
        .noneMatch(LeaseAct.Taken.class::isInstance);
    assertThat(ask(2 * SECOND).giveBack()).containsOnlyKeys(0, 1, 2, 3);
  }

  @Test
  void aLeaseThatALateRenewalBroughtBackIsNotTakenForANewOne() {
    takeAll();
    long end = LEASE - MARGIN;
    core.failed(ask(end).number(), end); // all are lost
    ask(end + LEASE);
    answer(end + LEASE, Map.of(), "a");
    assertThat(ask(end + LEASE).take()).containsExactly(0, 1, 2, 3);
    assertThat(answer(end + LEASE, owned(1, 0, 1, 2, 3), "a"))
        .noneMatch(LeaseAct.Taken.class::isInstance);
    assertThat(ask(end + LEASE).giveBack()).containsOnlyKeys(0, 1, 2, 3);
  }

  @Test
  void aLeftSlotOfAnEarlierLeaseGivesNothingBack() {
    takeAll();
    core.left(2, 7, SECOND);
    assertThat(ask(SECOND).giveBack()).isEmpty();
  }

  @Test
  void whoShutsDownLeavesTheFleetAtOnceAndEndsWhenAllSlotsAreGivenBack() {
    takeAll();
    assertThat(core.shutDown(1))
        .containsExactly(
            new LeaseAct.Leave(0),
            new LeaseAct.Leave(1),
            new LeaseAct.Leave(2),
            new LeaseAct.Leave(3),
            new LeaseAct.Leaving());
    LeaseRequest first = ask(1);
    assertThat(first.leaves()).isTrue();
    assertThat(first.renew()).hasSize(4);
    assertThat(answer(1, owned(1, 0, 1, 2, 3), "b")).isEmpty();
    for (int slot = 0; slot < 4; slot++) {
      core.left(slot, 1, 1);
    }
    assertThat(ask(1).giveBack()).hasSize(4);
    assertThat(answer(1, Map.of(), "b")).containsExactly(new LeaseAct.Ended());
    assertThat(core.delay(1)).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void aNodeThatLeavesIsHeardOfWithinASecondHoweverLongTheLeases() {
    LeaseCore slow = new LeaseCore("a", 4, 600 * SECOND, MARGIN, slot -> false, slot -> false, 0);
    LeaseAct.Ask first = (LeaseAct.Ask) slow.passed(0).getFirst();
    slow.answered(first.request().number(), new LeaseTable(owned(1, 0), List.of("a", "b")), 0);
    assertThat(slow.delay(0)).isLessThanOrEqualTo(SECOND);
  }

  @Test
  void slotsMoveInSmallStepsAndTheNextOneWaitsUntilSomebodyHasTheLast() {
    LeaseCore large = new LeaseCore("a", 64, LEASE, MARGIN, slot -> false, slot -> false, 0);
    Map<Integer, Row> rows = new HashMap<>();
    LeaseTable alone = new LeaseTable(rows, List.of("a"));
    LeaseTable both = new LeaseTable(rows, List.of("a", "b"));
    large.answered(asked(large.passed(0)).number(), alone, 0);
    LeaseRequest request = asked(large.passed(0));
    assertThat(request.take()).hasSize(64); // free slots in this number wait for nobody
    request.take().forEach(slot -> rows.put(slot, new Row("a", 1)));
    large.answered(request.number(), alone, 0);
    request = asked(large.passed(SECOND));
    assertThat(large.answered(request.number(), both, SECOND))
        .containsExactly(new LeaseAct.Members(2), new LeaseAct.Leave(63), new LeaseAct.Leave(62));
    for (int slot : List.of(62, 63)) {
      large.left(slot, 1, SECOND);
      rows.remove(slot);
    }
    request = asked(large.passed(SECOND));
    assertThat(request.giveBack()).hasSize(2);
    assertThat(large.answered(request.number(), both, SECOND)).isEmpty();
    rows.put(63, new Row("b", 2));
    request = asked(large.passed(2 * SECOND));
    assertThat(large.answered(request.number(), both, 2 * SECOND))
        .containsExactly(new LeaseAct.Leave(61));
  }

  @Test
  void theNextSlotIsTakenWhenTheFeedsOfTheLastAreOpenOrAfterABeat() {
    LeaseCore second = new LeaseCore("b", 64, LEASE, MARGIN, slot -> false, slot -> false, 0);
    Map<Integer, Row> rows = owned(1, IntStream.range(0, 62).toArray());
    LeaseTable both = new LeaseTable(rows, List.of("a", "b"));
    second.answered(asked(second.passed(0)).number(), both, 0);
    LeaseRequest request = asked(second.passed(0));
    assertThat(request.take()).containsExactlyInAnyOrder(62, 63);
    rows.put(62, new Row("b", 1));
    rows.put(63, new Row("b", 1));
    second.answered(request.number(), both, 0);
    rows.remove(60);
    rows.remove(61);
    long soon = SECOND / 8;
    second.answered(asked(second.passed(soon)).number(), both, soon);
    request = asked(second.passed(2 * soon));
    assertThat(request.take()).isEmpty();
    second.ready(62, 1, 2 * soon);
    second.answered(request.number(), both, 2 * soon);
    request = asked(second.passed(2 * soon));
    assertThat(request.take()).hasSize(1);
    second.failed(request.number(), 2 * soon);
    second.answered(asked(second.passed(2 * SECOND)).number(), both, 2 * SECOND);
    assertThat(asked(second.passed(2 * SECOND)).take()).hasSize(2); // whatever 63 waits for
  }

  // ---- slots that overlap, of two nodes: "a" has four, and "b" comes

  private final LeaseCore owner =
      new LeaseCore("a", 4, LEASE, MARGIN, slot -> true, slot -> false, 0);
  private final LeaseCore taker =
      new LeaseCore("b", 4, LEASE, MARGIN, slot -> true, slot -> false, 0);
  private static final List<String> BOTH = List.of("a", "b");

  @Test
  void aSlotThatOverlapsIsLeftWhenItsNextOwnerIsReady() {
    ownAll();
    assertThat(owner(SECOND, owned(1, 0, 1, 2, 3), Map.of()))
        .containsExactly(new LeaseAct.Members(2));
    assertThat(owner(2 * SECOND, owned(1, 0, 1, 2, 3), next(2, false))).isEmpty();
    assertThat(owner(3 * SECOND, owned(1, 0, 1, 2, 3), next(2, true)))
        .containsExactly(new LeaseAct.Leave(2));
  }

  @Test
  void aSlotWhoseNextOwnerIsNeverReadyIsLeftAfterAWhile() {
    ownAll();
    owner(SECOND, owned(1, 0, 1, 2, 3), next(2, false));
    long late = 2 * SECOND;
    for (; late < 11 * SECOND; late += SECOND) {
      assertThat(owner(late, owned(1, 0, 1, 2, 3), next(2, false))).isEmpty();
    }
    assertThat(owner(late, owned(1, 0, 1, 2, 3), next(2, false)))
        .containsExactly(new LeaseAct.Leave(3));
  }

  @Test
  void whoShutsDownWaitsForNextOwnersButNotIfNobodyElseIsThere() {
    ownAll();
    owner(SECOND, owned(1, 0, 1, 2, 3), Map.of());
    assertThat(owner.shutDown(SECOND)).isEmpty();
    assertThat(owner(2 * SECOND, List.of("b"), owned(1, 0, 1, 2, 3), next(2, true)))
        .containsExactly(new LeaseAct.Leave(2));
    assertThat(owner(3 * SECOND, List.of(), owned(1, 0, 1, 2, 3), Map.of()))
        .containsExactly(
            new LeaseAct.Leave(0),
            new LeaseAct.Leave(1),
            new LeaseAct.Leave(3),
            new LeaseAct.Leaving());
  }

  @Test
  void whoShutsDownDoesNotWaitForLongForNextOwners() {
    ownAll();
    owner(SECOND, owned(1, 0, 1, 2, 3), Map.of());
    owner.shutDown(SECOND);
    for (long time = 2 * SECOND; time < 11 * SECOND; time += SECOND) {
      assertThat(owner(time, List.of("b"), owned(1, 0, 1, 2, 3), Map.of())).isEmpty();
    }
    assertThat(owner.passed(11 * SECOND)).contains(new LeaseAct.Leave(0), new LeaseAct.Leaving());
  }

  @Test
  void aNodeThatLacksSlotsPreparesThemAndTakesThemWhenTheyAreFree() {
    assertThat(taker(0, owned(1, 0, 1, 2, 3), Map.of())).containsExactly(new LeaseAct.Members(2));
    LeaseRequest request = asked(taker.passed(0));
    assertThat(request.coming()).containsExactly(Map.entry(2, false)); // a few at a time
    assertThat(answer(taker, request, 0, owned(1, 0, 1, 2, 3), next(2, false)))
        .containsExactly(new LeaseAct.Coming(2));
    taker.prepared(2, 1);
    request = asked(taker.passed(1));
    assertThat(request.coming()).containsExactly(Map.entry(2, true));
    answer(taker, request, 1, owned(1, 0, 1, 2, 3), next(2, true));
    answer(taker, asked(taker.passed(SECOND)), SECOND, owned(1, 0, 1, 3), next(2, true));
    request = asked(taker.passed(SECOND));
    assertThat(request.take()).containsExactly(2);
    Map<Integer, Row> rows = owned(1, 0, 1, 3);
    rows.put(2, new Row("b", 2));
    assertThat(answer(taker, request, SECOND, rows, next(2, true)))
        .containsExactly(new LeaseAct.Taken(2, 2));
    request = asked(taker.passed(SECOND));
    assertThat(request.staying()).containsExactly(2);
    assertThat(request.coming()).containsExactly(Map.entry(3, false));
  }

  @Test
  void aSlotThatAnotherNodeHasPreparedIsLeftToIt() {
    taker(0, owned(1, 0, 1), Map.of(2, new LeaseTable.Next("a", true)));
    assertThat(asked(taker.passed(0)).take()).containsExactly(3);
  }

  @Test
  void aNodeIsReadyAfterAWhileAlthoughItsFeedsAreNot() {
    comesToTaker();
    long late = 4 * SECOND;
    for (long time = SECOND; time < late; time += SECOND) {
      answer(taker, asked(taker.passed(time)), time, owned(1, 0, 1, 2, 3), next(2, false));
    }
    assertThat(asked(taker.passed(late)).coming()).containsExactly(Map.entry(2, true));
  }

  @Test
  void aNodeThatLacksNothingAnyMoreSaysThatASlotStays() {
    comesToTaker();
    LeaseRequest request = asked(taker.passed(SECOND));
    assertThat(answer(taker, request, SECOND, owned(1, 1, 2), next(2, false)))
        .containsExactly(new LeaseAct.NotComing(2));
    request = asked(taker.passed(SECOND));
    assertThat(request.take()).containsExactlyInAnyOrder(0, 3);
    assertThat(request.staying()).containsExactly(2);
  }

  @Test
  void aSlotWhoseOwnerHasLeftItIsTakenAlthoughItIsNotLackedAnyMore() {
    comesToTaker();
    taker.prepared(2, 1);
    Map<Integer, Row> rows = owned(1, 0, 1, 2, 3);
    List<String> four = List.of("a", "b", "c", "d");
    rows.put(0, new Row("b", 2));
    LeaseRequest request = asked(taker.passed(SECOND));
    assertThat(answer(taker, request, SECOND, four, owned(1, 1, 2, 3), next(2, true))).isNotNull();
    rows.remove(2);
    request = asked(taker.passed(SECOND + 1));
    answer(taker, request, SECOND + 1, four, rows, next(2, true));
    assertThat(asked(taker.passed(SECOND + 2)).take()).contains(2);
  }

  @Test
  void aNodeThatDoesNotReachTheStorePreparesNothingForLong() {
    comesToTaker();
    assertThat(taker.passed(LEASE - MARGIN)).contains(new LeaseAct.NotComing(2));
  }

  private void ownAll() {
    owner(0, List.of("a"), Map.of(), Map.of());
    owner(0, List.of("a"), owned(1, 0, 1, 2, 3), Map.of());
  }

  /** Slot 2 comes to "b", as the store shows it. */
  private void comesToTaker() {
    taker(0, owned(1, 0, 1, 2, 3), Map.of());
    answer(taker, asked(taker.passed(0)), 0, owned(1, 0, 1, 2, 3), next(2, false));
  }

  private static Map<Integer, LeaseTable.Next> next(int slot, boolean ready) {
    return Map.of(slot, new LeaseTable.Next("b", ready));
  }

  private List<LeaseAct> owner(
      long now, Map<Integer, Row> rows, Map<Integer, LeaseTable.Next> next) {
    return owner(now, BOTH, rows, next);
  }

  private List<LeaseAct> owner(
      long now, List<String> members, Map<Integer, Row> rows, Map<Integer, LeaseTable.Next> next) {
    return answer(owner, asked(owner.passed(now)), now, members, rows, next);
  }

  private List<LeaseAct> taker(
      long now, Map<Integer, Row> rows, Map<Integer, LeaseTable.Next> next) {
    return answer(taker, asked(taker.passed(now)), now, rows, next);
  }

  private static List<LeaseAct> answer(
      LeaseCore core,
      LeaseRequest request,
      long now,
      Map<Integer, Row> rows,
      Map<Integer, LeaseTable.Next> next) {
    return answer(core, request, now, BOTH, rows, next);
  }

  private static List<LeaseAct> answer(
      LeaseCore core,
      LeaseRequest request,
      long now,
      List<String> members,
      Map<Integer, Row> rows,
      Map<Integer, LeaseTable.Next> next) {
    return core.answered(request.number(), new LeaseTable(rows, members, next), now);
  }

  private static LeaseRequest asked(List<LeaseAct> acts) {
    return ((LeaseAct.Ask) acts.getLast()).request();
  }

  private LeaseRequest asked =
      new LeaseRequest(
          0, "", Map.of(), Map.of(), List.of(), Map.of(), List.of(), Map.of(), List.of(), List.of(),
          false);

  private void takeAll() {
    ask(0);
    answer(0, Map.of(), "a");
    ask(0);
    answer(0, owned(1, 0, 1, 2, 3), "a");
  }

  private LeaseRequest ask(long now) {
    for (LeaseAct act : core.passed(now)) {
      if (act instanceof LeaseAct.Ask(var request)) {
        asked = request;
        return request;
      }
    }
    throw new AssertionError("nothing is asked");
  }

  private List<LeaseAct> answer(long now, Map<Integer, Row> rows, String... members) {
    return core.answered(asked.number(), new LeaseTable(rows, List.of(members)), now);
  }

  private static Map<Integer, Row> owned(long term, int... slots) {
    Map<Integer, Row> rows = new HashMap<>();
    for (int slot : slots) {
      rows.put(slot, new Row("a", term));
    }
    return rows;
  }
}
