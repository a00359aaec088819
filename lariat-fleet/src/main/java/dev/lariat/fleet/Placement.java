package dev.lariat.fleet;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;

/**
 * Says which slots of a fleet this node has. {@link #alone()} is the default: one process has all
 * of them.
 *
 * <p>A slot that is granted has to be left in good order before another node may have it. If that
 * is not possible, as when a node cannot be reached, the placement must be certain that the node
 * knows its loss before it grants the slot to another one.
 */
public interface Placement {

  /** The node of a fleet, as its placement sees it. All methods return at once, on any thread. */
  interface Node {

    /**
     * So many nodes live, with this one. It is told before the first slot is taken, and whenever it
     * changes, so that a rate of the whole fleet can be divided among them. A node that is cut off
     * from the others keeps the last number.
     *
     * @param count how many, at least 1
     */
    void members(int count);

    /**
     * {@return whether a feed of this slot overlaps: it may be open on two nodes while the slot
     * moves as planned} Then the placement should say {@link #coming} to the next node before it
     * says {@link #leave} to this one. By default, no feed overlaps.
     *
     * @param slot the number of the slot
     */
    default boolean overlaps(int slot) {
      return false;
    }

    /**
     * This node is likely to get a slot soon that another node still has. It opens the feeds that
     * overlap, holds what they receive, and calls {@link Membership#prepared}. Nothing is written
     * before the slot is taken. By default, it does nothing, and does not call.
     *
     * @param slot the number of the slot
     */
    default void coming(int slot) {}

    /**
     * {@return whether a feed of this slot has a stand-by: it may be open on two nodes all the
     * time} Then the placement should say {@link #standBy} to another node than the owner, and give
     * it the slot if the owner dies. By default, no feed has one.
     *
     * @param slot the number of the slot
     */
    default boolean standsBy(int slot) {
      return false;
    }

    /**
     * This node stands by for a slot that another node has, and not more, if it was told that it is
     * {@link #coming}. It opens the feeds that have a stand-by, holds what they receive, and calls
     * {@link Membership#prepared}. Nothing is written before the slot is taken. {@link #notComing},
     * {@link #coming} or {@link #taken} follows. By default, it does nothing, and does not call.
     *
     * @param slot the number of the slot
     * @param longest how long it can take at most from the death of the owner until this node has
     *     the slot: what was received in that time is needed then
     */
    default void standBy(int slot, Duration longest) {}

    /**
     * A slot does not come after all, or not soon, and this node does not stand by for it. What was
     * opened for it is closed.
     *
     * @param slot the number of the slot
     */
    default void notComing(int slot) {}

    /**
     * This node has a slot. It opens the feeds of the slot.
     *
     * @param slot the number of the slot
     * @param grant a number that is greater than those of all earlier grants of this slot to this
     *     node
     */
    void taken(int slot, long grant);

    /**
     * Another node is to have the slot. This node closes its feeds, and then calls {@link
     * Membership#left}.
     *
     * @param slot the number of the slot
     */
    void leave(int slot);

    /**
     * This node does not have the slot any more. It writes nothing more and closes its feeds at
     * once.
     *
     * @param slot the number of the slot
     */
    void lost(int slot);

    /**
     * This node has ended, though its process goes on and has not asked for it: it has lost all of
     * its slots, and gets none any more. Only another membership can get some. By default, it does
     * nothing. A placement whose nodes always come back, as those with leases in a database do,
     * never says this.
     *
     * @param reason why, as what comes after a colon in a sentence without its full stop
     */
    default void ended(String reason) {}

    /**
     * The placement does not reach what says who has which slot, such as a database, and tries
     * again. The fleet tells {@link FleetEvent.StoreFailed}, even if it has no positions to store.
     * By default, it does nothing.
     *
     * @param cause what was thrown
     */
    default void storeFailed(Throwable cause) {}

    /** The placement reaches it again. By default, it does nothing. */
    default void storeRecovered() {}

    /**
     * {@return the answer to a request of another node, which came by {@link Membership#forward}}
     *
     * @param request the request
     */
    CompletionStage<byte[]> received(byte[] request);
  }

  /** A node's place in the fleet. You can call all methods from any thread. */
  interface Membership extends AutoCloseable {

    /**
     * {@return whether this grant still holds, at this moment} If it does not, {@link Node#lost}
     * follows. It is asked before every write, so it must be quick.
     *
     * @param slot the number of the slot
     * @param grant the number of its grant
     */
    boolean holds(int slot, long grant);

    /**
     * All feeds of a slot have a session, have failed to get one, or are gone. So the node has time
     * for the next slot: a placement that moves slots to a new node may wait for this, so that no
     * feed is away while many others are opened. By default, it does not.
     *
     * @param slot the number of the slot
     * @param grant the number of its grant
     */
    default void ready(int slot, long grant) {}

    /**
     * This node is prepared for a slot that is {@link Node#coming}, or for which it {@link
     * Node#standBy stands by}: each feed that is to be open has a session, has failed to get one,
     * or is gone. By default, nobody waits for that.
     *
     * @param slot the number of the slot
     */
    default void prepared(int slot) {}

    /**
     * A slot is left: nothing of it runs on this node, and its positions are stored.
     *
     * @param slot the number of the slot
     * @param grant the number of its grant
     */
    void left(int slot, long grant);

    /** {@return the name of this node, different from those of all others} */
    String node();

    /**
     * {@return the name of the node that has a slot, as far as this node knows; empty if none is
     * known} The answer may be older than the latest move, so nothing may depend on it.
     *
     * @param slot the number of the slot
     */
    Optional<String> owner(int slot);

    /**
     * {@return the node that stands by for a slot, as far as this node knows; {@link
     * StandByInfo#NONE} by default} The answer may be outdated.
     *
     * @param slot the number of the slot
     */
    default StandByInfo standBy(int slot) {
      return StandByInfo.NONE;
    }

    /**
     * {@return the answer of the node that has this slot, by its {@link Node#received}; empty if
     * this placement carries no requests, as by default} If it does not come in time, or if no node
     * has the slot, the stage fails.
     *
     * @param slot the number of the slot
     * @param request the request, which is not changed any more
     * @param timeout how long the answer may take
     */
    default Optional<CompletionStage<byte[]>> forward(int slot, byte[] request, Duration timeout) {
      return Optional.empty();
    }

    /**
     * The node begins to leave all its slots, and closes its membership after that. It must not get
     * any more: it would take again what it has just left. A placement that moves slots a few at a
     * time may do so here, by {@link Node#leave}, and return when it has moved what it could. What
     * the node still has then is left at once.
     */
    default void leaving() {}

    /** Leaves the fleet. The node has left all its slots, or did not within its time. */
    @Override
    void close();
  }

  /**
   * Makes a node a member of the fleet.
   *
   * @param slots how many slots the fleet has
   * @param node the node
   * @return its membership
   * @throws IOException if it cannot become one
   */
  Membership join(int slots, Node node) throws IOException;

  /**
   * {@return whether several nodes can be members, so that they must share a store of positions}
   */
  boolean shared();

  /** {@return a placement for one process, which has all slots until it closes the fleet} */
  static Placement alone() {
    return new Alone();
  }
}
