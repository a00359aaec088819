package dev.lariat.fleet.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.fleet.Placement;
import dev.lariat.fleet.contract.Member;
import dev.lariat.fleet.contract.SharedPlacementContract;
import dev.lariat.fleet.contract.Watch;
import dev.lariat.fleet.jdbc.JdbcStoreException.Problem;
import dev.lariat.fleet.jdbc.stage.Database;
import java.time.Duration;
import java.util.Set;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** What a placement in a database does besides. */
abstract class JdbcPlacementContract extends SharedPlacementContract {
  private static final Duration LEASE = Duration.ofSeconds(2);

  private final String fleet = Database.fleet();

  abstract Database database();

  /** Makes a user who may only look. */
  abstract DataSource poorUser() throws Exception;

  @Override
  protected Placement placement() {
    return placement(database().port());
  }

  private Placement placement(int port) {
    return JdbcPlacement.over(database().source(port)).fleet(fleet).lease(LEASE);
  }

  @Test
  void aNodeThatDoesNotReachTheDatabaseLosesItsSlotsBeforeOthersTakeThem() throws Exception {
    try (Gate gate = new Gate(database().port());
        Watch watch = new Watch();
        Member first = Member.join(placement(gate.port()), SLOTS);
        Member second = join()) {
      watch.over(first, second);
      second.await("half of the slots", its -> its.size() == SLOTS / 2);
      gate.open(false);
      second.await("all slots", its -> its.size() == SLOTS);
      assertThat(first.slots()).isEmpty();
      gate.open(true);
      first.await("half of the slots", its -> its.size() == SLOTS / 2);
    }
  }

  @Test
  void aDatabaseThatDoesNotAnswerDoesNotDelayTheLossOfTheSlots() throws Exception {
    try (Gate gate = new Gate(database().port());
        Member alone = Member.join(placement(gate.port()), SLOTS)) {
      alone.await("all slots", its -> its.size() == SLOTS);
      for (int times = 0; times < 2; times++) {
        long cut = System.nanoTime();
        gate.open(false);
        alone.await("nothing", Set::isEmpty);
        // half a second is for who else runs on this machine
        assertThat(Duration.ofNanos(System.nanoTime() - cut)).isLessThan(LEASE.plusMillis(500));
        gate.open(true);
        alone.await("all slots", its -> its.size() == SLOTS);
      }
    }
  }

  @Test
  void aNodeThatLeavesTakesNothingBack() throws Exception {
    try (Member first = join();
        Member second = join()) {
      first.await("half of the slots", its -> its.size() == SLOTS / 2);
      second.await("half of the slots", its -> its.size() == SLOTS / 2);
      second.membership().leaving(); // and the member leaves each slot as it is told
      first.await("all slots", its -> its.size() == SLOTS);
      assertThat(second.slots()).isEmpty();
    }
  }

  @Test
  void anotherNumberOfSlotsIsRefused() throws Exception {
    join().close();
    assertThatThrownBy(() -> Member.join(placement(), SLOTS + 1))
        .isInstanceOfSatisfying(JdbcStoreException.class, e -> isFor(e, Problem.OTHER_SLOTS))
        .hasMessage("fleet.slots: 13, allowed 12, as the fleet " + fleet + " has");
  }

  @Test
  void aDatabaseThatIsNotThereIsSaidToBeUnreachable() throws Exception {
    Gate gone = new Gate(database().port());
    gone.close();
    assertThatThrownBy(() -> Member.join(placement(gone.port()), SLOTS))
        .isInstanceOfSatisfying(JdbcStoreException.class, e -> isFor(e, Problem.UNREACHABLE))
        .hasMessageStartingWith("the database of the fleet fails: ");
  }

  @Test
  void aUserWhoMayNotMakeTheTablesIsToldSo() throws Exception {
    Placement placement = JdbcPlacement.over(poorUser()).tables("missing_");
    assertThatThrownBy(() -> Member.join(placement, SLOTS))
        .isInstanceOfSatisfying(JdbcStoreException.class, e -> isFor(e, Problem.NO_TABLES))
        .hasMessageStartingWith("the tables of the fleet are missing, and cannot be made: ");
  }

  private static void isFor(JdbcStoreException e, Problem problem) {
    assertThat(e.problem()).isEqualTo(problem);
  }
}
