package dev.lariat;

import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Reason;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One run of a child's task, and what ends with it: everything that the run owns is closed when it
 * ends in any way, the latest first, before the child counts as ended.
 *
 * <p>It owns by itself the connections, live connections and supervisors that are opened on the
 * child's own thread, and the mailboxes that {@code open} makes for them, until they end. They are
 * closed as by {@code close}, at once: a task that wants to say goodbye does so itself. On another
 * thread that works for the child, {@link #within} does the same. What was made in any other way is
 * given to {@link #own}.
 *
 * <p>When the task has returned or thrown, or was abandoned, the run is over: it owns nothing more,
 * and what is opened for it then fails.
 *
 * <p>All methods may be called from any thread.
 */
public final class Scope {
  private static final Logger LOG = System.getLogger("dev.lariat");

  /**
   * For whose run this thread works. Each {@code open} asks for it: a map by thread would be a lock
   * for all of them.
   */
  private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

  private final Supervisor supervisor;
  private final String id;
  private final int restarts;
  private final Optional<ChildInfo.End> formerEnd;

  private final Lock lock = new ReentrantLock();
  private final SequencedSet<Hold> held = new LinkedHashSet<>(0); // under the lock
  private final SequencedSet<Hold> closing = new LinkedHashSet<>(0); // not ended; under the lock
  private boolean over; // nothing more is owned; under the lock
  private volatile boolean stopping;

  /** Something that is closed with a scope, where there is one. */
  static final class Hold {
    static final Hold NONE = new Hold(null, () -> {}, null, null);

    private final @Nullable Scope scope;
    private final AutoCloseable resource;
    private final @Nullable Mailbox mailbox; // that was made for it
    private final @Nullable CompletableFuture<?> ended; // null: when its close has returned
    private final CompletableFuture<@Nullable Void> released = new CompletableFuture<>();
    private boolean open; // may be closed; under the scope's lock
    private boolean doomed; // is closed as soon as it is open; under the scope's lock

    private Hold(
        @Nullable Scope scope,
        AutoCloseable resource,
        @Nullable Mailbox mailbox,
        @Nullable CompletableFuture<?> ended) {
      this.scope = scope;
      this.resource = resource;
      this.mailbox = mailbox;
      this.ended = ended;
    }

    /** It is open, and may be closed from now on; is at once, if that was wanted before. */
    void opened() {
      if (scope == null) {
        return;
      }
      if (ended != null) {
        ended.whenComplete((value, failure) -> release());
      }
      if (scope.opened(this)) {
        scope.close(this);
      }
    }

    /** Lets go of it. */
    void release() {
      if (scope != null) {
        scope.remove(this);
        released.complete(null);
      }
    }
  }

  Scope(Supervisor supervisor, String id, int restarts, Optional<ChildInfo.End> formerEnd) {
    this.supervisor = supervisor;
    this.id = id;
    this.restarts = restarts;
    this.formerEnd = formerEnd;
  }

  /** The id of the child. */
  public String id() {
    return id;
  }

  /** How often the child had been started before: 0 for its first run. */
  public int restarts() {
    return restarts;
  }

  /** How the run before this one ended; empty for the first. */
  public Optional<ChildInfo.End> formerEnd() {
    return formerEnd;
  }

  /**
   * Whether the task is asked to end. Its thread is interrupted then, so one that waits need not
   * look; one that computes should, and so should other threads that work for it.
   */
  public boolean stopping() {
    return stopping;
  }

  /**
   * Has this closed when the run ends. What its {@code close} throws is logged.
   *
   * @return the same
   * @throws FailedException if the run is over; the resource is closed then
   */
  public <T extends AutoCloseable> T own(T resource) {
    Hold hold = new Hold(this, resource, null, endOf(resource));
    if (!add(hold)) {
      close(resource);
      throw refused("own");
    }
    hold.opened();
    return resource;
  }

  private static @Nullable CompletableFuture<?> endOf(AutoCloseable resource) {
    if (resource instanceof Connection connection) {
      return connection.ended();
    }
    if (resource instanceof LiveWebSocket live) {
      return live.ended();
    }
    return resource instanceof LiveEvents live ? live.ended() : null;
  }

  /** Owns this no longer, and leaves it open. Does nothing if the run does not own it. */
  public void disown(AutoCloseable resource) {
    lock.lock();
    try {
      held.removeIf(hold -> hold.resource == resource);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Does this work on the calling thread as on the child's own: what it opens is owned by the run.
   * The run does not wait for it; it should end when what it works with is closed, or when it sees
   * that the run is {@link #stopping}.
   *
   * @return what the work returns
   * @throws Exception what the work throws
   */
  public <T extends @Nullable Object> T within(Callable<T> work) throws Exception {
    Scope before = enter(this);
    try {
      return work.call();
    } finally {
      enter(before);
    }
  }

  // ---- what happens by itself

  /** The scope for which this thread works. */
  static @Nullable Scope current() {
    return CURRENT.get();
  }

  /** Makes this the scope of the thread, and says which was that before. */
  static @Nullable Scope enter(@Nullable Scope next) {
    Scope before = CURRENT.get();
    if (next == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(next);
    }
    return before;
  }

  /**
   * Has this closed with the run for which this thread works, if there is one: the hook for
   * everything that is opened. When it is open, or has failed to be, the hold is told so.
   *
   * @param mailbox one that was made for it
   * @param ended completes when it has ended; then it is held no longer. Without, it has when its
   *     {@code close} has returned
   * @throws FailedException if the run is over: it shall open nothing more
   */
  static Hold adopt(
      AutoCloseable opened, @Nullable Mailbox mailbox, @Nullable CompletableFuture<?> ended) {
    Scope scope = current();
    if (scope == null) {
      return Hold.NONE;
    }
    Hold hold = new Hold(scope, opened, mailbox, ended);
    if (!scope.add(hold)) {
      throw scope.refused("open");
    }
    return hold;
  }

  Supervisor supervisor() {
    return supervisor;
  }

  /** The task is asked to end. */
  void stop() {
    stopping = true;
  }

  /**
   * Owns nothing more from now on: the run is over.
   *
   * @return whether there is something left to {@link #close}
   */
  boolean seal() {
    lock.lock();
    try {
      over = true;
      return !held.isEmpty() || !closing.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Closes what there is, the latest first. One at a time is taken, for two threads may do so: the
   * child's, and another when that one is abandoned.
   */
  void close() {
    for (Hold hold = last(); hold != null; hold = last()) {
      if (isOpen(hold)) {
        close(hold);
      }
    }
  }

  /** Waits until all that was closed has ended. Whoever is tired of that leaves it alone. */
  void awaitEnds(Machine machine) {
    for (Hold hold = firstClosing(); hold != null; hold = firstClosing()) {
      try {
        Await.on(hold.released, Long.MAX_VALUE, machine);
      } catch (InterruptedException e) {
        // it has nothing to do any more but to see the end
      }
    }
  }

  private @Nullable Hold last() {
    lock.lock();
    try {
      if (held.isEmpty()) {
        return null;
      }
      Hold hold = held.removeLast();
      if (hold.ended != null) {
        closing.add(hold);
      }
      return hold;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Hold firstClosing() {
    lock.lock();
    try {
      return closing.isEmpty() ? null : closing.getFirst();
    } finally {
      lock.unlock();
    }
  }

  /** Whether it may be closed now; otherwise whoever opens it has to. */
  private boolean isOpen(Hold hold) {
    lock.lock();
    try {
      hold.doomed = true;
      return hold.open;
    } finally {
      lock.unlock();
    }
  }

  /** It may be closed from now on; says whether it has to be. */
  private boolean opened(Hold hold) {
    lock.lock();
    try {
      hold.open = true;
      return hold.doomed;
    } finally {
      lock.unlock();
    }
  }

  private boolean add(Hold hold) {
    lock.lock();
    try {
      return !over && held.add(hold);
    } finally {
      lock.unlock();
    }
  }

  private void remove(Hold hold) {
    lock.lock();
    try {
      held.remove(hold);
      closing.remove(hold);
    } finally {
      lock.unlock();
    }
  }

  private void close(Hold hold) {
    close(hold.resource);
    if (hold.mailbox != null) {
      close(hold.mailbox);
    }
  }

  private void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Throwable e) { // the others are closed all the same
      LOG.log(Level.WARNING, "Something that the child " + id + " owned failed to close", e);
    }
  }

  private FailedException refused(String operation) {
    return new FailedException(
        new Reason.BadState(operation, "this run of the child " + id + " is over"));
  }

  /** The child and the run, for logs. */
  @Override
  public String toString() {
    return id + "-" + restarts;
  }
}
