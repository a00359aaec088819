package dev.lariat.internal.entrance;

import dev.lariat.FailedException;
import dev.lariat.internal.transport.Machine;
import dev.lariat.internal.transport.Time;
import dev.lariat.message.Reason;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** How threads of users wait: for a future, by the time of the future's own world. */
public final class Await {
  private static final long A_MOMENT = Duration.ofMillis(100).toNanos();

  private Await() {}

  /** The nanoseconds of any duration: of a negative one none, of a very long one more than pass. */
  public static long nanos(Duration timeout) {
    if (timeout.isNegative()) {
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
   * Waits until something has ended, and the turn in which it has.
   *
   * @param turn what its loop answers behind that turn
   * @return whether it has within that time
   */
  public static boolean end(
      CompletableFuture<?> ended,
      Supplier<CompletableFuture<?>> turn,
      Duration timeout,
      Machine machine)
      throws InterruptedException {
    machine.refuseToBlock("awaitTermination", "wait for the last message");
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
   * Waits until this is complete, for so long at the most.
   *
   * @param nanos {@link Long#MAX_VALUE} for no limit
   * @return whether it is
   */
  public static boolean on(CompletableFuture<?> future, long nanos, Time time)
      throws InterruptedException {
    if (future.isDone()) {
      return true;
    }
    long start = time.nanos();
    Thread waiter = Thread.currentThread();
    // A callback cannot be taken back from a future, but that of anyOf unlinks itself from all
    // others when one of them completes: so who waits no more leaves nothing behind.
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
        long left = nanos == Long.MAX_VALUE ? nanos : nanos - (time.nanos() - start);
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
