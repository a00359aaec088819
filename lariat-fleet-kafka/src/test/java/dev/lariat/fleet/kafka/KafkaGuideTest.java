package dev.lariat.fleet.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.Feed;
import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.PositionFinder;
import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What the guide shows. */
class KafkaGuideTest {
  private static final String EVENT = "{\"seq\":1}";

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
  void whatTheGuideShowsWritesEventsToTheTopic() throws Exception {
    try (Origin origin = Origin.start(KafkaGuideTest::visit);
        Committed committed = new Committed(Broker.shared(), topic);
        Fleet fleet = open(Broker.shared().address())) {
      fleet.put(
          Feed.webSocket("btc", origin.uri("ws", "/").toString())
              .position(PositionFinder.json("/seq")));
      assertThat(committed.values(1)).containsExactly(EVENT);
    }
  }

  private static void visit(Visit visit) throws Exception {
    if (visit.head() != null) {
      WebSocketVisit socket = visit.acceptWebSocket();
      socket.send(new Text(EVENT));
      socket.receive(); // its close frame
    }
  }
}
