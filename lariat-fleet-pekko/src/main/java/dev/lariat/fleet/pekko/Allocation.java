package dev.lariat.fleet.pekko;

import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.ClusterEvent.CurrentClusterState;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.sharding.ShardCoordinator;
import scala.collection.immutable.IndexedSeq;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;

/**
 * Tells sharding where slots are to be, by {@link Shares} and {@link NextOwners}. It is asked on
 * the oldest node. Only a few slots are on their way at any time, and the next ones follow when the
 * feeds of those before them are open: the coordinator records the moves one by one, and the taker
 * opens the feeds one by one, so a slot that began with many others would be away until all of them
 * are somewhere. A slot that its next owner has prepared is never away, so it keeps no other
 * waiting.
 */
final class Allocation extends ShardCoordinator.AbstractShardAllocationStrategy
    implements ShardCoordinator.StartableAllocationStrategy {
  private static final Set<MemberStatus> COMING =
      Set.of(MemberStatus.joining(), MemberStatus.weaklyUp());

  private static final int FEW = 2;
  private static final int STEPS = 32; // in which all slots would move

  /**
   * After so long without a question, the decision is elsewhere. Sharding asks often, but not while
   * it records a move, which takes seconds if a node is slow.
   */
  private static final Duration SILENCE = Duration.ofSeconds(15);

  private final Cluster cluster;
  private final int slots;
  private final int most; // slots on their way
  private final Supplier<Map<Address, Word>> words; // of all nodes
  private final IntPredicate overlaps;
  private final Runnable changed;
  private final NextOwners<ActorRef> next; // of the coordinator's thread
  private volatile Map<Address, BitSet> coming = Map.of();
  private volatile long askedAt;

  /**
   * Decides nothing yet.
   *
   * @param words what all nodes say, with this one
   * @param overlaps whether feeds of a slot overlap
   * @param changed run when {@link #coming} has changed
   */
  Allocation(
      Cluster cluster,
      int slots,
      Supplier<Map<Address, Word>> words,
      IntPredicate overlaps,
      Runnable changed) {
    this.cluster = cluster;
    this.slots = slots;
    this.most = Math.max(FEW, slots / STEPS);
    this.words = words;
    this.overlaps = overlaps;
    this.changed = changed;
    this.next = new NextOwners<>(slots);
  }

  /** The coordinator begins on this node. */
  @Override
  public void start() {
    next.clear();
  }

  /** The node that was to have the slot, or has prepared it by the word of another coordinator. */
  @Override
  public Future<ActorRef> allocateShard(
      ActorRef requester, String slot, Map<ActorRef, IndexedSeq<String>> regions) {
    Knowledge known = new Knowledge();
    ActorRef node =
        next.of(slot)
            .or(
                () ->
                    regions.keySet().stream().filter(its -> known.isPrepared(its, slot)).findAny())
            .filter(its -> regions.containsKey(its) && known.stays(its))
            .orElseGet(() -> new Shares<>(inJava(regions), known::stays).taker());
    return Future.successful(node);
  }

  @Override
  public Future<Set<String>> rebalance(
      Map<ActorRef, IndexedSeq<String>> regions, Set<String> moving) {
    askedAt = System.nanoTime();
    Knowledge known = new Knowledge();
    Set<String> away = new HashSet<>(moving);
    away.addAll(known.unsettled());
    away.removeIf(next::contains);
    Set<String> moves =
        next.moves(
            inJava(regions), moving, known, known.mayMove(), most - away.size(), System.nanoTime());
    tell();
    return Future.successful(moves);
  }

  /** Tells the next owners, if they are others than before. */
  private void tell() {
    Map<Address, BitSet> its = new HashMap<>();
    next.all()
        .forEach(
            (slot, node) ->
                its.computeIfAbsent(address(node), any -> new BitSet())
                    .set(Integer.parseInt(slot)));
    if (!its.equals(coming)) {
      coming = Map.copyOf(its);
      changed.run();
    }
  }

  /** The slots for which this node should prepare. */
  BitSet coming(Address node) {
    boolean decides = System.nanoTime() - askedAt <= SILENCE.toNanos();
    BitSet none = new BitSet();
    return decides ? coming.getOrDefault(node, none) : none;
  }

  private static Map<ActorRef, List<String>> inJava(Map<ActorRef, IndexedSeq<String>> regions) {
    Map<ActorRef, List<String>> slots = new HashMap<>();
    regions.forEach((region, its) -> slots.put(region, CollectionConverters.asJava(its)));
    return slots;
  }

  private Address address(ActorRef region) {
    Address address = region.path().address();
    return address.hasLocalScope() ? cluster.selfAddress() : address;
  }

  /** What the cluster and its nodes say at this moment. */
  private final class Knowledge implements NextOwners.Sight<ActorRef> {
    private final Map<Address, Word> its = words.get();
    private final CurrentClusterState state = cluster.state();
    private final Set<Address> staying = new HashSet<>();

    Knowledge() {
      for (Member member : state.getMembers()) {
        if (member.status().equals(MemberStatus.up())
            && !state.getUnreachable().contains(member)
            && !word(member.address()).map(Word::leaves).orElse(false)) {
          staying.add(member.address());
        }
      }
    }

    private Optional<Word> word(Address node) {
      return Optional.ofNullable(its.get(node));
    }

    /** A move needs the word of every node. One that joins would have to move a slot again. */
    boolean mayMove() {
      if (!state.getUnreachable().isEmpty()) {
        return false;
      }
      for (Member member : state.getMembers()) {
        if (COMING.contains(member.status())) {
          return false;
        }
      }
      return true;
    }

    /** The slots that nobody has, or whose feeds are still to be opened. */
    List<String> unsettled() {
      BitSet settled = new BitSet();
      its.values().forEach(word -> settled.or(word.slots()));
      its.values().forEach(word -> settled.andNot(word.unsettled()));
      return IntStream.range(0, slots)
          .filter(slot -> !settled.get(slot))
          .mapToObj(Integer::toString)
          .toList();
    }

    @Override
    public boolean stays(ActorRef node) {
      return staying.contains(address(node));
    }

    @Override
    public boolean overlaps(String slot) {
      return overlaps.test(Integer.parseInt(slot));
    }

    @Override
    public boolean isPrepared(ActorRef node, String slot) {
      return says(node, slot, Word::prepared);
    }

    @Override
    public boolean has(ActorRef node, String slot) {
      return says(node, slot, Word::slots);
    }

    private boolean says(ActorRef node, String slot, Function<Word, BitSet> what) {
      return word(address(node))
          .filter(its -> what.apply(its).get(Integer.parseInt(slot)))
          .isPresent();
    }
  }
}
