package dev.lariat.fleet;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** A store of positions in memory that the nodes of one process share. */
final class SharedPositions implements PositionStore {
  private final PositionMemory memory = new PositionMemory();

  @Override
  public void open(int slots) {}

  @Override
  public synchronized Map<Integer, Claimed> claim(Set<Integer> slots) {
    return memory.claim(slots);
  }

  @Override
  public synchronized Set<Integer> save(List<Saving> all) {
    return memory.save(all);
  }

  @Override
  public boolean shared() {
    return true;
  }

  @Override
  public void close() {}
}
