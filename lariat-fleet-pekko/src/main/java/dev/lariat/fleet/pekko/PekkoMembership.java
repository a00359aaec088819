package dev.lariat.fleet.pekko;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.lariat.fleet.Placement;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.pekko.Done;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.Cancellable;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.cluster.Cluster;
import org.apache.pekko.cluster.sharding.ClusterSharding;
import org.apache.pekko.cluster.sharding.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.ShardRegion;
import org.apache.pekko.pattern.Patterns;

/**
 * A node's place in a cluster: which slots it has, as the {@link SlotActor}s say, and who has the
 * others, as the {@link Roster} says.
 */
final class PekkoMembership implements Placement.Membership {
  private static final Logger LOG = System.getLogger("dev.lariat.fleet.pekko");
  private static final String LARGEST_FRAME = "pekko.remote.artery.advanced.maximum-frame-size";
  private static final int OVERHEAD = 4096; // of what else is in such a frame: addresses, paths
  private static final Duration LEAVING = Duration.ofSeconds(30); // a cluster, after its slots

  /** How long a node that leaves waits for one more of its slots to have moved. */
  private static final Duration MOVED = Duration.ofSeconds(3);

  /** How long other slots wait for the feeds of one: a feed may open late, or never. */
  private static final Duration OPENING = Duration.ofSeconds(1);

  private static final Duration MOVES = Duration.ofMillis(100); // how often some may begin

  /** How often a node asks again for a coordinator, which may be new, and where slots are. */
  private static final Duration RETRY = Duration.ofMillis(250);

  /** The shortest time in which others notice that a node says nothing. */
  private static final Duration NOTICED = Duration.ofSeconds(2);

  private final ActorSystem system;
  private final boolean owned; // whether the system ends with the fleet
  private final Placement.Node node;
  private final int slots;
  private final Cluster cluster;
  private final int largestRequest;
  private final long longestSleep; // nanoseconds
  private final ActorRef region;
  private final ActorRef proxy; // to the slots of all nodes
  private final ActorRef roster;
  private final Allocation allocation;
  private final Duration handOff;
  private final Cancellable leavesFirst; // as the actor system is shut down

  private final Lock lock = new ReentrantLock(); // so that the node learns all of a slot in order
  private final Map<Integer, Holding> holdings = new ConcurrentHashMap<>(); // written under it
  private final Condition changed = lock.newCondition(); // slots, or the other nodes
  private final Set<Integer> leaving = new HashSet<>(); // those that are asked for; under the lock
  private final Arrivals arrivals; // under the lock
  private long lastGrant; // under the lock
  private volatile Map<Address, Word> others = Map.of(); // what they say; written under the lock
  private volatile boolean leavingAll; // whether the slots move to others, as this node leaves
  private boolean closing; // whether all slots are handed over; under the lock
  private volatile boolean closed; // by the fleet
  private volatile boolean ended;
  private volatile long lastBeat = System.nanoTime();
  private volatile Map<Integer, String> owners = Map.of(); // of the slots of the others

  /** A slot that this node has. */
  private static final class Holding {
    final long grant;
    final ActorRef actor;
    final long takenAt = System.nanoTime();
    volatile boolean ready; // whether its feeds are open

    Holding(long grant, ActorRef actor, boolean prepared) {
      this.grant = grant;
      this.actor = actor;
      this.ready = prepared;
    }

    boolean isSettled() {
      return ready || System.nanoTime() - takenAt > OPENING.toNanos();
    }
  }

