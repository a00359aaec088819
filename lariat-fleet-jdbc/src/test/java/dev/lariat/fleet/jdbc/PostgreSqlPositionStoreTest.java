package dev.lariat.fleet.jdbc;

class PostgreSqlPositionStoreTest extends JdbcPositionStoreContract {
  @Override
  Database database() {
    return Database.postgreSql();
  }
}
