package dev.lariat.client;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.internal.codec.HttpUri;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.pool.Wish;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Something that wants a connection of a {@link Pool}. Whoever finds one begins it there, on any
 * thread, and does not wait.
 *
 * @param <T> what has begun
 */
final class Want<T> {
  final HttpUri origin; // at its root
  final Wish wish;
  final long deadline; // by the loops' clock
  private final Function<Connection, T> begin;
  private final CompletableFuture<Begun<T>> begun = new CompletableFuture<>();

  /**
   * What has begun.
   *
   * @param reused whether its connection was there before
   */
  record Begun<T>(T stream, boolean reused) {}

  /** What comes of a connection that was found. */
  enum Outcome {
    BEGUN,
    /** The connection has ended meanwhile, and another one is wanted. */
    TOO_LATE,
    /** The user's mistake, which is told. */
    MISTAKE
  }

  Want(HttpUri origin, Wish wish, long deadline, Function<Connection, T> begin) {
    this.origin = origin;
    this.wish = wish;
    this.deadline = deadline;
    this.begin = begin;
  }

  /**
   * Begins it on this connection.
   *
   * @return what came of it
   */
  Outcome beginsOn(Connection connection, boolean reused) {
    try {
      begun.complete(new Begun<>(begin.apply(connection), reused));
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
