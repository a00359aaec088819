package dev.lariat.testkit.internal.simulation;

import dev.lariat.testkit.internal.Guard;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The threads of a simulation, what each of them does, and which one has the <em>turn</em>. This is
 * all the state that threads share, under one lock, since a thread may come from outside at any
 * time. A method here is one step from state to state. It may wake a thread, and it never waits:
 * {@link Turns} does that.
 *
 * <pre>
 * from               to           when
 *
 *                    READY        a thread is started
 * READY              RUNS         the driver gives it the turn
 * RUNS               PARKED       it parks, and gives the turn back
 * PARKED             READY        it is unparked or interrupted, or its time is over
 * RUNS               ELSEWHERE    it blocks by something that is not simulated: the driver takes the
 *                                 turn back
 * ELSEWHERE          READY        it comes back, and enters the simulation or parks with a permit
 * ELSEWHERE          PARKED       it comes back, and parks
 * RUNS, ELSEWHERE    ENDED        it ends
 * </pre>
 *
 * <p>A thread that was started by others is {@code ELSEWHERE} when it is first seen. The driver has
 * the turn whenever no other thread has it; its state stays {@code RUNS}, and it is in no list.
 */
final class Roster {
  /** How a thread that does not go on by itself waits. */
  record Wait(Worker who, String how, long until) {}

  private static final String BLOCKED = "is blocked by something that is not simulated";

  private final Agenda agenda;
  private final Trace trace;

  /** The thread that made the simulation. */
  private final Worker driver;

  private final Guard guard = new Guard();

  /** Who has the turn. It changes under the guard; threads that wait for it look without. */
  private volatile Worker turn;

  // everything below is used under the guard

  /** Every thread that was seen and has not ended. Its order is chance, so nothing walks it. */
  private final Map<Thread, Worker> workers = new HashMap<>();

  /** How many threads have had each name. */
  private final Map<String, Integer> names = new HashMap<>();

  /** The threads that are {@code READY}, in the order in which they became so. */
  private final List<Worker> ready = new ArrayList<>();

  /** The threads that are {@code PARKED}, in the order in which they parked. */
  private final List<Worker> parked = new ArrayList<>();

  /** The threads that lost the turn, {@code ELSEWHERE}, and have not come back. */
  private final List<Worker> elsewhere = new ArrayList<>(0);

  /** Whether the simulation is being ended: from now on the driver alone may use it. */
  private boolean ending;

  /** Whether the simulation has ended: nobody may use it. */
  private boolean ended;

  /** A roster with one thread, the caller's: the driver. */
  Roster(Agenda agenda, Trace trace) {
    this.agenda = agenda;
    this.trace = trace;
    this.driver = new Worker("driver", Thread.currentThread(), false);
    this.turn = driver;
    driver.state = Worker.State.RUNS;
    workers.put(driver.thread, driver);
  }

  // ---- who has the turn

  Worker driver() {
    return driver;
  }

  Worker turn() {
    return turn;
  }

  /** Whether this thread need not wait for a turn to touch what is simulated. */
  boolean mayRun(Thread thread) {
    return thread == driver.thread || turn.thread == thread;
  }

  /** Lets a driver that waits in real time look again. */
  void wakeDriver() {
    LockSupport.unpark(driver.thread);
  }

  // ---- what a thread does; on that thread, but for start and unpark

  /** Takes in a thread that is about to be started. */
  void start(String name, Thread thread, boolean serves) {
    guard.run(
        () -> {
          refuseAfterTheEnd();
          Worker worker = new Worker(unique(name), thread, serves);
          workers.put(thread, worker);
          makeReady(worker);
          trace.note(worker, "is started");
        });
  }

  /** The worker of this thread, which may be one that was started by others. */
  Worker worker(Thread thread) {
    return guard.get(() -> known(thread));
  }

  /** A thread without the turn wants to touch what is simulated. */
  Worker enter(Thread thread) {
    return guard.get(
        () -> {
          refuseAfterTheEnd();
          Worker worker = known(thread);
          elsewhere.remove(worker);
          makeReady(worker);
          wakeDriver();
          return worker;
        });
  }

  /** A thread parks, unless something lets its park return at once: then it keeps the turn. */
  Worker park(Thread thread, Object blocker, long nanos) {
    return guard.get(
        () -> {
          refuseAfterTheEnd();
          Worker worker = known(thread);
          boolean returnsAtOnce = worker.permit || nanos <= 0 || thread.isInterrupted();
          worker.permit = false;
          if (returnsAtOnce && turn == worker) {
            return worker;
          }
          elsewhere.remove(worker);
          if (returnsAtOnce) {
            makeReady(worker); // it comes from elsewhere
          } else {
            worker.state = Worker.State.PARKED;
            worker.blocker = blocker;
            worker.deadline = agenda.after(nanos);
            parked.add(worker);
            trace.note(worker, "waits for", worker.waitsFor());
          }
          giveBack(worker);
          return worker;
        });
  }

  /** Ends the wait of a thread, or lets its next park return at once if it does not wait. */
  void unpark(Thread thread) {
    guard.run(
        () -> {
          Worker worker = known(thread);
          worker.permit = true;
          if (worker.state == Worker.State.PARKED) {
            parked.remove(worker);
            makeReady(worker);
          }
        });
  }

  /** A thread ends. */
  void leave(Worker worker) {
    guard.run(
        () -> {
          forget(worker);
          giveBack(worker);
        });
  }

  // ---- what the driver does

