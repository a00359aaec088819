package dev.lariat.testkit.internal.simulation;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who runs, and what time it is. One thread runs at a time: it has the <em>turn</em>. So whatever
 * happens, happens in one order, and that order depends on the seed alone.
 *
 * <p>The <em>driver</em> is the thread that made the simulation. While it runs its own code nothing
 * else happens. When it waits, it lets the rest of the world happen instead:
 *
 * <ol>
 *   <li>What the network has brought by now is handed over.
 *   <li>Of all that could run (a task of an event loop, a thread that was unparked or whose time is
 *       over, the driver itself) one is chosen by the seed. A loop's task runs on the driver's own
 *       thread; another thread is given the turn, and gives it back when it parks or ends.
 *   <li>When nothing could run, the clock jumps to when something can.
 * </ol>
 *
 * <p>A thread that has the turn may block by something that is not simulated: a lock, a queue, a
 * socket. The driver sees that after a while and goes on without it; when it comes back it waits
 * for its turn like any other. Only then does what happens depend on more than the seed.
 */
public final class Scheduler {
  static final long NEVER = Long.MAX_VALUE;

  /** Looks before a driver of the platform's sleeps: to wake it takes longer than most turns. */
  private static final int SPINS = Runtime.getRuntime().availableProcessors() > 1 ? 1000 : 0;

  private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(1); // of real time
  private static final int BLOCKED = 20; // slices: longer than a lock of Netty's or a logger's
  private static final int PATIENCE = 10_000; // slices: of a thread that does not come to rest
  private static final int RESTLESS = 1_000_000; // steps at one moment: two that wake each other
  private static final long LONGEST = TimeUnit.DAYS.toNanos(30); // of the driver without a deadline
  private static final int SHOWN = 60; // lines of the trace in a message

  /** What the network brings at its time, in the order in which it was sent. */
  private record Event(long at, long number, Runnable happens) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  private final long seed;
  private final SplittableRandom choices;
  private final SplittableRandom network;
  private final SplittableRandom chance; // the library's
  private final Trace trace = new Trace();
  private final Worker driver;
  private final Ticker ticker = new SimulatedTicker();

  private volatile long now; // written by who has the turn
  private volatile Worker turn; // written under the lock
  private @Nullable SimulatedLoop current; // whose task the driver runs
  private final List<SimulatedLoop> loops = new ArrayList<>(2);
  private final Queue<Event> events = new PriorityQueue<>();
  private long eventCount;
  private int steps; // since time passed
  private boolean driverInterrupted; // while it waited for others

  private final Lock lock = new ReentrantLock(); // threads of nobody's come at any time
  private final Map<Thread, Worker> workers = new HashMap<>(); // never walked through
  private final Map<String, Integer> names = new HashMap<>();
  private final List<Worker> ready = new ArrayList<>();
  private final List<Worker> parked = new ArrayList<>();
  private final List<Worker> elsewhere = new ArrayList<>(0);
  private final List<Failure> failures = new ArrayList<>(0);
  private boolean ending;
  private boolean ended;

  /**
   * What a thread or a task threw.
   *
   * @param who its name
   * @param thrown what
   */
  public record Failure(String who, Throwable thrown) {}

  /** A world in which nothing has happened; the thread that makes it is its driver. */
  public Scheduler(long seed) {
    SplittableRandom root = new SplittableRandom(seed);
    this.seed = seed;
    this.choices = root.split();
    this.network = root.split();
    this.chance = root.split();
    this.driver = new Worker("driver", Thread.currentThread(), false);
    this.turn = driver;
    driver.state = Worker.State.RUNS;
    workers.put(driver.thread, driver);
  }

  // ---- the clock, and what is asked of it

  long now() {
    return now;
  }

  Ticker ticker() {
    return ticker;
  }

  private final class SimulatedTicker implements Ticker {
    @Override
    public long initialNanoTime() {
      return 0;
    }

    @Override
    public long nanoTime() {
      return now;
    }

    @Override
    public void sleep(long delay, TimeUnit unit) {
      throw new UnsupportedOperationException("a simulated loop does not sleep");
    }
  }

