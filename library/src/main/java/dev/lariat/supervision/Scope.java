package dev.lariat.supervision;

import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.internal.entrance.Adoption;
import dev.lariat.internal.entrance.Await;
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
 * One run of a child's task, and the resources that end with it. When the run ends for any reason,
 * everything that it owns is closed, the latest first, before the child counts as ended.
 *
 * <p>The run owns the connections, live connections and supervisors that you open on the child's
 * own thread, and the mailboxes that {@code open} makes for them, until they end. They are closed
 * at once, as by {@code close}. If you need a close handshake, perform it in the task. On another
 * thread that works for the child, use {@link #within}. Pass other resources to {@link #own}.
 *
 * <p>After the task has returned or thrown, or was abandoned, the run has ended. It owns nothing
 * more, and an attempt to open something for it fails.
 *
 * <p>You can call all methods from any thread.
 */
public final class Scope {
  private static final Logger LOG = System.getLogger("dev.lariat");

  private final Supervisor supervisor;
  private final String id;
  private final int restarts;
  private final Optional<ChildInfo.End> formerEnd;

  private final Lock lock = new ReentrantLock();
  private final SequencedSet<Held> held = new LinkedHashSet<>(0); // under the lock
  private final SequencedSet<Held> closing = new LinkedHashSet<>(0); // not ended; under the lock
  private boolean over; // nothing more is owned; under the lock
  private volatile boolean stopping;
  private final Adoption run = new Run();

  /** What is opened on a thread that works for this run is adopted by it. */
  private final class Run extends Adoption {
    Scope scope() {
      return Scope.this;
    }

    @Override
    protected Adoption.Hold hold(
        AutoCloseable opened, @Nullable Mailbox mailbox, @Nullable CompletableFuture<?> ended) {
      Held hold = new Held(opened, mailbox, ended);
      if (!add(hold)) {
        throw refused("open");
      }
      return hold;
    }
  }

  /** Something that is closed with this scope. */
  private final class Held implements Adoption.Hold {
    private final AutoCloseable resource;
    private final @Nullable Mailbox mailbox; // that was made for it
    private final @Nullable CompletableFuture<?> ended; // null: when its close has returned
    private final CompletableFuture<@Nullable Void> released = new CompletableFuture<>();
    private boolean open; // may be closed; under the scope's lock
    private boolean doomed; // is closed as soon as it is open; under the scope's lock

    private Held(
        AutoCloseable resource, @Nullable Mailbox mailbox, @Nullable CompletableFuture<?> ended) {
      this.resource = resource;
      this.mailbox = mailbox;
      this.ended = ended;
    }

    @Override
    public void opened() {
      if (ended != null) {
        ended.whenComplete((value, failure) -> release());
      }
      if (mustClose(this)) {
        close(this);
      }
    }

    @Override
    public void release() {
      remove(this);
      released.complete(null);
    }
  }

  Scope(Supervisor supervisor, String id, int restarts, Optional<ChildInfo.End> formerEnd) {
    this.supervisor = supervisor;
    this.id = id;
    this.restarts = restarts;
    this.formerEnd = formerEnd;
  }

  /** {@return the id of the child} */
  public String id() {
    return id;
  }

  /** {@return how many times the child was started before; 0 for its first run} */
  public int restarts() {
    return restarts;
  }

  /** {@return how the previous run ended; empty for the first} */
  public Optional<ChildInfo.End> formerEnd() {
    return formerEnd;
  }

  /**
   * {@return whether the task was asked to end} Its thread is interrupted then, so a task that
   * waits does not have to check. A task that computes should check, and so should other threads
   * that work for it.
   */
  public boolean stopping() {
    return stopping;
  }

  /**
   * Closes this resource when the run ends. If its {@code close} throws, the exception is logged.
   *
   * @param <T> the type of the resource
   * @param resource the resource to close
   * @return the same resource
   * @throws FailedException if the run has ended; the resource is then closed
   */
  public <T extends AutoCloseable> T own(T resource) {
    Held hold = new Held(resource, null, Adoption.endOf(resource));
    if (!add(hold)) {
      close(resource);
      throw refused("own");
    }
    hold.opened();
    return resource;
  }

  /**
   * Stops owning this resource, and leaves it open. Does nothing if the run does not own it.
   *
   * @param resource the resource
   */
  public void disown(AutoCloseable resource) {
    lock.lock();
    try {
      held.removeIf(hold -> hold.resource == resource);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Does this work on the calling thread as if it were the child's own: the run owns what the work
   * opens. The run does not wait for the work. The work should end when its resources are closed,
   * or when the run is {@link #stopping}.
   *
   * @param <T> the type of the result
   * @param work the work, which opens resources
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
    return of(Adoption.current());
  }

  /** Makes this the scope of the thread, and says which was that before. */
  static @Nullable Scope enter(@Nullable Scope next) {
    return of(Adoption.enter(next == null ? null : next.run));
  }

  private static @Nullable Scope of(@Nullable Adoption adoption) {
    return adoption instanceof Run run ? run.scope() : null;
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
    for (Held hold = last(); hold != null; hold = last()) {
      if (isOpen(hold)) {
        close(hold);
      }
    }
  }

  /** Waits until all that was closed has ended. Whoever is tired of that leaves it alone. */
  void awaitEnds(Machine machine) {
    for (Held hold = firstClosing(); hold != null; hold = firstClosing()) {
      try {
        Await.on(hold.released, Long.MAX_VALUE, machine);
      } catch (InterruptedException e) {
        // it has nothing to do any more but to see the end
      }
    }
  }

  private @Nullable Held last() {
    lock.lock();
    try {
      if (held.isEmpty()) {
        return null;
      }
      Held hold = held.removeLast();
      if (hold.ended != null) {
        closing.add(hold);
      }
      return hold;
    } finally {
      lock.unlock();
    }
  }

  private @Nullable Held firstClosing() {
    lock.lock();
    try {
      return closing.isEmpty() ? null : closing.getFirst();
    } finally {
      lock.unlock();
    }
  }

  /** Whether it may be closed now; otherwise whoever opens it has to. */
  private boolean isOpen(Held hold) {
    lock.lock();
    try {
      hold.doomed = true;
      return hold.open;
    } finally {
      lock.unlock();
    }
  }

  /** It may be closed from now on; says whether it has to be. */
  private boolean mustClose(Held hold) {
    lock.lock();
    try {
      hold.open = true;
      return hold.doomed;
    } finally {
      lock.unlock();
    }
  }

  private boolean add(Held hold) {
    lock.lock();
    try {
      return !over && held.add(hold);
    } finally {
      lock.unlock();
    }
  }

  private void remove(Held hold) {
    lock.lock();
    try {
      held.remove(hold);
      closing.remove(hold);
    } finally {
      lock.unlock();
    }
  }

  private void close(Held hold) {
    close(hold.resource);
    if (hold.mailbox != null) {
      close(hold.mailbox);
    }
  }

  private void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Throwable e) { // the others are closed all the same
      LOG.log(Level.WARNING, "A resource of the child " + id + " failed to close", e);
    }
  }

  private FailedException refused(String operation) {
    return new FailedException(
        new Reason.BadState(operation, "this run of the child " + id + " has ended"));
  }

  /** The child and the run, for logs. */
  @Override
  public String toString() {
    return id + "-" + restarts;
  }
}
