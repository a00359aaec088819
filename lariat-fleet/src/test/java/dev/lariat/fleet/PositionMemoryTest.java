package dev.lariat.fleet;

import dev.lariat.fleet.contract.PositionStoreContract;

class PositionMemoryTest extends PositionStoreContract {
  @Override
  protected PositionStore store() throws Exception {
    PositionStore store = PositionStore.inMemory();
    store.open(SLOTS);
    return store;
  }
}