  /** A number for the network, from 0 to one less than the bound. */
  long chance(long bound) {
    return bound <= 1 ? 0 : network.nextLong(bound);
  }

  /** A number for the library; from any thread. */
  long chance() {
    lock.lock();
    try {
      return chance.nextLong();
    } finally {
      lock.unlock();
    }
  }

  /** Lets this happen at that time, on the driver's thread; asked by who has the turn. */
  void at(long time, Runnable happens) {
    events.add(new Event(Math.max(now, time), eventCount++, happens));
  }

  /** Adds this to the trace. */
  public void note(Object... words) {
    trace.note(now, words);
  }

  /** What has happened, the newest of it. */
  public List<String> trace() {
    return trace.lines();
  }

  /** What a message ends with. */
  public String whereItStands() {
    return "Seed " + seed + ", after " + elapsed() + ". The end of the trace:\n" + trace.end(SHOWN);
  }

  /** How much time has passed. */
  public Duration elapsed() {
    return Duration.ofNanos(now);
  }

  /** Notes what was thrown where nobody catches it. */
  void failed(String who, Throwable thrown) {
    note(who, "threw", thrown.getClass().getName());
    lock.lock();
    try {
      failures.add(new Failure(who, thrown));
    } finally {
      lock.unlock();
    }
  }

