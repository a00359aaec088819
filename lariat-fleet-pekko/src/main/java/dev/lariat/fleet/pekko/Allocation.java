package dev.lariat.fleet.pekko;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
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
 * Tells sharding where slots are to be, by {@link Shares}. It is asked on the oldest node. Only a
 * few slots are on their way at any time, and the next ones follow when the feeds of those before
 * them are open: the coordinator records the moves one by one, and the taker opens the feeds one by
 * one, so a slot that began with many others would be away until all of them are somewhere.
 */
final class Allocation extends ShardCoordinator.AbstractShardAllocationStrategy {
  private static final Set<MemberStatus> COMING =
      Set.of(MemberStatus.joining(), MemberStatus.weaklyUp());

  private static final int FEW = 2;
  private static final int STEPS = 32; // in which all slots would move

  private final Cluster cluster;
  private final int most; // slots on their way
  private final Predicate<Address> leaves; // whether a node has said that it leaves
  private final Supplier<Set<String>> unsettled; // slots whose feeds are not open yet

  Allocation(
      Cluster cluster, int slots, Predicate<Address> leaves, Supplier<Set<String>> unsettled) {
    this.cluster = cluster;
    this.most = Math.max(FEW, slots / STEPS);
    this.leaves = leaves;
    this.unsettled = unsettled;
  }

  @Override
  public Future<ActorRef> allocateShard(
      ActorRef requester, String slot, Map<ActorRef, IndexedSeq<String>> regions) {
    return Future.successful(shares(regions).taker());
  }

  @Override
  public Future<Set<String>> rebalance(
      Map<ActorRef, IndexedSeq<String>> regions, Set<String> moving) {
    if (!mayMove()) {
      return Future.successful(Set.of());
    }
    Set<String> away = new HashSet<>(moving);
    away.addAll(unsettled.get());
    return Future.successful(shares(regions).moves(moving, most - away.size()));
  }

  /** A move needs the word of every node. One that joins would have to move a slot again. */
  private boolean mayMove() {
    CurrentClusterState state = cluster.state();
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

  private Shares<ActorRef> shares(Map<ActorRef, IndexedSeq<String>> regions) {
    CurrentClusterState state = cluster.state();
    Set<Address> staying = new HashSet<>();
    for (Member member : state.getMembers()) {
      if (member.status().equals(MemberStatus.up())
          && !state.getUnreachable().contains(member)
          && !leaves.test(member.address())) {
        staying.add(member.address());
      }
    }
    Map<ActorRef, List<String>> slots = new HashMap<>();
    regions.forEach((region, its) -> slots.put(region, CollectionConverters.asJava(its)));
    return new Shares<>(slots, region -> staying.contains(address(region)));
  }

  private Address address(ActorRef region) {
    Address address = region.path().address();
    return address.hasLocalScope() ? cluster.selfAddress() : address;
  }
}
