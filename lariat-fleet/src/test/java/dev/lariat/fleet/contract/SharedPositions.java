package dev.lariat.fleet.contract;

import dev.lariat.fleet.PositionStore;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A store of positions in memory that the nodes of one process share. */
public final class SharedPositions implements PositionStore {
  private final PositionStore memory = PositionStore.inMemory();

  @Override
  public void open(int slots) throws IOException {
    memory.open(slots);
  }

  @Override
  public synchronized Map<Integer, Claimed> claim(Set<Integer> slots) throws Exception {
    return memory.claim(slots);
  }

  @Override
  public synchronized Set<Integer> save(List<Saving> all) throws Exception {
    return memory.save(all);
  }

  @Override
  public synchronized Map<Integer, Map<String, String>> positions(Set<Integer> slots)
      throws Exception {
    return memory.positions(slots);
  }

  @Override
  public boolean shared() {
    return true;
  }

  /** Keeps all, for the nodes that stay. */
  @Override
  public void close() {}
}
