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

  /** How many seeds go through proxies, which take longer. */
  private static final long THROUGH = Long.getLong("simulation.seeds", 60);

  /** How many of them with a client, whose seeds take longest. */
  private static final long CLIENTS_THROUGH = Long.getLong("simulation.seeds", 15);

  private interface Play {
    void play(Simulation simulation, long seed) throws Exception;
  }

  @Test
  void aLiveWebSocketKeepsTheLaws() {
    each(SEEDS, (simulation, seed) -> new LiveScenario(simulation, seed, Road.direct()).play());
  }

  @Test
  void aLiveStreamOfEventsKeepsTheLaws() {
    each(SEEDS, (simulation, seed) -> new EventScenario(simulation, seed, Road.direct()).play());
  }

  @Test
  void aConnectionKeepsTheLaws() {
    each(
        SEEDS,
        (simulation, seed) -> new ConnectionScenario(simulation, seed, Road.direct()).play());
  }

  @Test
  void aClientKeepsTheLaws() {
    each(SEEDS, (simulation, seed) -> new PoolScenario(simulation, seed, Road.direct()).play());
  }

  @Test
  void downloadsKeepTheLaws() {
    each(SEEDS, (simulation, seed) -> new DownloadScenario(simulation, seed).play());
  }

  @Test
  void topicsKeepTheLaws() {
    each(SEEDS, (simulation, seed) -> new TopicScenario(simulation, seed).play());
  }

  @Test
  void aLiveWebSocketThroughProxiesKeepsTheLaws() {
    eachThrough(
        THROUGH, (simulation, seed, road) -> new LiveScenario(simulation, seed, road).play());
  }

  @Test
  void aLiveStreamOfEventsThroughProxiesKeepsTheLaws() {
    eachThrough(
        THROUGH, (simulation, seed, road) -> new EventScenario(simulation, seed, road).play());
  }

  @Test
  void aConnectionThroughProxiesKeepsTheLaws() {
    eachThrough(
        THROUGH, (simulation, seed, road) -> new ConnectionScenario(simulation, seed, road).play());
  }

  @Test
  void aClientThroughProxiesKeepsTheLaws() {
    eachThrough(
        CLIENTS_THROUGH,
        (simulation, seed, road) -> new PoolScenario(simulation, seed, road).play());
  }

  @Test
  void aFailureNamesTheProxyAndItsStep() {
    eachThrough(
        THROUGH, (simulation, seed, road) -> new ProxyScenario(simulation, seed, road).play());
  }

  @Test
  void tunnelsKeepTheLaws() {
    each(THROUGH, (simulation, seed) -> new TunnelScenario(simulation, seed).play());
  }

  private interface PlayThrough {
    void play(Simulation simulation, long seed, Road road) throws Exception;
  }

  private static void eachThrough(long seeds, PlayThrough play) {
    each(
        seeds,
        (simulation, seed) -> play.play(simulation, seed, Road.throughProxies(simulation, seed)));
  }

  private static void each(long seeds, Play play) {
    int threads = Math.max(1, Runtime.getRuntime().availableProcessors());
    AtomicReference<Throwable> failure = new AtomicReference<>();
    LongConsumer from =
        start -> {
          for (long seed = start; seed < FIRST + seeds && failure.get() == null; seed += threads) {
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
