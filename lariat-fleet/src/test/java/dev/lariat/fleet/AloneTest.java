package dev.lariat.fleet;

import dev.lariat.fleet.contract.PlacementContract;

class AloneTest extends PlacementContract {
  @Override
  protected Placement placement() {
    return Placement.alone();
  }
}
