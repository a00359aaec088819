package dev.lariat;

import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.transport.Machine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Holds senders back while too many bytes of their stream wait to be written.
 *
 * <p>A sender for whom there is no room joins a line. The line moves when the bytes that wait have
 * fallen to half of the high-water mark: then all go on for whom there is room, in the order in
 * which they came. If each frame that is written let one sender in, every message of a crowd would
 * cost a change of threads. While somebody waits nobody else is let in, so a large message is not
 * overtaken by small ones until its time is over.
 */
final class SendGate implements Gate {
  private final long highWater;
  private final Duration timeout;
  private final Machine machine;
  private final AtomicLong waiting = new AtomicLong(); // bytes
  private final Lock lock = new ReentrantLock();
  private final WaitingLine<Long> line; // of senders
  private final List<Runnable> whenRoom = new ArrayList<>(0); // under the lock
  private final List<Runnable> whenEnded = new ArrayList<>(0); // under the lock
  private volatile boolean roomWanted; // whenRoom holds something; written under the lock
  private volatile boolean ended;

  SendGate(long highWater, Duration timeout, Machine machine) {
    this.highWater = highWater;
    this.timeout = timeout;
    this.machine = machine;
    this.line = new WaitingLine<>(lock, machine);
  }

  /** A stream that has ended takes everything: the answer comes later. */
  @Override
  public boolean tryEnter(long bytes) {
    return line.isEmpty() && take(bytes);
  }

  private boolean take(long bytes) {
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

  /** Counts these bytes in when there is room for them and everybody before has gone on. */
  void enter(long bytes) {
    if (tryEnter(bytes)) {
      return;
    }
    machine.refuseToBlock("send", "use trySend");
    WaitingLine.Place<Long> place;
    lock.lock();
    try {
      boolean first = line.isEmpty();
      place = line.join(bytes); // before it looks again: whoever makes room then sees it
      if (first || ended) {
        line.admit(this::take);
      }
    } finally {
      lock.unlock();
    }
    try {
      line.await(place, timeout, Optional::empty);
    } catch (FailedException e) {
      moveOn(); // there may be room for the next in line
      throw e;
    }
  }

  private void moveOn() {
    if (!line.isEmpty() && (waiting.get() <= highWater / 2 || ended)) {
      lock.lock();
      try {
        line.admit(this::take);
      } finally {
        lock.unlock();
      }
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
      roomWanted = true; // before it looks: whoever makes room then sees it
      if (waiting.get() >= highWater && !ended) {
        whenRoom.add(action);
        return;
      }
      roomWanted = !whenRoom.isEmpty();
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

  @Override
  public void left(long bytes) {
    waiting.addAndGet(-bytes);
    moveOn();
    if (roomWanted && (waiting.get() < highWater || ended)) {
      runWhenRoom();
    }
  }

  private void runWhenRoom() {
    List<Runnable> actions;
    lock.lock();
    try {
      actions = List.copyOf(whenRoom);
      whenRoom.clear();
      roomWanted = false;
    } finally {
      lock.unlock();
    }
    actions.forEach(Runnable::run);
  }

  @Override
  public void ended() {
    List<Runnable> actions;
    lock.lock();
    try {
      ended = true;
      actions = List.copyOf(whenEnded);
      whenEnded.clear();
      line.admit(this::take);
    } finally {
      lock.unlock();
    }
    runWhenRoom();
    actions.forEach(Runnable::run);
  }
}
