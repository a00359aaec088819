package dev.lariat.fleet.simulator;

import static dev.lariat.fleet.simulator.Timeline.MS;
import static dev.lariat.fleet.simulator.Timeline.SECOND;

import dev.lariat.fleet.FleetEvent;
import dev.lariat.fleet.internal.core.Act;
import dev.lariat.fleet.internal.core.FleetCore;
import dev.lariat.fleet.internal.lease.LeaseAct;
import dev.lariat.fleet.internal.lease.LeaseCore;
import dev.lariat.fleet.internal.lease.LeaseRequest;
import dev.lariat.message.Reason;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A process of the fleet: the two cores on threads of their own, a writer for each slot, and the
 * mischief that happens to processes. Its monotonic clock has a random origin.
 */
final class Node {
  private static final IOException NO_ANSWER = new IOException("no answer");

  private final Scenario scenario;
  private final Timeline time;
  private final String name;
  private final long origin; // of its clock
  private final LeaseCore lease;
  private final FleetCore fleet;
  private final Map<Integer, Writer> writers = new HashMap<>();
  private final Map<Long, FeedServer.Connection> connections = new HashMap<>();
  private final Map<Long, Integer> slotOfRun = new HashMap<>();
  private final Set<Long> opening = new HashSet<>();
  private final Set<Long> endedRuns = new HashSet<>(); // which the server has refused
  private final Map<String, Long> lanes = new HashMap<>(); // when each thread is free again
  final Set<String> goneFeeds = new HashSet<>();

  private boolean dead;
  private long frozenUntil;
  private boolean cut; // off from the store
  private boolean ended;
  private int members; // that it was told of
  private long leaseAlarm = Long.MAX_VALUE;
  private long fleetAlarm = Long.MAX_VALUE;

  /** Writes what the feeds of one tenure receive, batch by batch. */
  private final class Writer {
    final int slot;
    final long epoch;
    final long grant;
    final Deque<Object> queue = new ArrayDeque<>(); // Received, or Gone
    boolean busy;
    boolean stopped;

    Writer(int slot, long epoch, long grant) {
      this.slot = slot;
      this.epoch = epoch;
      this.grant = grant;
    }

    void add(Object what) {
      queue.add(what);
      next();
    }

    void next() {
      if (busy || queue.isEmpty()) {
        return;
      }
      if (queue.peek() instanceof Gone(var run, var reason)) {
        queue.poll();
        slotOfRun.remove(run);
        fleetFact(() -> fleet.gone(run, reason, clock()));
        next();
        return;
      }
      List<Received> batch = new ArrayList<>();
      while (queue.peek() instanceof Received received) {
        batch.add(received);
        queue.poll();
      }
      write(batch);
    }

    private void write(List<Received> batch) {
      if (stopped || !holds(slot, grant)) {
        next(); // they are dropped
        return;
      }
      busy = true;
      boolean fails = scenario.isRough() && time.chance(0.05);
      long takes = scenario.isRough() && time.chance(0.02) ? 3 * SECOND : time.between(MS, 20 * MS);
      if (!fails) {
        batch.forEach(each -> scenario.written(Node.this, slot, epoch, each.feed, each.event));
      }
      run(
          "writer " + slot,
          takes,
          () -> {
            busy = false;
            if (fails) {
              time.trace(Node.this + " sink of " + slot + " fails");
              busy = true;
              run("writer " + slot, 500 * MS, () -> again(batch));
              return;
            }
            Map<String, String> positions = new HashMap<>();
            batch.forEach(each -> positions.put(each.feed, Long.toString(each.event)));
            fleetFact(() -> fleet.written(slot, epoch, positions, clock()));
            next();
          });
    }

    private void again(List<Received> batch) {
      busy = false;
      write(batch);
    }
  }

  private record Received(String feed, long event) {}

  private record Gone(long run, Reason reason) {}

  Node(Scenario scenario, String name, Iterable<String> feeds) {
    this.scenario = scenario;
    this.time = scenario.time;
    this.name = name;
    this.origin = time.chance(0.3) ? Long.MAX_VALUE - 20 * SECOND : time.random.nextLong();
    this.lease = new LeaseCore(name, Scenario.SLOTS, Scenario.LEASE, Scenario.MARGIN, clock());
    this.fleet = new FleetCore(Scenario.SLOTS, 200 * MS, 3 * SECOND, this::holds);
    feeds.forEach(this::put);
    run("lease", 0, () -> carryOutLease(lease.passed(clock())));
  }

  private long clock() {
    return origin + time.now();
  }

  // ---- what happens to it

  void put(String feed) {
    goneFeeds.remove(feed);
    fleetFact(() -> fleet.put(feed));
  }

  void remove(String feed) {
    fleetFact(() -> fleet.remove(feed));
  }

  void crash() {
    time.trace(this + " crashes");
    dead = true;
    List.copyOf(connections.values()).forEach(FeedServer.Connection::close);
    connections.clear();
  }

  void freeze(long length) {
    time.trace(this + " freezes for " + length / MS + " ms");
    frozenUntil = Math.max(frozenUntil, time.now() + length);
  }

