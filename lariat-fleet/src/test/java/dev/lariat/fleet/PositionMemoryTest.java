package dev.lariat.fleet;

class PositionMemoryTest extends PositionStoreContract {
  @Override
  PositionStore store() throws Exception {
    PositionStore store = PositionStore.inMemory();
    store.open(8);
    return store;
  }
}
