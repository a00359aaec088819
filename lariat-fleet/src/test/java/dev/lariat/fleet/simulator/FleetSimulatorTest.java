package dev.lariat.fleet.simulator;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Runs fleets against simulated time, network, store and server, from a thousand seeds in every
 * build: {@code -Dsimulation.seeds=10000} runs more, {@code -Dsimulation.first=4711} begins with
 * another, and {@code -Dsimulation.seeds=1 -Dsimulation.first=N} repeats one that has failed.
 */
class FleetSimulatorTest {
  private static final long SEEDS = Long.getLong("simulation.seeds", 1000);
  private static final long FIRST = Long.getLong("simulation.first", 1);

  @Test
  void aFleetKeepsTheLaws() {
    LongStream.range(FIRST, FIRST + SEEDS).parallel().forEach(FleetSimulatorTest::play);
  }

  private static void play(long seed) {
    try {
      new Scenario(seed).play();
    } catch (RuntimeException | AssertionError e) {
      throw new AssertionError("Seed " + seed + " failed.", e);
    }
  }
}
