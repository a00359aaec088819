package dev.lariat.supervision;

import dev.lariat.FailedException;
import dev.lariat.internal.entrance.Adoption;
import dev.lariat.internal.entrance.Await;
import dev.lariat.internal.text.Durations;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Reason;
import dev.lariat.option.Supervision;
import dev.lariat.option.Supervision.Restart;
import dev.lariat.supervision.Children.Action;
import dev.lariat.supervision.Children.Moment;
import dev.lariat.supervision.Children.Run;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Runs your tasks, its children, each on its own virtual thread, and restarts them like a
 * supervisor of Erlang's OTP. {@link Supervision} has the rules, and {@link Child} a task.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="supervisor"}
 *
 * <p>When a child ends for any reason, everything that it opened is closed; see {@link Scope}. If a
 * task reads a mailbox and throws, for example, its connections are closed, and its next run begins
 * with new ones.
 *
 * <p><b>To end a child</b>, the supervisor interrupts its thread. After the child's {@code
 * shutdown} time, the supervisor abandons it: the child counts as ended, and can open nothing more.
 * Another thread closes what it owns, so most calls of Lariat in which it may be waiting fail. Two
 * runs of one child can exist at the same time only in this case, and {@link ChildInfo} shows it.
 *
 * <p><b>If children fail too often</b>, according to {@link Supervision}, the supervisor ends all
 * of them, the last one first, and then itself. {@link #join} throws the reason, so a supervisor
 * can be a child of another:
 *
 * <pre>{@code
 * supervisor.start(Child.of("feeds", scope -> {
 *   try (Supervisor feeds = Supervisor.open(options)) {
 *     feeds.start(...);
 *     feeds.join();
 *   }
 * }));
 * }</pre>
 *
 * <p>The logger {@code dev.lariat} logs abnormal ends as warnings. If the supervisor gives up, it
 * logs an error.
 *
 * <p>You can call all methods from any thread, including that of a child.
 */
public final class Supervisor implements AutoCloseable {
  private static final Logger LOG = System.getLogger("dev.lariat");

  /*
   * How it works. Children decides and does nothing; it is only touched under the lock. One thread
   * supervises: it takes the next action under the lock, carries it out without the lock, and waits
   * when there is none. Other threads (users, and children that end) change Children under the lock
   * and wake that thread. Since it looks at Children under the lock before it waits, no change is
   * missed. Users' code never runs under the lock or on the supervising thread.
   */
  private final Machine machine;
  private final @Nullable Scope parent; // the scope of the child that opened it; null without one
  private final Lock lock = new ReentrantLock();

  // Under the lock.
  private final Children children;
  private final Set<Thread> waiters = new LinkedHashSet<>(0); // threads in join() or terminate()
  private @Nullable Thread thread; // the thread that supervises; null before it runs
  private @Nullable Reason fault; // an exception of the supervising thread; null without one
  private boolean ended; // whether the supervising thread has done all

  // Only the supervising thread touches this.
  private final Map<Run, Running> running = new HashMap<>(); // the runs that it has started

  /** Where a run takes place. */
  private record Running(Thread thread, Scope scope) {}

  private Supervisor(Supervision options) {
    this.machine = Machine.of(options.platform());
    this.parent = Scope.current();
    this.children = new Children(options);
  }

  /** {@return a supervisor without children, with OTP's defaults} */
  public static Supervisor open() {
    return open(Supervision.DEFAULT);
  }

  /**
   * {@return a supervisor without children} If you open it on the thread of a child of another
   * supervisor, it ends with that child.
   *
   * @param options the options
   * @throws IllegalArgumentException if the platform is not one of Lariat's
   * @throws FailedException on the thread of a child that was abandoned
   */
  public static Supervisor open(Supervision options) {
    Supervisor supervisor = new Supervisor(options);
    Adoption.Hold hold = Adoption.adopt(supervisor, null, null);
    try {
      supervisor.machine.startApart("lariat-supervisor", () -> supervisor.run(hold));
    } catch (Throwable e) { // no memory for a thread: nothing was opened
      hold.release();
      throw e;
    }
    hold.opened();
    return supervisor;
  }

  // ---- the children

  /**
   * Starts a child, as the last one in the order of start. Returns immediately.
   *
   * @param child the child
   * @throws IllegalStateException if there is a child with that id
   * @throws FailedException if the supervisor has ended or is ending
   */
  public void start(Child child) {
    lock.lock();
    try {
      children.start(child, now());
      wake();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Ends a child, and waits until it has ended. It does not wait on the child's own thread, on the
   * thread of a child below it, or on an event loop of Lariat. If the child is temporary, the
   * supervisor forgets it. Otherwise you can restart it, and a strategy restarts it together with
   * another child; {@link #delete} prevents that. Does nothing if it has already ended.
   *
   * @param id the id of the child
   * @throws IllegalArgumentException if there is no such child
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public void terminate(String id) throws InterruptedException {
    Run run;
    lock.lock();
    try {
      run = children.terminate(id, now());
      wake();
    } finally {
      lock.unlock();
    }
    if (run != null && mayWait(id)) {
      await(() -> ended || !children.isAlive(run), Long.MAX_VALUE);
    }
  }

  /**
   * Starts a child that has ended, in its old place in the order of start. Returns immediately.
   * This start does not count as a restart for {@code intensity}.
   *
   * @param id the id of the child
   * @throws IllegalArgumentException if there is no such child
   * @throws IllegalStateException if it has not ended
   * @throws FailedException if the supervisor has ended or is ending
   */
  public void restart(String id) {
    lock.lock();
    try {
      children.restart(id, now());
      wake();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Removes a child that has ended.
   *
   * @param id the id of the child
   * @throws IllegalArgumentException if there is no such child
   * @throws IllegalStateException if it has not ended
   */
  public void delete(String id) {
    lock.lock();
    try {
      children.delete(id);
    } finally {
      lock.unlock();
    }
  }

  /**
   * {@return the state of the children, in the order of their start} It works even after the
   * supervisor has ended.
   */
  public List<ChildInfo> children() {
    lock.lock();
    try {
      return children.infos();
    } finally {
      lock.unlock();
    }
  }

  // ---- the end

  /**
   * Waits until the supervisor has ended.
   *
   * @throws FailedException if it gave up: {@link Reason.RestartsExceeded}
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException on an event loop of Lariat's
   */
  public void join() throws InterruptedException {
    join(Long.MAX_VALUE);
  }

  /**
   * Waits until the supervisor has ended, for at most this long.
   *
   * @param timeout the longest time to wait
   * @return whether it has ended within that time
   * @throws FailedException if it gave up: {@link Reason.RestartsExceeded}
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException on an event loop of Lariat's
   */
  public boolean join(Duration timeout) throws InterruptedException {
    return join(Await.nanos(timeout));
  }

  private boolean join(long nanos) throws InterruptedException {
    machine.refuseToBlock("join", "list the children");
    if (!await(() -> ended, nanos)) {
      return false;
    }
    Optional<Reason> reason;
    lock.lock();
    try {
      reason = Optional.ofNullable(fault).or(children::reason);
    } finally {
      lock.unlock();
    }
    if (reason.isPresent()) {
      throw new FailedException(reason.get());
    }
    return true;
  }

  /**
   * Ends all children, each within its {@code shutdown} time and in the reverse order of their
   * start, and then the supervisor. Waits for the end, even if the thread is interrupted during the
   * wait. It does not wait on the thread of a child, on the thread of a child below it, or on an
   * event loop of Lariat. Does nothing if it has ended.
   */
  @Override
  public void close() {
    lock.lock();
    try {
      children.end(Optional.empty(), now());
      wake();
    } finally {
      lock.unlock();
    }
    if (mayWait(null)) {
      boolean interrupted = false;
      while (!hasEnded()) {
        try {
          await(() -> ended, Long.MAX_VALUE);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean hasEnded() {
    lock.lock();
    try {
      return ended;
    } finally {
      lock.unlock();
    }
  }

  // ---- waiting

  /**
   * Whether this thread may wait for the end of a child, or without an id for that of all. It must
   * not on a loop, nor where that end would wait for the thread: in the child, or beneath it.
   */
  private boolean mayWait(@Nullable String id) {
    Scope scope = Scope.current();
    while (scope != null) {
      if (scope.supervisor() == this && (id == null || id.equals(scope.id()))) {
        return false;
      }
      scope = scope.supervisor().parent;
    }
    return !machine.isLoop();
  }

  /** Waits until this, which is asked under the lock, is so; false when the time is over. */
  private boolean await(BooleanSupplier is, long nanos) throws InterruptedException {
    long start = machine.nanos();
    Thread self = Thread.currentThread();
    while (true) {
      lock.lock();
      try {
        if (is.getAsBoolean()) {
          return true;
        }
        waiters.add(self);
      } finally {
        lock.unlock();
      }
      try {
        long left = nanos == Long.MAX_VALUE ? nanos : nanos - (machine.nanos() - start);
        if (left <= 0) {
          return false;
        }
        machine.park(this, left);
      } finally {
        waitsNoMore(self);
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  private void waitsNoMore(Thread waiter) {
    lock.lock();
    try {
      waiters.remove(waiter);
    } finally {
      lock.unlock();
    }
  }

  /** Has the supervising thread look at what has changed; under the lock. */
  private void wake() {
    machine.unpark(thread);
  }

  private Moment now() {
    return new Moment(machine.nanos(), machine.now());
  }

  // ---- the supervising thread

  private void run(Adoption.Hold hold) {
    try {
      while (supervise()) {
        Thread.interrupted(); // nobody's business, and no wait would be one with it
      }
    } catch (Throwable bug) { // of the machine or here: nobody would restart them any more
      LOG.log(Level.ERROR, "A supervisor failed, and its children with it", bug);
      running.values().forEach(this::abandon);
      end(new Reason.Fault(bug));
    } finally {
      hold.release();
    }
  }

  /** Does what is to be done, or waits for that; false at the end. */
  private boolean supervise() {
    List<Action> actions;
    long patience;
    lock.lock();
    try {
      thread = Thread.currentThread();
      Moment now = now();
      actions = children.step(now);
      patience = children.patience(now);
      if (actions.isEmpty() && children.isOver()) {
        ended = true;
      }
      if (ended || !actions.isEmpty()) {
        waiters.forEach(machine::unpark);
      }
      if (ended) {
        return false;
      }
    } finally {
      lock.unlock();
    }
    actions.forEach(this::perform);
    if (actions.isEmpty()) {
      machine.park(this, patience);
    }
    return true;
  }

  private void perform(Action action) {
    switch (action) {
      case Action.Start(Run run) -> begin(run);
      case Action.Interrupt(Run run) -> interrupt(run);
      case Action.Abandon(Run run) -> abandon(running.get(run));
      case Action.Ended ended -> {
        running.remove(ended.run());
        log(ended);
      }
      case Action.GaveUp(Reason reason) -> log(Level.ERROR, reason.sentence(), null);
    }
  }

  private void begin(Run run) {
    Scope scope = new Scope(this, run.child().id(), run.number(), run.former());
    try {
      Thread started = machine.start(run.thread(), () -> perform(run, scope));
      running.put(run, new Running(started, scope));
    } catch (Throwable e) { // no memory for a thread: as if the task had thrown it
      over(run, scope, e);
    }
  }

  /**
   * Under the lock, by which the thread also leaves its task: an interrupt that was meant for the
   * task must not hit what is closed behind it.
   */
  private void interrupt(Run run) {
    lock.lock();
    try {
      Running place = running.get(run);
      if (place != null && !children.hasLeft(run)) {
        place.scope().stop();
        place.thread().interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Closes what it owns on a thread that nobody waits for, since closing may hang as well. */
  private void abandon(@Nullable Running place) {
    if (place != null) {
      Scope scope = place.scope();
      scope.stop();
      if (scope.seal()) {
        machine.startApart("lariat-closer-" + scope, () -> close(scope));
      }
      place.thread().interrupt(); // once more, or for the first time where it closes
    }
  }

  private void end(Reason why) {
    lock.lock();
    try {
      children.end(Optional.empty(), now());
      fault = why;
      ended = true;
      waiters.forEach(machine::unpark);
    } finally {
      lock.unlock();
    }
  }

  // ---- a child's thread

  private void perform(Run run, Scope scope) {
    Throwable thrown = null;
    Scope.enter(scope);
    try {
      run.child().task().run(scope);
    } catch (Throwable e) { // whatever it is: a thread that dies in silence leaves a zombie
      thrown = e;
    }
    over(run, scope, thrown);
  }

  private void over(Run run, Scope scope, @Nullable Throwable thrown) {
    boolean owns = scope.seal();
    lock.lock();
    try {
      children.left(run, thrown, now());
      if (!owns) {
        children.closed(run, now());
      }
      wake();
    } finally {
      lock.unlock();
    }
    if (owns) {
      close(scope);
      scope.awaitEnds(machine);
      lock.lock();
      try {
        children.closed(run, now());
        wake();
      } finally {
        lock.unlock();
      }
    }
  }

  private static void close(Scope scope) {
    Thread.interrupted(); // it was for the task: what is closed may have to wait
    Scope before = Scope.enter(scope);
    try {
      scope.close();
    } finally {
      Scope.enter(before);
    }
  }

  // ---- the log

  private static void log(Action.Ended ended) {
    Child child = ended.run().child();
    boolean permanent = child.restart() == Restart.PERMANENT;
    Throwable thrown = ended.end().thrown().orElse(null);
    String how =
        switch (ended.end().ending()) {
          case RETURNED -> " returned";
          case THREW -> " threw";
          case TERMINATED -> " was ended";
        };
    boolean normal =
        switch (ended.end().ending()) {
          case RETURNED -> !permanent;
          case THREW -> false;
          case TERMINATED -> true;
        };
    boolean abandoned = ended.end().abandoned();
    log(
        normal && !abandoned ? Level.DEBUG : Level.WARNING,
        "The child "
            + child.id()
            + how
            + (abandoned
                ? " but did not stop within "
                    + Durations.words(child.shutdown())
                    + ", so it was abandoned in the thread "
                    + ended.run().thread()
                : "")
            + (ended.restarted() ? ". It is restarted" : ""),
        thrown);
  }

  private static void log(Level level, String text, @Nullable Throwable thrown) {
    try {
      LOG.log(level, text, thrown);
    } catch (Throwable e) { // by a user's handler of logs, which must not end the supervision
    }
  }
}
