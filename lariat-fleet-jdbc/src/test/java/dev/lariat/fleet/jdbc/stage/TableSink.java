package dev.lariat.fleet.jdbc.stage;

import dev.lariat.fleet.Batch;
import dev.lariat.fleet.FeedEvent;
import dev.lariat.fleet.Sink;
import dev.lariat.fleet.jdbc.JdbcPositionStore;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.postgresql.ds.PGSimpleDataSource;

/** Writes events and their positions in one transaction, fenced by the epoch. */
public final class TableSink implements Sink {
  private static final String INSERT =
      """
      insert into event (slot, epoch, feed, number)
      select ?, ?, its.feed, its.number
      from unnest(cast(? as varchar array), cast(? as bigint array)) as its(feed, number)
      """;

  private final DataSource source;
  private final JdbcPositionStore positions;
  private Connection connection;

  /** To the table of this database. */
  public TableSink(DataSource source, JdbcPositionStore positions) {
    this.source = source;
    this.positions = positions;
  }

  /** The server of {@link Database#postgreSql}, for a process with an address of its own. */
  public static PGSimpleDataSource source(int port, String address) {
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(
        "jdbc:postgresql://127.0.0.1:%d/postgres?localSocketAddress=%s&connectTimeout=2"
                .formatted(port, address)
            // a process that freezes within a transaction must not hold its locks for long
            + "&options=-c%20idle_in_transaction_session_timeout=2000");
    source.setUser(Database.USER);
    return source;
  }

  @Override
  public synchronized void write(Batch batch) throws SQLException {
    try {
      if (connection == null) {
        connection = source.getConnection();
        connection.setAutoCommit(false);
      }
      insert(batch);
      if (positions.save(connection, batch)) {
        connection.commit();
      } else {
        connection.rollback();
        throw new SQLException("slot " + batch.slot() + " has a newer owner");
      }
    } catch (SQLException e) {
      if (connection != null) {
        connection.close(); // which rolls back
        connection = null;
      }
      throw e;
    }
  }

  private void insert(Batch batch) throws SQLException {
    List<String> feeds = new ArrayList<>();
    List<Long> numbers = new ArrayList<>();
    for (FeedEvent event : batch.events()) {
      feeds.add(event.feed());
      numbers.add(Long.parseLong(event.position().orElseThrow()));
    }
    try (PreparedStatement statement = connection.prepareStatement(INSERT)) {
      statement.setQueryTimeout(5);
      statement.setInt(1, batch.slot());
      statement.setLong(2, batch.epoch());
      statement.setArray(3, connection.createArrayOf("varchar", feeds.toArray()));
      statement.setArray(4, connection.createArrayOf("bigint", numbers.toArray()));
      statement.executeUpdate();
    }
  }
}
