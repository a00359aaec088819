package dev.lariat.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.fleet.PositionStore.Claimed;
import dev.lariat.fleet.PositionStore.Saving;
import dev.lariat.fleet.contract.PositionStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PositionLogTest extends PositionStoreContract {
  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void file() {
    file = folder.resolve("below").resolve("positions");
  }

  @Override
  protected PositionStore store() throws IOException {
    PositionStore store = PositionStore.file(file);
    store.open(SLOTS);
    return store;
  }

  @Test
  void whatWasSavedIsThereAfterARestart() throws Exception {
    try (PositionStore store = store()) {
      store.claim(Set.of(1));
      save(store, "a", "41");
    }
    try (PositionStore store = store()) {
      assertThat(store.claim(Set.of(1))).containsEntry(1, new Claimed(2, Map.of("a", "41")));
    }
  }

  /** The last record is cut at every byte, as a crash may leave it. */
  @Test
  void everyCutOfTheLastRecordLeavesWhatWasBefore() throws Exception {
    byte[] before = written(store -> save(store, "a", "1"));
    byte[] after =
        written(
            store -> {
              save(store, "a", "1");
              save(store, "a", "2");
            });
    assertThat(Arrays.copyOf(after, before.length)).isEqualTo(before);
    for (int length = before.length; length < after.length; length++) {
      assertThat(positionsIn(Arrays.copyOf(after, length))).as("cut at " + length).isEqualTo("1");
    }
    assertThat(positionsIn(after)).isEqualTo("2");
  }

  /** A file system may have grown the file and not written the bytes. */
  @Test
  void zerosAtTheEndAreCutOff() throws Exception {
    byte[] whole = written(store -> save(store, "a", "1"));
    assertThat(positionsIn(Arrays.copyOf(whole, whole.length + 1000))).isEqualTo("1");
  }

  @Test
  void everyChangedByteOfTheLastRecordLeavesWhatWasBefore() throws Exception {
    byte[] before = written(store -> save(store, "a", "1"));
    byte[] after =
        written(
            store -> {
              save(store, "a", "1");
              save(store, "a", "2");
            });
    for (int i = before.length; i < after.length; i++) {
      byte[] changed = after.clone();
      changed[i] ^= 0x10;
      assertThat(positionsIn(changed)).as("byte " + i).isEqualTo("1");
    }
  }

  @Test
  void everyChangedByteBeforeTheLastRecordIsRefused() throws Exception {
    byte[] before = written(store -> save(store, "a", "1"));
    byte[] after =
        written(
            store -> {
              save(store, "a", "1");
              save(store, "a", "2");
            });
    for (int i = 0; i < before.length; i++) {
      byte[] changed = after.clone();
      changed[i] ^= 0x10;
      int at = i;
      assertThatThrownBy(() -> positionsIn(changed))
          .as("byte " + at)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is damaged at byte");
      assertThat(Files.readAllBytes(file)).isEqualTo(changed); // nothing was written
    }
  }

  @Test
  void theFileIsWrittenAnewBeforeItGrowsWithoutEnd() throws Exception {
    try (PositionStore store = store()) {
      store.claim(Set.of(1));
      String position = "x".repeat(40_000);
      for (int i = 0; i < 60; i++) { // 2.4 MB in all
        save(store, "a", position + i);
        assertThat(Files.size(file)).isLessThan((1 << 20) + 100_000);
      }
    }
    try (PositionStore store = store()) {
      assertThat(store.claim(Set.of(1)).get(1).positions().get("a")).endsWith("x59");
    }
  }

  @Test
  void aCompactionThatDidNotEndChangesNothing() throws Exception {
    byte[] whole = written(store -> save(store, "a", "1"));
    Files.write(file.resolveSibling("positions.new"), Arrays.copyOf(whole, 20));
    assertThat(positionsIn(whole)).isEqualTo("1");
    assertThat(file.resolveSibling("positions.new")).doesNotExist();
  }

  @Test
  void anotherNumberOfSlotsIsRefused() throws Exception {
    store().close();
    PositionStore other = PositionStore.file(file);
    assertThatThrownBy(() -> other.open(16))
        .isInstanceOf(IOException.class)
        .hasMessage("slots: 16, allowed 8, as in " + file);
    store().close(); // and nothing stays locked
  }

  @Test
  void aFileThatAnotherFleetUsesIsRefused() throws Exception {
    try (PositionStore first = store()) {
      assertThatThrownBy(this::store)
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another fleet uses it");
      first.claim(Set.of(1));
    }
    store().close();
  }

  @Test
  void aFileOfSomethingElseIsRefusedAndKept() throws Exception {
    Files.createDirectories(file.getParent());
    Files.writeString(file, "hello");
    assertThatThrownBy(this::store)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("this is no file of positions");
    assertThat(file).hasContent("hello");
  }

  private interface Use {
    void use(PositionStore store) throws Exception;
  }

  /** The bytes of a file after this use of a new store. */
  private byte[] written(Use use) throws Exception {
    Files.deleteIfExists(file);
    try (PositionStore store = store()) {
      store.claim(Set.of(1));
      use.use(store);
    }
    return Files.readAllBytes(file);
  }

  /** The position of the feed in a file with these bytes. */
  private String positionsIn(byte[] bytes) throws Exception {
    Files.write(file, bytes);
    try (PositionStore store = store()) {
      return store.claim(Set.of(1)).get(1).positions().get("a");
    }
  }

  private static void save(PositionStore store, String feed, String position) throws Exception {
    assertThat(store.save(List.of(new Saving(1, 1, Map.of(feed, position))))).isEmpty();
  }
}
