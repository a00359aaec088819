package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.jdbc.stage.Database;

class PostgreSqlOverlapTest extends JdbcOverlapContract {
  @Override
  Database database() {
    return Database.postgreSql();
  }
}
