package dev.lariat.fleet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** What every placement for several nodes does. */
public abstract class SharedPlacementContract extends PlacementContract {

  @Test
  void itSaysThatNodesShareTheirPositions() throws Exception {
    assertThat(placement().shared()).isTrue();
  }

  @Test
  void nodesThatJoinGetTheirShareAndNoSlotHasTwoOwners() throws Exception {
    try (Member first = join()) {
      first.await("all slots", its -> its.size() == SLOTS);
      try (Watch watch = new Watch();
          Member second = join();
          Member third = join()) {
        watch.over(first, second, third);
        for (Member each : List.of(first, second, third)) {
          each.awaitMembers(3);
          each.await("a third of the slots", its -> its.size() == SLOTS / 3);
        }
      }
    }
  }

  @Test
  void allNodesAgreeAboutTheOwners() throws Exception {
    try (Member first = join();
        Member second = join()) {
      for (Member each : List.of(first, second)) {
        each.await("half of the slots", its -> its.size() == SLOTS / 2);
      }
      assertThat(first.membership().node()).isNotEqualTo(second.membership().node());
      for (int slot = 0; slot < SLOTS; slot++) {
        String owner = (first.holds(slot) ? first : second).membership().node();
        awaitOwner(first, slot, owner);
        awaitOwner(second, slot, owner);
      }
    }
  }

  private static void awaitOwner(Member member, int slot, String owner) throws Exception {
    member.await(
        owner + " as the owner of " + slot,
        its -> member.membership().owner(slot).filter(owner::equals).isPresent());
  }

  @Test
  void theSlotsOfANodeThatLeavesGoToTheOthers() throws Exception {
    try (Watch watch = new Watch();
        Member first = join()) {
      Member second = join();
      watch.over(first, second);
      second.await("half of the slots", its -> its.size() == SLOTS / 2);
      second.close();
      first.awaitMembers(1);
      first.await("all slots", its -> its.size() == SLOTS);
    }
  }

  @Test
  void aNodeThatWasAwayHasGreaterGrantsThanBefore() throws Exception {
    try (Member first = join()) {
      first.await("all slots", its -> its.size() == SLOTS);
      for (int times = 0; times < 2; times++) { // a member complains of a grant that does not grow
        Member second = join();
        first.await("half of the slots", its -> its.size() == SLOTS / 2);
        second.close();
        first.await("all slots", its -> its.size() == SLOTS);
      }
    }
  }

  @Test
  void aSlotThatOverlapsIsLeftWhenItsNextOwnerIsPrepared() throws Exception {
    try (Watch watch = new Watch();
        Member first = Member.joinOverlapping(placement(), SLOTS)) {
      first.await("all slots", its -> its.size() == SLOTS);
      try (Member second = Member.joinPreparing(placement(), SLOTS, first)) {
        watch.over(first, second);
        second.await("half of the slots", its -> its.size() == SLOTS / 2);
        assertThat(second.prepared()).containsAll(second.slots());
        assertThat(first.slots()).hasSize(SLOTS / 2);
      }
    }
  }

  @Test
  void aNodeThatLeavesHandsItsSlotsThatOverlapToPreparedOwners() throws Exception {
    try (Member first = Member.joinOverlapping(placement(), SLOTS)) {
      first.await("all slots", its -> its.size() == SLOTS);
      try (Member second = Member.joinPreparing(placement(), SLOTS, first)) {
        first.awaitMembers(2); // a node that is alone leaves its slots at once
        Thread leaving = Thread.startVirtualThread(() -> first.membership().leaving());
        second.await("all slots", its -> its.size() == SLOTS);
        assertThat(second.prepared()).containsAll(second.slots());
        leaving.join();
        assertThat(first.slots()).isEmpty();
      }
    }
  }

  @Test
  void aNextOwnerThatIsNotPreparedGetsItsSlotsAfterAWhile() throws Exception {
    try (Member first = Member.joinOverlapping(placement(), SLOTS);
        Member second = Member.joinOverlapping(placement(), SLOTS)) {
      for (Member each : List.of(first, second)) {
        each.await("half of the slots", its -> its.size() == SLOTS / 2);
      }
    }
  }
}