  /** The driver waits for this, so long at the most, while others run; or it does not wait. */
  boolean parkDriver(Object blocker, long nanos) {
    if (takePermit() || nanos <= 0 || driver.thread.isInterrupted()) {
      return false;
    }
    driver.blocker = blocker;
    driver.deadline = agenda.after(nanos);
    trace.note(driver, "waits for", driver.waitsFor());
    return true;
  }

  /** The driver does not wait any more. */
  void unparkDriver() {
    driver.deadline = Agenda.NEVER;
    takePermit();
  }

  private boolean takePermit() {
    return guard.get(
        () -> {
          boolean permit = driver.permit;
          driver.permit = false;
          return permit;
        });
  }

  /** Whether something ends the driver's own wait. */
  boolean driverIsReady() {
    return guard.get(
        () -> driver.permit || driver.deadline <= agenda.now() || driver.isInterrupted());
  }

  /**
   * How many threads could run. Those are made ready first whose time is over or who were
   * interrupted.
   */
  int ready() {
    return guard.get(
        () -> {
          for (int i = 0; i < parked.size(); ) {
            Worker worker = parked.get(i);
            if (worker.deadline <= agenda.now() || worker.isInterrupted()) {
              parked.remove(i);
              makeReady(worker);
            } else {
              i++;
            }
          }
          return ready.size();
        });
  }

  /** Gives the turn to one of those that are ready: the first is number 0. */
  Worker give(int chosen) {
    return guard.get(
        () -> {
          Worker worker = ready.remove(chosen);
          worker.state = Worker.State.RUNS;
          worker.permit = false;
          worker.awake = false;
          trace.note(worker, "runs");
          turn = worker;
          return worker;
        });
  }

  /** Takes the turn from a thread that is blocked by something else, or ended without a word. */
  void takeBack(Worker worker, Thread.State state) {
    guard.run(
        () -> {
          if (turn != worker) {
            return; // it has just given it back
          }
          turn = driver;
          if (state == Thread.State.TERMINATED) {
            forget(worker);
          } else {
            worker.state = Worker.State.ELSEWHERE;
            elsewhere.add(worker);
            trace.note(worker, BLOCKED);
          }
        });
  }

  /** Whether a thread is blocked by something else, as far as is known. */
  boolean hasElsewhere() {
    return guard.get(() -> !elsewhere.isEmpty());
  }

  /** A thread that was blocked by something else and goes on; null if there is none. */
  @Nullable Worker busyElsewhere() {
    return guard.get(
        () -> {
          for (Worker worker : List.copyOf(elsewhere)) {
            Thread.State state = worker.thread.getState();
            if (state == Thread.State.TERMINATED) {
              forget(worker);
            } else if (!Worker.isAtRest(state)) {
              return worker;
            }
          }
          return null;
        });
  }

  /** When the first time of a parked thread is over, or {@link Agenda#NEVER}. */
  long next() {
    return guard.get(
        () -> {
          long next = Agenda.NEVER;
          for (Worker worker : parked) {
            next = Math.min(next, worker.deadline);
          }
          return next;
        });
  }

  /** Who waits: first those who are parked, then those who are blocked by something else. */
  List<Wait> waits() {
    return guard.get(
        () -> {
          List<Wait> waits = new ArrayList<>();
          for (Worker worker : parked) {
            waits.add(new Wait(worker, "waits for " + worker.waitsFor(), worker.deadline));
          }
          for (Worker worker : elsewhere) {
            waits.add(new Wait(worker, BLOCKED, Agenda.NEVER));
          }
          return waits;
        });
  }

  // ---- the end

  /** Lets the driver go on, unless the simulation has ended or a thread has kept the turn. */
  void refuseToDrive() {
    if (turn != driver) {
      throw new IllegalStateException(
          "the simulation is broken: " + turn + " did not come to rest");
    }
    guard.run(this::refuseAfterTheEnd);
  }

  boolean isEnding() {
    return guard.get(() -> ending);
  }

  /** The simulation is being ended: every thread that waits is interrupted. */
  void beginTheEnd() {
    guard.run(
        () -> {
          ending = true;
          if (turn == driver) {
            parked.forEach(worker -> worker.thread.interrupt());
            elsewhere.forEach(worker -> worker.thread.interrupt());
          }
        });
  }

  /** The simulation has ended. */
  void end() {
    guard.run(() -> ended = true);
  }

  // ---- within the guard

  private void refuseAfterTheEnd() {
    if (ending && Thread.currentThread() != driver.thread || ended) {
      throw new IllegalStateException("the simulation has ended");
    }
  }

  private Worker known(Thread thread) {
    Worker worker = workers.get(thread);
    if (worker == null) {
      String name = thread.getName().isEmpty() ? "thread" : thread.getName();
      worker = new Worker(unique(name), thread, false);
      workers.put(thread, worker);
    }
    return worker;
  }

  private String unique(String name) {
    int count = names.merge(name, 1, Integer::sum);
    return count == 1 ? name : name + "#" + count;
  }

  private void makeReady(Worker worker) {
    worker.state = Worker.State.READY;
    worker.blocker = "its turn";
    worker.deadline = Agenda.NEVER;
    ready.add(worker);
  }

  private void forget(Worker worker) {
    worker.state = Worker.State.ENDED;
    workers.remove(worker.thread);
    elsewhere.remove(worker);
  }

  /** A thread stops running. One that was blocked by something else has no turn to give. */
  private void giveBack(Worker worker) {
    if (turn == worker) {
      turn = driver;
    }
    wakeDriver(); // also for a thread that comes from elsewhere
  }
}
