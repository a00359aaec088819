package dev.lariat.fleet.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/** Looks again and again whether two nodes hold the same slot. */
public final class Watch implements AutoCloseable {
  private final AtomicBoolean over = new AtomicBoolean();
  private final List<String> faults = new CopyOnWriteArrayList<>();
  private volatile List<Member> members = List.of();
  private final CompletableFuture<Void> watching =
      CompletableFuture.runAsync(this::watch, Thread.ofPlatform()::start);

  public void over(Member... all) {
    members = List.of(all);
  }

  private void watch() {
    while (!over.get() && faults.isEmpty()) {
      for (int slot = 0; slot < PlacementContract.SLOTS; slot++) {
        compare(slot);
      }
      Thread.yield();
    }
  }

  private void compare(int slot) {
    for (Member one : members) {
      for (Member other : members) {
        // asked twice, since the slot may move between two questions
        if (one != other && one.holds(slot) && other.holds(slot) && one.holds(slot)) {
          faults.add("Slot " + slot + " has two owners.");
        }
      }
    }
  }

  @Override
  public void close() {
    over.set(true);
    watching.join();
    assertThat(faults).isEmpty();
  }
}
