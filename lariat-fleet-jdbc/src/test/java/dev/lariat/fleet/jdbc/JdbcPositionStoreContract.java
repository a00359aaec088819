package dev.lariat.fleet.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.fleet.Batch;
import dev.lariat.fleet.FeedEvent;
import dev.lariat.fleet.PositionStore;
import dev.lariat.fleet.PositionStore.Claimed;
import dev.lariat.fleet.PositionStore.Saving;
import dev.lariat.fleet.contract.PositionStoreContract;
import dev.lariat.fleet.jdbc.stage.Database;
import dev.lariat.message.Text;
import java.sql.Connection;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a store in a database does besides. */
abstract class JdbcPositionStoreContract extends PositionStoreContract {
  private final String fleet = Database.fleet();

  abstract Database database();

  @Override
  protected PositionStore store() throws Exception {
    PositionStore store = JdbcPositionStore.over(database().source()).fleet(fleet);
    store.open(SLOTS);
    return store;
  }

  @Test
  void whatOneNodeSavesTheNextOneClaims() throws Exception {
    try (PositionStore first = store();
        PositionStore second = store()) {
      first.claim(Set.of(1));
      first.save(List.of(new Saving(1, 1, Map.of("a", "41"))));
      assertThat(second.claim(Set.of(1))).containsEntry(1, new Claimed(2, Map.of("a", "41")));
      assertThat(first.save(List.of(new Saving(1, 1, Map.of("a", "42"))))).containsExactly(1);
    }
  }

  /** What is saved as another node claims the slot is either refused, or seen by that claim. */
  @Test
  void noPositionComesBetweenAClaimAndWhatItShows() throws Exception {
    try (PositionStore old = store();
        PositionStore next = store()) {
      for (int round = 0; round < 50; round++) {
        long epoch = old.claim(Set.of(1, 2)).get(1).epoch();
        assertThat(save(old, epoch, 0)).isTrue();
        CompletableFuture<Integer> last =
            CompletableFuture.supplyAsync(() -> saveUntilRefused(old, epoch));
        Claimed claimed = next.claim(Set.of(1, 2)).get(1);
        assertThat(claimed.positions()).containsEntry("a", epoch + "." + last.get());
      }
    }
  }

  /** The number of the last position that was kept. */
  private static int saveUntilRefused(PositionStore store, long epoch) {
    int number = 1;
    while (save(store, epoch, number)) {
      number++;
    }
    return number - 1;
  }

  private static boolean save(PositionStore store, long epoch, int number) {
    String position = epoch + "." + number;
    try {
      return store
          .save(List.of(new Saving(1, epoch, Map.of("a", position, "b", position))))
          .isEmpty();
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aSinkKeepsThePositionsOfABatchInItsOwnTransaction() throws Exception {
    JdbcPositionStore store = JdbcPositionStore.over(database().source()).fleet(fleet);
    try (store;
        Connection connection = database().source().getConnection()) {
      store.open(SLOTS);
      store.claim(Set.of(1));
      connection.setAutoCommit(false);
      assertThat(store.save(connection, batch(1, "2"))).isTrue();
      connection.rollback();
      assertThat(store.claim(Set.of(1)).get(1).positions()).isEmpty();
      assertThat(store.save(connection, batch(2, "2"))).isTrue();
      connection.commit();
      assertThat(store.save(connection, batch(1, "3"))).isFalse(); // of the older epoch
      connection.rollback();
      // The fleet says the same later, and must not set back what the sink has kept meanwhile.
      assertThat(store.save(List.of(new Saving(1, 2, Map.of("a", "1"))))).isEmpty();
      assertThat(store.save(List.of(new Saving(1, 1, Map.of("a", "1"))))).containsExactly(1);
      assertThat(store.claim(Set.of(1)).get(1).positions()).containsOnly(Map.entry("a", "2"));
    }
  }

  private static Batch batch(long epoch, String position) {
    FeedEvent first =
        new FeedEvent("a", Optional.of("1"), Instant.EPOCH, "message", new Text("one"));
    FeedEvent last =
        new FeedEvent("a", Optional.of(position), Instant.EPOCH, "message", new Text("more"));
    return new Batch(1, epoch, List.of(first, last));
  }

  @Test
  void thousandsOfPositionsAreSavedAtOnce() throws Exception {
    Map<String, String> many =
        IntStream.range(0, 5000)
            .boxed()
            .collect(Collectors.toMap(i -> "feed " + i, i -> "at " + i));
    try (PositionStore store = store()) {
      store.claim(Set.of(3));
      assertThat(store.save(List.of(new Saving(3, 1, many)))).isEmpty();
      Map<String, String> half = new HashMap<>();
      many.forEach((feed, at) -> half.put(feed, at + "!"));
      assertThat(store.save(List.of(new Saving(3, 1, half)))).isEmpty();
      assertThat(store.claim(Set.of(3)).get(3).positions()).isEqualTo(half);
    }
  }

  @Test
  void fleetsOfOneDatabaseDoNotSeeEachOther() throws Exception {
    PositionStore other = JdbcPositionStore.over(database().source()).fleet(Database.fleet());
    try (PositionStore store = store();
        other) {
      other.open(2 * SLOTS);
      other.claim(Set.of(1));
      other.save(List.of(new Saving(1, 1, Map.of("a", "1"))));
      assertThat(store.claim(Set.of(1))).containsEntry(1, new Claimed(1, Map.of()));
    }
  }

  @Test
  void anotherNumberOfSlotsIsRefused() throws Exception {
    store().close();
    PositionStore other = JdbcPositionStore.over(database().source()).fleet(fleet);
    assertThatThrownBy(() -> other.open(SLOTS + 1))
        .isInstanceOfSatisfying(
            JdbcStoreException.class,
            e -> assertThat(e.problem()).isEqualTo(JdbcStoreException.Problem.OTHER_SLOTS))
        .hasMessage("fleet.slots: 9, allowed 8, as the fleet " + fleet + " has");
  }

  @Test
  void nodesThatStartTogetherMakeTheTablesOnce() throws Exception {
    String prefix = "t" + Long.toHexString(System.nanoTime()) + "_";
    List<CompletableFuture<Void>> all =
        IntStream.range(0, 4)
            .mapToObj(i -> CompletableFuture.runAsync(() -> openAndClose(prefix)))
            .toList();
    for (CompletableFuture<Void> each : all) {
      each.get();
    }
  }

  private void openAndClose(String prefix) {
    try (PositionStore store =
        JdbcPositionStore.over(database().source()).tables(prefix).fleet(fleet)) {
      store.open(SLOTS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }
}