  void cut(boolean off) {
    time.trace(this + (off ? " is cut off from the store" : " reaches the store again"));
    cut = off;
  }

  void shutDown() {
    time.trace(this + " shuts down");
    fleetFact(() -> fleet.shutDown(clock()));
    run("lease", 0, () -> carryOutLease(lease.shutDown(clock())));
  }

  private boolean isFrozen() {
    return time.now() < frozenUntil;
  }

  /** Whether it is frozen, or has just begun to wake. */
  boolean wasFrozen() {
    return time.now() < frozenUntil + 100 * MS;
  }

  boolean isDead() {
    return dead;
  }

  boolean hasEnded() {
    return ended;
  }

  /** The slots whose leases it may trust now. */
  Map<Integer, Long> holds() {
    return lease.holds(clock());
  }

  private boolean holds(int slot, long grant) {
    return lease.holds(slot, grant, clock());
  }

  /** The node that has this slot, as far as this one knows; null if none is known. */
  String ownerOf(int slot) {
    return lease.owner(slot);
  }

  /** How many nodes live, as far as this one was told. */
  int members() {
    return members;
  }

  boolean runs(int slot) {
    return fleet.has(slot);
  }

  // ---- its threads

  /** Runs a task on one of its threads, in order, after this delay, and not while it is frozen. */
  private void run(String thread, long delay, Runnable task) {
    long at = Math.max(time.now() + delay, lanes.getOrDefault(thread, 0L));
    lanes.put(thread, at);
    time.at(at, () -> runNow(thread, task));
  }

  private void runNow(String thread, Runnable task) {
    if (dead) {
      return;
    }
    if (isFrozen()) {
      // threads wake in any order, each with its tasks in their order
      long wake = Math.max(frozenUntil + time.between(0, 5 * MS), lanes.getOrDefault(thread, 0L));
      lanes.put(thread, wake);
      time.at(wake, () -> runNow(thread, task));
      return;
    }
    task.run();
  }

  private interface Fact {
    List<Act> happened();
  }

  private void fleetFact(Fact fact) {
    run("fleet", time.chance(0.1) ? time.between(0, 20 * MS) : 0, () -> carryOut(fact.happened()));
  }

  // ---- the lease's acts

  private void carryOutLease(List<LeaseAct> acts) {
    for (LeaseAct act : acts) {
      switch (act) {
        case LeaseAct.Ask(var request) -> ask(request);
        case LeaseAct.Taken(var slot, var term) -> {
          time.trace(this + " takes " + slot + " for the " + term + ". time");
          scenario.granted(this, slot, term);
          fleetFact(() -> fleet.taken(slot, term));
        }
        case LeaseAct.Leave(var slot) -> {
          time.trace(this + " is to leave " + slot);
          fleetFact(() -> fleet.leave(slot, clock()));
        }
        case LeaseAct.Lost(var slot) -> {
          time.trace(this + " loses " + slot);
          fleetFact(() -> fleet.lost(slot));
        }
        case LeaseAct.Members(var count) -> members = count;
        case LeaseAct.Ended() -> ended = true;
      }
    }
    scenario.checkOwners();
    long delay = lease.delay(clock());
    if (delay != Long.MAX_VALUE && time.now() + delay < leaseAlarm) {
      leaseAlarm = time.now() + delay;
      long alarm = leaseAlarm;
      run(
          "alarm of the lease " + alarm,
          delay,
          () -> {
            if (leaseAlarm == alarm) {
              leaseAlarm = Long.MAX_VALUE;
            }
            carryOutLease(lease.passed(clock()));
          });
    }
  }

  private void ask(LeaseRequest request) {
    store(
        scenario.store.steps(request),
        scenario.store::table,
        table -> {
          boolean counts = lease.awaits(request.number());
          carryOutLease(lease.answered(request.number(), table, clock()));
          if (counts && !request.leaves()) {
            scenario.checkOwned(this, lease.givesBack(), table);
          }
        },
        failure -> carryOutLease(lease.failed(request.number(), clock())),
        "lease");
  }

  private interface Statement<T> {
    T execute();
  }

  /**
   * A request to the store: it or its answer may get lost, and it may be carried out late, or only
   * some steps of it. The last step is the one that is answered.
   */
  private <T> void store(
      List<Runnable> steps,
      Statement<T> last,
      Consumer<T> answered,
      Consumer<IOException> failed,
      String thread) {
    time.after(
        isSlow() ? time.between(SECOND, 9 * SECOND) : time.between(MS, 15 * MS),
        () -> {
          if (cut || scenario.storeDown() || (scenario.isRough() && time.chance(0.02))) {
            fail(thread, failed);
          } else if (!steps.isEmpty()) {
            steps.getFirst().run();
            store(steps.subList(1, steps.size()), last, answered, failed, thread);
          } else {
            execute(last, answered, failed, thread);
          }
        });
  }

  private <T> void execute(
      Statement<T> last, Consumer<T> answered, Consumer<IOException> failed, String thread) {
    T answer = last.execute();
    if (scenario.isRough() && time.chance(0.02)) {
      fail(thread, failed); // it was carried out, and the answer gets lost
      return;
    }
    // a thread for each request: answers may overtake each other
    long back = isSlow() ? time.between(SECOND, 4 * SECOND) : time.between(MS, 15 * MS);
    run(thread + " " + time.random.nextInt(), back, () -> answered.accept(answer));
  }

