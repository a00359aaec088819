package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.jdbc.stage.Database;

class PostgreSqlStandByTest extends JdbcStandByContract {
  @Override
  Database database() {
    return Database.postgreSql();
  }

  @Override
  String kind() {
    return "postgresql";
  }
}
