package dev.lariat.fleet.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the guide shows compiles, and runs. */
class KafkaGuideTest {
  private static final Pattern SHOWN =
      Pattern.compile("```text\n(KafkaSink kafka =.*?)```", Pattern.DOTALL);

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
    open(Broker.shared().address()).close();
    String guide = Files.readString(Path.of("..", "docs", "guide", "fleet.md"));
    String itself =
        Files.readString(Path.of("src/test/java/dev/lariat/fleet/kafka/KafkaGuideTest.java"));
    Matcher shown = SHOWN.matcher(guide);
    assertThat(shown.find()).isTrue();
    assertThat(itself).contains(shown.group(1).indent(4));
  }
}
