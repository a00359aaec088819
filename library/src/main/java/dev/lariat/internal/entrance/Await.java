package dev.lariat.internal.entrance;

import dev.lariat.FailedException;
import dev.lariat.internal.transport.Machine;
import dev.lariat.internal.transport.Time;
import dev.lariat.message.Reason;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How users' threads wait for a future, by the time of a {@link Machine}, real or simulated. */
public final class Await {
  private static final long A_MOMENT = Duration.ofMillis(100).toNanos();

  private Await() {}

  /** The nanoseconds of a duration: 0 if it is negative, the largest number if it is very long. */
  public static long nanos(Duration timeout) {
    if (Objects.requireNonNull(timeout, "timeout: null, allowed any other value").isNegative()) {
      return 0;
    }
    return timeout.compareTo(Duration.ofDays(365)) < 0 ? timeout.toNanos() : Long.MAX_VALUE;
  }

  /** What is thrown when the thread was interrupted while it waited; it is interrupted again. */
  public static FailedException interrupted(String operation) {
    Thread.currentThread().interrupt();
    return new FailedException(
        new Reason.BadState(operation, "the thread was interrupted while it waited"));
  }

  /**
   * Waits until this is complete.
   *
   * @throws FailedException if the thread was interrupted meanwhile
   */
  public static void on(CompletableFuture<?> future, String operation, Time time) {
    try {
      on(future, Long.MAX_VALUE, time);
    } catch (InterruptedException e) {
      throw interrupted(operation);
    }
  }

  /**
   * Waits until something has ended, and until the turn is over in which it has ended.
   *
   * @param turn asks the loop something that it answers after that turn
   * @return whether both have happened within that time
   */
  public static boolean end(
      CompletableFuture<?> ended,
      Supplier<CompletableFuture<?>> turn,
      Duration timeout,
      Machine machine)
      throws InterruptedException {
    machine.refuseToBlock("awaitTermination", "wait for the final message");
    long nanos = nanos(timeout);
    long start = machine.nanos();
    return on(ended, nanos, machine)
        && on(
            turn.get(),
            nanos == Long.MAX_VALUE ? nanos : nanos - (machine.nanos() - start),
            machine);
  }

  /** What a loop answers, or nothing if it is too busy to answer at once. */
  public static <T> Optional<T> briefly(CompletableFuture<Optional<T>> answer, Time time) {
    try {
      boolean answered = on(answer, A_MOMENT, time);
      return answered && !answer.isCompletedExceptionally() ? answer.join() : Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  /**
   * Waits until this is complete, for this long at most.
   *
   * @param nanos {@link Long#MAX_VALUE} for no limit
   * @return whether it is
   */
  public static boolean on(CompletableFuture<?> future, long nanos, Time time)
      throws InterruptedException {
    if (future.isDone()) {
      return true;
    }
    Wait wait = new Wait(nanos);
    Thread waiter = Thread.currentThread();
    // A callback cannot be removed from a future, but anyOf removes its own from all futures when
    // one of them completes. So completing "waits" removes it when this thread waits no more.
    CompletableFuture<@Nullable Void> waits = new CompletableFuture<>();
    CompletableFuture.anyOf(future, waits)
        .whenComplete(
            (value, failure) -> {
              if (future.isDone()) {
                time.unpark(waiter);
              }
            });
    try {
      while (!future.isDone()) {
        long left = wait.left(time);
        if (left <= 0) {
          return false;
        }
        time.park(future, left);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
      return true;
    } finally {
      waits.complete(null);
    }
  }
}
