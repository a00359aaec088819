package dev.lariat.internal.transport;

import io.netty.channel.EventLoop;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds loops that do not go on, mostly since a user's receiver blocks there: all connections of
 * such a loop wait, and none of them can say why. A daemon thread gives each loop a task that only
 * answers. Where no answer comes in time, it logs where the loop's thread is, once for each stall;
 * when the loop goes on, the connections' listeners are told. A loop that has had nothing to do is
 * not asked, so it sleeps on. Without loops there is no thread.
 */
final class LoopWatch {
  private static final Logger LOG = System.getLogger("dev.lariat");

  private final long period;
  private final long limit;
  private final Lock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private final List<Watched> loops = new ArrayList<>(); // under the lock
  private @Nullable Thread thread; // the thread that runs or is about to; under the lock
  private @Nullable Thread newest; // the newest thread, alive or not; under the lock
  private long stalls; // of the thread

  /**
   * A watch without loops.
   *
   * @param period how often it looks
   * @param limit how long a loop may be without an answer
   */
  LoopWatch(Duration period, Duration limit) {
    this.period = period.toNanos();
    this.limit = limit.toNanos();
  }

  /** A loop from when it has a thread until that is to end. */
  final class Watched {
    private final Loop loop;
    private final EventLoop netty;
    private final Supplier<@Nullable Thread> itsThread;
    private @Nullable Question asked; // the open question; only the watch's thread touches it

    private Watched(Loop loop, EventLoop netty, Supplier<@Nullable Thread> itsThread) {
      this.loop = loop;
      this.netty = netty;
      this.itsThread = itsThread;
    }

    /** It is to end, and is watched no longer. */
    void end() {
      lock.lock();
      try {
        loops.remove(this);
        ended.signalAll();
      } finally {
        lock.unlock();
      }
    }

    private void look(long now, boolean late) {
      Question open = asked;
      if (open != null && !open.isAnswered()) {
        if (late) {
          open.since = now;
        } else if (now - open.since >= limit) {
          complain(open, now);
        }
        return;
      }
      asked = null;
      if (loop.wasBusy()) {
        Question next = new Question(loop, now);
        try {
          netty.execute(next);
          asked = next;
        } catch (RejectedExecutionException e) {
          // it is about to end
        }
      }
    }

    private void complain(Question open, long now) {
      Thread stuck = itsThread.get();
      if (stuck == null) {
        return;
      }
      StackTraceElement[] stack = stuck.getStackTrace();
      if (!open.isFound(List.of(stack))) {
        return;
      }
      stalls++;
      Exception there = new Exception("where " + stuck.getName() + " is");
      there.setStackTrace(stack);
      LOG.log(
          Level.WARNING,
          "The event loop "
              + stuck.getName()
              + " has been blocked for "
              + TimeUnit.NANOSECONDS.toMillis(now - open.since)
              + " ms, so all of its connections wait. A receiver or listener that it calls must not"
              + " block. This is stall "
              + stalls
              + ".",
          there);
    }
  }

  /** Asks a loop for a sign of life. */
  private static final class Question implements Runnable {
    /** Where the loop was found, and since when it had not answered. */
    private record Found(long since, List<StackTraceElement> stack) {}

    private static final Found OPEN = new Found(0, List.of());
    private static final Found ANSWERED = new Found(1, List.of());

    private final Loop loop;
    private final AtomicReference<Found> state = new AtomicReference<>(OPEN);
    private long since; // when it was asked; only the watch's thread touches it

    Question(Loop loop, long since) {
      this.loop = loop;
      this.since = since;
    }

    boolean isAnswered() {
      return state.get() == ANSWERED;
    }

    /** Keeps where the loop was; false if it has answered meanwhile, or this was known. */
    boolean isFound(List<StackTraceElement> stack) {
      return state.compareAndSet(OPEN, new Found(since, stack));
    }

    @Override
    public void run() {
      Found found = state.getAndSet(ANSWERED);
      if (found != OPEN) {
        loop.stalled(Duration.ofNanos(System.nanoTime() - found.since), found.stack);
      }
    }
  }

  /**
   * Watches a loop that begins.
   *
   * @param itsThread the loop's, once it has one
   */
  Watched begin(Loop loop, EventLoop netty, Supplier<@Nullable Thread> itsThread) {
    Watched watched = new Watched(loop, netty, itsThread);
    lock.lock();
    try {
      loops.add(watched);
      if (thread == null) {
        Thread made = new Thread(this::run, "lariat-loop-watch");
        made.setDaemon(true);
        made.setContextClassLoader(LoopWatch.class.getClassLoader()); // as of the loops
        thread = made;
        newest = made;
        made.start();
      }
    } finally {
      lock.unlock();
    }
    return watched;
  }

  private void run() {
    long looked = System.nanoTime();
    for (List<Watched> all = next(); !all.isEmpty(); all = next()) {
      long now = System.nanoTime();
      // where this thread did not run either, the whole program stood still, and no loop is to
      // blame
      boolean late = now - looked > period + limit / 2;
      looked = now;
      all.forEach(watched -> watched.look(now, late));
    }
  }

  /** The loops to look at, when it is time; none if there are none, and this thread is to end. */
  private List<Watched> next() {
    lock.lock();
    try {
      long left = period;
      while (left > 0 && !loops.isEmpty()) {
        left = ended.awaitNanos(left);
      }
      if (loops.isEmpty()) {
        thread = null;
      }
      return List.copyOf(loops);
    } catch (InterruptedException e) { // nobody has a reason to
      return List.copyOf(loops);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until no loop is watched and the thread has ended.
   *
   * @return whether it has within that time
   */
  boolean awaitEnd(long nanos) throws InterruptedException {
    Thread last;
    lock.lock();
    try {
      last = newest;
    } finally {
      lock.unlock();
    }
    if (last != null && last.isAlive()) {
      TimeUnit.NANOSECONDS.timedJoin(last, Math.max(1, nanos));
    }
    return last == null || !last.isAlive();
  }
}
