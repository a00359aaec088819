package dev.lariat.fleet.internal.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Events are numbers, and their positions the same numbers, unless a test says otherwise. */
class HoldingTest {
  private static final long PATIENCE = 1000;
  private static final long LONGEST = 7000;

  private final Holding<Integer> holding = new Holding<>(PATIENCE, 5, 100, LONGEST);

  @Test
  void whatIsHeldUpToThePositionIsDroppedAndTheRestIsWritten() {
    assertThat(arrived(1, 2, 3, 4)).isEmpty();
    assertThat(holding.taken("2", 0)).containsExactly(3, 4);
    assertThat(holding.isOver()).isTrue();
    assertThat(arrived(5)).containsExactly(5);
  }

  @Test
  void allIsWrittenIfThePositionIsWhereItBegan() {
    holding.begins("7");
    arrived(8, 9);
    assertThat(holding.taken("7", 0)).containsExactly(8, 9);
  }

  @Test
  void anEventWithoutAPositionCountsAsTheOneBeforeIt() {
    arrived(1);
    holding.arrived(null, 10, 1, 0);
    arrived(2);
    holding.arrived(null, 20, 1, 0);
    assertThat(holding.taken("2", 0)).containsExactly(20);
  }

  @Test
  void ofEqualPositionsTheLastCounts() {
    holding.arrived("a", 1, 1, 0);
    holding.arrived("a", 2, 1, 0);
    holding.arrived("b", 3, 1, 0);
    assertThat(holding.taken("a", 0)).containsExactly(3);
  }

  @Test
  void aNodeThatIsBehindWaitsForThePosition() {
    arrived(1);
    assertThat(holding.taken("3", 0)).isEmpty();
    assertThat(arrived(2, 3)).isEmpty();
    assertThat(holding.isOver()).isTrue();
    assertThat(arrived(4)).containsExactly(4);
    assertThat(holding.isMissed(PATIENCE)).isFalse();
  }

  @Test
  void aPositionThatDoesNotComeIsMissedAfterAWhile() {
    arrived(4, 5);
    assertThat(holding.taken("3", 100)).isEmpty();
    assertThat(holding.delay(100)).isEqualTo(PATIENCE);
    assertThat(holding.isMissed(100 + PATIENCE - 1)).isFalse();
    assertThat(holding.isMissed(100 + PATIENCE)).isTrue();
    assertThat(holding.rest()).containsExactly(4, 5);
  }

  @Test
  void ofMoreEventsThanMayBeHeldTheOldestAreDropped() {
    arrived(1, 2, 3, 4, 5, 6, 7);
    assertThat(holding.taken("4", 0)).containsExactly(5, 6, 7);
  }

  @Test
  void ofMoreBytesThanMayBeHeldTheOldestAreDropped() {
    holding.arrived("1", 1, 30, 0);
    holding.arrived("2", 2, 60, 0);
    holding.arrived("3", 3, 60, 0);
    assertThat(holding.taken("1", 0)).isEmpty();
    assertThat(holding.delay(0)).isEqualTo(PATIENCE);
  }

  @Test
  void theLastOneThatWasDroppedIsFoundAllTheSame() {
    arrived(1, 2, 3, 4, 5, 6, 7);
    assertThat(holding.taken("2", 0)).containsExactly(3, 4, 5, 6, 7);
  }

  @Test
  void whatIsTooOldIsDroppedWhenTheNextOneArrives() {
    arrived(1, 2);
    holding.arrived("3", 3, 1, LONGEST);
    holding.arrived("4", 4, 1, LONGEST + 1);
    assertThat(holding.taken("1", LONGEST + 1)).isEmpty();
    assertThat(holding.isMissed(LONGEST + 1 + PATIENCE)).isTrue();
    assertThat(holding.rest()).containsExactly(3, 4);
  }

  @Test
  void aQuietFeedIsFoundHoweverOldItsLastEventIs() {
    arrived(1, 2);
    assertThat(holding.taken("2", 1000 * LONGEST)).isEmpty();
    assertThat(holding.isOver()).isTrue();
  }

  @Test
  void aFeedThatWasQuietGoesOnAfterItsLastEvent() {
    arrived(1, 2);
    holding.arrived("3", 3, 1, 1000 * LONGEST);
    assertThat(holding.taken("2", 1000 * LONGEST)).containsExactly(3);
  }

  @Test
  void allIsWrittenIfNothingWasWrittenBefore() {
    arrived(1, 2);
    assertThat(holding.taken(null, 0)).containsExactly(1, 2);
  }

  @Test
  void ifNothingWasWrittenBeforeAndSomethingIsDroppedAllIsMissed() {
    arrived(1, 2, 3, 4, 5, 6);
    assertThat(holding.taken(null, 0)).isEmpty();
    assertThat(holding.isMissed(0)).isTrue();
  }

  @Test
  void whatCameBeforeAPlaceThatTheServerNamesDoesNotCount() {
    arrived(1, 2);
    holding.begins("8");
    arrived(9);
    assertThat(holding.taken("2", 0)).isEmpty();
    assertThat(holding.isMissed(PATIENCE)).isTrue();
  }

  private List<Integer> arrived(int... events) {
    List<Integer> written = new ArrayList<>();
    for (int event : events) {
      written.addAll(holding.arrived(Integer.toString(event), event, 1, 0));
    }
    return written;
  }
}
