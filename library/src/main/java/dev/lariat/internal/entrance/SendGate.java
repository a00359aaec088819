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
 *
 * <p><b>Without a lock.</b> What waits is one number, commands and bytes together. A sender for
 * whom there is room gets in with one compare-and-set; the lock is taken only if somebody waits. No
 * sender is forgotten: it joins the line first and looks for room then, while {@link #left} first
 * lowers the number and then looks whether somebody is in the line. Each writes before it reads
 * what the other writes, so at least one of them sees the other. {@link #whenRoom} works in the
 * same way with {@code roomWanted}.
 */
public final class SendGate implements Gate {
  private static final int SHIFT = 42; // bits for bytes: any high-water mark and one message fit
  private static final long BYTES = (1L << SHIFT) - 1;

  private final long sendQueue; // bytes that may wait
  private final Duration timeout; // how long a sender waits before it fails
  private final Machine machine;
  private final Supplier<Optional<Reason>> why; // what keeps the bytes that wait
  private final AtomicLong waiting = new AtomicLong(); // commands that wait << SHIFT, plus bytes
  private final Lock lock = new ReentrantLock();
  private final WaitingLine<Long> line; // senders that wait, each with its command and bytes
  private List<Runnable> whenRoom = List.of(); // run once there is room; locked
  private List<Runnable> whenEnded = List.of(); // run once it has ended; locked
  private volatile boolean roomWanted; // whether "whenRoom" has any; written under the lock
  private volatile long commands; // how many commands may wait; no limit once the stream is open
  private volatile boolean ended; // whether the stream has ended, so that everything is let in

  /**
   * A gate of an open stream: only bytes are limited.
   *
   * @param sendQueue bytes that may wait
   * @param timeout how long a sender waits for room
   * @param why what keeps the bytes that wait, if that is known when that time is over
   */
  public SendGate(
      long sendQueue, Duration timeout, Machine machine, Supplier<Optional<Reason>> why) {
    this(sendQueue, Integer.MAX_VALUE, timeout, machine, why);
  }

  /** A gate of a stream that opens later; until then this many commands may wait, or one. */
  public SendGate(
      long sendQueue,
      int commands,
      Duration timeout,
      Machine machine,
      Supplier<Optional<Reason>> why) {
    this.sendQueue = sendQueue;
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

  /** Counts something in if it fits. After the end everything fits; its refusal comes later. */
  private boolean take(long count) {
    while (true) {
      long now = waiting.get();
      long then = now + count;
      boolean fits = bytes(then) <= sendQueue && commands(then) <= commands;
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
    return bytes(now) <= sendQueue / 2 && commands(now) <= commands / 2;
  }

  private boolean isFull() {
    long now = waiting.get();
    return bytes(now) >= sendQueue || bytes(now) > 0 && commands(now) >= commands;
  }

  /** How many bytes wait. */
  public long waiting() {
    return bytes(waiting.get());
  }

  /** Counts a command in even if there is no room. */
  public void force(long bytes) {
    waiting.addAndGet(count(1, bytes));
  }

  /** Runs the action once there is room for a byte or the stream has ended, on any thread. */
  public void whenRoom(Runnable action) {
    lock.lock();
    try {
      roomWanted = true; // before it looks: whoever makes room then sees it
      if (isFull() && !ended) {
        whenRoom = with(action, whenRoom);
        return;
      }
      roomWanted = !whenRoom.isEmpty();
    } finally {
      lock.unlock();
    }
    action.run();
  }

  /** These with one more; the empty list is a constant, which every idle gate shares. */
  private static List<Runnable> with(Runnable action, List<Runnable> actions) {
    List<Runnable> all = actions.isEmpty() ? new ArrayList<>(2) : actions;
    all.add(action);
    return all;
  }

  /** Runs the action once the stream has ended, on any thread, unless it is forgotten before. */
  void whenEnded(Runnable action) {
    lock.lock();
    try {
      if (!ended) {
        whenEnded = with(action, whenEnded);
        return;
      }
    } finally {
      lock.unlock();
    }
    action.run();
  }

  /** Does not run this action any more when the stream ends. */
  void forget(Runnable action) {
    lock.lock();
    try {
      if (!whenEnded.isEmpty()) {
        whenEnded.remove(action);
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void left(long bytes) {
    left(bytes, 1);
  }

  /** This many commands wait no more; together they had so many bytes. */
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
      actions = whenRoom;
      whenRoom = List.of();
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
      actions = whenEnded;
      whenEnded = List.of();
      line.admit(this::take);
    } finally {
      lock.unlock();
    }
    runWhenRoom();
    actions.forEach(Runnable::run);
  }
}
