package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.Batch;
import dev.lariat.fleet.Feed;
import dev.lariat.fleet.FeedEvent;
import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetEvent;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.PositionFinder;
import dev.lariat.fleet.Resume;
import dev.lariat.fleet.Sink;
import dev.lariat.option.Backoff;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A process of the fleet of {@link FailureTable}. Its arguments: its name, the URL of the database,
 * the port of the feeds' server, how many feeds and slots there are. A line of its input says what
 * the sink does from then on: {@code throw} or {@code block} and a slot, or {@code write}. It ends
 * with its input.
 */
final class FleetNode {
  private FleetNode() {}

  /** Writes events and their positions in one transaction, fenced by the epoch. */
  private static final class TableSink implements Sink {
    private final PGSimpleDataSource source;
    private final JdbcPositionStore positions;
    private Connection connection;
    volatile String fault = "write";

    TableSink(PGSimpleDataSource source, JdbcPositionStore positions) {
      this.source = source;
      this.positions = positions;
    }

    @Override
    public void write(Batch batch) throws Exception {
      while (fault.equals("block " + batch.slot())) {
        Thread.sleep(20);
      }
      if (fault.equals("throw " + batch.slot())) {
        throw new IOException("no room");
      }
      writeAll(batch);
    }

    private synchronized void writeAll(Batch batch) throws SQLException {
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
      try (PreparedStatement statement = connection.prepareStatement(FailureTable.INSERT)) {
        statement.setQueryTimeout(5);
        statement.setInt(1, batch.slot());
        statement.setLong(2, batch.epoch());
        statement.setArray(3, connection.createArrayOf("varchar", feeds.toArray()));
        statement.setArray(4, connection.createArrayOf("bigint", numbers.toArray()));
        statement.executeUpdate();
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    String name = arguments[0];
    PGSimpleDataSource source = new PGSimpleDataSource();
    source.setUrl(arguments[1]);
    source.setUser(Database.USER);
    int port = Integer.parseInt(arguments[2]);
    JdbcPositionStore positions = JdbcPositionStore.over(source);
    TableSink sink = new TableSink(source, positions);
    FleetOptions options =
        FleetOptions.DEFAULT
            .slots(Integer.parseInt(arguments[4]))
            .placement(JdbcPlacement.over(source).node(name).lease(FailureTable.LEASE))
            .listener(FleetNode::tell);
    Fleet fleet = Fleet.open(positions, sink, options);
    fleet.feeds(
        IntStream.range(0, Integer.parseInt(arguments[3]))
            .mapToObj(number -> feed(number, name, port))
            .toList());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(fleet)));
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      sink.fault = line;
    }
    Runtime.getRuntime().halt(1); // the test has ended
  }

  private static void end(Fleet fleet) {
    try {
      fleet.close();
      Runtime.getRuntime().halt(0);
    } catch (IOException e) {
      Runtime.getRuntime().halt(2);
    }
  }

  private static Feed feed(int number, String node, int port) {
    Backoff backoff = Backoff.DEFAULT.delays(Duration.ofMillis(100), Duration.ofSeconds(1));
    String uri = "ws://127.0.0.1:" + port + "/" + FailureTable.feed(number) + "?node=" + node;
    return Feed.webSocket(FailureTable.feed(number), uri)
        .options(LiveOptions.DEFAULT.healing(Healing.DEFAULT.retry(backoff).spread(Duration.ZERO)))
        .position(PositionFinder.json("/seq"))
        .resume(Resume.query("from"));
  }

  private static void tell(FleetEvent event) {
    switch (event) {
      case FleetEvent.FeedOpen open -> {}
      case FleetEvent.SlotTaken taken -> {}
      default -> System.out.println(event.toString().replace('\n', ' '));
    }
  }
}
