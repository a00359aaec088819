package dev.lariat.fleet.internal.core;

import dev.lariat.fleet.FleetEvent;
import dev.lariat.fleet.PositionStore.Saving;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is to be done, in the order in which {@link FleetCore} says it: a closed set. */
public sealed interface Act {

  /**
   * Draw a new epoch of this slot from the store, and read its positions. Answered by {@link
   * FleetCore#claimed} or {@link FleetCore#claimFailed}, exactly once.
   */
  record Claim(int slot) implements Act {}

  /**
   * Read the positions of this slot, without a new epoch. Answered by {@link FleetCore#read} or
   * {@link FleetCore#readFailed}.
   */
  record Read(int slot) implements Act {}

  /**
   * Hold what the feeds of this slot receive, which are opened next, until it begins. When each of
   * them has been tried, the placement is told that the slot is prepared.
   */
  record Hold(int slot) implements Act {}

  /**
   * Begin to write what the feeds of this slot receive, as long as the placement confirms this
   * grant. What is held waits for its {@link Settle}.
   */
  record Begin(int slot, long epoch, long grant) implements Act {}

  /**
   * Open a feed. Answered by {@link FleetCore#gone}, exactly once, when it has ended and all that
   * it received is written or dropped.
   *
   * @param epoch 0 if the slot is only held
   * @param run the number of this run of the feed, never used before
   * @param position where it continues; null if nothing is known
   */
  record Open(int slot, long epoch, long run, String feed, @Nullable String position)
      implements Act {}

  /**
   * Everything up to this position is written: drop what this run holds up to there, and write the
   * rest. Answered by {@link FleetCore#settled}, unless the run is gone before.
   *
   * @param position null if nothing is known
   */
  record Settle(int slot, long run, @Nullable String position) implements Act {}

  /**
   * Close a run. It is gone later.
   *
   * @param atOnce whether there is no time to wait until its server knows. May follow for a run
   *     that is being closed in good order
   */
  record Close(int slot, long run, boolean atOnce) implements Act {}

  /** Write nothing more of this slot: what arrives is dropped. */
  record Stop(int slot, long epoch) implements Act {}

  /** No run of this slot is left: its writer ends. */
  record Finish(int slot, long epoch) implements Act {}

  /**
   * Store these positions. Answered by {@link FleetCore#saved} or {@link FleetCore#saveFailed},
   * exactly once.
   */
  record Save(List<Saving> slots) implements Act {}

  /** The store need not hold anything for this tenure any more. */
  record Release(int slot, long epoch) implements Act {}

  /** The placement may give this slot to another node. */
  record Left(int slot, long grant) implements Act {}

  /** Tell the listeners. */
  record Tell(FleetEvent event) implements Act {}

  /** The fleet has shut down: nothing runs any more. */
  record Ended() implements Act {}
}
