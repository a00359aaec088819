package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.jdbc.stage.Database;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

class PostgreSqlPlacementTest extends JdbcPlacementContract {
  @Override
  Database database() {
    return Database.postgreSql();
  }

  @Override
  DataSource poorUser() throws Exception {
    database().execute("drop role if exists poor");
    database().execute("create role poor login");
    database().execute("revoke create on schema public from public"); // as newer ones do themselves
    PGSimpleDataSource source = (PGSimpleDataSource) database().source();
    source.setUser("poor");
    return source;
  }
}
