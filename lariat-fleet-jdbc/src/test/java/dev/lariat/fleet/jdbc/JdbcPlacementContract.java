package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.Placement;
import dev.lariat.fleet.contract.SharedPlacementContract;
import java.time.Duration;

/** What a placement in a database does besides. */
abstract class JdbcPlacementContract extends SharedPlacementContract {
  private static final Duration LEASE = Duration.ofSeconds(2);

  private final String fleet = Database.fleet();

  abstract Database database();

  @Override
  protected Placement placement() {
    return JdbcPlacement.over(database().source()).fleet(fleet).lease(LEASE);
  }
}
