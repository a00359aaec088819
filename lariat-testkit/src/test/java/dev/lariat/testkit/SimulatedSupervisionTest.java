package dev.lariat.testkit;

import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Supervision;
import java.util.concurrent.CompletableFuture;

/** In a simulation, where what a supervisor waits for takes no time. */
class SimulatedSupervisionTest extends SupervisionContract {
  private final Simulation simulation = Simulation.seeded(7);

  @Override
  Origin origin(Script script) {
    return simulation.origin("feed.example", 80, script);
  }

  @Override
  ConnectionOptions options() {
    return ConnectionOptions.DEFAULT.platform(simulation.platform());
  }

  @Override
  Supervision supervision() {
    return Supervision.DEFAULT.platform(simulation.platform());
  }

  @Override
  <T> T await(CompletableFuture<T> future) throws Exception {
    return simulation.await(future);
  }

  @Override
  void end(Origin origin) {
    simulation.close();
  }
}