  /**
   * Begins.
   *
   * @param owned whether the system ends with the fleet
   * @param name of the fleet in its cluster
   * @param handOff how long a slot may take to be left
   */
  PekkoMembership(
      ActorSystem system,
      boolean owned,
      String name,
      Duration handOff,
      int slots,
      Placement.Node node) {
    Config config = system.settings().config();
    Checks.check(config, handOff);
    String type = "lariat-" + name;
    if (ClusterSharding.get(system).getShardTypeNames().contains(type)) {
      throw Allowed.refused("pekko.name", name, "one that this actor system has not opened before");
    }
    this.system = system;
    this.owned = owned;
    this.node = node;
    this.slots = slots;
    this.handOff = handOff;
    this.cluster = Cluster.get(system);
    this.largestRequest = Math.toIntExact(config.getBytes(LARGEST_FRAME)) - OVERHEAD;
    this.longestSleep =
        config.getDuration(Checks.STABLE_AFTER).multipliedBy(2).plus(NOTICED).toNanos();
    this.arrivals = new Arrivals(node);
    this.allocation =
        new Allocation(
            cluster, slots, this::words, node::overlaps, () -> tellRoster(Roster.Signal.ADVISE));
    Messages messages = new Messages(slots);
    node.members(1);
    lock.lock(); // slots wait until all is here
    try {
      this.region =
          ClusterSharding.get(system)
              .start(
                  type,
                  SlotActor.props(this),
                  settings(config, handOff),
                  messages,
                  allocation,
                  SlotActor.Signal.LEAVE);
      // What waits for a slot that nobody has waits here: it would keep the region from its end.
      this.proxy = ClusterSharding.get(system).startProxy(type, Optional.empty(), messages);
      this.roster = system.actorOf(Roster.props(this), type);
    } finally {
      lock.unlock();
    }
    Duration longest = Checks.planned(config, handOff);
    this.leavesFirst =
        CoordinatedShutdown.get(system)
            .addCancellableTask(
                CoordinatedShutdown.PhaseBeforeClusterShutdown(), type, () -> leavesAll(longest));
    cluster.registerOnMemberRemoved(() -> end("the cluster has removed it"));
  }

  /** All slots are always wanted, so none is remembered, and none is stopped when it is quiet. */
  private static ClusterShardingSettings settings(Config config, Duration handOff) {
    Map<String, Object> values =
        Map.ofEntries(
            Map.entry("state-store-mode", "ddata"),
            Map.entry("remember-entities", "off"),
            Map.entry("passivation.strategy", "none"),
            Map.entry("rebalance-interval", MOVES),
            Map.entry("retry-interval", RETRY),
            Map.entry("handoff-timeout", handOff.plus(Checks.SHARDING)));
    return ClusterShardingSettings.create(
        ConfigFactory.parseMap(values).withFallback(config.getConfig("pekko.cluster.sharding")));
  }

  private void tellRoster(Roster.Signal signal) {
    roster.tell(signal, ActorRef.noSender());
  }

  // ---- what the fleet asks for

  /**
   * Waits until the others have the slots, which move a few at a time: if all were left at once,
   * each would be away until the last one is somewhere.
   */
  @Override
  public void leaving() {
    try {
      leaving(handOff);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // and leaves those that it still has at once
    }
  }

