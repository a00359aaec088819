package dev.lariat.fleet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.Placement;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every placement does. {@link SharedPlacementContract} says what it does for several nodes.
 */
@Timeout(120)
public abstract class PlacementContract {
  protected static final int SLOTS = 12;

  /** The placement of a new node; all nodes of one test are of the same fleet. */
  protected abstract Placement placement() throws Exception;

  protected final Member join() throws Exception {
    return Member.join(placement(), SLOTS);
  }

  @Test
  void aNodeThatIsAloneHasEverySlot() throws Exception {
    try (Member alone = join()) {
      alone.await("all slots", its -> its.size() == SLOTS);
      alone.awaitMembers(1);
      assertThat(IntStream.range(0, SLOTS)).allMatch(alone::holds);
    }
  }

  @Test
  void aNodeKnowsItsNameAndTheOwnersOfAllSlots() throws Exception {
    try (Member alone = join()) {
      alone.await("all slots", its -> its.size() == SLOTS);
      String name = alone.membership().node();
      assertThat(name).isNotEmpty();
      for (int slot = 0; slot < SLOTS; slot++) {
        assertThat(alone.membership().owner(slot)).contains(name);
      }
    }
  }
}
