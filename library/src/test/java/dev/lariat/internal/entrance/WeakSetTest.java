package dev.lariat.internal.entrance;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.ref.WeakReference;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class WeakSetTest {

  @Test
  void itHasWhatWasAddedAndNotRemoved() {
    Set<Object> set = new WeakSet<>();
    Object one = new Object();
    Object other = new Object();
    assertThat(set.remove(one)).isFalse();
    assertThat(set.contains(one)).isFalse();
    assertThat(set.add(one)).isTrue();
    assertThat(set.add(one)).isFalse();
    assertThat(set.add(other)).isTrue();
    assertThat(set).containsExactlyInAnyOrder(one, other);
    assertThat(set.remove(one)).isTrue();
    assertThat(set.remove(one)).isFalse();
    assertThat(set).containsExactly(other);
    set.clear();
    assertThat(set).isEmpty();
  }

  @Test
  void itKeepsNothingAlive() {
    Set<Object> set = new WeakSet<>();
    WeakReference<Object> dropped = added(set);
    while (dropped.get() != null || !set.isEmpty()) {
      System.gc();
    }
    assertThat(set).isEmpty();
  }

  private static WeakReference<Object> added(Set<Object> set) {
    Object element = new Object();
    set.add(element);
    return new WeakReference<>(element);
  }
}
