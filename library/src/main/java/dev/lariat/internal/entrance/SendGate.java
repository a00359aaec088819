package dev.lariat.internal.entrance;

import dev.lariat.FailedException;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Holds senders back while too many bytes of their stream wait to be written, and too many commands
 * while the stream is not open yet.
 *
 * <p>A sender for whom there is no room joins a line. The line moves when what waits has fallen to
 * half of what may wait: then all go on for whom there is room, in the order in which they came. If
 * each frame that is written let one sender in, every message of a crowd would cost a change of
 * threads. While somebody waits nobody else is let in, so a large message is not overtaken by small
 * ones until its time is over.
 */
public final class SendGate implements Gate {
  private static final int SHIFT = 42; // more bytes than any high-water mark, and a message
  private static final long BYTES = (1L << SHIFT) - 1;

  private final long highWater;
  private final Duration timeout;
  private final Machine machine;
  private final Supplier<Optional<Reason>> why;
  private final AtomicLong waiting = new AtomicLong(); // commands, then bytes
  private final Lock lock = new ReentrantLock();
  private final WaitingLine<Long> line; // of senders, each with what it counts
  private final List<Runnable> whenRoom = new ArrayList<>(0); // under the lock
  private final List<Runnable> whenEnded = new ArrayList<>(0); // under the lock
  private volatile boolean roomWanted; // whenRoom holds something; written under the lock
  private volatile long commands; // that may wait
  private volatile boolean ended;

  /**
   * A gate that bytes alone bound.
   *
   * @param highWater bytes that may wait
   * @param timeout how long a sender waits for room
   * @param why what keeps the bytes that wait, if that is known when that time is over
   */
  public SendGate(
      long highWater, Duration timeout, Machine machine, Supplier<Optional<Reason>> why) {
    this(highWater, Integer.MAX_VALUE, timeout, machine, why);
  }

  /** A gate of a stream that opens later; until then this many commands may wait, or one. */
  public SendGate(
      long highWater,
      int commands,
      Duration timeout,
      Machine machine,
      Supplier<Optional<Reason>> why) {
    this.highWater = highWater;
    this.commands = commands;
    this.timeout = timeout;
    this.machine = machine;
    this.why = why;
    this.line = new WaitingLine<>(lock, machine);
  }

  /** By whose time its senders wait. */
  Machine machine() {
    return machine;
  }

  /** What keeps the bytes that wait, if that is known. */
  public Optional<Reason> why() {
    return why.get();
  }

  private static long count(long commands, long bytes) {
    return (commands << SHIFT) + bytes;
  }

  private static long commands(long count) {
    return count >>> SHIFT;
  }

  private static long bytes(long count) {
    return count & BYTES;
  }

  @Override
  public boolean tryEnter(long bytes) {
    return tryEnter(bytes, 1);
  }

  /** Counts so many commands in, of so many bytes together, if there is room for all of them. */
  public boolean tryEnter(long bytes, int commands) {
    return line.isEmpty() && take(count(commands, bytes));
  }

  /** A stream that has ended takes everything: the answer comes later. */
  private boolean take(long count) {
    while (true) {
      long now = waiting.get();
      long then = now + count;
      boolean fits = bytes(then) <= highWater && commands(then) <= commands;
      if (bytes(now) > 0 && !fits && !ended) {
        return false;
      }
      if (waiting.compareAndSet(now, then)) {
        return true;
      }
    }
  }

  /** Counts a command in when there is room for it and everybody before has gone on. */
  public void enter(long bytes) {
    enter(bytes, 1);
  }

  /** Counts commands in when there is room for them and everybody before has gone on. */
  public void enter(long bytes, int commands) {
    if (tryEnter(bytes, commands)) {
      return;
    }
    machine.refuseToBlock("send", "use trySend");
    WaitingLine.Place<Long> place;
    lock.lock();
    try {
      boolean first = line.isEmpty();
      // before it looks again: whoever makes room then sees it
      place = line.join(count(commands, bytes));
      if (first || ended) {
        line.admit(this::take);
      }
    } finally {
      lock.unlock();
    }
    try {
      line.await(place, timeout, why);
    } catch (FailedException e) {
      moveOn(); // there may be room for the next in line
      throw e;
    }
  }

  private void moveOn() {
    if (!line.isEmpty() && (isHalfEmpty() || ended)) {
      lock.lock();
      try {
        line.admit(this::take);
      } finally {
        lock.unlock();
      }
    }
  }

  private boolean isHalfEmpty() {
    long now = waiting.get();
    return bytes(now) <= highWater / 2 && commands(now) <= commands / 2;
  }

  private boolean isFull() {
    long now = waiting.get();
    return bytes(now) >= highWater || bytes(now) > 0 && commands(now) >= commands;
  }

  /** How many bytes wait. */
  public long waiting() {
    return bytes(waiting.get());
  }

  /** Counts a command in, room or not. */
  public void force(long bytes) {
    waiting.addAndGet(count(1, bytes));
  }

  /** Runs the action once there is room for a byte or the stream has ended, on any thread. */
  public void whenRoom(Runnable action) {
    lock.lock();
    try {
      roomWanted = true; // before it looks: whoever makes room then sees it
      if (isFull() && !ended) {
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
    left(bytes, 1);
  }

  /** So many commands wait no more, which were of so many bytes together. */
  public void left(long bytes, int commands) {
    waiting.addAndGet(-count(commands, bytes));
    goOn();
  }

  private void goOn() {
    moveOn();
    if (roomWanted && (!isFull() || ended)) {
      runWhenRoom();
    }
  }

  @Override
  public void opened() {
    commands = Integer.MAX_VALUE;
    goOn();
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
