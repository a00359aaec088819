package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.jdbc.stage.Database;

class H2PositionStoreTest extends JdbcPositionStoreContract {
  @Override
  Database database() {
    return Database.h2();
  }
}
