package dev.lariat.fleet;

import dev.lariat.Mailbox;
import dev.lariat.message.Binary;
import dev.lariat.message.Connecting;
import dev.lariat.message.Frame;
import dev.lariat.message.Gone;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A slot that this node has: the mailbox of its feeds, and the thread that reads it and writes to
 * the sink. While the sink takes its time, the mailbox fills, and the feeds stop reading from their
 * servers.
 */
final class Tenure {
  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(100); // after a failure
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private static final Message WAKE = new Connecting(new Nobody(), 0, false); // the thread

  final int slot;
  private final FleetLoop fleet;
  private final Mailbox mailbox;
  private final Thread thread;

  private final Lock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<StreamRef, Line> lines = new HashMap<>(); // under the lock
  private final Map<Long, Run> open = new HashMap<>(); // by number; under the lock
  private volatile long epoch; // 0 while this node does not have the slot yet
  private long grant; // under the lock
  private boolean stopped; // whether nothing may be written; under the lock
  private boolean begun; // whether its first feeds are opened; under the lock
  private boolean ready; // and whether each of them has been tried; under the lock
  private int untried; // how many feeds have no session, failure or end yet; under the lock

  // On the thread.
  private final List<FeedEvent> batch = new ArrayList<>();
  private final Set<Run> touched = new HashSet<>(); // pairs that may stand otherwise than is known
  private final Set<Run> holding = new HashSet<>(); // pairs that hold events
  private final Set<Run> early = new HashSet<>(); // runs that are being settled

  private final Queue<Settling> settlings = new ConcurrentLinkedQueue<>();

  /** No live connection: a message of it is read by nobody. */
  private static final class Nobody implements LiveRef {
    @Override
    public String authority() {
      return "";
    }
  }

  /** It is known up to where everything of a run is written. */
  private record Settling(long run, @Nullable String position) {}

