package dev.lariat.fleet.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.FleetEvent;
import dev.lariat.fleet.FleetEvent.Loss;
import dev.lariat.fleet.PositionStore;
import dev.lariat.message.Reason;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Single situations; the simulator plays all of them together. */
class FleetCoreTest {
  private static final long MS = 1_000_000;
  private static final long SECOND = 1000 * MS;
  private static final Reason CLOSED = new Reason.OwnerClosed();

  private boolean holds = true;
  private final FleetCore core = new FleetCore(1, 200 * MS, 5 * SECOND, (slot, grant) -> holds);
  private final List<Act> acts = new ArrayList<>();

  @Test
  void aFeedOpensAtItsPositionWhenItsSlotIsClaimed() {
    then(core.put("a", false, false));
    expect();
    then(core.taken(0, 1));
    expect(new Act.Claim(0));
    then(core.claimed(0, 7, Map.of("a", "41")));
    expect(
        new Act.Begin(0, 7, 1),
        new Act.Tell(new FleetEvent.SlotTaken(0, 7)),
        new Act.Open(0, 7, 1, "a", "41"));
  }

  @Test
  void aFeedThatOverlapsOpensBeforeItsSlotIsTakenAndIsSettledWhenItIsClaimed() {
    then(core.put("a", true, false));
    then(core.put("b", false, false));
    then(core.coming(0));
    expect(new Act.Read(0));
    then(core.read(0, Map.of("a", "3")));
    expect(
        new Act.Hold(0),
        new Act.Tell(new FleetEvent.SlotComing(0)),
        new Act.Open(0, 0, 1, "a", "3"));
    then(core.taken(0, 1));
    expect(new Act.Claim(0));
    then(core.claimed(0, 7, Map.of("a", "5")));
    expect(
        new Act.Begin(0, 7, 1),
        new Act.Tell(new FleetEvent.SlotTaken(0, 7)),
        new Act.Settle(0, 1, "5"),
        new Act.Open(0, 7, 2, "b", null));
    then(core.settled(1, true));
    expect();
  }

  @Test
  void aFeedWhosePositionIsNotFoundOpensAgainThere() {
    taken();
    then(core.settled(1, false));
    expect(new Act.Close(0, 1, false));
    then(core.gone(1, CLOSED, 0));
    expect(new Act.Open(0, 7, 2, "a", "5"));
  }

  @Test
  void aSecondSessionThatIsRefusedIsNoEndOfTheFeed() {
    coming();
    Reason refused = new Reason.NotResumed("a second session");
    then(core.gone(1, refused, 0));
    expect();
    then(core.taken(0, 1));
    then(core.claimed(0, 7, Map.of("a", "5")));
    expect(
        new Act.Claim(0),
        new Act.Begin(0, 7, 1),
        new Act.Tell(new FleetEvent.SlotTaken(0, 7)),
        new Act.Open(0, 7, 2, "a", "5"));
    then(core.gone(2, refused, 0));
    expect(new Act.Tell(new FleetEvent.FeedGone("a", refused)));
  }

  @Test
  void aFeedThatEndsBeforeItIsSettledOpensAgain() {
    taken();
    then(core.gone(1, new Reason.NotResumed("too many"), 0));
    expect(new Act.Open(0, 7, 2, "a", "5"));
  }

  @Test
  void aSlotThatComesWhileItIsStillClosedComesAfterwards() {
    coming();
    then(core.notComing(0));
    then(core.coming(0));
    expect(new Act.Close(0, 1, false));
    then(core.gone(1, CLOSED, 1));
    expect(new Act.Finish(0, 0), new Act.Read(0));
  }

  @Test
  void aSlotThatDoesNotComeClosesItsFeeds() {
    coming();
    then(core.notComing(0));
    expect(new Act.Close(0, 1, false));
    then(core.gone(1, CLOSED, 0));
    expect(new Act.Finish(0, 0));
    assertThat(core.has(0)).isFalse();
  }

  @Test
  void aSlotThatIsTakenBeforeItsPositionsAreReadOpensAsUsual() {
    then(core.put("a", true, false));
    then(core.coming(0));
    then(core.taken(0, 1));
    then(core.read(0, Map.of("a", "3")));
    expect(new Act.Read(0), new Act.Claim(0));
    then(core.claimed(0, 7, Map.of("a", "5")));
    expect(
        new Act.Begin(0, 7, 1),
        new Act.Tell(new FleetEvent.SlotTaken(0, 7)),
        new Act.Open(0, 7, 1, "a", "5"));
  }

