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
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The event loops that all connections share: daemon threads, half as many as there are processors,
 * since the other half reads mailboxes, but two if there are two processors.
 *
 * <p>The number of loops is fixed, and each has a {@link Seat}. A thread runs in a seat while a
 * connection uses its loop, and a second longer, so that an application server can unload an
 * application. A seat is
 *
 * <ul>
 *   <li><b>empty</b>: no thread; {@code retain} begins one;
 *   <li><b>in use</b>: {@code users} is more than 0;
 *   <li><b>unused</b>: the last user has gone. A timer looks after a second whether the seat is
 *       still unused, and then retires the thread.
 * </ul>
 *
 * <p>A new thread first waits until the one before in its seat has ended. So at most one thread
 * touches what belongs to a loop, and every one sees what the one before did. Who posts to a loop
 * without using it is safe, too: {@code execute} takes the seat for as long as the task runs.
 */
final class Loops {
  /** How long a thread stays after the last user has gone, in nanoseconds. */
  private static final long UNUSED = TimeUnit.SECONDS.toNanos(1);

  /** The loops of this JVM. */
  static final Loops SHARED =
      new Loops(
          count(Runtime.getRuntime().availableProcessors()),
          UNUSED,
          () -> Native.BEST.ioHandler(), // loads natives: not before the first loop
          new LoopWatch(Duration.ofMillis(500), Duration.ofSeconds(1)));

  /** How long a thread stays after the last user has gone, in nanoseconds. */
  private final long unused;

  /** Makes what a new event loop polls its sockets with: epoll, kqueue or NIO. */
  private final Supplier<IoHandlerFactory> io;

  /** Finds loops that are stuck. */
  private final LoopWatch watch;

  /** One for each loop; never changes. */
  private final List<Seat> seats;

  /** Counts the calls of {@link #next}: connections are spread over the loops in turn. */
  private final AtomicInteger turn = new AtomicInteger();

  /** How many threads were made so far, for their names. */
  private final AtomicInteger threads = new AtomicInteger();

  /**
   * Loops without threads.
   *
   * @param unused how long a thread stays after the last user has gone, in nanoseconds
   */
  Loops(int count, long unused, Supplier<IoHandlerFactory> io, LoopWatch watch) {
    this.unused = unused;
    this.io = io;
    this.watch = watch;
    this.seats = IntStream.range(0, count).mapToObj(i -> new Seat()).toList();
  }

  /** How many loops to have with so many processors. */
  static int count(int processors) {
    return Math.min(processors, Math.max(2, processors / 2));
  }

  /** The next loop in turn, for one more user, who releases it. */
  Loop next() {
    Loop loop = seats.get(Math.floorMod(turn.getAndIncrement(), seats.size())).loop;
    loop.retain();
    return loop;
  }

  /** Whether this is the thread of a loop. */
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
    // not the class loader of the thread that came first: an application could not be unloaded
    thread.setContextClassLoader(Loops.class.getClassLoader());
    return thread;
  }

  private static final class LoopThread extends FastThreadLocalThread {
    LoopThread(Runnable task, String name) {
      super(task, name);
    }
  }

  /** The system's random numbers for one loop. Their source is slow to make, and most need none. */
  private static final class Secrets implements RandomGenerator {
    private @Nullable SecureRandom random; // null before the first number

    @Override
    public long nextLong() {
      if (random == null) {
        random = new SecureRandom();
      }
      return random.nextLong();
    }
  }

  /** One loop, and the thread that it has while it is used. */
  private final class Seat implements Loop.Runner {
    final Loop loop = new Loop(this, Ticker.systemTicker(), new Secrets());

    /**
     * The event loop that runs; null if the seat is empty. Written under the lock, read without.
     */
    private final AtomicReference<@Nullable EventLoop> running = new AtomicReference<>();

    private final Lock lock = new ReentrantLock();

    /** Is signalled when the last user has gone. */
    private final Condition left = lock.newCondition();

    /** How many connections use the loop; under the lock. */
    private int users;

    /** When the last user went; under the lock. */
    private long unusedSince;

    /** Whether a timer is set that will look whether the loop is still used; under the lock. */
    private boolean timed;

    /** The watch on the event loop that runs; null if the seat is empty; under the lock. */
    private LoopWatch.@Nullable Watched watched;

    /** The event loop that was retired last, for whose end the next one waits; under the lock. */
    private @Nullable EventLoop ended;

    /** The newest thread of this seat, alive or not. */
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
          // it was retired meanwhile
        }
      }
      visit(task);
    }

    /** Runs the task of somebody who does not use the loop: takes the seat until it has run. */
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
          return; // awaitEnd has retired it
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

    /** Lets the thread run what was posted to it, and then end; under the lock. */
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