  /** Takes what was thrown so far. */
  public List<Failure> failures() {
    lock.lock();
    try {
      List<Failure> taken = List.copyOf(failures);
      failures.clear();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  // ---- threads

  SimulatedLoop newLoop() {
    enter();
    SimulatedLoop loop = new SimulatedLoop(this);
    loops.add(loop);
    return loop;
  }

  /** Whether the caller runs a loop's task. */
  boolean isLoop() {
    return current != null && Thread.currentThread() == driver.thread;
  }

  /** Whether this thread runs a task of this loop. */
  boolean runs(SimulatedLoop loop, Thread thread) {
    return thread == driver.thread && current == loop;
  }

  /** Starts a thread, which waits for its turn; from any thread. */
  public Thread start(String name, Runnable task) {
    return start(name, task, false);
  }

  /** Starts a thread that ends with the simulation, be it at its work or not. */
  public Thread serve(String name, Runnable task) {
    return start(name, task, true);
  }

  private Thread start(String name, Runnable task, boolean serves) {
    Worker[] its = new Worker[1];
    Thread thread = Thread.ofVirtual().name(name).unstarted(() -> run(its[0], task));
    lock.lock();
    try {
      refuseAfterTheEnd();
      Worker worker = new Worker(unique(name), thread, serves);
      its[0] = worker;
      workers.put(thread, worker);
      makeReady(worker);
      note(worker, "is started");
    } finally {
      lock.unlock();
    }
    thread.start();
    knock();
    return thread;
  }

  private void run(Worker worker, Runnable task) {
    awaitTurn(worker);
    try {
      task.run();
      note(worker, "ends");
    } catch (Throwable e) {
      if (!isEnding()) {
        failed(worker.name, e);
      }
    } finally {
      lock.lock();
      try {
        forget(worker);
        giveBack(worker);
      } finally {
        lock.unlock();
      }
    }
  }

  private boolean isEnding() {
    lock.lock();
    try {
      return ending;
    } finally {
      lock.unlock();
    }
  }

  private void refuseAfterTheEnd() {
    if (ending && Thread.currentThread() != driver.thread || ended) {
      throw new IllegalStateException("the simulation has ended");
    }
  }

  /** Under the lock. */
  private String unique(String name) {
    int count = names.merge(name, 1, Integer::sum);
    return count == 1 ? name : name + "#" + count;
  }

  /** The worker of this thread, which may be one that nobody started here; under the lock. */
  private Worker worker(Thread thread) {
    Worker worker = workers.get(thread);
    if (worker == null) {
      worker =
          new Worker(
              unique(thread.getName().isEmpty() ? "thread" : thread.getName()), thread, false);
      workers.put(thread, worker);
    }
    return worker;
  }

  /** Under the lock. */
  private void makeReady(Worker worker) {
    worker.state = Worker.State.READY;
    worker.blocker = "its turn";
    worker.deadline = NEVER;
    ready.add(worker);
  }

  /** Under the lock. */
  private void forget(Worker worker) {
    worker.state = Worker.State.ENDED;
    workers.remove(worker.thread);
    elsewhere.remove(worker);
  }

  /** Under the lock. Whoever was found to be blocked by something else has no turn to give. */
  private void giveBack(Worker worker) {
    if (turn == worker) {
      turn = driver;
    }
    LockSupport.unpark(driver.thread); // also of one that comes from elsewhere
  }

  /** Lets a driver that waits in real time look again. */
  void knock() {
    if (Thread.currentThread() != driver.thread && turn.thread != Thread.currentThread()) {
      LockSupport.unpark(driver.thread);
    }
  }

  /** Waits in real time for the turn of this worker, which is the caller's. */
  private void awaitTurn(Worker me) {
    while (turn != me) {
      LockSupport.park(this);
      if (Thread.currentThread().isInterrupted()) {
        me.interrupted = true; // before it is cleared: the driver sees one or the other
        boolean cleared = Thread.interrupted();
        assert cleared;
      }
    }
    me.awake = true;
  }

  private static void restoreInterrupt(Worker me) {
    if (me.interrupted) {
      me.interrupted = false;
      me.thread.interrupt();
    }
  }

  /**
   * Lets the caller touch what is simulated. A thread that does not have the turn waits for it;
   * such are those that were started by others, or were blocked by something else.
   */
  public void enter() {
    Thread thread = Thread.currentThread();
    if (thread == driver.thread || turn.thread == thread) {
      return;
    }
    Worker me;
    lock.lock();
    try {
      refuseAfterTheEnd();
      me = worker(thread);
      elsewhere.remove(me);
      makeReady(me);
      LockSupport.unpark(driver.thread);
    } finally {
      lock.unlock();
    }
    awaitTurn(me);
    restoreInterrupt(me);
  }

  // ---- parking

  /** Waits as {@link LockSupport#park} does, for so long at the most. */
  void park(Object blocker, long nanos) {
    Thread thread = Thread.currentThread();
    if (thread == driver.thread) {
      parkDriver(blocker, nanos);
      return;
    }
    Worker me;
    lock.lock();
    try {
      refuseAfterTheEnd();
      me = worker(thread);
      boolean returnsAtOnce = me.permit || nanos <= 0 || thread.isInterrupted();
      me.permit = false;
      if (returnsAtOnce && turn == me) {
        return;
      }
      elsewhere.remove(me);
      if (returnsAtOnce) {
        makeReady(me); // it comes from elsewhere
      } else {
        me.state = Worker.State.PARKED;
        me.blocker = blocker;
        me.deadline = after(nanos);
        parked.add(me);
        note(me, "waits for", me.waitsFor());
      }
      giveBack(me);
    } finally {
      lock.unlock();
    }
    awaitTurn(me);
    restoreInterrupt(me);
  }

  private long after(long nanos) {
    return nanos >= NEVER - now ? NEVER : now + nanos;
  }

  /** Ends the wait of this thread, or the next one if it does not wait. */
  void unpark(@Nullable Thread thread) {
    if (thread == null) {
      return;
    }
    lock.lock();
    try {
      Worker worker = worker(thread);
      worker.permit = true;
      if (worker.state == Worker.State.PARKED) {
        parked.remove(worker);
        makeReady(worker);
      }
    } finally {
      lock.unlock();
    }
    knock();
  }

  private boolean takePermit() {
    lock.lock();
    try {
      boolean permit = driver.permit;
      driver.permit = false;
      return permit;
    } finally {
      lock.unlock();
    }
  }

  private void parkDriver(Object blocker, long nanos) {
    if (current != null) {
      throw new IllegalStateException("an event loop must not wait");
    }
    if (takePermit() || nanos <= 0 || driver.thread.isInterrupted()) {
      return;
    }
    driver.blocker = blocker;
    driver.deadline = after(nanos);
    note(driver, "waits for", driver.waitsFor());
    try {
      drive(driver.deadline, true);
      note(driver, "goes on");
    } finally {
      driver.deadline = NEVER;
      takePermit();
    }
  }

  // ---- the driver's work

  /** Lets this much time pass; what is due at its end happens too. */
  public void advance(Duration length) {
    refuseOthers("advance");
    drive(after(length.toNanos()), false);
  }

  /** Lets everything happen that can happen without time passing. */
  public void settle() {
    refuseOthers("settle");
    drive(now, false);
  }

  /** Only the driver lets the world go on by itself. */
  public void refuseOthers(String operation) {
    if (Thread.currentThread() != driver.thread) {
      throw new IllegalStateException(
          operation
              + ": on thread \""
              + Thread.currentThread().getName()
              + "\", allowed on \""
              + driver.thread.getName()
              + "\", which made the simulation");
    }
    if (current != null) {
      throw new IllegalStateException(operation + ": within an event loop, allowed outside");
    }
  }

  /**
   * Lets everything happen up to this time.
   *
   * @param parks whether the driver itself is among those that wait to go on
   */
  private void drive(long limit, boolean parks) {
    if (turn != driver) {
      throw new IllegalStateException(
          "the simulation is broken: " + turn + " did not come to rest");
    }
    lock.lock();
    try {
      refuseAfterTheEnd();
    } finally {
      lock.unlock();
    }
    long began = now;
    try {
      while (true) {
        while (!events.isEmpty() && events.element().at <= now) {
          events.remove().happens.run();
        }
        if (!elsewhere.isEmpty()) { // a stale look only delays
          letOthersRest();
        }
        wakeLate();
        int workersReady = ready();
        int count = workersReady + (parks && driverIsReady() ? 1 : 0);
        int loopsReady = 0;
        for (SimulatedLoop loop : loops) {
          loopsReady += loop.isReady(now) ? 1 : 0;
        }
        count += loopsReady;
        if (count == 0) {
          if (limit == NEVER && now - began > LONGEST) {
            throw broken(
                "The driver waits without a deadline, and nothing has ended its wait in "
                    + Duration.ofNanos(LONGEST));
          }
          if (!pass(limit)) {
            return;
          }
          continue;
        }
        if (++steps > RESTLESS) {
          throw broken("It does not come to rest at one moment: something wakes itself for ever");
        }
        int chosen = count == 1 ? 0 : choices.nextInt(count);
        if (chosen < workersReady) {
          give(chosen);
        } else if (chosen < workersReady + loopsReady) {
          runLoop(chosen - workersReady);
        } else {
          return;
        }
      }
    } finally {
      if (driverInterrupted) {
        driverInterrupted = false;
        driver.thread.interrupt();
      }
    }
  }

  /** Makes those ready whose time is over, and those that were interrupted. */
  private void wakeLate() {
    lock.lock();
    try {
      for (int i = 0; i < parked.size(); ) {
        Worker worker = parked.get(i);
        // in this order: the flag is set before the thread's own is cleared
        if (worker.deadline <= now || worker.thread.isInterrupted() || worker.interrupted) {
          parked.remove(i);
          makeReady(worker);
        } else {
          i++;
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private int ready() {
    lock.lock();
    try {
      return ready.size();
    } finally {
      lock.unlock();
    }
  }

  private boolean driverIsReady() {
    lock.lock();
    try {
      return driver.permit
          || driver.deadline <= now
          || driverInterrupted
          || driver.thread.isInterrupted();
    } finally {
      lock.unlock();
    }
  }

  private void runLoop(int chosen) {
    int left = chosen;
    for (SimulatedLoop loop : loops) {
      if (loop.isReady(now) && left-- == 0) {
        run(loop);
        return;
      }
    }
  }

  private void run(SimulatedLoop loop) {
    current = loop;
    try {
      loop.runOne();
    } catch (Throwable e) {
      failed("a task of an event loop", e);
    } finally {
      current = null;
    }
  }

  /** Gives a worker the turn, and waits until it is back. */
  private void give(int chosen) {
    Worker worker;
    lock.lock();
    try {
      worker = ready.remove(chosen);
      worker.state = Worker.State.RUNS;
      worker.permit = false;
      worker.awake = false;
      note(worker, "runs");
      turn = worker;
    } finally {
      lock.unlock();
    }
    LockSupport.unpark(worker.thread);
    for (int spins = driver.thread.isVirtual() ? 0 : SPINS; turn == worker && spins > 0; spins--) {
      Thread.onSpinWait();
    }
    int blocked = 0;
    for (int slices = 0; turn == worker; slices++) {
      pauseInRealTime(SLICE);
      Thread.State state = worker.thread.getState();
      blocked = worker.awake && isAtRest(state) ? blocked + 1 : 0;
      if (blocked > BLOCKED || state == Thread.State.TERMINATED) {
        goOnWithout(worker, state);
      } else if (slices > PATIENCE) {
        throw broken(
            "Thread "
                + worker
                + " has the turn and does not come to rest. It is "
                + state
                + " at"
                + stack(worker.thread, Integer.MAX_VALUE));
      }
    }
    if (worker.state == Worker.State.ENDED && !elsewhere.isEmpty()) {
      joinInRealTime(worker.thread); // somebody may wait for just that
    }
  }

  private void joinInRealTime(Thread thread) {
    while (thread.isAlive()) {
      pauseInRealTime(SLICE / 10);
    }
  }

  private void pauseInRealTime(long nanos) {
    LockSupport.parkNanos(this, nanos);
    if (Thread.interrupted()) {
      driverInterrupted = true; // or the next pause would be none
    }
  }

  private static boolean isAtRest(Thread.State state) {
    return state == Thread.State.WAITING
        || state == Thread.State.TIMED_WAITING
        || state == Thread.State.BLOCKED;
  }

  /** Takes the turn from a thread that is blocked by something else, or has ended. */
  private void goOnWithout(Worker worker, Thread.State state) {
    lock.lock();
    try {
      if (turn != worker) {
        return; // it has just given it back
      }
      turn = driver;
      if (state == Thread.State.TERMINATED) {
        forget(worker);
      } else {
        worker.state = Worker.State.ELSEWHERE;
        elsewhere.add(worker);
        note(worker, "is blocked by something that is not simulated");
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits in real time while somebody who was blocked by something else goes on. */
  private void letOthersRest() {
    for (int slices = 0; ; slices++) {
      Worker busy = busyElsewhere();
      if (busy == null) {
        return;
      }
      if (slices > PATIENCE) {
        throw broken(
            "Thread "
                + busy
                + " does not come to rest. It is at"
                + stack(busy.thread, Integer.MAX_VALUE));
      }
      pauseInRealTime(SLICE / 10);
    }
  }

  private @Nullable Worker busyElsewhere() {
    lock.lock();
    try {
      for (Worker worker : List.copyOf(elsewhere)) {
        Thread.State state = worker.thread.getState();
        if (state == Thread.State.TERMINATED) {
          forget(worker);
        } else if (!isAtRest(state)) {
          return worker;
        }
      }
      return null;
    } finally {
      lock.unlock();
    }
  }

  // ---- the passing of time

  /**
   * Lets the clock jump to when something can happen, or to the limit.
   *
   * @return whether something can happen by then
   */
  private boolean pass(long limit) {
    long next = events.isEmpty() ? NEVER : events.element().at;
    for (SimulatedLoop loop : loops) {
      next = Math.min(next, loop.deadline());
    }
    lock.lock();
    try {
      for (Worker worker : parked) {
        next = Math.min(next, worker.deadline);
      }
    } finally {
      lock.unlock();
    }
    if (next == NEVER && limit == NEVER) {
      if (somebodyComesFromElsewhere()) {
        return true;
      }
      throw broken("Nothing can happen any more, and the driver waits without a deadline");
    }
    if (next > now) {
      steps = 0;
    }
    now = Math.max(now, Math.min(next, limit));
    return next <= limit;
  }

  /** Waits in real time for threads that are blocked by something else. */
  private boolean somebodyComesFromElsewhere() {
    for (int slices = 0; slices <= PATIENCE && !elsewhere.isEmpty(); slices++) {
      pauseInRealTime(SLICE);
      letOthersRest();
      boolean loopsReady = loops.stream().anyMatch(loop -> loop.isReady(now));
      if (loopsReady || ready() > 0 || driverIsReady() || !parkedForEver()) {
        return true;
      }
    }
    return false;
  }

  private boolean parkedForEver() {
    lock.lock();
    try {
      return parked.stream().allMatch(worker -> worker.deadline == NEVER);
    } finally {
      lock.unlock();
    }
  }

  /** What ends a simulation before its time, with all that is known. */
  private IllegalStateException broken(String what) {
    StringBuilder message = new StringBuilder(what).append(".\n");
    describeThreads(message);
    for (SimulatedLoop loop : loops) {
      long deadline = loop.deadline();
      message
          .append("An event loop waits for ")
          .append(deadline == NEVER ? "nothing" : "its timer at " + Duration.ofNanos(deadline))
          .append(".\n");
    }
    message.append(whereItStands());
    IllegalStateException broken = new IllegalStateException(message.toString());
    failures().forEach(failure -> broken.addSuppressed(failure.thrown));
    return broken;
  }

  private void describeThreads(StringBuilder message) {
    lock.lock();
    try {
      message.append("The driver waits for ").append(driver.waitsFor()).append(".\n");
      for (Worker worker : parked) {
        message.append(describe(worker)).append(stack(worker.thread, 8)).append('\n');
      }
      for (Worker worker : elsewhere) {
        message
            .append("Thread ")
            .append(worker)
            .append(" is blocked by something that is not simulated, at")
            .append(stack(worker.thread, 8))
            .append('\n');
      }
    } finally {
      lock.unlock();
    }
  }

  private static String describe(Worker worker) {
    String until =
        worker.deadline == NEVER ? "" : " until " + Duration.ofNanos(worker.deadline).toString();
    return "Thread " + worker + " waits for " + worker.waitsFor() + until + ", at";
  }

  /** The frames of a thread that are not this class's own. */
  private static String stack(Thread thread, int most) {
    StringBuilder lines = new StringBuilder();
    int count = 0;
    for (StackTraceElement frame : thread.getStackTrace()) {
      boolean known =
          frame.getClassName().startsWith(Scheduler.class.getPackageName())
              || frame.getClassName().startsWith("java.lang.VirtualThread")
              || frame.getClassName().startsWith("java.util.concurrent.locks.LockSupport");
      if (!known && count++ < most) {
        lines.append("\n    ").append(frame);
      }
    }
    return lines.toString();
  }

  // ---- the end

  /** Threads that wait, and loops with timers: what a program that has ended would not have. */
  List<String> unfinished() {
    List<String> all = new ArrayList<>();
    lock.lock();
    try {
      for (Worker worker : parked) {
        if (!worker.serves) {
          all.add("thread " + worker + " waits for " + worker.waitsFor());
        }
      }
      for (Worker worker : elsewhere) {
        if (!worker.serves) {
          all.add("thread " + worker + " is blocked by something that is not simulated");
        }
      }
    } finally {
      lock.unlock();
    }
    for (SimulatedLoop loop : loops) {
      if (loop.deadline() != NEVER) {
        all.add("an event loop's timer at " + Duration.ofNanos(loop.deadline()));
      } else if (loop.isReady(now)) {
        all.add("a task of an event loop");
      }
    }
    return all;
  }

  /** Ends every thread, and forgets what the loops had to do. */
  void end() {
    lock.lock();
    try {
      ending = true;
    } finally {
      lock.unlock();
    }
    if (turn == driver) {
      lock.lock();
      try {
        parked.forEach(worker -> worker.thread.interrupt());
        elsewhere.forEach(worker -> worker.thread.interrupt());
      } finally {
        lock.unlock();
      }
      drive(now, false);
    }
    lock.lock();
    try {
      ended = true;
    } finally {
      lock.unlock();
    }
    for (SimulatedLoop loop : loops) {
      current = loop;
      loop.clear();
      current = null;
    }
    events.clear();
  }
}