  @Test
  void aStoreThatCannotBeReadIsNoObstacle() {
    then(core.put("a", true, false));
    then(core.coming(0));
    then(core.readFailed(0, 0));
    expect(new Act.Read(0), new Act.Hold(0), new Act.Tell(new FleetEvent.SlotComing(0)));
    then(core.taken(0, 1));
    then(core.claimed(0, 7, Map.of()));
    expect(
        new Act.Claim(0),
        new Act.Begin(0, 7, 1),
        new Act.Tell(new FleetEvent.SlotTaken(0, 7)),
        new Act.Open(0, 7, 1, "a", null));
  }

  @Test
  void aSlotThatComesToANodeThatShutsDownIsClosed() {
    coming();
    then(core.shutDown(0));
    expect(new Act.Close(0, 1, false));
    then(core.gone(1, CLOSED, 0));
    expect(new Act.Finish(0, 0), new Act.Ended());
  }

  @Test
  void aStandByOpensOnlyFeedsThatHaveOneUntilItsSlotComes() {
    then(core.put("a", true, true));
    then(core.put("b", true, false));
    then(core.standBy(0));
    expect(new Act.Read(0));
    then(core.read(0, Map.of("a", "3", "b", "1")));
    expect(
        new Act.Hold(0),
        new Act.Tell(new FleetEvent.SlotStandBy(0)),
        new Act.Open(0, 0, 1, "a", "3"));
    then(core.coming(0));
    expect(new Act.Read(0));
    then(core.read(0, Map.of("a", "9", "b", "7")));
    expect(
        new Act.Hold(0),
        new Act.Tell(new FleetEvent.SlotComing(0)),
        new Act.Open(0, 0, 2, "b", "7"));
    then(core.standBy(0));
    expect(new Act.Close(0, 2, false));
  }

  @Test
  void aStandByIsSettledWhenItHasTheSlot() {
    then(core.put("a", true, true));
    then(core.standBy(0));
    then(core.read(0, Map.of()));
    then(core.taken(0, 1));
    then(core.claimed(0, 7, Map.of("a", "5")));
    acts.removeIf(act -> !(act instanceof Act.Settle || act instanceof Act.Claim));
    expect(new Act.Claim(0), new Act.Settle(0, 1, "5"));
  }

  @Test
  void aNodeThatHasLostASlotStandsByForItWhenItHasEnded() {
    then(core.put("a", true, true));
    then(core.taken(0, 1));
    then(core.claimed(0, 7, Map.of()));
    then(core.lost(0));
    acts.clear();
    then(core.standBy(0));
    expect();
    then(core.gone(1, CLOSED, 0));
    expect(new Act.Finish(0, 7), new Act.Release(0, 7), new Act.Read(0));
  }

  @Test
  void aStandByAsksAgainForPositionsThatCannotBeRead() {
    then(core.put("a", true, true));
    then(core.standBy(0));
    then(core.readFailed(0, 0));
    expect(new Act.Read(0));
    assertThat(core.delay(0)).isEqualTo(SECOND);
    then(core.passed(SECOND));
    expect(new Act.Read(0));
    then(core.read(0, Map.of()));
    acts.removeIf(act -> !(act instanceof Act.Open));
    expect(new Act.Open(0, 0, 1, "a", null));
  }

  @Test
  void aFeedOfAStandByThatEndsIsToldAndNotOpenedAgainBeforeItsConfigurationChanges() {
    then(core.put("a", true, true));
    then(core.standBy(0));
    then(core.read(0, Map.of()));
    acts.clear();
    Reason refused = new Reason.NotResumed("a second session");
    then(core.gone(1, refused, 0));
    expect(new Act.Tell(new FleetEvent.StandByEnded("a", refused)));
    then(core.put("a", true, true));
    expect(new Act.Read(0));
    then(core.read(0, Map.of("a", "4")));
    expect(new Act.Hold(0), new Act.Open(0, 0, 2, "a", "4"));
  }

  /** Slot 0 comes, with the feed "a" at 3. */
  private void coming() {
    then(core.put("a", true, false));
    then(core.coming(0));
    then(core.read(0, Map.of("a", "3")));
    acts.clear();
  }

