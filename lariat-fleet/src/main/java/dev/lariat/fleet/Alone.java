package dev.lariat.fleet;

/** One node has all slots. */
record Alone() implements Placement, Placement.Membership {
  private static final long GRANT = 1; // the only one

  @Override
  public Membership join(int slots, Node node) {
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
  public void close() {}
}