  /** One that holds what its feeds receive, until it is claimed. */
  Tenure(int slot, FleetLoop fleet) {
    this.slot = slot;
    this.fleet = fleet;
    this.mailbox = Mailbox.bounded(fleet.options.buffer(), fleet.options.bufferBytes());
    this.thread = Thread.ofVirtual().name("lariat-fleet-slot-" + slot).unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** It is claimed: it writes, as long as the placement confirms this grant. */
  void claimed(long its, long granted) {
    lock.lock();
    try {
      grant = granted;
      begun = false; // since more feeds are opened now
      ready = false;
      epoch = its;
    } finally {
      lock.unlock();
    }
  }

  long epoch() {
    return epoch;
  }

  /** All of a run is written up to this position. */
  void settle(long run, @Nullable String position) {
    settlings.add(new Settling(run, position));
    mailbox.receive(WAKE);
  }

  /** The fleet is told when each feed that is opened now has been tried, as at first. */
  void prepares() {
    lock.lock();
    try {
      begun = false;
      ready = false;
    } finally {
      lock.unlock();
    }
  }

  // ---- what the fleet's thread asks for

  void open(Run run) {
    lock.lock(); // so that no message comes before its line is known
    try {
      RuntimeException failure = null;
      for (Line line : run.lines) {
        try {
          LiveRef live = run.open(line, mailbox, fleet.options.budget(), lock, this::mayOpen);
          line.live = live;
          lines.put(live, line);
        } catch (RuntimeException e) { // what it says does not fit together
          line.now(FeedInfo.State.GONE, Optional.of(Run.notOpened(e)));
          failure = e;
          if (run.lines.size() > 1) {
            fleet.tell(
                new FleetEvent.ConnectionLost(run.feed.id(), line.number, true, Run.notOpened(e)));
          }
        }
      }
      if (run.isGone() && failure != null) {
        throw failure;
      }
      open.put(run.number, run);
      untried++;
      fleet.dispatch.opened(run);
    } finally {
      lock.unlock();
    }
  }

  /** The feeds that the slot has at first are opened. */
  void begun() {
    lock.lock();
    try {
      begun = true;
    } finally {
      lock.unlock();
    }
    tellReady();
  }

  private void tried(Run run) {
    if (run.tried()) {
      lock.lock();
      try {
        untried--;
      } finally {
        lock.unlock();
      }
      tellReady();
    }
  }

  private void tellReady() {
    boolean now;
    boolean prepared;
    long granted;
    lock.lock();
    try {
      now = begun && untried == 0 && !ready;
      ready = ready || now;
      prepared = epoch == 0;
      granted = grant;
    } finally {
      lock.unlock();
    }
    if (now && prepared) {
      fleet.prepared(slot);
    } else if (now) {
      fleet.ready(slot, granted);
    }
  }

  void close(long number, boolean atOnce) {
    Run run = run(number);
    if (run != null && atOnce) {
      run.close();
    } else if (run != null) {
      run.leave();
    }
  }

  /** Writes nothing more. */
  void stop() {
    lock.lock();
    try {
      stopped = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nothing comes any more: the thread ends. */
  void finish() {
    mailbox.close();
  }

  /** Ends at once, whatever the sink does. */
  void abandon() {
    stop();
    mailbox.close(); // which also ends the live connections
    thread.interrupt();
  }

  // ---- the thread

  private void run() {
    try {
      while (true) {
        Message first = take();
        if (first != null) {
          read(first);
        }
        Message more = next();
        while (more != null) {
          read(more);
          more = next();
        }
        settle();
        speak();
        touched.forEach(fleet::paired);
        touched.clear();
        write();
      }
    } catch (IllegalStateException e) {
      // the mailbox is closed: the end
    } catch (InterruptedException e) {
      // abandoned
    }
  }

  /** The next message; null if an event of a pair was held long enough before one comes. */
  private @Nullable Message take() throws InterruptedException {
    long delay = Long.MAX_VALUE;
    for (Run run : early) {
      delay = Math.min(delay, run.settlingDelay());
    }
    for (Run run : holding) {
      delay = Math.min(delay, run.delay());
    }
    return delay == Long.MAX_VALUE ? mailbox.take() : mailbox.take(Duration.ofNanos(delay));
  }

  /** Settles what runs hold that were opened before this node had the slot. */
  private void settle() {
    for (Settling next = settlings.poll(); next != null; next = settlings.poll()) {
      Run run = run(next.run());
      if (run != null && run.holds()) { // or its end is on its way
        batch.addAll(run.settle(next.position()));
        early.add(run);
        show(run);
      }
    }
    for (Run run : Set.copyOf(early)) {
      run.settled().ifPresent(found -> settled(run, found));
    }
  }

  private void settled(Run run, boolean found) {
    early.remove(run);
    boolean goesOn = found;
    if (!found && !run.feed.resumes()) { // to open it again would bring nothing
      batch.addAll(run.rest());
      goesOn = run.settled().isPresent();
    }
    fleet.settled(run, goesOn);
  }

  /** Shows how a run stands that was opened before this node had the slot. */
  private void show(Run run) {
    boolean pair = run.lines.size() > 1;
    Line open = null;
    for (Line line : run.lines) {
      if (line.state == FeedInfo.State.OPEN) {
        open = line;
        if (pair) {
          fleet.tell(new FleetEvent.ConnectionOpen(run.feed.id(), line.number, line.session));
        }
      }
    }
    if (open == null) {
      fleet.connecting(run.feed);
    } else {
      fleet.open(run.feed, open.session);
    }
    touch(run);
  }

  private @Nullable Run run(long number) {
    lock.lock();
    try {
      return open.get(number);
    } finally {
      lock.unlock();
    }
  }

  /** Takes what pairs have held long enough. */
  private void speak() {
    holding.forEach(run -> batch.addAll(run.passed()));
    holding.removeIf(run -> run.delay() == Long.MAX_VALUE);
  }

  private void touch(Run run) {
    if (run.lines.size() > 1) {
      touched.add(run);
      if (run.delay() < Long.MAX_VALUE) {
        holding.add(run);
      }
    }
  }

  /** The next message that is here already, if the batch has room. */
  private @Nullable Message next() throws InterruptedException {
    return batch.size() < fleet.options.batch() ? mailbox.take(Duration.ZERO) : null;
  }

  private void read(Message message) throws InterruptedException {
    if (!(message instanceof Message.OfStream ofStream)) {
      return;
    }
    Line line = line(ofStream.stream());
    if (line == null) {
      return;
    }
    Run run = line.run;
    switch (ofStream) {
      case Connecting connecting -> {
        without(line, FeedInfo.State.CONNECTING, Optional.empty());
        line.seesNext(lock);
        if (run.isShown() && !run.isOpen(null)) {
          fleet.connecting(run.feed);
        }
      }
      case Open its -> {
        tried(run);
        opened(line, its);
      }
      case Waiting waiting -> {
        if (waiting.attempt() > 0) { // or the budget keeps it from its first attempt
          tried(run);
        }
        without(line, FeedInfo.State.WAITING, Optional.of(waiting.reason()));
        if (run.isShown() && !run.isOpen(null)) {
          fleet.waiting(run.feed, waiting);
        }
      }
      case WebSocketFrame(var stream, var frame) -> {
        if (frame instanceof Text || frame instanceof Binary) {
          add(line, "message", frame, "");
        }
      }
      case ServerSentEvent event -> add(line, event.type(), new Text(event.data()), event.id());
      case Gone gone -> {
        tried(run);
        gone(line, gone.reason());
      }
      default -> {} // live connections tell nothing else
    }
  }

  private @Nullable Line line(StreamRef stream) {
    lock.lock();
    try {
      return lines.get(stream);
    } finally {
      lock.unlock();
    }
  }

  private void opened(Line line, Open its) throws InterruptedException {
    Run run = line.run;
    boolean wasOpen = run.isOpen(null);
    Optional<String> before = run.position();
    Optional<String> begins = run.opened(line, its.headers());
    if (begins.isPresent()) {
      write(); // all that came before
      if (mayWrite()) {
        fleet.begins(this, run.feed, before, begins.get());
      }
    }
    touch(run);
    line.session = its.session();
    if (!run.isShown()) {
      return;
    }
    if (run.lines.size() > 1) {
      fleet.tell(new FleetEvent.ConnectionOpen(run.feed.id(), line.number, its.session()));
    }
    if (!wasOpen) {
      fleet.open(run.feed, its.session());
    }
  }

  /** A line has no session, or still none. */
  private void without(Line line, FeedInfo.State state, Optional<Reason> reason) {
    Run run = line.run;
    boolean had = line.state == FeedInfo.State.OPEN;
    batch.addAll(run.without(line, state, reason));
    touch(run);
    boolean ended = state == FeedInfo.State.GONE;
    boolean tells = run.isShown() && run.lines.size() > 1 && (had || ended);
    if (tells && reason.isPresent() && !(reason.get() instanceof Reason.OwnerClosed)) {
      fleet.tell(new FleetEvent.ConnectionLost(run.feed.id(), line.number, ended, reason.get()));
    }
  }

  private void gone(Line line, Reason reason) throws InterruptedException {
    Run run = line.run;
    without(line, FeedInfo.State.GONE, Optional.of(reason));
    boolean all = run.isGone();
    if (all) {
      if (run.isSettling() && !run.feed.resumes()) { // nobody would bring it again
        batch.addAll(run.rest());
      }
      early.remove(run);
      fleet.paired(run);
      touched.remove(run);
      holding.remove(run);
      write(); // all that came before
    }
    lock.lock();
    try {
      lines.values().remove(line);
      if (all) {
        open.remove(run.number);
        fleet.dispatch.gone(run);
      }
    } finally {
      lock.unlock();
    }
    if (all) {
      fleet.gone(run, reason);
    }
  }

  private void add(Line line, String type, Frame data, String id) {
    Run run = line.run;
    Optional<String> position = Optional.empty();
    Optional<String> identity = Optional.empty();
    try {
      position = run.position(data, id);
      identity = run.identity(data, position);
    } catch (Throwable e) { // whatever a user's code throws
      fleet.tell(new FleetEvent.PositionUnreadable(run.feed.id(), e));
    }
    FeedEvent event = new FeedEvent(run.feed.id(), position, Instant.now(), type, data);
    batch.addAll(run.received(line, event, identity));
    touch(run);
  }

  /** Writes what was read, as often as needed, or drops it if the slot is lost. */
  private void write() throws InterruptedException {
    if (batch.isEmpty()) {
      return; // as always while it does not have the slot
    }
    Batch its = new Batch(slot, epoch, batch);
    batch.clear();
    fleet.writing(its);
    try {
      write(its);
    } finally {
      fleet.wrote(slot);
    }
  }

  private void write(Batch its) throws InterruptedException {
    Duration pause = SHORTEST_PAUSE;
    boolean failed = false;
    while (mayWrite()) {
      try {
        fleet.sink.write(its);
      } catch (InterruptedException e) {
        throw e;
      } catch (FencedException e) {
        stop();
        fleet.refused(slot, epoch);
        return;
      } catch (Throwable e) { // whatever a user's code throws
        if (!failed) {
          fleet.tell(new FleetEvent.SinkFailed(slot, e));
        }
        failed = true;
        pause(pause);
        pause = Duration.ofNanos(Math.min(2 * pause.toNanos(), LONGEST_PAUSE.toNanos()));
        continue;
      }
      if (failed) {
        fleet.tell(new FleetEvent.SinkRecovered(slot));
      }
      fleet.written(its);
      return;
    }
  }

  private boolean mayWrite() {
    lock.lock();
    try {
      return !stopped && epoch > 0 && fleet.holds(slot, grant);
    } finally {
      lock.unlock();
    }
  }

  private boolean mayOpen() {
    lock.lock();
    try {
      return !stopped && (epoch == 0 || fleet.holds(slot, grant));
    } finally {
      lock.unlock();
    }
  }

  private void pause(Duration length) throws InterruptedException {
    lock.lock();
    try {
      long left = length.toNanos();
      while (!stopped && left > 0) {
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until the thread has ended. */
  void join(Duration timeout) throws InterruptedException {
    thread.join(timeout);
  }
}
