package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.Placement;
import dev.lariat.fleet.pekko.PekkoPlacement;
import org.junit.jupiter.api.Test;

/** How the guide places a fleet on several machines. */
class PlacementTest {
  @Test
  void aFleetOnAClusterSharesItsPositions() {
    Placement placement =
        PekkoPlacement.seeds("10.0.0.1:7355", "10.0.0.2:7355", "10.0.0.3:7355").at("10.0.0.2:7355");
    FleetOptions options = FleetOptions.DEFAULT.placement(placement);
    assertThat(options.placement().shared()).isTrue();
  }
}
