package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.jdbc.stage.Database;

class H2OverlapTest extends JdbcOverlapContract {
  @Override
  Database database() {
    return Database.h2();
  }
}
