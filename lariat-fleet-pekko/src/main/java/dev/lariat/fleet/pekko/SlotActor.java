package dev.lariat.fleet.pekko;

import java.util.Arrays;
import org.apache.pekko.actor.AbstractActor;
import org.apache.pekko.actor.Props;
import org.apache.pekko.pattern.Patterns;

/**
 * A slot, on the node that has it. Sharding starts it, and asks it to leave before the slot moves.
 * It ends when the fleet has left the slot; if it is stopped before that, the slot is lost.
 */
final class SlotActor extends AbstractActor {

  /** What never leaves this process. */
  enum Signal {
    /** From sharding: another node is to have the slot. */
    LEAVE,
    /** From the fleet: nothing of the slot runs here. */
    LEFT
  }

  private final PekkoMembership membership;
  private final int slot = Integer.parseInt(getSelf().path().name());
  private long grant;
  private boolean leaving;
  private boolean left;

  private SlotActor(PekkoMembership membership) {
    this.membership = membership;
  }

  static Props props(PekkoMembership membership) {
    return Props.create(SlotActor.class, () -> new SlotActor(membership));
  }

  @Override
  public void preStart() {
    grant = membership.taken(slot, getSelf());
  }

  @Override
  public Receive createReceive() {
    return receiveBuilder()
        .match(byte[].class, this::received)
        .matchEquals(Signal.LEAVE, signal -> leave())
        .matchEquals(Signal.LEFT, signal -> left())
        .build();
  }

  private void received(byte[] message) {
    if (message.length > Messages.SLOT_BYTES) {
      byte[] request = Arrays.copyOfRange(message, Messages.SLOT_BYTES, message.length);
      Patterns.pipe(membership.received(request), getContext().getDispatcher()).to(getSender());
    } // or it was only to be started
  }

  private void leave() {
    leaving = true;
    membership.askToLeave(slot);
    stopIfDone();
  }

  private void left() {
    left = true;
    stopIfDone();
  }

  /**
   * A fleet that closes leaves all its slots by itself. Sharding would start them here again before
   * it has handed them over, so they wait for that.
   */
  private void stopIfDone() {
    if (leaving && left) {
      getContext().stop(getSelf());
    }
  }

  @Override
  public void postStop() {
    membership.stopped(slot, grant);
  }
}
