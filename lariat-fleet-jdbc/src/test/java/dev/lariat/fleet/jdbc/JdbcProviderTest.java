package dev.lariat.fleet.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.FleetProvider;
import java.io.IOException;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class JdbcProviderTest {
  private static final String URL = "jdbc:h2:mem:provider;DB_CLOSE_DELAY=-1";

  private final FleetProvider found =
      ServiceLoader.load(FleetProvider.class).findFirst().orElseThrow();

  @Test
  void aUrlIsEnoughForAFleet() throws Exception {
    assertThat(found.scheme()).isEqualTo("jdbc");
    FleetOptions options =
        FleetOptions.DEFAULT.slots(8).placement(found.placement(URL).orElseThrow());
    try (Fleet fleet = Fleet.open(found.positions(URL).orElseThrow(), batch -> {}, options)) {
      assertThat(fleet.info().members()).isEqualTo(1);
    }
  }

  @Test
  void aMissingDriverIsNamedWithoutThePassword() {
    assertThatThrownBy(() -> found.placement("jdbc:oracle:thin:scott/tiger@db"))
        .isInstanceOf(IOException.class)
        .hasMessage("no driver on the class path takes this jdbc:oracle: URL");
  }
}
