package dev.lariat.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/** Threads of a simulation that do the same at the same time. */
final class Together {
  private Together() {}

  /** Runs this on so many threads, each with its number, and waits for all of them. */
  static void run(Simulation simulation, int threads, IntConsumer task) throws Exception {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      int number = i;
      CompletableFuture<Void> done = new CompletableFuture<>();
      all.add(done);
      simulation.start(
          "caller-" + i,
          () -> {
            try {
              task.accept(number);
              done.complete(null);
            } catch (Throwable e) {
              done.completeExceptionally(e);
            }
          });
    }
    for (CompletableFuture<Void> done : all) {
      simulation.await(done);
    }
  }
}
