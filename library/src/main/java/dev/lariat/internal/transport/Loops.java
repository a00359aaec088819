package dev.lariat.internal.transport;

import io.netty.channel.EventLoop;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.FastThreadLocalThread;
import io.netty.util.concurrent.Ticker;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The event loops that all connections share: daemon threads, half as many as there are processors,
 * since the other half reads mailboxes, but two where there are two processors. Each runs while a
 * connection uses it and a second longer, so that an application server can let an application go.
 * Who uses a loop again gets another thread, which waits for the end of the one before: what
 * belongs to a loop has one owner always.
 */
final class Loops {
  private static final long UNUSED = TimeUnit.SECONDS.toNanos(1);

  /** Those of this machine. */
  static final Loops SHARED =
      new Loops(
          count(Runtime.getRuntime().availableProcessors()),
          UNUSED,
          Native.BEST::ioHandler,
          new LoopWatch(Duration.ofMillis(500), Duration.ofSeconds(1)));

  private final long unused;
  private final Supplier<IoHandlerFactory> io;
  private final LoopWatch watch;
  private final List<Seat> seats;
  private final AtomicInteger turn = new AtomicInteger();
  private final AtomicInteger threads = new AtomicInteger();

  /**
   * Loops without threads.
   *
   * @param unused how long a thread stays when nobody uses its loop any more
   */
  Loops(int count, long unused, Supplier<IoHandlerFactory> io, LoopWatch watch) {
    this.unused = unused;
    this.io = io;
    this.watch = watch;
    this.seats = IntStream.range(0, count).mapToObj(i -> new Seat()).toList();
  }

  /** How many loops make so many processors useful. */
  static int count(int processors) {
    return Math.min(processors, Math.max(2, processors / 2));
  }

  /** The next loop in turn, for one more user, who releases it. */
  Loop next() {
    Loop loop = seats.get(Math.floorMod(turn.getAndIncrement(), seats.size())).loop;
    loop.retain();
    return loop;
  }

  /** Whether this is the thread of one. */
  static boolean isLoop(Thread thread) {
    return thread instanceof LoopThread;
  }

  /**
   * Waits until nobody uses any loop, ends their threads and waits for that.
   *
   * @return whether all have ended within that time
   */
  boolean awaitEnd(long nanos) throws InterruptedException {
    long start = System.nanoTime();
    for (Seat seat : seats) {
      if (!seat.awaitEnd(start, nanos)) {
        return false;
      }
    }
    return watch.awaitEnd(left(start, nanos));
  }

  private static long left(long start, long nanos) {
    return nanos - (System.nanoTime() - start);
  }

  private Thread thread(Runnable task) {
    Thread thread = new LoopThread(task, "lariat-loop-" + threads.incrementAndGet());
    thread.setDaemon(true);
    // not that of whoever came first: an application's, which this would keep
    thread.setContextClassLoader(Loops.class.getClassLoader());
    return thread;
  }

  private static final class LoopThread extends FastThreadLocalThread {
    LoopThread(Runnable task, String name) {
      super(task, name);
    }
  }

  /** Where one loop has its thread, from time to time. */
  private final class Seat implements Loop.Runner {
    final Loop loop = new Loop(this, Ticker.systemTicker(), new SecureRandom());
    private final AtomicReference<@Nullable EventLoop> running = new AtomicReference<>();

    private final Lock lock = new ReentrantLock();
    private final Condition left = lock.newCondition();
    private int users;
    private long unusedSince;
    private boolean timed; // a task on the running loop looks whether it is still used
    private LoopWatch.@Nullable Watched watched; // while it runs
    private @Nullable EventLoop ended; // the last that was told to
    private final AtomicReference<@Nullable Thread> newest = new AtomicReference<>();

    @Override
    public EventLoop netty() {
      EventLoop its = running.get();
      if (its == null) {
        throw new IllegalStateException("a loop that nobody uses");
      }
      return its;
    }

    @Override
    public boolean isCurrent() {
      EventLoop its = running.get();
      return its != null && its.inEventLoop();
    }

    @Override
    public void execute(Runnable task) {
      EventLoop its = running.get();
      if (its != null) {
        try {
          its.execute(task);
          return;
        } catch (RejectedExecutionException e) {
          // it has ended meanwhile
        }
      }
      visit(task);
    }

    /** Runs the task of somebody who does not use the loop any more. */
    private void visit(Runnable task) {
      retain();
      netty()
          .execute(
              () -> {
                try {
                  task.run();
                } finally {
                  release();
                }
              });
    }

    @Override
    public void retain() {
      lock.lock();
      try {
        if (running.get() == null) {
          running.set(begin());
        }
        users++;
      } finally {
        lock.unlock();
      }
    }

    private EventLoop begin() {
      EventLoop next = new SingleThreadIoEventLoop(null, this::newThread, io.get());
      EventLoop before = ended;
      if (before != null) {
        next.execute(() -> before.terminationFuture().awaitUninterruptibly());
      }
      watched = watch.begin(loop, next, newest::get);
      return next;
    }

    private Thread newThread(Runnable task) {
      Thread made = thread(task);
      newest.set(made);
      return made;
    }

    @Override
    public void release() {
      lock.lock();
      try {
        if (--users > 0) {
          return;
        }
        left.signalAll();
        unusedSince = System.nanoTime();
        if (!timed) {
          timed = true;
          lookLater(netty(), unused);
        }
      } finally {
        lock.unlock();
      }
    }

    private void lookLater(EventLoop its, long delay) {
      its.schedule(() -> endIfUnused(its), delay, TimeUnit.NANOSECONDS);
    }

    private void endIfUnused(EventLoop its) {
      lock.lock();
      try {
        if (running.get() != its) {
          return; // somebody has awaited the end
        }
        long rest = left(unusedSince, unused);
        if (users == 0 && rest > 0) {
          lookLater(its, rest);
          return;
        }
        timed = false;
        if (users > 0) {
          return;
        }
        retire(its);
      } finally {
        lock.unlock();
      }
    }

    /** Lets this thread carry out what it was given, and end; under the lock. */
    private void retire(EventLoop its) {
      running.set(null);
      ended = its;
      timed = false;
      if (watched != null) {
        watched.end();
        watched = null;
      }
      its.execute(loop::end);
      its.shutdownGracefully(0, 0, TimeUnit.NANOSECONDS);
    }

    boolean awaitEnd(long start, long nanos) throws InterruptedException {
      Thread last;
      lock.lock();
      try {
        while (users > 0) {
          if (left.awaitNanos(left(start, nanos)) <= 0 && users > 0) {
            return false;
          }
        }
        EventLoop its = running.get();
        if (its != null) {
          retire(its);
        }
        last = newest.get();
      } finally {
        lock.unlock();
      }
      if (last != null && last.isAlive()) {
        TimeUnit.NANOSECONDS.timedJoin(last, Math.max(1, left(start, nanos)));
      }
      return last == null || !last.isAlive();
    }
  }
}
