package dev.lariat.internal.entrance;

import dev.lariat.FailedException;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Reason;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Threads that wait for room: first come, first served.
 *
 * <p>Whoever makes room gives it to the head of the line before it wakes the thread. So a thread is
 * woken once, when it has what it waited for, and nobody takes the room from under it. A thread
 * that gives up leaves the line; if it was given room at the same moment, it has the room.
 *
 * <p>The line belongs to an owner and uses the owner's lock. {@link #isEmpty} may be called from
 * any thread, {@link #await} without the lock, everything else under it.
 *
 * @param <T> what a thread wants room for
 */
public final class WaitingLine<T> {

  /** A thread's place in the line. */
  public static final class Place<T> {
    private final T wanted; // what the thread wants room for
    private final Thread thread = Thread.currentThread();
    private volatile boolean left; // whether it was admitted or refused, or has given up
    private @Nullable Reason refused; // why it was refused; written before "left", read after it

    private Place(T wanted) {
      this.wanted = wanted;
    }
  }

  private final Lock lock; // the owner's
  private final Machine machine;
  private @Nullable Deque<Place<T>> places; // the head first; under the lock; null while empty
  private volatile boolean empty = true; // whether nobody waits; written under the lock

  public WaitingLine(Lock lock, Machine machine) {
    this.lock = lock;
    this.machine = machine;
  }

  /** Whether nobody waits. */
  public boolean isEmpty() {
    return empty;
  }

  /** Puts the current thread at the end of the line. {@link #await} must follow. */
  public Place<T> join(T wanted) {
    Place<T> place = new Place<>(wanted);
    if (places == null) {
      places = new ArrayDeque<>(2);
    }
    places.add(place);
    empty = false;
    return place;
  }

  /**
   * Lets threads go on from the head of the line.
   *
   * @param hasRoom takes the room if there is any; the first refusal ends the round
   */
  public void admit(Predicate<T> hasRoom) {
    Deque<Place<T>> all = places;
    while (all != null && hasRoom.test(all.element().wanted)) {
      leave(all.remove());
      all = remaining();
    }
  }

  /** Those that wait now that one has left. */
  private @Nullable Deque<Place<T>> remaining() {
    if (places != null && places.isEmpty()) {
      places = null;
      empty = true;
    }
    return places;
  }

  /** Fails all who wait. */
  public void refuse(Reason reason) {
    Deque<Place<T>> all = places;
    places = null;
    empty = true;
    if (all != null) {
      for (Place<T> place : all) {
        place.refused = reason;
        leave(place);
      }
    }
  }

  private void leave(Place<T> place) {
    place.left = true;
    machine.unpark(place.thread);
  }

  /**
   * Blocks until the place is admitted.
   *
   * @param why the reason why there was no room, if it is known when the time is over
   * @throws FailedException if it is refused, if the time is over, or if the thread is interrupted,
   *     which keeps its interrupt status; the thread has left the line then
   */
  public void await(Place<T> place, Duration timeout, Supplier<Optional<Reason>> why) {
    Wait wait = new Wait(Await.nanos(timeout));
    while (!place.left) {
      long left = wait.left(machine);
      if (left <= 0) {
        if (giveUp(place)) {
          throw new FailedException(new Reason.Timeout(Reason.Step.SEND, timeout, why.get()));
        }
        break;
      }
      machine.park(this, left);
      if (Thread.interrupted()) {
        if (giveUp(place)) {
          throw Await.interrupted("send");
        }
        Thread.currentThread().interrupt(); // it has the room, so its next wait is interrupted
      }
    }
    if (place.refused != null) {
      throw new FailedException(place.refused);
    }
  }

  /** Leaves the line, unless the place has left it already. */
  private boolean giveUp(Place<T> place) {
    lock.lock();
    try {
      boolean waited = places != null && places.remove(place);
      place.left = true;
      remaining();
      return waited;
    } finally {
      lock.unlock();
    }
  }
}
