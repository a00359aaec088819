package dev.lariat.fleet.internal.lease;

/** What is to be done, in the order in which {@link LeaseCore} says it: a closed set. */
public sealed interface LeaseAct {

  /**
   * Ask the store. Answered by {@link LeaseCore#answered} or {@link LeaseCore#failed}. Late answers
   * are ignored.
   */
  record Ask(LeaseRequest request) implements LeaseAct {}

  /**
   * This node has this slot.
   *
   * @param term the number of the lease, greater than those of all earlier leases of the slot
   */
  record Taken(int slot, long term) implements LeaseAct {}

  /**
   * This node will have this slot as soon as its owner has left it. Answered by {@link
   * LeaseCore#prepared}, for which the owner waits, but not long.
   */
  record Coming(int slot) implements LeaseAct {}

  /**
   * This node stands by for this slot, and not more, whatever was said before: it takes the slot if
   * its owner dies. Answered by {@link LeaseCore#prepared}.
   */
  record StandBy(int slot) implements LeaseAct {}

  /** This node will not have this slot after all, or not soon, and does not stand by for it. */
  record NotComing(int slot) implements LeaseAct {}

  /** Another node is to have this slot. Answered by {@link LeaseCore#left}. */
  record Leave(int slot) implements LeaseAct {}

  /** This node does not have this slot any more, and another one may have it soon. */
  record Lost(int slot) implements LeaseAct {}

  /** So many nodes live, with this one; said before the first slot is taken, and at each change. */
  record Members(int count) implements LeaseAct {}

  /** The node shuts down, and has said of each of its slots that it is to be left. */
  record Leaving() implements LeaseAct {}

  /** The node has left the fleet. */
  record Ended() implements LeaseAct {}
}
