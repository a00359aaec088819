package dev.lariat.fleet.internal.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.internal.lease.LeaseTable.Row;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Single situations; the simulator plays all of them together. */
class LeaseCoreTest {
  private static final long SECOND = 1_000_000_000;
  private static final long LEASE = 6 * SECOND;
  private static final long MARGIN = SECOND / 2;

  private final LeaseCore core = new LeaseCore("a", 4, LEASE, MARGIN, 0);

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
        .containsExactly(new LeaseAct.Members(2), new LeaseAct.Leave(3), new LeaseAct.Leave(2));
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
  void whoShutsDownLeavesAllAndThenTheFleet() {
    takeAll();
    assertThat(core.shutDown(1)).hasSize(4).allMatch(LeaseAct.Leave.class::isInstance);
    for (int slot = 0; slot < 4; slot++) {
      core.left(slot, 1, 1);
    }
    assertThat(ask(1).giveBack()).hasSize(4);
    answer(1, Map.of(), "a");
    assertThat(ask(1).leaves()).isTrue();
    assertThat(answer(1, Map.of())).containsExactly(new LeaseAct.Ended());
    assertThat(core.delay(1)).isEqualTo(Long.MAX_VALUE);
  }

  private LeaseRequest asked = new LeaseRequest(0, "", Map.of(), Map.of(), List.of(), false);

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
