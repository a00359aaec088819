package dev.lariat.testkit.internal.simulation;

import io.netty.util.concurrent.Ticker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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
 *
 * <p>This class decides what happens next. Other classes know the parts of the world: {@link
 * Roster} what each thread does (the map of their states is there), {@link Turns} how one waits for
 * the other, {@link Loops} the event loops, {@link Agenda} the time and what the network brings,
 * {@link Seed} chance, {@link Trace} and {@link Failures} what has happened. The driver itself has
 * three states: it runs its own code, a task of a loop ({@link Loops#isLoop}), or it waits within
 * {@link #drive}.
 */
public final class Scheduler {
  /** So many steps without time passing are too many: two that wake each other for ever. */
  private static final int RESTLESS = 1_000_000;

  /** How long a driver waits that gave no deadline: by then it is a mistake. */
  private static final long LONGEST = TimeUnit.DAYS.toNanos(30);

  private final Seed seed;
  private final Agenda agenda = new Agenda();
  private final Trace trace;
  private final Failures failures;
  private final Roster roster;
  private final Loops loops;
  private final StallReport stalls;
  private final Turns turns;

  /** How many steps the driver has made since time passed, or was about to pass. */
  private int steps;

  /** A world in which nothing has happened; the thread that makes it is its driver. */
  public Scheduler(long seed) {
    this.seed = new Seed(seed);
    this.trace = new Trace(this.seed, agenda);
    this.failures = new Failures(trace);
    this.roster = new Roster(agenda, trace);
    this.loops = new Loops(agenda, failures, Thread.currentThread());
    this.stalls = new StallReport(roster, loops, trace, failures);
    this.turns = new Turns(roster, trace, failures, stalls);
  }

  // ---- the clock, and what is asked of it

  long now() {
    return agenda.now();
  }

  /** The time that comes in so many nanoseconds; {@link Agenda#NEVER} if that is too far away. */
  long after(long nanos) {
    return agenda.after(nanos);
  }

  Ticker ticker() {
    return agenda.ticker();
  }

  /** How much time has passed. */
  public Duration elapsed() {
    return Duration.ofNanos(agenda.now());
  }

  /** Lets this happen at that time, on the driver's thread; asked by who has the turn. */
  void at(long time, Runnable happens) {
    agenda.at(time, happens);
  }

  /** A number for the network, from 0 to one less than the bound. */
  long chance(long bound) {
    return seed.forNetwork(bound);
  }

  /** A number for the library; from any thread. */
  long chance() {
    return seed.forLibrary();
  }

  // ---- what has happened

  /** Adds this to the trace. */
  public void note(Object... words) {
    trace.note(words);
  }

  /** What has happened, the newest of it. */
  public List<String> trace() {
    return trace.lines();
  }

  /** What a message ends with. */
  public String whereItStands() {
    return trace.whereItStands();
  }

  /** Takes what was thrown so far where nobody caught it. */
  public List<Failure> failures() {
    return failures.take();
  }

  // ---- loops and threads

  SimulatedLoop newLoop() {
    enter();
    SimulatedLoop loop = new SimulatedLoop(this);
    loops.add(loop);
    return loop;
  }

  /** Whether the caller runs a loop's task. */
  boolean isLoop() {
    return loops.isLoop(Thread.currentThread());
  }

  /** Whether this thread runs a task of this loop. */
  boolean runs(SimulatedLoop loop, Thread thread) {
    return loops.runs(loop, thread);
  }

  /** Starts a thread, which waits for its turn; from any thread. */
  public Thread start(String name, Runnable task) {
    return turns.start(name, task, false);
  }

  /** Starts a thread that ends with the simulation, be it at its work or not. */
  public Thread serve(String name, Runnable task) {
    return turns.start(name, task, true);
  }

  /**
   * Lets the caller touch what is simulated. A thread that does not have the turn waits for it;
   * such are those that were started by others, or were blocked by something else.
   */
  public void enter() {
    turns.enter();
  }

  /** Lets a driver that waits in real time look again. */
  void knock() {
    turns.knock();
  }

  /** Waits as {@link LockSupport#park} does, for so long at the most. */
  void park(Object blocker, long nanos) {
    if (isDriver()) {
      parkDriver(blocker, nanos);
    } else {
      turns.park(blocker, nanos);
    }
  }

  /** Ends the wait of this thread, or the next one if it does not wait. */
  void unpark(@Nullable Thread thread) {
    turns.unpark(thread);
  }

  private boolean isDriver() {
    return Thread.currentThread() == roster.driver().thread;
  }

  private void parkDriver(Object blocker, long nanos) {
    if (isLoop()) {
      throw new IllegalStateException("an event loop must not wait");
    }
    if (!roster.parkDriver(blocker, nanos)) {
      return;
    }
    try {
      drive(roster.driver().deadline, true);
      trace.note(roster.driver(), "goes on");
    } finally {
      roster.unparkDriver();
    }
  }

  // ---- the driver's work

  /** Lets this much time pass; what is due at its end happens too. */
  public void advance(Duration length) {
    refuseOthers("advance");
    drive(agenda.after(length.toNanos()), false);
  }

  /** Lets everything happen that can happen without time passing. */
  public void settle() {
    refuseOthers("settle");
    drive(agenda.now(), false);
  }

  /** Only the driver lets the world go on by itself. */
  public void refuseOthers(String operation) {
    if (!isDriver()) {
      throw new IllegalStateException(
          operation
              + ": on thread \""
              + Thread.currentThread().getName()
              + "\", allowed on \""
              + roster.driver().thread.getName()
              + "\", which made the simulation");
    }
    if (isLoop()) {
      throw new IllegalStateException(operation + ": within an event loop, allowed outside");
    }
  }

  /**
   * Lets everything happen up to this time.
   *
   * @param parks whether the driver itself is among those that wait to go on
   */
  private void drive(long limit, boolean parks) {
    roster.refuseToDrive();
    long began = agenda.now();
    try {
      while (true) {
        agenda.happen();
        turns.letOthersRest();
        int threads = roster.ready();
        int tasks = loops.ready();
        int count = threads + tasks + (parks && roster.driverIsReady() ? 1 : 0);
        if (count == 0) {
          refuseToWaitLongerThan(LONGEST, began, limit);
          if (!pass(limit)) {
            return;
          }
          continue;
        }
        if (++steps > RESTLESS) {
          steps = 0; // so that the simulation can be ended
          throw stalls.of(
              "It does not come to rest at one moment: something wakes itself for ever");
        }
        int chosen = seed.choice(count);
        if (chosen < threads) {
          turns.give(chosen);
        } else if (chosen < threads + tasks) {
          loops.runOne(chosen - threads);
        } else {
          return;
        }
      }
    } finally {
      roster.driver().restoreInterrupt();
    }
  }

  private void refuseToWaitLongerThan(long longest, long began, long limit) {
    if (limit == Agenda.NEVER && agenda.now() - began > longest) {
      throw stalls.of(
          "The driver waits without a deadline, and nothing has ended its wait in "
              + Duration.ofNanos(longest));
    }
  }

  /**
   * Lets the clock jump to when something can happen, or to the limit.
   *
   * @return whether something can happen by then
   */
  private boolean pass(long limit) {
    long next = Math.min(agenda.next(), Math.min(loops.next(), roster.next()));
    if (next == Agenda.NEVER && limit == Agenda.NEVER) {
      if (turns.awaitOthers(this::somethingCanHappen)) {
        return true;
      }
      throw stalls.of("Nothing can happen any more, and the driver waits without a deadline");
    }
    if (next > agenda.now()) {
      steps = 0;
    }
    agenda.jump(Math.min(next, limit));
    return next <= limit;
  }

  private boolean somethingCanHappen() {
    return loops.ready() > 0
        || roster.ready() > 0
        || roster.driverIsReady()
        || roster.next() != Agenda.NEVER;
  }

  // ---- the end

  /** Threads that wait, and loops with timers: what a program that has ended would not have. */
  List<String> unfinished() {
    List<String> all = new ArrayList<>();
    for (Roster.Wait wait : roster.waits()) {
      if (!wait.who().serves) {
        all.add("thread " + wait.who() + " " + wait.how());
      }
    }
    all.addAll(loops.unfinished());
    return all;
  }

  /** Ends every thread, and forgets what the loops had to do. */
  void end() {
    roster.beginTheEnd();
    if (roster.turn() == roster.driver()) {
      drive(agenda.now(), false);
    }
    roster.end();
    loops.clear();
    agenda.clear();
  }
}