  /** And it is claimed, with the feed at 5. */
  private void taken() {
    coming();
    then(core.taken(0, 1));
    then(core.claimed(0, 7, Map.of("a", "5")));
    acts.clear();
  }

  @Test
  void positionsAreStoredTogetherAfterAWhile() {
    running("a", "b");
    then(core.written(0, 1, Map.of("a", "1"), 0));
    then(core.written(0, 1, Map.of("a", "2", "b", "9"), 100 * MS));
    expect();
    assertThat(core.delay(100 * MS)).isEqualTo(100 * MS);
    then(core.passed(200 * MS));
    expect(save(Map.of("a", "2", "b", "9")));
  }

  @Test
  void positionsThatTheStoreDidNotTakeAreStoredLaterUnlessThereAreNewerOnes() {
    running("a", "b");
    then(core.written(0, 1, Map.of("a", "1", "b", "1"), 0));
    then(core.passed(200 * MS));
    expect(save(Map.of("a", "1", "b", "1")));
    then(core.written(0, 1, Map.of("a", "2"), 300 * MS));
    IOException failure = new IOException("down");
    then(core.saveFailed(failure, 300 * MS));
    expect(new Act.Tell(new FleetEvent.StoreFailed(failure)));
    then(core.passed(1300 * MS));
    expect(save(Map.of("a", "2", "b", "1")));
    then(core.saved(Set.of(), 1300 * MS));
    expect(new Act.Tell(new FleetEvent.StoreRecovered()));
  }

  @Test
  void aSlotIsLeftWhenItsFeedsAreGoneAndTheirPositionsAreStored() {
    running("a");
    then(core.leave(0, 0));
    expect(new Act.Close(0, 1, false));
    then(core.written(0, 1, Map.of("a", "5"), 1)); // what had arrived before
    expect();
    then(core.gone(1, CLOSED, 2));
    expect(save(Map.of("a", "5")));
    then(core.saved(Set.of(), 3));
    expect(
        new Act.Finish(0, 1),
        new Act.Release(0, 1),
        new Act.Tell(new FleetEvent.SlotLeft(0, 1)),
        new Act.Left(0, 1));
  }

  @Test
  void aSlotThatIsLostWhileItIsLeftClosesItsFeedsAtOnce() {
    running("a");
    then(core.leave(0, 0));
    acts.clear();
    then(core.lost(0));
    expect(
        new Act.Stop(0, 1),
        new Act.Tell(new FleetEvent.SlotLost(0, 1, Loss.PLACEMENT)),
        new Act.Close(0, 1, true));
  }

  @Test
  void aSlotThatCannotBeSavedInTimeIsLeftAllTheSame() {
    running("a");
    then(core.written(0, 1, Map.of("a", "5"), 0));
    then(core.leave(0, 0));
    then(core.gone(1, CLOSED, 1));
    expect(new Act.Close(0, 1, false), save(Map.of("a", "5")));
    then(core.saveFailed(new IOException("down"), SECOND));
    acts.clear();
    then(core.passed(5 * SECOND));
    assertThat(acts)
        .contains(
            new Act.Stop(0, 1),
            new Act.Tell(new FleetEvent.SlotLost(0, 1, Loss.UNSAVED)),
            new Act.Left(0, 1));
  }

  @Test
  void nothingIsWrittenOrStoredAfterASlotIsLost() {
    running("a");
    then(core.written(0, 1, Map.of("a", "5"), 0));
    then(core.lost(0));
    expect(
        new Act.Stop(0, 1),
        new Act.Tell(new FleetEvent.SlotLost(0, 1, Loss.PLACEMENT)),
        new Act.Close(0, 1, true));
    assertThat(core.writes(0, 1)).isFalse();
    then(core.passed(SECOND));
    expect();
    then(core.gone(1, CLOSED, SECOND));
    expect(new Act.Finish(0, 1), new Act.Release(0, 1));
  }

  @Test
  void aSlotThatIsTakenAgainIsClaimedWhenItsLastFeedIsGone() {
    running("a");
    then(core.lost(0));
    then(core.taken(0, 2));
    acts.clear();
    then(core.gone(1, CLOSED, SECOND));
    expect(new Act.Finish(0, 1), new Act.Release(0, 1), new Act.Claim(0));
  }

