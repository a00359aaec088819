package dev.lariat.fleet.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.Feed;
import dev.lariat.fleet.FeedEvent;
import dev.lariat.fleet.FencedException;
import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.PositionFinder;
import dev.lariat.fleet.Resume;
import dev.lariat.fleet.Sink;
import dev.lariat.fleet.jdbc.stage.Database;
import dev.lariat.fleet.stage.FeedServer;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** What the guide shows, over H2. */
class JdbcGuideTest {
  private static final int EVENTS = 2; // of each feed

  private final BlockingQueue<FeedEvent> inserted = new LinkedBlockingQueue<>();

  @Test
  void whatTheGuideShowsWritesEventsTogetherWithTheirPositions() throws Exception {
    Database database = Database.h2();
    database.execute("create table price (feed varchar, position varchar)");
    try (FeedServer server = new FeedServer(1, true);
        Fleet fleet = open(database.source())) {
      fleet.feeds(feeds("ws://127.0.0.1:" + server.port()));
      Map<String, Integer> counts = new HashMap<>();
      while (counts.size() < 2 || Collections.min(counts.values()) < EVENTS) {
        FeedEvent event = inserted.poll(60, TimeUnit.SECONDS);
        assertThat(event).isNotNull();
        counts.merge(event.feed(), 1, Integer::sum);
      }
    }
    Map<String, String> newest = newest(database);
    assertThat(newest).containsOnlyKeys("btc", "trades");
    assertThat(stored(database)).isEqualTo(newest);
  }

  private static Map<String, String> newest(Database database) throws SQLException {
    Map<String, String> newest = new HashMap<>();
    try (Connection connection = database.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "select feed, max(cast(position as integer)) from price group by feed");
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        newest.put(rows.getString(1), rows.getString(2));
      }
    }
    return newest;
  }

  private static Map<String, String> stored(Database database) throws Exception {
    int slots = FleetOptions.DEFAULT.slots();
    Map<String, String> stored = new HashMap<>();
    try (JdbcPositionStore positions = JdbcPositionStore.over(database.source()).fleet("prices")) {
      positions.open(slots);
      Set<Integer> all = IntStream.range(0, slots).boxed().collect(Collectors.toSet());
      positions.positions(all).values().forEach(stored::putAll);
    }
    return stored;
  }

  private Fleet open(DataSource database) throws IOException {
    JdbcPositionStore positions = JdbcPositionStore.over(database).fleet("prices");
    Sink sink =
        batch -> {
          try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(false);
            insert(connection, batch.events());
            if (!positions.save(connection, batch)) {
              connection.rollback();
              throw new FencedException(batch.slot(), batch.epoch()); // the fleet has lost the slot
            }
            connection.commit();
          }
        };
    FleetOptions options =
        FleetOptions.DEFAULT.placement(JdbcPlacement.over(database).fleet("prices"));
    Fleet fleet = Fleet.open(positions, sink, options);
    return fleet;
  }

  private void insert(Connection connection, List<FeedEvent> events) throws SQLException {
    try (PreparedStatement statement =
        connection.prepareStatement("insert into price (feed, position) values (?, ?)")) {
      for (FeedEvent event : events) {
        statement.setString(1, event.feed());
        statement.setString(2, event.position().orElseThrow());
        statement.addBatch();
      }
      statement.executeBatch();
    }
    inserted.addAll(events);
  }

  private static List<Feed> feeds(String server) {
    Feed btc =
        Feed.webSocket("btc", server + "/btc")
            .position(PositionFinder.json("/seq"))
            .resume(Resume.query("after"))
            .overlap(true);
    Feed trades =
        Feed.webSocket("trades", server + "/trades")
            .position(PositionFinder.json("/seq"))
            .standBy(true);
    return List.of(btc, trades);
  }
}
