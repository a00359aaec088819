package dev.lariat;

import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.transport.Loops;
import dev.lariat.message.Reason;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** Holds senders back while too many bytes of their stream wait to be written. */
final class SendGate implements Gate {
  private final long highWater;
  private final Duration timeout;
  private final AtomicLong waiting = new AtomicLong();
  private final Lock lock = new ReentrantLock();
  private final Condition room = lock.newCondition();
  private final AtomicInteger blocked = new AtomicInteger(); // senders
  private volatile boolean ended;

  SendGate(long highWater, Duration timeout) {
    this.highWater = highWater;
    this.timeout = timeout;
  }

  /**
   * Counts these bytes in if there is room for them. A stream that has ended takes everything: the
   * answer comes later.
   */
  boolean tryEnter(long bytes) {
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
      Loops.refuseToBlock("send", "use trySend");
      block(bytes);
    }
  }

  private void block(long bytes) {
    lock.lock();
    try {
      blocked.incrementAndGet(); // before it looks again: whoever makes room then sees it
      long left = timeout.toNanos();
      while (!tryEnter(bytes)) {
        if (left <= 0) {
          throw new FailedException(new Reason.Timeout(Reason.Step.SEND, timeout));
        }
        left = room.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new FailedException(
          new Reason.BadState("send", "the thread was interrupted while it waited for room"));
    } finally {
      blocked.decrementAndGet();
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
    ended = true;
    wake();
  }

  private void wake() {
    if (blocked.get() > 0) {
      lock.lock();
      try {
        room.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
