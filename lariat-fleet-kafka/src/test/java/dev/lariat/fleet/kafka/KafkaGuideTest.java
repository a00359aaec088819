package dev.lariat.fleet.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetOptions;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the guide shows. */
class KafkaGuideTest {
  private final String topic = Broker.shared().topic();

  private Fleet open(String servers) throws IOException {
    KafkaSink kafka =
        KafkaSink.to(topic, Map.of("bootstrap.servers", servers, "compression.type", "zstd"))
            .fleet("prices");
    FleetOptions options = FleetOptions.DEFAULT.slots(16);
    Fleet fleet = Fleet.open(kafka, kafka, options);
    return fleet;
  }

  @Test
  void whatTheGuideShowsOpensAFleet() throws Exception {
    try (Fleet fleet = open(Broker.shared().address())) {
      assertThat(fleet.info().feeds()).isEmpty();
    }
  }
}