  private void leaving(Duration longest) throws InterruptedException {
    lock.lock();
    try {
      leavingAll = true;
      arrivals.clear();
      tellRoster(Roster.Signal.CHANGED);
      long end = System.nanoTime() + longest.toNanos();
      int left = holdings.size();
      long patience = patience();
      while (left > 0 && somebodyStays() && patience > 0 && !ended && !closing) {
        patience = changed.awaitNanos(Math.min(patience, end - System.nanoTime()));
        if (holdings.size() < left) {
          left = holdings.size();
          patience = patience();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean somebodyStays() {
    return others.values().stream().anyMatch(its -> !its.leaves());
  }

  /** Those that overlap may wait for their next owners. */
  private long patience() {
    boolean overlaps = holdings.keySet().stream().anyMatch(node::overlaps);
    return (overlaps ? MOVED.plus(NextOwners.LONGEST) : MOVED).toNanos();
  }

  private CompletionStage<Done> leavesAll(Duration longest) {
    CompletableFuture<Done> done = new CompletableFuture<>();
    Thread.ofVirtual()
        .name("lariat-fleet-leaves")
        .start(
            () -> {
              try {
                leaving(longest);
              } catch (InterruptedException e) {
                // then sharding hands over at once what is still here
              }
              done.complete(Done.getInstance());
            });
    return done;
  }

  @Override
  public boolean holds(int slot, long grant) {
    if (hasSlept()) {
      return false;
    }
    Holding its = holdings.get(slot);
    return its != null && its.grant == grant && !ended;
  }

  @Override
  public void ready(int slot, long grant) {
    Holding its = holdings.get(slot);
    if (its != null && its.grant == grant) {
      its.ready = true;
      tellRoster(Roster.Signal.CHANGED);
    }
  }

  @Override
  public void prepared(int slot) {
    lock.lock();
    try {
      if (arrivals.prepared(slot)) {
        tellRoster(Roster.Signal.ADVISE); // its owner waits for it
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void left(int slot, long grant) {
    lock.lock();
    try {
      Holding its = holdings.get(slot);
      if (its == null || its.grant != grant) {
        return;
      }
      holdings.remove(slot);
      changed.signalAll();
      its.actor.tell(SlotActor.Signal.LEFT, ActorRef.noSender());
      tellRoster(Roster.Signal.CHANGED);
      if (!leaving.remove(slot)) {
        beginClosing(); // nobody has asked for it: the fleet closes
      }
    } finally {
      lock.unlock();
    }
  }

  /** Sharding moves each slot as soon as it is left, and gives this node no other. */
  private void beginClosing() {
    if (!closing) {
      closing = true;
      region.tell(ShardRegion.gracefulShutdownInstance(), ActorRef.noSender());
    }
  }

  @Override
  public String node() {
    return name(cluster.selfAddress());
  }

  static String name(Address address) {
    return address.host().getOrElse(() -> "") + ":" + address.port().getOrElse(() -> 0);
  }

  @Override
  public Optional<String> owner(int slot) {
    if (ended) {
      return Optional.empty();
    }
    return holdings.containsKey(slot) ? Optional.of(node()) : Optional.ofNullable(owners.get(slot));
  }

  @Override
  public Optional<CompletionStage<byte[]>> forward(int slot, byte[] request, Duration timeout) {
    if (request.length > largestRequest) {
      throw Allowed.refused(
          "fleet.send.frame",
          request.length + " bytes with the id of the feed",
          "0 to " + largestRequest + " to another node, by " + LARGEST_FRAME);
    }
    return Optional.of(
        Patterns.ask(proxy, Messages.to(slot, request), timeout).thenApply(byte[].class::cast));
  }

  @Override
  public void close() {
    closed = true;
    end("the fleet is closed");
    leavesFirst.cancel();
    if (cluster.isTerminated()) {
      return;
    }
    CompletionStage<?> gone =
        owned
            ? CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.clusterLeavingReason())
            : leave();
    try {
      gone.toCompletableFuture().get(LEAVING.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.log(Level.WARNING, "The node has not left its cluster in good order.", e);
    }
  }

  private CompletionStage<?> leave() {
    return Patterns.gracefulStop(region, LEAVING, ShardRegion.gracefulShutdownInstance())
        .thenAccept(
            stopped -> {
              system.stop(proxy);
              tellRoster(Roster.Signal.CLOSE);
            });
  }

  // ---- what the cluster says

  /** A slot is here. Returns its grant. */
  long taken(int slot, ActorRef actor) {
    lock.lock();
    try {
      lastGrant++;
      if (!ended) {
        holdings.put(slot, new Holding(lastGrant, actor, arrivals.taken(slot)));
        node.taken(slot, lastGrant);
        tellRoster(Roster.Signal.CHANGED);
      }
      return lastGrant;
    } finally {
      lock.unlock();
    }
  }

  /** A slot is to move. */
  void askToLeave(int slot) {
    lock.lock();
    try {
      if (holdings.containsKey(slot) && leaving.add(slot)) {
        node.leave(slot);
      }
    } finally {
      lock.unlock();
    }
  }

  /** A slot has ended here, in good order or not. */
  void stopped(int slot, long grant) {
    lock.lock();
    try {
      Holding its = holdings.get(slot);
      if (its != null && its.grant == grant) {
        holdings.remove(slot);
        leaving.remove(slot);
        changed.signalAll();
        node.lost(slot);
        tellRoster(Roster.Signal.CHANGED);
      }
    } finally {
      lock.unlock();
    }
  }

  CompletionStage<byte[]> received(byte[] request) {
    return node.received(request);
  }

  /** This node gets no slots any more, and has lost those that it had. */
  void end(String why) {
    lock.lock();
    try {
      if (ended) {
        return;
      }
      ended = true;
      Set<Integer> lost = Set.copyOf(holdings.keySet());
      holdings.values().forEach(its -> its.actor.tell(SlotActor.Signal.LEFT, ActorRef.noSender()));
      holdings.clear();
      arrivals.clear();
      changed.signalAll();
      lost.forEach(node::lost);
      if (!closed) {
        node.ended(why);
      }
      LOG.log(
          lost.isEmpty() ? Level.INFO : Level.ERROR,
          "The node " + node() + " has ended with " + lost.size() + " slots: " + why + ".");
    } finally {
      lock.unlock();
    }
  }

  // ---- what the roster knows

  void beat() {
    if (!hasSlept()) {
      lastBeat = System.nanoTime();
    }
    lock.lock();
    try {
      arrivals.passed(slots(), System.nanoTime());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Whether the process has slept for so long that the others may have its slots. It cannot know,
   * so it ends.
   */
  private boolean hasSlept() {
    if (System.nanoTime() - lastBeat <= longestSleep) {
      return false;
    }
    if (!ended) {
      end("its process has slept");
      cluster.down(cluster.selfAddress());
    }
    return true;
  }

  /** What the others say. */
  void know(Map<Address, Word> its) {
    Map<Integer, String> slotsElsewhere = new HashMap<>();
    its.forEach(
        (address, word) ->
            word.slots().stream().forEach(slot -> slotsElsewhere.put(slot, name(address))));
    owners = Map.copyOf(slotsElsewhere);
    lock.lock();
    try {
      int before = others.size();
      others = its;
      changed.signalAll();
      if (its.size() != before && !ended) {
        node.members(1 + its.size());
      }
    } finally {
      lock.unlock();
    }
  }

  /** The slots that should come to a node, if this one decides. */
  BitSet coming(Address address) {
    return allocation.coming(address);
  }

  /** A node says that these slots come to this one. */
  void comes(Address from, BitSet its) {
    lock.lock();
    try {
      if (!ended && !leavingAll) {
        arrivals.heard(from, its, slots(), System.nanoTime());
      }
    } finally {
      lock.unlock();
    }
  }

  private BitSet slots() {
    BitSet its = new BitSet();
    holdings.keySet().forEach(its::set);
    return its;
  }

  /** What this node says. */
  Word word() {
    BitSet unsettled = new BitSet();
    holdings.forEach((slot, holding) -> unsettled.set(slot, !holding.isSettled()));
    lock.lock();
    try {
      return new Word(leavingAll, slots(), unsettled, arrivals.prepared());
    } finally {
      lock.unlock();
    }
  }

  /** What all nodes say. */
  private Map<Address, Word> words() {
    Map<Address, Word> all = new HashMap<>(others);
    all.put(cluster.selfAddress(), word());
    return all;
  }

  /** The slots that no node has, as far as is known. */
  Set<Integer> missing() {
    Set<Integer> missing = new TreeSet<>();
    for (int slot = 0; slot < slots; slot++) {
      if (owner(slot).isEmpty()) {
        missing.add(slot);
      }
    }
    return missing;
  }

  /** Has a slot started, wherever sharding wants it. */
  void start(int slot) {
    if (!ended) {
      proxy.tell(Messages.start(slot), ActorRef.noSender());
    }
  }
}
