package dev.lariat.internal.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class ShelfTest {
  private final Shelf<String> shelf = new Shelf<>(100);

  @Test
  void whatWasUnusedForLongestMakesRoom() {
    assertThat(shelf.put("a", "", "A", 40)).isEmpty();
    assertThat(shelf.put("b", "", "B", 40)).isEmpty();
    assertThat(shelf.all("a")).containsExactly("A"); // a use
    assertThat(shelf.put("c", "", "C", 40)).containsExactly("B");
    assertThat(shelf.all("b")).isEmpty();
    assertThat(shelf.evicted()).isEqualTo(1);
    assertThat(shelf.weight()).isEqualTo(80);
  }

  @Test
  void aVariantIsReplacedByTheNextOfItsName() {
    shelf.put("a", "x", "1", 10);
    shelf.put("a", "y", "2", 10);
    assertThat(shelf.put("a", "x", "3", 20)).containsExactly("1");
    assertThat(shelf.all("a")).containsExactly("2", "3");
    assertThat(shelf.weight()).isEqualTo(30);
    assertThat(shelf.remove("a", "y")).contains("2");
    assertThat(shelf.remove("a")).containsExactly("3");
    assertThat(shelf.size()).isZero();
    assertThat(shelf.evicted()).isZero();
  }

  @Test
  void whatIsLargerThanTheWholeDisplacesNothingElse() {
    shelf.put("a", "", "A", 40);
    assertThat(shelf.put("b", "", "B", 101)).containsExactly("B");
    assertThat(shelf.all("a")).containsExactly("A");
  }

  @Test
  void aKeyHasNoMoreThanSixteenVariants() {
    for (int i = 0; i < 20; i++) {
      shelf.put("a", "" + i, "" + i, 1);
    }
    assertThat(shelf.all("a")).hasSize(16).doesNotContain("3").contains("4", "19");
  }

  @Property
  void itsWeightIsThatOfWhatItHasAndNeverTooMuch(
      @ForAll @Size(max = 40) List<@IntRange(max = 999) Integer> steps) {
    Shelf<Integer> its = new Shelf<>(100);
    List<Integer> out = new ArrayList<>();
    for (int step : steps) {
      String key = "" + step % 5;
      switch (step % 7) {
        case 0 -> out.addAll(its.remove(key));
        case 1 -> its.all(key);
        default -> out.addAll(its.put(key, "" + step % 3, step % 60, step % 60));
      }
      long weight = 0;
      int size = 0;
      for (int i = 0; i < 5; i++) {
        List<Integer> all = its.all("" + i);
        weight += all.stream().mapToInt(Integer::intValue).sum();
        size += all.size();
      }
      assertThat(its.weight()).isEqualTo(weight).isLessThanOrEqualTo(100);
      assertThat(its.size()).isEqualTo(size);
    }
  }
}
