package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.Placement;
import dev.lariat.fleet.PositionStore;
import dev.lariat.fleet.contract.OverlapContract;
import dev.lariat.fleet.jdbc.stage.Database;
import java.time.Duration;

/** The nodes of a fleet over a database. */
abstract class JdbcOverlapContract extends OverlapContract {
  private final String name = Database.fleet();

  abstract Database database();

  @Override
  protected Placement placement(String node) {
    return JdbcPlacement.over(database().source())
        .fleet(name)
        .node(node)
        .lease(Duration.ofSeconds(4));
  }

  @Override
  protected PositionStore positions() throws Exception {
    return JdbcPositionStore.over(database().source()).fleet(name);
  }
}
