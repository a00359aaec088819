package dev.lariat.live;

import dev.lariat.FailedException;
import dev.lariat.internal.entrance.Await;
import dev.lariat.internal.transport.Machine;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Iterator;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What an iterator of a live connection waits for, for one subscriber at a time. A thread of its
 * own reads: it waits in the mailbox, so back-pressure is the mailbox's. It takes one item before
 * there is a demand, since only that shows the end. The item stays for the next subscriber.
 */
final class LivePublisher<T> implements Flow.Publisher<T> {
  private static final Logger LOG = System.getLogger("dev.lariat");

  private final Iterator<T> items;
  private final Machine machine;
  private @Nullable Reading current; // under this; the newest

  LivePublisher(Iterator<T> items, Machine machine) {
    this.items = items;
    this.machine = machine;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super T> subscriber) {
    Objects.requireNonNull(subscriber, "subscriber");
    Reading reading = next(subscriber);
    if (reading == null) {
      subscriber.onSubscribe(new Nothing());
      subscriber.onError(new IllegalStateException("the publisher has a subscriber"));
      return;
    }
    reading.call(to -> to.onSubscribe(reading));
    machine.start("lariat-publisher", reading::run);
  }

  /** The one for this subscriber; null if another subscriber has not left. */
  private synchronized @Nullable Reading next(Flow.Subscriber<? super T> subscriber) {
    Reading before = current;
    if (before != null && !before.isOver()) {
      return null;
    }
    current =
        new Reading(
            subscriber, before == null ? CompletableFuture.completedFuture(null) : before.ended);
    return current;
  }

  private final class Reading implements Flow.Subscription {
    private Flow.@Nullable Subscriber<? super T> subscriber; // until the end (3.13); of the thread
    private final CompletableFuture<@Nullable Void> before; // the end of the reading before
    private final CompletableFuture<@Nullable Void> ended = new CompletableFuture<>();
    private final AtomicLong demand = new AtomicLong();
    private volatile boolean over; // cancelled, or at its end
    private volatile @Nullable IllegalArgumentException misuse;
    private volatile CompletableFuture<@Nullable Void> changed = new CompletableFuture<>();
    private @Nullable Thread waiting; // under this; to be interrupted

    Reading(Flow.Subscriber<? super T> subscriber, CompletableFuture<@Nullable Void> before) {
      this.subscriber = subscriber;
      this.before = before;
    }

    void run() {
      Await.on(before, "onNext", machine);
      try {
        while (awaitItem() && awaitDemand()) {
          if (demand.get() != Long.MAX_VALUE) { // which is one without end (3.17)
            demand.decrementAndGet();
          }
          T item = items.next();
          call(to -> to.onNext(item));
        }
        end(null);
      } catch (FailedException e) {
        end(e);
      } finally {
        subscriber = null;
        ended.complete(null);
      }
    }

    private void end(@Nullable Throwable why) {
      if (over) {
        return;
      }
      over = true;
      Throwable first = misuse == null ? why : misuse;
      if (first == null) {
        call(Flow.Subscriber::onComplete);
      } else {
        call(to -> to.onError(first));
      }
    }

    boolean isOver() {
      return over || misuse != null;
    }

    /** Whether there is an item, and still somebody to have it. */
    private boolean awaitItem() {
      synchronized (this) {
        if (isOver()) {
          return false;
        }
        waiting = Thread.currentThread();
      }
      try {
        return items.hasNext();
      } finally {
        synchronized (this) {
          waiting = null;
          if (isOver()) {
            Thread.interrupted(); // it was for the wait
          }
        }
      }
    }

    private boolean awaitDemand() {
      while (demand.get() == 0 && !isOver()) {
        CompletableFuture<@Nullable Void> change = changed;
        if (demand.get() == 0 && !isOver()) {
          Await.on(change, "onNext", machine);
        }
      }
      return !isOver();
    }

    /** Calls a user's code, whose exceptions are its own fault (2.13). */
    private void call(Consumer<Flow.Subscriber<? super T>> code) {
      try {
        code.accept(Objects.requireNonNull(subscriber));
      } catch (Throwable thrown) {
        LOG.log(Level.ERROR, "A subscriber threw. Its subscription is cancelled.", thrown);
        cancel();
      }
    }

    @Override
    public void request(long count) {
      if (count <= 0) { // 3.9
        misuse = new IllegalArgumentException("request: " + count + ", allowed 1 or more");
        interrupt();
      } else {
        demand.accumulateAndGet(count, (had, more) -> had + more < 0 ? Long.MAX_VALUE : had + more);
      }
      wake();
    }

    @Override
    public void cancel() {
      over = true;
      interrupt();
      wake();
    }

    private void wake() {
      CompletableFuture<@Nullable Void> before = changed;
      changed = new CompletableFuture<>();
      before.complete(null);
    }

    private synchronized void interrupt() {
      if (waiting != null) {
        waiting.interrupt();
      }
    }
  }

  /** For a subscriber that gets nothing. */
  private static final class Nothing implements Flow.Subscription {
    @Override
    public void request(long items) {}

    @Override
    public void cancel() {}
  }
}
