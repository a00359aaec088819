package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.jdbc.stage.Database;

class PostgreSqlPositionStoreTest extends JdbcPositionStoreContract {
  @Override
  Database database() {
    return Database.postgreSql();
  }
}
