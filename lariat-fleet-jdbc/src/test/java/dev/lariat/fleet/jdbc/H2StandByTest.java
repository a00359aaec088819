package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.jdbc.stage.Database;

class H2StandByTest extends JdbcStandByContract {
  @Override
  Database database() {
    return Database.h2();
  }

  @Override
  String kind() {
    return "h2";
  }
}
