package dev.lariat.fleet.pekko;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.pekko.actor.AbstractActorWithTimers;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.Props;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.ClusterEvent;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;

/**
 * Knows the nodes of the fleet and their slots. Each node tells the others every half a second
 * which slots it has, and at once when that changes. Sharding starts a slot only when it gets a
 * message, so each node sends one to the slots that nobody has.
 */
final class Roster extends AbstractActorWithTimers {
  static final Duration BEAT = Duration.ofMillis(500);

  // A message: one of these, how many bytes its slots take, and those; then those not settled.
  private static final byte HAS = 1;
  private static final byte LEAVES = 2; // of a node that leaves
  private static final int HEAD = 5;
  private static final byte[] GOODBYE = {};

  /** What never leaves this process. */
  enum Signal {
    BEAT,
    /** This node has other slots than before, or begins to leave. */
    CHANGED,
    /** This node leaves the fleet. */
    CLOSE
  }

  private final PekkoMembership membership;
  private final Cluster cluster = Cluster.get(getContext().getSystem());
  private final Map<Address, BitSet> others = new HashMap<>(); // the slots of the other nodes
  private final Set<Address> leaving = new HashSet<>(); // those of them that leave
  private final Map<Address, BitSet> unsettled = new HashMap<>(); // their slots with feeds to open

  private Roster(PekkoMembership membership) {
    this.membership = membership;
  }

  static Props props(PekkoMembership membership) {
    return Props.create(Roster.class, () -> new Roster(membership));
  }

  @Override
  public void preStart() {
    cluster.subscribe(
        getSelf(), ClusterEvent.initialStateAsEvents(), ClusterEvent.MemberEvent.class);
    getTimers().startTimerAtFixedRate(Signal.BEAT, Signal.BEAT, BEAT);
  }

  @Override
  public Receive createReceive() {
    return receiveBuilder()
        .match(byte[].class, this::heard)
        .matchEquals(Signal.BEAT, beat -> beat())
        .matchEquals(Signal.CHANGED, changed -> announce(slots()))
        .matchEquals(Signal.CLOSE, close -> close())
        .match(ClusterEvent.MemberDowned.class, downed -> gone(downed.member()))
        .match(ClusterEvent.MemberRemoved.class, removed -> gone(removed.member()))
        .match(ClusterEvent.MemberUp.class, up -> beat())
        .match(ClusterEvent.MemberEvent.class, other -> {})
        .build();
  }

  private void beat() {
    membership.beat();
    announce(slots());
    start(membership.missing());
  }

  private void announce(byte[] message) {
    for (Member member : cluster.state().getMembers()) {
      if (!member.address().equals(cluster.selfAddress())) {
        String path = getSelf().path().toStringWithAddress(member.address());
        getContext().actorSelection(path).tell(message, getSelf());
      }
    }
  }

  private byte[] slots() {
    byte[] all = membership.slots().toByteArray();
    byte[] open = membership.unsettledHere().toByteArray();
    return ByteBuffer.allocate(HEAD + all.length + open.length)
        .put(membership.isLeaving() ? LEAVES : HAS)
        .putInt(all.length)
        .put(all)
        .put(open)
        .array();
  }

  private void heard(byte[] message) {
    Address from = getSender().path().address();
    if (message.length == 0) {
      forget(from);
    } else if (isRoster(message) && isMember(from)) {
      int end = HEAD + slotBytes(message);
      others.put(from, BitSet.valueOf(Arrays.copyOfRange(message, HEAD, end)));
      unsettled.put(from, BitSet.valueOf(Arrays.copyOfRange(message, end, message.length)));
      if (message[0] == LEAVES) {
        leaving.add(from);
      } else {
        leaving.remove(from); // it is another process than the one that left
      }
    }
    know();
  }

  /** Another version may say it otherwise. */
  private static boolean isRoster(byte[] message) {
    return message.length >= HEAD
        && (message[0] == HAS || message[0] == LEAVES)
        && slotBytes(message) >= 0
        && slotBytes(message) <= message.length - HEAD;
  }

  private static int slotBytes(byte[] message) {
    return ByteBuffer.wrap(message).getInt(1);
  }

  /** What a node has said before its end may arrive after it. */
  private boolean isMember(Address node) {
    for (Member member : cluster.state().getMembers()) {
      if (member.address().equals(node)) {
        return !member.status().equals(MemberStatus.down());
      }
    }
    return false;
  }

  private void gone(Member member) {
    if (member.uniqueAddress().equals(cluster.selfUniqueAddress())) {
      membership.end("the cluster has removed it");
    } else {
      forget(member.address());
      know();
    }
  }

  private void forget(Address node) {
    others.remove(node);
    leaving.remove(node);
    unsettled.remove(node);
  }

  private void know() {
    Map<Integer, String> owners = new HashMap<>();
    others.forEach(
        (node, slots) ->
            slots.stream().forEach(slot -> owners.put(slot, PekkoMembership.name(node))));
    Set<Integer> before = membership.missing();
    BitSet opening = new BitSet();
    unsettled.values().forEach(opening::or);
    membership.know(others.size(), owners, leaving, opening);
    Set<Integer> freed = membership.missing();
    freed.removeAll(before);
    start(freed);
  }

  private void start(Set<Integer> slots) {
    if (cluster.selfMember().status().equals(MemberStatus.up())) {
      slots.forEach(membership::start);
    }
  }

  private void close() {
    announce(GOODBYE);
    getContext().stop(getSelf());
  }

  @Override
  public void postStop() {
    membership.end("its actor system has ended");
  }
}
