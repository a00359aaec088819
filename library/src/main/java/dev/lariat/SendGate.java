package dev.lariat;

import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** Holds senders back while too many bytes of their stream wait to be written. */
final class SendGate implements Gate {
  private final long highWater;
  private final Duration timeout;
  private final AtomicLong waiting = new AtomicLong();
  private final Machine machine;
  private final Lock lock = new ReentrantLock();
  private final Set<Thread> senders = new LinkedHashSet<>(0); // that are blocked; under the lock
  private final AtomicInteger blocked = new AtomicInteger(); // senders, and actions for them
  private final List<Runnable> whenRoom = new ArrayList<>(0); // under the lock
  private final List<Runnable> whenEnded = new ArrayList<>(0); // under the lock
  private volatile boolean ended;

  SendGate(long highWater, Duration timeout, Machine machine) {
    this.highWater = highWater;
    this.timeout = timeout;
    this.machine = machine;
  }

  /** A stream that has ended takes everything: the answer comes later. */
  @Override
  public boolean tryEnter(long bytes) {
    while (true) {
      long now = waiting.get();
      if (now > 0 && now + bytes > highWater && !ended) {
        return false;
      }
      if (waiting.compareAndSet(now, now + bytes)) {
        return true;
      }
    }
  }

  /** Counts these bytes in when there is room for them. */
  void enter(long bytes) {
    if (!tryEnter(bytes)) {
      machine.refuseToBlock("send", "use trySend");
      block(bytes);
    }
  }

  /** How many bytes wait. */
  long waiting() {
    return waiting.get();
  }

  /** Counts these bytes in, room or not. */
  void force(long bytes) {
    waiting.addAndGet(bytes);
  }

  /** Runs the action once there is room for a byte or the stream has ended, on any thread. */
  void whenRoom(Runnable action) {
    lock.lock();
    try {
      blocked.incrementAndGet(); // before it looks again, as above
      if (waiting.get() >= highWater && !ended) {
        whenRoom.add(action);
        return;
      }
      blocked.decrementAndGet();
    } finally {
      lock.unlock();
    }
    action.run();
  }

  /** Runs the action once the stream has ended, on any thread, unless it is forgotten before. */
  void whenEnded(Runnable action) {
    lock.lock();
    try {
      if (!ended) {
        whenEnded.add(action);
        return;
      }
    } finally {
      lock.unlock();
    }
    action.run();
  }

  /** Keeps this action no longer. */
  void forget(Runnable action) {
    lock.lock();
    try {
      whenEnded.remove(action);
    } finally {
      lock.unlock();
    }
  }

  private void block(long bytes) {
    long start = machine.nanos();
    enlist(true); // before it looks again: whoever makes room then sees it
    try {
      while (!tryEnter(bytes)) {
        long left = timeout.toNanos() - (machine.nanos() - start);
        if (left <= 0) {
          throw new FailedException(new Reason.Timeout(Reason.Step.SEND, timeout));
        }
        machine.park(this, left);
        if (Thread.interrupted()) {
          throw FailedException.interrupted("send");
        }
      }
    } finally {
      enlist(false);
    }
  }

  private void enlist(boolean waits) {
    lock.lock();
    try {
      if (waits) {
        senders.add(Thread.currentThread());
        blocked.incrementAndGet();
      } else {
        senders.remove(Thread.currentThread());
        blocked.decrementAndGet();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void left(long bytes) {
    waiting.addAndGet(-bytes);
    wake();
  }

  @Override
  public void ended() {
    List<Runnable> actions;
    lock.lock();
    try {
      ended = true;
      actions = List.copyOf(whenEnded);
      whenEnded.clear();
    } finally {
      lock.unlock();
    }
    wake();
    actions.forEach(Runnable::run);
  }

  private void wake() {
    if (blocked.get() > 0) {
      List<Runnable> actions = List.of();
      lock.lock();
      try {
        senders.forEach(machine::unpark);
        if (waiting.get() < highWater || ended) {
          actions = List.copyOf(whenRoom);
          blocked.addAndGet(-actions.size());
          whenRoom.clear();
        }
      } finally {
        lock.unlock();
      }
      actions.forEach(Runnable::run);
    }
  }
}
