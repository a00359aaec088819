package dev.lariat.fleet.internal.lease;

import java.util.List;
import java.util.Map;

/**
 * What a node asks of the store, to be carried out in this order by the store's clock:
 *
 * <ol>
 *   <li>The node is a member for the length of a lease from now, or is none if it leaves.
 *   <li>Each slot to renew whose row has this node and this term is leased from now.
 *   <li>Each slot to return whose row has this node and this term is free.
 *   <li>Each slot to take whose row is free, or whose lease is over, gets this node, a term that is
 *       greater by one, and a lease from now.
 *   <li>This node is not the next owner any more of each slot that stays.
 *   <li>It is the next owner of each slot that comes and that has none, or one that is no member.
 *   <li>The slots that come and are ready are so in the table, if this node is their next owner.
 *   <li>The last three steps again, for the slots that rest and those for which it stands by.
 *   <li>Nobody stands by any more for the slots to dismiss that this node has.
 *   <li>The table is read.
 * </ol>
 *
 * <p>Each step changes each slot at once or not at all. The steps together need not be one
 * transaction: what others do between two of them, and what is missing of them after a failure,
 * shows in the next table.
 *
 * @param number the number of the request, for its answer
 * @param node the name of the node, different for each start of a process
 * @param renew the slots that it has, with their terms
 * @param giveBack the slots that it does not run, with their terms
 * @param take the slots that it would have
 * @param coming the slots that it will take as soon as their owners have left them, and whether it
 *     is ready for that. This is advice: what decides is who takes a slot that is free
 * @param staying the slots whose next owner it is in the table, and does not want to be
 * @param standing the slots for which it stands by, if the table does not say so yet, and whether
 *     it is ready for that: advice, too
 * @param resting the slots for which it stands by in the table, and does not want to
 * @param dismissed the slots of this node for which nobody is to stand by for now, since another
 *     node than the stand-by prepares to have them
 * @param leaves whether the node leaves the fleet: others share the slots without it from then on,
 *     and take each of its slots when it has given it back
 */
public record LeaseRequest(
    long number,
    String node,
    Map<Integer, Long> renew,
    Map<Integer, Long> giveBack,
    List<Integer> take,
    Map<Integer, Boolean> coming,
    List<Integer> staying,
    Map<Integer, Boolean> standing,
    List<Integer> resting,
    List<Integer> dismissed,
    boolean leaves) {}