  @Test
  void aClaimThatIsAnsweredAfterALossIsMadeAgain() {
    then(core.put("a", false, false));
    then(core.taken(0, 1));
    then(core.lost(0));
    then(core.taken(0, 2));
    acts.clear();
    then(core.claimed(0, 1, Map.of()));
    expect(new Act.Release(0, 1), new Act.Claim(0));
  }

  @Test
  void whoWakesTooLateOpensNothing() {
    then(core.put("a", false, false));
    then(core.taken(0, 1));
    holds = false;
    then(core.claimed(0, 1, Map.of()));
    assertThat(acts).noneMatch(Act.Open.class::isInstance);
  }

  @Test
  void aRefusedPositionEndsTheTenureAndTheSlotIsClaimedAnewAfterAPause() {
    running("a");
    then(core.written(0, 1, Map.of("a", "5"), 0));
    then(core.passed(200 * MS));
    acts.clear();
    then(core.saved(Set.of(0), SECOND));
    expect(
        new Act.Stop(0, 1),
        new Act.Tell(new FleetEvent.SlotLost(0, 1, Loss.REFUSED)),
        new Act.Close(0, 1, true));
    then(core.gone(1, CLOSED, SECOND));
    expect(new Act.Finish(0, 1), new Act.Release(0, 1));
    then(core.passed(2 * SECOND));
    expect(new Act.Claim(0));
  }

  @Test
  void aBatchThatTheSinkRefusesEndsTheTenureOnce() {
    running("a");
    then(core.refused(0, 1, SECOND));
    expect(
        new Act.Stop(0, 1),
        new Act.Tell(new FleetEvent.SlotLost(0, 1, Loss.REFUSED)),
        new Act.Close(0, 1, true));
    then(core.refused(0, 1, SECOND));
    expect();
    then(core.gone(1, CLOSED, SECOND));
    expect(new Act.Finish(0, 1), new Act.Release(0, 1));
    then(core.passed(2 * SECOND));
    expect(new Act.Claim(0));
    then(core.claimed(0, 3, Map.of()));
    acts.clear();
    then(core.refused(0, 1, SECOND)); // told late
    expect();
  }

  @Test
  void aFeedThatEndedForGoodOpensAgainOnlyWhenItsConfigurationChanges() {
    running("a");
    Reason refused = new Reason.NotResumed("no");
    then(core.gone(1, refused, 0));
    expect(new Act.Tell(new FleetEvent.FeedGone("a", refused)));
    then(core.put("a", false, false));
    expect(new Act.Open(0, 1, 2, "a", null));
  }

  @Test
  void aFeedThatIsRemovedAndPutBackIsNeverOpenTwice() {
    running("a");
    then(core.remove("a"));
    then(core.put("a", false, false));
    expect(new Act.Close(0, 1, false));
    then(core.gone(1, CLOSED, 0));
    expect(new Act.Open(0, 1, 2, "a", null));
  }

  @Test
  void aChangedFeedContinuesAfterWhatTheSinkHas() {
    running("a");
    then(core.put("a", false, false));
    expect(new Act.Close(0, 1, false));
    then(core.written(0, 1, Map.of("a", "3"), 0));
    then(core.gone(1, CLOSED, 0));
    expect(new Act.Open(0, 1, 2, "a", "3"));
  }

  @Test
  void aFleetWithoutSlotsEndsAtOnceAndOnce() {
    then(core.shutDown(0));
    then(core.shutDown(0));
    then(core.taken(0, 1));
    expect(new Act.Ended(), new Act.Left(0, 1));
  }

  @Test
  void theSlotOfAFeedNeverChanges() {
    assertThat(FleetCore.slotOf("btc-usd", 256)).isEqualTo((int) (2177602260L % 256));
    assertThat(FleetCore.slotOf("München", 7)).isEqualTo((int) (3163719337L % 7)); // in UTF-8
  }

  private void running(String... feeds) {
    for (String feed : feeds) {
      then(core.put(feed, false, false));
    }
    then(core.taken(0, 1));
    then(core.claimed(0, 1, Map.of()));
    acts.clear();
  }

  private static Act save(Map<String, String> positions) {
    return new Act.Save(List.of(new PositionStore.Saving(0, 1, positions)));
  }

  private void then(List<Act> more) {
    acts.addAll(more);
  }

  private void expect(Act... expected) {
    assertThat(acts).containsExactly(expected);
    acts.clear();
  }
}
