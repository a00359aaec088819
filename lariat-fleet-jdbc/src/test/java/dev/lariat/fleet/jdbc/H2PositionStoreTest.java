package dev.lariat.fleet.jdbc;

class H2PositionStoreTest extends JdbcPositionStoreContract {
  @Override
  Database database() {
    return Database.h2();
  }
}
