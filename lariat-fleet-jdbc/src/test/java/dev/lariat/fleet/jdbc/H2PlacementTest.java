package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.jdbc.stage.Database;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;

class H2PlacementTest extends JdbcPlacementContract {
  @Override
  Database database() {
    return Database.h2();
  }

  @Override
  DataSource poorUser() throws Exception {
    database().execute("create user if not exists poor password ''");
    JdbcDataSource source = (JdbcDataSource) database().source();
    source.setUser("poor");
    return source;
  }
}
