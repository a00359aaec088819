package dev.lariat.testkit;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.option.ConnectionOptions;

/** An origin in a simulation, which must end without leaving anything behind. */
class SimulatedOriginTest extends OriginContract {
  private final Simulation simulation = Simulation.seeded(1);

  @Override
  Origin origin(Script... scripts) {
    return simulation.origin("origin.example", 8080, scripts);
  }

  @Override
  ConnectionOptions options(ConnectionOptions options) {
    return options.platform(simulation.platform());
  }

  @Override
  Connection open(Origin origin, ConnectionOptions options) {
    return Lariat.open(origin.uri("http", "/"), options);
  }

  @Override
  void end(Origin origin) {
    simulation.settle(); // the client's end is on its way
    simulation.advance(java.time.Duration.ofSeconds(1));
    origin.close();
    simulation.close();
  }

  @Override
  long nanos() {
    return simulation.elapsed().toNanos();
  }
}
