package dev.lariat.client;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.pool.Wish;
import java.util.concurrent.CompletableFuture;

/**
 * Something that wants a connection of a {@link Pool}. Whoever finds one begins it there, on any
 * thread, and does not wait.
 *
 * @param <T> what has begun
 */
final class Want<T> {
  final Place place;
  final Wish wish;
  final long deadline; // by the loops' clock
  private final Begin<T> begin;
  private final CompletableFuture<Begun<T>> begun = new CompletableFuture<>();

  /**
   * What has begun.
   *
   * @param reused whether its connection was there before
   */
  record Begun<T>(T stream, boolean reused) {}

  /** Begins what is wanted. */
  @FunctionalInterface
  interface Begin<T> {

    /**
     * Begins it on this connection.
     *
     * @param link the number of the connection
     * @param reused whether the connection carried something before
     */
    T on(Connection connection, long link, boolean reused);
  }

  /** What comes of a connection that was found. */
  enum Outcome {
    BEGUN,
    /** The connection has ended meanwhile, and another one is wanted. */
    TOO_LATE,
    /** The user's mistake, which is told. */
    MISTAKE
  }

  Want(Place place, Wish wish, long deadline, Begin<T> begin) {
    this.place = place;
    this.wish = wish;
    this.deadline = deadline;
    this.begin = begin;
  }

  /**
   * Begins it on this connection.
   *
   * @return what came of it
   */
  Outcome beginsOn(Connection connection, long link, boolean reused) {
    try {
      begun.complete(new Begun<>(begin.on(connection, link, reused), reused));
      return Outcome.BEGUN;
    } catch (RuntimeException | Error e) {
      if (e instanceof FailedException && Core.get().door(connection).ended().isDone()) {
        return Outcome.TOO_LATE;
      }
      begun.completeExceptionally(e);
      return Outcome.MISTAKE;
    }
  }

  void fails(FailedException why) {
    begun.completeExceptionally(why);
  }

  /** Completes when it has begun, or will not. */
  CompletableFuture<Begun<T>> begun() {
    return begun;
  }
}
