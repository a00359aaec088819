package dev.lariat.testkit.simulator;

import dev.lariat.testkit.Simulation;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.Test;

/**
 * Runs the whole client against a simulated network, from a thousand seeds in every build: {@code
 * -Dsimulation.seeds=100000} runs more, {@code -Dsimulation.first=4711} begins with another, and
 * {@code -Dsimulation.seeds=1 -Dsimulation.first=N} repeats one that has failed.
 */
class SimulatorTest {
  private static final long SEEDS = Long.getLong("simulation.seeds", 1000);
  private static final long FIRST = Long.getLong("simulation.first", 1);

  private interface Play {
    void play(Simulation simulation, long seed) throws Exception;
  }

  @Test
  void aLiveWebSocketKeepsTheLaws() {
    each((simulation, seed) -> new LiveScenario(simulation, seed).play());
  }

  @Test
  void aLiveStreamOfEventsKeepsTheLaws() {
    each((simulation, seed) -> new EventScenario(simulation, seed).play());
  }

  @Test
  void aConnectionKeepsTheLaws() {
    each((simulation, seed) -> new ConnectionScenario(simulation, seed).play());
  }

  @Test
  void aClientKeepsTheLaws() {
    each((simulation, seed) -> new PoolScenario(simulation, seed).play());
  }

  private static void each(Play play) {
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors());
    AtomicReference<Throwable> failure = new AtomicReference<>();
    LongConsumer from =
        start -> {
          for (long seed = start; seed < FIRST + SEEDS && failure.get() == null; seed += threads) {
            try {
              long its = seed;
              Simulation.run(its, simulation -> play.play(simulation, its));
            } catch (Throwable e) {
              failure.compareAndSet(null, new AssertionError("Seed " + seed + " failed.", e));
            }
          }
        };
    Thread[] all = new Thread[threads];
    for (int i = 0; i < threads; i++) {
      long start = FIRST + i;
      all[i] = Thread.ofPlatform().start(() -> from.accept(start));
    }
    for (Thread thread : all) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
    if (failure.get() instanceof AssertionError error) {
      throw error;
    }
  }
}