  private void fail(String thread, Consumer<IOException> failed) {
    time.after(2 * SECOND, () -> run(thread, 0, () -> failed.accept(NO_ANSWER)));
  }

  private boolean isSlow() {
    return scenario.isRough() && time.chance(scenario.slowness);
  }

  // ---- the fleet's acts

  private void carryOut(List<Act> acts) {
    for (Act act : acts) {
      carryOut(act);
    }
    long delay = fleet.delay(clock());
    if (delay != Long.MAX_VALUE && time.now() + delay < fleetAlarm) {
      fleetAlarm = time.now() + delay;
      long alarm = fleetAlarm;
      run(
          "alarm of the fleet " + alarm,
          delay,
          () -> {
            if (fleetAlarm == alarm) {
              fleetAlarm = Long.MAX_VALUE;
            }
            carryOut(fleet.passed(clock()));
          });
    }
  }

  private void carryOut(Act act) {
    switch (act) {
      case Act.Claim(var slot) ->
          store(
              List.of(),
              () -> {
                Store.Claimed claimed = scenario.store.claim(slot);
                scenario.claimed(this, slot, claimed.epoch());
                return claimed;
              },
              its -> carryOut(fleet.claimed(slot, its.epoch(), its.positions())),
              failure -> carryOut(fleet.claimFailed(slot, failure, clock())),
              "fleet");
      case Act.Begin(var slot, var epoch, var grant) -> {
        time.trace(this + " begins " + slot + " in epoch " + epoch);
        writers.put(slot, new Writer(slot, epoch, grant));
      }
      case Act.Open(var slot, var epoch, var run, var feed, var position) -> {
        slotOfRun.put(run, slot);
        opening.add(run);
        long from = position == null ? 0 : Long.parseLong(position);
        run("loop", time.between(MS, 10 * MS), () -> connect(run, slot, feed, from));
      }
      case Act.Close(var run) -> closed(run, new Reason.OwnerClosed());
      case Act.Stop(var slot, var epoch) -> {
        writers.get(slot).stopped = true;
      }
      case Act.Finish(var slot, var epoch) -> {
        Writer writer = writers.remove(slot);
        if (writer == null || !writer.queue.isEmpty() || slotOfRun.containsValue(slot)) {
          throw time.broken(this + " finishes " + slot + " while a feed of it is not gone");
        }
        scenario.stopped(this, slot, epoch);
      }
      case Act.Save(var savings) ->
          store(
              List.of(),
              () -> scenario.store.save(savings),
              refused -> carryOut(fleet.saved(refused, clock())),
              failure -> carryOut(fleet.saveFailed(failure, clock())),
              "fleet");
      case Act.Release(var slot, var epoch) -> {} // its store holds nothing
      case Act.Left(var slot, var grant) -> {
        time.trace(this + " leaves " + slot);
        run("lease", 0, () -> carryOutLease(lease.left(slot, grant, clock())));
      }
      case Act.Tell(var event) -> {
        time.trace(this + " tells " + event);
        if (event instanceof FleetEvent.FeedGone(var feed, var reason)) {
          goneFeeds.add(feed);
        } else if (event instanceof FleetEvent.SlotLost(var slot, var epoch, var loss)) {
          scenario.stopped(this, slot, epoch);
        }
      }
      case Act.Ended() -> time.trace(this + " runs nothing any more");
    }
  }

  // ---- its connections

  private void connect(long run, int slot, String feed, long position) {
    if (dead || !opening.remove(run)) {
      return; // it was closed meanwhile
    }
    if (scenario.server.refuses(feed)) {
      endedRuns.add(run);
      Writer writer = writers.get(slot);
      run(
          "writer " + slot,
          0,
          () -> writer.add(new Gone(run, new Reason.NotResumed("it is refused"))));
    } else {
      connections.put(run, scenario.server.open(this, run, feed, position));
    }
  }

  private void closed(long run, Reason reason) {
    if (endedRuns.contains(run)) {
      return; // its end is on its way
    }
    opening.remove(run);
    FeedServer.Connection connection = connections.get(run);
    int slot = slotOfRun.get(run);
    Writer writer = writers.get(slot);
    run(
        "loop",
        time.between(0, 10 * MS),
        () -> {
          if (connection != null && connections.remove(run) != null) {
            connection.close();
          }
          run("writer " + slot, 0, () -> writer.add(new Gone(run, reason)));
        });
  }

  /** The server has sent these events on the connection of this run. */
  void received(long run, List<Long> events) {
    Integer slot = slotOfRun.get(run);
    String feed = connections.containsKey(run) ? connections.get(run).feed : null;
    if (slot == null || feed == null) {
      return;
    }
    Writer writer = writers.get(slot);
    run("writer " + slot, 0, () -> events.forEach(event -> writer.add(new Received(feed, event))));
  }

  @Override
  public String toString() {
    return name;
  }
}
