package dev.lariat.fleet.jdbc;

class H2PlacementTest extends JdbcPlacementContract {
  @Override
  Database database() {
    return Database.h2();
  }
}
