package dev.lariat.fleet.pekko;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
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
 * message, so each node sends one to the slots that nobody has. In the same way the node that
 * decides tells each other one which slots come to it, and everybody for which slots it is
 * prepared.
 *
 * <p>It outlives its fleet in a system that goes on: the node that decides may still be this one.
 */
final class Roster extends AbstractActorWithTimers {
  static final Duration BEAT = Duration.ofMillis(500);

  // A message: one of these, how many bytes the first set takes, that one, and a second set.
  private static final byte HAS = 1; // its slots, and those of them that are not settled
  private static final byte LEAVES = 2; // the same of a node that leaves
  private static final byte ADVISES = 3; // the slots that come, and those for which it is prepared
  private static final int HEAD = 5;
  private static final byte[] GOODBYE = {};

  /** What never leaves this process. */
  enum Signal {
    BEAT,
    /** This node has other slots than before, or begins to leave. */
    CHANGED,
    /** Other slots are to come to nodes than before, or this one is prepared for another one. */
    ADVISE,
    /** This node leaves the fleet. */
    CLOSE
  }

  private final PekkoMembership membership;
  private final Cluster cluster = Cluster.get(getContext().getSystem());
  private final Map<Address, Word> others = new HashMap<>(); // of the other nodes
  private boolean closed;

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
        .matchEquals(Signal.CHANGED, changed -> announce())
        .matchEquals(Signal.ADVISE, advise -> advise())
        .matchEquals(Signal.CLOSE, close -> close())
        .match(ClusterEvent.MemberDowned.class, downed -> gone(downed.member()))
        .match(ClusterEvent.MemberRemoved.class, removed -> gone(removed.member()))
        .match(ClusterEvent.MemberUp.class, up -> beat())
        .match(ClusterEvent.MemberEvent.class, other -> {})
        .build();
  }

  private void beat() {
    membership.beat();
    announce();
    advise();
    start(membership.missing());
  }

  private void announce() {
    if (!closed) {
      Word its = membership.word();
      byte[] message = message(its.leaves() ? LEAVES : HAS, its.slots(), its.unsettled());
      tellOthers(any -> message);
    }
  }

  /** This node may be among those that get slots. */
  private void advise() {
    BitSet prepared = membership.word().prepared();
    tellOthers(node -> message(ADVISES, membership.coming(node), prepared));
    Address here = cluster.selfAddress();
    membership.comes(here, membership.coming(here));
  }

  private void tellOthers(Function<Address, byte[]> message) {
    for (Member member : cluster.state().getMembers()) {
      if (!member.address().equals(cluster.selfAddress())) {
        String path = getSelf().path().toStringWithAddress(member.address());
        getContext().actorSelection(path).tell(message.apply(member.address()), getSelf());
      }
    }
  }

  private static byte[] message(byte kind, BitSet first, BitSet second) {
    byte[] its = first.toByteArray();
    byte[] more = second.toByteArray();
    return ByteBuffer.allocate(HEAD + its.length + more.length)
        .put(kind)
        .putInt(its.length)
        .put(its)
        .put(more)
        .array();
  }

  private void heard(byte[] message) {
    Address from = getSender().path().address();
    if (message.length == 0) {
      others.remove(from); // what it was to bring may still come
    } else if (isKnown(message) && isMember(from)) {
      int end = HEAD + firstBytes(message);
      BitSet first = BitSet.valueOf(Arrays.copyOfRange(message, HEAD, end));
      BitSet second = BitSet.valueOf(Arrays.copyOfRange(message, end, message.length));
      if (message[0] == ADVISES) {
        others.computeIfPresent(from, (node, before) -> before.prepared(second));
        membership.comes(from, first);
      } else {
        Word before = others.get(from);
        BitSet prepared = before == null ? new BitSet() : before.prepared();
        others.put(from, new Word(message[0] == LEAVES, first, second, prepared));
      }
    }
    know();
  }

  /** Another version may say it otherwise. */
  private static boolean isKnown(byte[] message) {
    return message.length >= HEAD
        && message[0] >= HAS
        && message[0] <= ADVISES
        && firstBytes(message) >= 0
        && firstBytes(message) <= message.length - HEAD;
  }

  private static int firstBytes(byte[] message) {
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
      others.remove(member.address());
      know();
    }
  }

  private void know() {
    Set<Integer> before = membership.missing();
    membership.know(Map.copyOf(others));
    Set<Integer> freed = membership.missing();
    freed.removeAll(before);
    start(freed);
  }

  private void start(Set<Integer> slots) {
    if (!closed && cluster.selfMember().status().equals(MemberStatus.up())) {
      slots.forEach(membership::start);
    }
  }

  private void close() {
    closed = true;
    tellOthers(any -> GOODBYE);
  }

  @Override
  public void postStop() {
    membership.end("its actor system has ended");
  }
}
