package dev.lariat.fleet.jdbc;

import dev.lariat.fleet.Batch;
import dev.lariat.fleet.FeedEvent;
import dev.lariat.fleet.PositionStore;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the positions of a fleet in a database, PostgreSQL or H2, for all its nodes. Each batch of
 * positions is one statement. It checks the epochs of its slots, and keeps them locked until it has
 * committed, so nothing of an older epoch can be written once a newer one is drawn.
 *
 * <p>It keeps one connection. It makes its tables itself, if the user may do that.
 */
public final class JdbcPositionStore implements PositionStore {
  private static final Duration STATEMENT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final String[] CLAIMED = {"slot", "epoch"};
  private static final String CLAIM =
      """
      update lariat_epoch set epoch = epoch + 1
      where fleet = ? and slot in (select * from unnest(cast(? as integer array)))
      """;
  private static final String CURRENT =
      """
      select slot from lariat_epoch
      where fleet = ? and (slot, epoch) in (
        select * from unnest(cast(? as integer array), cast(? as bigint array)))
      """;
  private static final String POSITIONS =
      """
      select slot, feed, reached from lariat_position
      where fleet = ? and slot in (select * from unnest(cast(? as integer array)))
      """;

  private final JdbcFleet fleet;
  private JdbcFleet.@Nullable Opened opened;
  private volatile boolean keptBySink;

  private JdbcPositionStore(JdbcFleet fleet) {
    this.fleet = fleet;
  }

  /**
   * {@return a store in a database}
   *
   * @param source the database. The driver is yours
   */
  public static JdbcPositionStore over(DataSource source) {
    return new JdbcPositionStore(JdbcFleet.of("positions", source));
  }

  /**
   * Sets the name of the fleet, {@code fleet} by default. Several fleets can share the tables.
   *
   * @param name 1 to 100 letters, digits, dots, hyphens and underscores
   * @return a copy with this value
   * @throws IllegalArgumentException if it is another text
   */
  public JdbcPositionStore fleet(String name) {
    return new JdbcPositionStore(fleet.name(name));
  }

  /**
   * Sets the prefix of the names of the tables, {@code lariat_} by default. It may begin with a
   * schema and a dot.
   *
   * @param prefix lower-case letters, digits and underscores
   * @return a copy with this value
   * @throws IllegalArgumentException if it is another text
   */
  public JdbcPositionStore tables(String prefix) {
    return new JdbcPositionStore(fleet.tables(prefix));
  }

  /**
   * {@inheritDoc}
   *
   * @throws JdbcStoreException if the database cannot be used, or the fleet has another number of
   *     slots there
   */
  @Override
  public void open(int slots) throws IOException {
    opened = fleet.open("lariat-fleet-positions", STATEMENT, slots);
  }

  @Override
  public Map<Integer, Claimed> claim(Set<Integer> slots) throws Exception {
    return opened().store().ask(sql -> claimed(sql, sorted(slots)), ANSWER);
  }

  /** All nodes lock rows in the same order, so that none waits for the other. */
  private static List<Integer> sorted(Set<Integer> slots) {
    return slots.stream().sorted().toList();
  }

  private Map<Integer, Claimed> claimed(Sql sql, List<Integer> slots) throws SQLException {
    Map<Integer, Long> epochs = new HashMap<>();
    sql.update(
        CLAIM, CLAIMED, row -> epochs.put(row.getInt(1), row.getLong(2)), fleet.name(), slots);
    Map<Integer, Map<String, String>> positions = positions(sql, slots);
    Map<Integer, Claimed> all = new HashMap<>();
    for (int slot : slots) {
      Long epoch = epochs.get(slot);
      if (epoch == null) {
        throw new SQLException("slot " + slot + " of the fleet " + fleet.name() + " is missing");
      }
      all.put(slot, new Claimed(epoch, positions.getOrDefault(slot, Map.of())));
    }
    return all;
  }

  @Override
  public Map<Integer, Map<String, String>> positions(Set<Integer> slots) throws Exception {
    return opened().store().ask(sql -> positions(sql, sorted(slots)), ANSWER);
  }

  private Map<Integer, Map<String, String>> positions(Sql sql, List<Integer> slots)
      throws SQLException {
    Map<Integer, Map<String, String>> positions = new HashMap<>();
    sql.query(
        POSITIONS,
        row ->
            positions
                .computeIfAbsent(row.getInt(1), none -> new HashMap<>())
                .put(StoredText.text(row.getString(2)), StoredText.text(row.getString(3))),
        fleet.name(),
        slots);
    return positions;
  }

  @Override
  public Set<Integer> save(List<Saving> all) throws Exception {
    return opened().store().ask(sql -> keptBySink ? outdated(sql, all) : refused(sql, all), ANSWER);
  }

  /** The slots that have a newer epoch. */
  private Set<Integer> outdated(Sql sql, List<Saving> all) throws SQLException {
    List<Integer> slots = all.stream().map(Saving::slot).toList();
    List<Long> epochs = all.stream().map(Saving::epoch).toList();
    Set<Integer> outdated = new HashSet<>(slots);
    sql.query(CURRENT, row -> outdated.remove(row.getInt(1)), fleet.name(), slots, epochs);
    return outdated;
  }

  /**
   * Keeps the positions of a batch in a transaction of yours, for a sink that writes the events to
   * the same database: since both are committed together, no event is there twice, even if the
   * process is killed. Call it last, and commit at once, since other nodes cannot take the slot
   * until then. Call it for every batch: from the first one on, the store leaves the positions to
   * the sink, and looks at the epochs only.
   *
   * @param connection of your transaction
   * @param batch the batch whose events you have written
   * @return whether you may commit. If not, the slot has a newer owner: roll back
   * @throws SQLException if the database fails
   * @throws IllegalStateException if no fleet has opened the store
   */
  public boolean save(Connection connection, Batch batch) throws SQLException {
    Map<String, String> positions = new HashMap<>();
    for (FeedEvent event : batch.events()) {
      event.position().ifPresent(position -> positions.put(event.feed(), position));
    }
    keptBySink = true; // what the fleet saves is older now
    Sql sql = new Sql(connection, fleet.prefix(), (int) STATEMENT.toSeconds());
    return refused(sql, List.of(new Saving(batch.slot(), batch.epoch(), positions))).isEmpty();
  }

  private Set<Integer> refused(Sql sql, List<Saving> all) throws SQLException {
    List<Integer> slots = new ArrayList<>(); // each with its epoch
    List<Long> epochs = new ArrayList<>();
    List<Integer> slotsOfFeeds = new ArrayList<>();
    List<String> feeds = new ArrayList<>(); // each with its position
    List<String> positions = new ArrayList<>();
    for (Saving saving : all) {
      slots.add(saving.slot());
      epochs.add(saving.epoch());
      new TreeMap<>(saving.positions()) // who locks the same rows does so in the same order
          .forEach(
              (feed, position) -> {
                slotsOfFeeds.add(saving.slot());
                feeds.add(StoredText.of(feed));
                positions.add(StoredText.of(position));
              });
    }
    Set<Integer> refused = new HashSet<>(slots);
    sql.query(
        opened().dialect().save,
        row -> refused.remove(row.getInt("slot")),
        fleet.name(),
        slots,
        epochs,
        slotsOfFeeds,
        feeds,
        positions);
    return refused;
  }

  private JdbcFleet.Opened opened() {
    if (opened == null) {
      throw new IllegalStateException("the store is not open");
    }
    return opened;
  }

  @Override
  public boolean shared() {
    return true;
  }

  @Override
  public void close() {
    if (opened != null) {
      opened.store().close();
    }
  }
}
