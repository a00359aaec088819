package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.jdbc.JdbcStoreException.Problem;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.sql.SQLException;
import java.time.Duration;
import javax.sql.DataSource;

/** Where a fleet is in a database. The option says how its options are called in complaints. */
record JdbcFleet(String option, DataSource source, String name, String prefix) {
  private static final Duration PREPARATION = Duration.ofSeconds(30);

  /** A fleet that is ready. */
  record Opened(StoreThread store, Dialect dialect) {}

  static JdbcFleet of(String option, DataSource source) {
    Allowed.present(option + ".source", source);
    return new JdbcFleet(option, source, "fleet", Tables.PREFIX);
  }

  JdbcFleet name(String its) {
    return new JdbcFleet(option, source, Allowed.name(option + ".fleet", its), prefix);
  }

  JdbcFleet tables(String its) {
    return new JdbcFleet(option, source, name, Allowed.prefix(option + ".tables", its));
  }

  /** Prepares the tables, and begins. */
  Opened open(String thread, Duration timeout, int slots) throws IOException {
    StoreThread store = new StoreThread(source, thread, prefix, timeout);
    boolean opened = false;
    try {
      Dialect dialect = store.ask(sql -> prepared(sql, slots), PREPARATION);
      opened = true;
      return new Opened(store, dialect);
    } catch (SQLException e) {
      throw new JdbcStoreException(
          Problem.UNREACHABLE, "the database of the fleet fails: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted as the fleet was opened");
    } finally {
      if (!opened) {
        store.close();
      }
    }
  }

  private Dialect prepared(Sql sql, int slots) throws SQLException, IOException {
    Dialect dialect = Dialect.of(sql.connection());
    Tables.prepare(sql, name, slots);
    return dialect;
  }
}
