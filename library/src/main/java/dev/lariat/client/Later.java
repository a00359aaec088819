package dev.lariat.client;

import dev.lariat.internal.transport.Machine;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/** What does not make its caller wait. */
final class Later {
  private Later() {}

  /** Runs this on a thread of its own, which is interrupted if the future is cancelled. */
  static <T> CompletableFuture<T> run(String name, Machine machine, Callable<T> task) {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        machine.start(
            name,
            () -> {
              try {
                result.complete(task.call());
              } catch (Throwable e) { // otherwise the future would never complete
                result.completeExceptionally(e);
              }
            });
    result.whenComplete(
        (its, failure) -> {
          if (result.isCancelled()) {
            thread.interrupt();
          }
        });
    return result;
  }
}
