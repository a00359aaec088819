package dev.lariat.fleet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.PositionStore;
import dev.lariat.fleet.PositionStore.Claimed;
import dev.lariat.fleet.PositionStore.Saving;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What every store of positions does. */
public abstract class PositionStoreContract {
  protected static final int SLOTS = 8;

  /** An open store for {@link #SLOTS} slots. */
  protected abstract PositionStore store() throws Exception;

  @Test
  void everyClaimDrawsAGreaterEpoch() throws Exception {
    try (PositionStore store = store()) {
      assertThat(store.claim(Set.of(1, 2)))
          .containsOnly(
              Map.entry(1, new Claimed(1, Map.of())), Map.entry(2, new Claimed(1, Map.of())));
      assertThat(store.claim(Set.of(1)).get(1).epoch()).isEqualTo(2);
      assertThat(store.claim(Set.of(2)).get(2).epoch()).isEqualTo(2);
    }
  }

  @Test
  void aClaimShowsThePositionsOfItsSlot() throws Exception {
    try (PositionStore store = store()) {
      store.claim(Set.of(1, 2));
      assertThat(save(store, 1, 1, Map.of("a", "1", "b", "2"))).isEmpty();
      assertThat(save(store, 1, 1, Map.of("a", "3"))).isEmpty();
      assertThat(save(store, 2, 1, Map.of("c", "4"))).isEmpty();
      assertThat(store.claim(Set.of(1)).get(1).positions())
          .containsOnly(Map.entry("a", "3"), Map.entry("b", "2"));
    }
  }

  @Test
  void positionsCanBeReadWithoutANewEpoch() throws Exception {
    try (PositionStore store = store()) {
      store.claim(Set.of(1));
      save(store, 1, 1, Map.of("a", "1", "b", "2"));
      Map<Integer, Map<String, String>> read = store.positions(Set.of(1, 2));
      assertThat(read.get(1)).containsOnly(Map.entry("a", "1"), Map.entry("b", "2"));
      assertThat(read.getOrDefault(2, Map.of())).isEmpty();
      assertThat(save(store, 1, 1, Map.of("a", "3"))).isEmpty();
      assertThat(store.claim(Set.of(1)).get(1).epoch()).isEqualTo(2);
    }
  }

  @Test
  void positionsOfAnOlderEpochAreRefusedAndThoseBesideThemKept() throws Exception {
    try (PositionStore store = store()) {
      store.claim(Set.of(1, 2));
      store.claim(Set.of(1));
      List<Saving> both =
          List.of(new Saving(1, 1, Map.of("a", "old")), new Saving(2, 1, Map.of("b", "new")));
      assertThat(store.save(both)).containsExactly(1);
      assertThat(store.claim(Set.of(1, 2)))
          .containsEntry(1, new Claimed(3, Map.of()))
          .containsEntry(2, new Claimed(2, Map.of("b", "new")));
    }
  }

  @Test
  void positionsOfASlotThatNobodyClaimedAreRefused() throws Exception {
    try (PositionStore store = store()) {
      assertThat(save(store, 3, 1, Map.of("a", "1"))).containsExactly(3);
    }
  }

  @Test
  void namesAndPositionsMayBeAnyText() throws Exception {
    String odd = "\u0000 '\"\\\n ü \ud83d\ude00 ".repeat(50);
    try (PositionStore store = store()) {
      store.claim(Set.of(0));
      save(store, 0, 1, Map.of(odd, odd, "empty", ""));
      assertThat(store.claim(Set.of(0)).get(0).positions())
          .containsOnly(Map.entry(odd, odd), Map.entry("empty", ""));
    }
  }

  private static Set<Integer> save(
      PositionStore store, int slot, long epoch, Map<String, String> positions) throws Exception {
    return store.save(List.of(new Saving(slot, epoch, positions)));
  }
}
