package dev.lariat.fleet;

import java.util.Optional;

/** One node has all slots. */
record Alone() implements Placement, Placement.Membership {
  private static final String NODE = "alone";
  private static final long GRANT = 1; // the only one

  @Override
  public Membership join(int slots, Node node) {
    node.members(1);
    for (int slot = 0; slot < slots; slot++) {
      node.taken(slot, GRANT);
    }
    return this;
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public boolean holds(int slot, long grant) {
    return true;
  }

  @Override
  public void left(int slot, long grant) {}

  @Override
  public String node() {
    return NODE;
  }

  @Override
  public Optional<String> owner(int slot) {
    return Optional.of(NODE);
  }

  @Override
  public void close() {}
}
