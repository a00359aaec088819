package dev.lariat.fleet.jdbc;

class PostgreSqlPlacementTest extends JdbcPlacementContract {
  @Override
  Database database() {
    return Database.postgreSql();
  }
}
