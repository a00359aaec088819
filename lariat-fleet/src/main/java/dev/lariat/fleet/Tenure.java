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
import java.util.List;
import java.util.Map;
import java.util.Optional;
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

  final int slot;
  final long epoch;
  private final long grant;
  private final FleetLoop fleet;
  private final Mailbox mailbox;
  private final Thread thread;

  private final Lock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Map<StreamRef, Run> runs = new HashMap<>(); // under the lock
  private final Map<Long, LiveRef> open = new HashMap<>(); // by run; under the lock
  private boolean stopped; // whether nothing may be written; under the lock

  private final List<FeedEvent> batch = new ArrayList<>(); // on the thread

  Tenure(int slot, long epoch, long grant, FleetLoop fleet) {
    this.slot = slot;
    this.epoch = epoch;
    this.grant = grant;
    this.fleet = fleet;
    this.mailbox = Mailbox.bounded(fleet.options.buffer(), fleet.options.bufferBytes());
    this.thread = Thread.ofVirtual().name("lariat-fleet-slot-" + slot).unstarted(this::run);
  }

  void begin() {
    thread.start();
  }

  // ---- what the fleet's thread asks for

  void open(Run run) {
    lock.lock(); // so that no message comes before its run is known
    try {
      LiveRef live = run.open(mailbox, fleet.options.budget());
      runs.put(live, run);
      open.put(run.number, live);
      fleet.dispatch.opened(run.feed.id(), live);
    } finally {
      lock.unlock();
    }
  }

  void close(long run) {
    LiveRef live;
    lock.lock();
    try {
      live = open.get(run);
    } finally {
      lock.unlock();
    }
    if (live != null) {
      Run.close(live);
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
        read(mailbox.take());
        Message more = next();
        while (more != null) {
          read(more);
          more = next();
        }
        write();
      }
    } catch (IllegalStateException e) {
      // the mailbox is closed: the end
    } catch (InterruptedException e) {
      // abandoned
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
    Run run = run(ofStream.stream());
    if (run == null) {
      return;
    }
    switch (ofStream) {
      case Connecting connecting -> {
        run.connecting();
        fleet.connecting(run.feed);
      }
      case Open its -> fleet.open(run.feed, its.session());
      case Waiting waiting -> fleet.waiting(run.feed, waiting);
      case WebSocketFrame(var stream, var frame) -> {
        if (frame instanceof Text || frame instanceof Binary) {
          add(run, "message", frame, "");
        }
      }
      case ServerSentEvent event -> add(run, event.type(), new Text(event.data()), event.id());
      case Gone gone -> {
        write(); // all that came before
        gone(run, gone.stream(), gone.reason());
      }
      default -> {} // live connections tell nothing else
    }
  }

  private @Nullable Run run(StreamRef stream) {
    lock.lock();
    try {
      return runs.get(stream);
    } finally {
      lock.unlock();
    }
  }

  private void gone(Run run, LiveRef live, Reason reason) {
    lock.lock();
    try {
      runs.remove(live);
      open.remove(run.number);
      fleet.dispatch.gone(run.feed.id(), live);
    } finally {
      lock.unlock();
    }
    fleet.gone(run, reason);
  }

  private void add(Run run, String type, Frame data, String id) {
    Optional<String> position = Optional.empty();
    try {
      position = run.received(data, id);
    } catch (Throwable e) { // whatever a user's code throws
      fleet.tell(new FleetEvent.PositionUnreadable(run.feed.id(), e));
    }
    batch.add(new FeedEvent(run.feed.id(), position, Instant.now(), type, data));
  }

  /** Writes what was read, as often as needed, or drops it if the slot is lost. */
  private void write() throws InterruptedException {
    if (batch.isEmpty()) {
      return;
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
      return !stopped && fleet.holds(slot, grant);
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
