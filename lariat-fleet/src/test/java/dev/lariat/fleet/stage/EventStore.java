package dev.lariat.fleet.stage;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * The database with the positions and with the sink's table {@code event}: slot, epoch, feed and
 * number of each event, by the order in which they were written. It can be away.
 */
public interface EventStore {
  /** Where it listens, at 127.0.0.1. */
  int port();

  /** A new connection. */
  Connection connect() throws SQLException;

  /** Carries out a statement. */
  void execute(String sql) throws SQLException;

  /** Comes back with all that it had. */
  void start();

  /** Goes away, and waits for nobody. */
  void stop();
}
