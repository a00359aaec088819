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
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;

/** What the guide shows, over H2. */
class JdbcGuideTest {
  private static final int EVENTS = 4;

  private final CountDownLatch inserted = new CountDownLatch(EVENTS);

  @Test
  void whatTheGuideShowsWritesEachEventWithItsPosition() throws Exception {
    Database database = Database.h2();
    database.execute("create table price (feed varchar, position varchar)");
    try (FeedServer server = new FeedServer(1, true);
        Fleet fleet = open(database.source())) {
      fleet.feeds(feeds("ws://127.0.0.1:" + server.port()));
      assertThat(inserted.await(60, TimeUnit.SECONDS)).isTrue();
    }
    try (Connection connection = database.connect();
        PreparedStatement statement =
            connection.prepareStatement(
                "select count(*), count(distinct feed), count(distinct feed || position)"
                    + " from price");
        var rows = statement.executeQuery()) {
      rows.next();
      assertThat(rows.getInt(1)).isGreaterThanOrEqualTo(EVENTS).isEqualTo(rows.getInt(3));
      assertThat(rows.getInt(2)).isEqualTo(2);
    }
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
    events.forEach(event -> inserted.countDown());
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
