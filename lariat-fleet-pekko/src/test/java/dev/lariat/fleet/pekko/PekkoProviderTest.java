package dev.lariat.fleet.pekko;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.fleet.FleetProvider;
import dev.lariat.fleet.contract.Member;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class PekkoProviderTest {
  private final FleetProvider found =
      ServiceLoader.load(FleetProvider.class).findFirst().orElseThrow();

  @Test
  void aUriNamesTheSeedsAndTheAddressOfTheNode() throws Exception {
    assertThat(found.scheme()).isEqualTo("pekko");
    String seed = Systems.freeAddress();
    String uri = "pekko://" + seed + "?at=" + seed;
    assertThat(found.positions(uri)).isEmpty();
    try (Member node = Member.join(found.placement(uri).orElseThrow(), 4)) {
      node.await("all slots", its -> its.size() == 4);
      assertThat(node.membership().node()).isEqualTo(seed);
    }
  }

  @Test
  void anotherUriIsRefused() {
    assertThatThrownBy(() -> found.placement("pekko://10.0.0.1:7355"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("pekko.uri: pekko://10.0.0.1:7355, allowed pekko://SEED:PORT,…?at=HOST:PORT");
  }
}
