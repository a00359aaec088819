package dev.lariat.fleet.simulator;

import static dev.lariat.fleet.simulator.Timeline.MS;
import static dev.lariat.fleet.simulator.Timeline.SECOND;

import dev.lariat.fleet.FleetEvent;
import dev.lariat.fleet.internal.core.Act;
import dev.lariat.fleet.internal.core.FleetCore;
import dev.lariat.fleet.internal.core.Holding;
import dev.lariat.fleet.internal.core.Pairing;
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
  private static final long GOODBYE = 300 * MS; // until the server answers a close frame
  private static final long LAG = 50 * MS; // until it sees that a connection was closed at once

  private static final IOException NO_ANSWER = new IOException("no answer");

  private final Scenario scenario;
  private final Timeline time;
  private final String name;
  private final long origin; // of its clock
  final long startedAt;
  private final LeaseCore lease;
  private final FleetCore fleet;
  private final Map<Integer, Writer> writers = new HashMap<>();
  private final Map<Long, Run> runs = new HashMap<>(); // those that are not gone
  private final Map<String, Long> lanes = new HashMap<>(); // when each thread is free again
  final Set<String> goneFeeds = new HashSet<>();

  private boolean dead;
  private long frozenUntil;
  private boolean cut; // off from the store
  private boolean leaving; // since "leavingSince"
  private long leavingSince;
  private boolean ended;
  private int members; // that it was told of
  private long leaseAlarm = Long.MAX_VALUE;
  private long fleetAlarm = Long.MAX_VALUE;

  /** A run of a feed, with one line, or with two that are a pair. */
  private final class Run {
    final long number;
    final int slot;
    final String feed;
    final List<Line> lines = new ArrayList<>();
    final Pairing<Long> pairing = new Pairing<>(100, SECOND, 50, Long.MAX_VALUE);
    long position; // up to here, the writer has read all
    Holding<Received> holding; // null if it holds nothing, or nothing any more
    boolean settling;

    Run(long number, int slot, String feed, long position, boolean early) {
      if (early) {
        holding =
            scenario.hasStandBy(feed)
                ? new Holding<>(SECOND, 100, Long.MAX_VALUE, Scenario.HELD)
                : new Holding<>(SECOND, 8, Long.MAX_VALUE, Long.MAX_VALUE);
        if (position > 0 && scenario.resumes(feed)) {
          holding.begins(Long.toString(position));
        }
      }
      this.number = number;
      this.slot = slot;
      this.feed = feed;
      this.position = position;
      lines.add(new Line(this, 1));
      if (scenario.isPair(feed)) {
        lines.add(new Line(this, 2));
      }
    }

    List<Received> received(List<Long> events) {
      events.forEach(event -> position = event);
      List<Received> all = events.stream().map(event -> new Received(feed, event)).toList();
      if (holding == null) {
        return all;
      }
      List<Received> written = new ArrayList<>();
      all.forEach(
          its -> written.addAll(holding.arrived(Long.toString(its.event), its, 1, clock())));
      return written;
    }

    boolean isGone() {
      return lines.stream().allMatch(line -> line.gone);
    }
  }

  private static final class Line {
    final Run run;
    final int number;
    FeedServer.Connection connection; // null for none
    boolean closing;
    boolean closedAtOnce;
    boolean closed;
    boolean refused;
    boolean gone;
    boolean tried; // of those that are opened early

    Line(Run run, int number) {
      this.run = run;
      this.number = number;
    }
  }

  /** Writes what the feeds of one tenure receive, batch by batch. */
  private final class Writer {
    final int slot;
    long epoch; // 0 while the node does not have the slot yet
    long grant;
    int untried; // lines that were opened early
    boolean prepared;
    final Deque<Message> queue = new ArrayDeque<>();
    boolean busy;
    boolean stopped;

    Writer(int slot) {
      this.slot = slot;
    }

    void add(Message what) {
      queue.add(what);
      next();
    }

    void next() {
      if (busy || queue.isEmpty()) {
        return;
      }
      List<Received> batch = new ArrayList<>();
      Gone last = null;
      while (last == null && !queue.isEmpty()) {
        Message message = queue.poll();
        read(message, batch);
        last = message instanceof Gone gone && gone.line.run.isGone() ? gone : null;
      }
      Gone gone = last;
      write(batch, () -> wrote(gone));
    }

    private void read(Message message, List<Received> batch) {
      Run run = message.line().run;
      Pairing<Long> pairing = run.pairing;
      int line = message.line().number;
      switch (message) {
        case Opened opened -> pairing.opened(line);
        case Event(var from, var event) -> {
          String id = Long.toString(event);
          batch.addAll(run.received(pairing.arrived(line, id, event, 1, clock())));
          awaitPatience(run);
        }
        case Lost(var lost) -> {
          batch.addAll(run.received(pairing.lost(line)));
          connectLater(lost);
        }
        case Gone(var ended, var reason) -> {
          ended.gone = true;
          batch.addAll(run.received(pairing.lost(line)));
          if (run.isGone() && run.settling && run.holding != null && !scenario.resumes(run.feed)) {
            batch.addAll(run.holding.rest()); // nobody would bring it again
          }
        }
      }
      lookAtHolding(run);
    }

    /** Everything up to this position is written. */
    void settle(long number, String position) {
      Run run = runs.get(number);
      if (busy) {
        Node.this.run("writer " + slot, 5 * MS, () -> settle(number, position));
      } else if (run != null && !run.isGone()) {
        run.settling = true;
        List<Received> rest = run.holding.taken(position, clock());
        write(rest, () -> wrote(null));
        lookAtHolding(run);
      }
    }

    private void lookAtHolding(Run run) {
      Holding<Received> its = run.holding;
      if (its == null || !run.settling) {
        return;
      }
      if (its.isOver()) {
        run.holding = null;
        fleetFact(() -> fleet.settled(run.number, true));
      } else if (its.isMissed(clock())) {
        run.settling = false;
        time.trace(Node.this + " does not find the position of " + run.feed);
        if (scenario.resumes(run.feed)) {
          fleetFact(() -> fleet.settled(run.number, false));
        } else { // to open it again would bring nothing
          write(its.rest(), () -> wrote(null));
          run.holding = null;
          fleetFact(() -> fleet.settled(run.number, true));
        }
      } else {
        long delay = its.delay(clock());
        Node.this.run("settling " + run.number, delay, () -> lookAtHolding(run));
      }
    }

    private void awaitPatience(Run run) {
      long delay = run.pairing.delay(clock());
      if (delay < Long.MAX_VALUE) {
        Node.this.run("patience " + run.number, delay, () -> speak(run));
      }
    }

    private void speak(Run run) {
      if (busy) {
        Node.this.run("patience " + run.number, 5 * MS, () -> speak(run));
      } else if (!run.isGone()) {
        write(run.received(run.pairing.passed(clock())), () -> wrote(null));
      }
    }

    private void wrote(Gone last) {
      if (last != null) {
        long number = last.line.run.number;
        runs.remove(number);
        fleetFact(() -> fleet.gone(number, last.reason, clock()));
      }
      next();
    }

    private void write(List<Received> batch, Runnable then) {
      if (!batch.isEmpty() && epoch == 0) {
        throw time.broken(Node.this + " writes " + batch + " before it has the slot");
      }
      if (batch.isEmpty() || stopped || !holds(slot, grant)) {
        then.run(); // they are dropped
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
              run("writer " + slot, 500 * MS, () -> again(batch, then));
              return;
            }
            Map<String, String> positions = new HashMap<>();
            batch.forEach(each -> positions.put(each.feed, Long.toString(each.event)));
            fleetFact(() -> fleet.written(slot, epoch, positions, clock()));
            then.run();
          });
    }

    private void again(List<Received> batch, Runnable then) {
      busy = false;
      write(batch, then);
    }
  }

  private record Received(String feed, long event) {}

  private sealed interface Message {
    Line line();
  }

  private record Opened(Line line) implements Message {}

  private record Event(Line line, long event) implements Message {}

  private record Lost(Line line) implements Message {}

  private record Gone(Line line, Reason reason) implements Message {}

  Node(Scenario scenario, String name, Iterable<String> feeds) {
    this.scenario = scenario;
    this.time = scenario.time;
    this.name = name;
    this.startedAt = time.now();
    this.origin = time.chance(0.3) ? Long.MAX_VALUE - 20 * SECOND : time.random.nextLong();
    this.lease =
        new LeaseCore(
            name,
            Scenario.SLOTS,
            Scenario.LEASE,
            Scenario.MARGIN,
            scenario::overlaps,
            scenario::standsBy,
            clock());
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
    boolean overlaps = scenario.isOverlapping(feed);
    boolean standsBy = scenario.hasStandBy(feed);
    fleetFact(() -> fleet.put(feed, overlaps, standsBy));
  }

  void remove(String feed) {
    fleetFact(() -> fleet.remove(feed));
  }

  void crash() {
    time.trace(this + " crashes");
    dead = true;
    for (Run run : runs.values()) {
      run.lines.stream()
          .filter(line -> line.connection != null)
          .forEach(line -> line.connection.close());
    }
    scenario.crashed(this);
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
    leaving = true;
    leavingSince = time.now();
    run("lease", 0, () -> carryOutLease(lease.shutDown(clock())));
  }

  private boolean isFrozen() {
    return time.now() < frozenUntil;
  }

  /** Whether it is frozen, or has just begun to wake, and the server may not have seen it. */
  boolean wasFrozen() {
    return time.now() < frozenUntil + SECOND;
  }

  boolean isDead() {
    return dead;
  }

  /** Whether it takes nothing any more. */
  boolean isLeaving() {
    return leaving;
  }

  boolean beganToLeaveAfter(long then) {
    return leaving && leavingSince > then;
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
        case LeaseAct.Coming(var slot) -> {
          time.trace(this + " is the next owner of " + slot);
          fleetFact(() -> fleet.coming(slot));
        }
        case LeaseAct.StandBy(var slot) -> {
          time.trace(this + " stands by for " + slot);
          fleetFact(() -> fleet.standBy(slot));
        }
        case LeaseAct.NotComing(var slot) -> {
          time.trace(this + " is not the next owner of " + slot);
          fleetFact(() -> fleet.notComing(slot));
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
        case LeaseAct.Leaving() -> fleetFact(() -> fleet.shutDown(clock()));
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
    List<Runnable> steps = new ArrayList<>(scenario.store.steps(request));
    steps.add(() -> dismissed(request));
    store(
        steps,
        scenario.store::table,
        table -> {
          boolean counts = lease.awaits(request.number());
          carryOutLease(lease.answered(request.number(), table, clock()));
          if (counts) {
            scenario.checkOwned(this, lease.givesBack(), table);
          }
        },
        failure -> carryOutLease(lease.failed(request.number(), clock())),
        "lease");
  }

  /** It may have died after it has sent this. */
  private void dismissed(LeaseRequest request) {
    if (dead) {
      request.dismissed().forEach(scenario::dismissedByTheDead);
    }
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
                scenario.claimed(this, slot, claimed);
                return claimed;
              },
              its -> carryOut(fleet.claimed(slot, its.epoch(), its.positions())),
              failure -> carryOut(fleet.claimFailed(slot, failure, clock())),
              "fleet");
      case Act.Read(var slot) ->
          store(
              List.of(),
              () -> scenario.store.positions(slot),
              its -> carryOut(fleet.read(slot, its)),
              failure -> carryOut(fleet.readFailed(slot, clock())),
              "fleet");
      case Act.Hold(var slot) -> {
        time.trace(this + " prepares " + slot);
        Writer writer = writers.computeIfAbsent(slot, Writer::new);
        writer.prepared = !scenario.isOrderly() && time.chance(0.1); // it never says so
        writers.put(slot, writer);
        run("prepared " + slot, MS, () -> prepared(slot));
      }
      case Act.Settle(var slot, var run, var position) -> {
        Writer writer = writers.get(slot);
        run("writer " + slot, time.between(0, 5 * MS), () -> writer.settle(run, position));
      }
      case Act.Begin(var slot, var epoch, var grant) -> {
        time.trace(this + " begins " + slot + " in epoch " + epoch);
        Writer writer = writers.computeIfAbsent(slot, Writer::new);
        writer.epoch = epoch;
        writer.grant = grant;
        if (holds(slot, grant)) { // or its loss is on the way, and nothing will be written
          runs.values().stream()
              .filter(run -> run.slot == slot)
              .flatMap(run -> run.lines.stream())
              .filter(line -> line.connection != null)
              .forEach(line -> scenario.server.taken(line.connection));
        }
        if (!time.chance(0.1)) { // otherwise a feed of it neither opens nor fails
          long opening = time.between(MS, 200 * MS);
          run("lease", opening, () -> carryOutLease(lease.ready(slot, grant, clock())));
        }
      }
      case Act.Open(var slot, var epoch, var run, var feed, var position) -> {
        long from = position == null ? 0 : Long.parseLong(position);
        Run its = new Run(run, slot, feed, from, epoch == 0);
        runs.put(run, its);
        if (epoch == 0) {
          writers.get(slot).untried += its.lines.size();
        }
        for (Line line : its.lines) {
          run("loop", time.between(MS, 10 * MS), () -> connect(line, from));
        }
      }
      case Act.Close(var slot, var run, var atOnce) -> {
        Run its = runs.get(run);
        if (its != null) { // or its end is on its way
          its.lines.forEach(line -> close(line, atOnce));
        }
      }
      case Act.Stop(var slot, var epoch) -> {
        writers.get(slot).stopped = true;
      }
      case Act.Finish(var slot, var epoch) -> {
        Writer writer = writers.remove(slot);
        if (writer == null || !writer.queue.isEmpty() || hasRun(slot)) {
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

  private boolean hasRun(int slot) {
    return runs.values().stream().anyMatch(run -> run.slot == slot);
  }

  private void connect(Line line, long position) {
    if (dead || line.closing || line.refused) {
      return; // it was closed meanwhile
    }
    Writer writer = writers.get(line.run.slot);
    boolean early = writer.epoch == 0;
    if (writer.stopped || (!early && !holds(writer.slot, writer.grant))) {
      connectLater(line); // the attempt has failed
      return;
    }
    if (scenario.server.refuses(line.run.feed)) {
      line.refused = true;
      tell(new Gone(line, new Reason.NotResumed("it is refused")));
    } else {
      line.connection = scenario.server.open(this, line.run.number, line.run.feed, position, early);
      line.connection.toLine = events -> received(line, events);
      line.connection.lost = () -> lost(line);
      tell(new Opened(line));
    }
    if (early && !line.tried) {
      line.tried = true;
      writer.untried--;
      prepared(writer.slot);
    }
  }

  /** Tells the lease that all is open, or refused, that the slot opens before it is taken. */
  private void prepared(int slot) {
    Writer writer = writers.get(slot);
    if (writer != null && writer.epoch == 0 && writer.untried == 0 && !writer.prepared) {
      writer.prepared = true;
      run("lease", 0, () -> carryOutLease(lease.prepared(slot, clock())));
    }
  }

  private void connectLater(Line line) {
    run(
        "attempt " + line.run.number + " " + line.number,
        time.between(MS, 300 * MS),
        () -> connect(line, line.run.position));
  }

  /** The server answers a close frame, or sees later that a connection was closed at once. */
  private void close(Line line, boolean atOnce) {
    if (line.refused || (line.closing && (line.closedAtOnce || !atOnce))) {
      return; // its end is on its way
    }
    line.closing = true;
    line.closedAtOnce = atOnce;
    run(
        atOnce ? "loop" : "goodbye " + line.run.number + " " + line.number,
        time.between(0, atOnce ? 10 * MS : GOODBYE),
        () -> {
          FeedServer.Connection its = line.connection;
          line.connection = null;
          if (its != null && atOnce) {
            its.abandon();
            time.after(time.between(0, LAG), () -> sees(its));
          } else if (its != null) {
            sees(its);
          }
          if (!line.closed) {
            line.closed = true;
            tell(new Gone(line, new Reason.OwnerClosed()));
          }
        });
  }

  private void sees(FeedServer.Connection closed) {
    if (closed.isOpen()) { // or the server has ended it
      closed.close();
      scenario.closed(this, closed.feed, closed.early);
    }
  }

  /** The server has ended the connection of this line. */
  private void lost(Line line) {
    line.connection = null;
    tell(new Lost(line));
  }

  private void tell(Message message) {
    int slot = message.line().run.slot;
    Writer writer = writers.get(slot);
    run("writer " + slot, 0, () -> writer.add(message));
  }

  /** The server has sent these events on the connection of this line. */
  private void received(Line line, List<Long> events) {
    events.forEach(event -> tell(new Event(line, event)));
  }

  @Override
  public String toString() {
    return name;
  }
}
