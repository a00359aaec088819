package dev.lariat.examples;

import static dev.lariat.examples.Scene.ENDPOINT;
import static dev.lariat.examples.Scene.say;
import static dev.lariat.examples.Scene.untilItLeaves;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.live.TopicReader;
import dev.lariat.live.Topics;
import dev.lariat.testkit.WebSocketVisit;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class QuotesTest {

  @Test
  void twoReadersShareASubscriptionAndItHeals() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              visit -> {
                WebSocketVisit socket = visit.acceptWebSocket();
                scene.hear(socket, 1);
                say(socket, "subscribed BTC-USD 7", "price 7 64000");
                visit.pause(Duration.ofSeconds(1));
                visit.reset();
              },
              visit -> {
                WebSocketVisit socket = visit.acceptWebSocket();
                scene.hear(socket, 1);
                say(socket, "subscribed BTC-USD 9", "price 9 64001");
                untilItLeaves(socket);
              });
          try (Topics topics = Quotes.open(ENDPOINT, scene.options())) {
            TopicReader chart = topics.open("BTC-USD");
            Thread reads = scene.simulation.start("chart", () -> Quotes.chart(chart));
            Quotes.ticker(topics, List.of("BTC-USD"), 2);
            scene.simulation.pause(Duration.ofSeconds(1));
            chart.close();
            scene.simulation.pause(Duration.ofSeconds(1));
            assertThat(reads.isAlive()).isFalse();
          }
          assertThat(scene.seen).containsExactly("subscribe BTC-USD", "subscribe BTC-USD");
          assertThat(scene.printed())
              .contains("BTC-USD: price 7 64000", "BTC-USD: price 9 64001")
              .containsSubsequence(
                  "BTC-USD is subscribed",
                  "chart price 7 64000",
                  "BTC-USD is subscribed",
                  "chart price 9 64001",
                  "chart ends: The owner closed the connection.")
              .filteredOn(line -> line.startsWith("a gap: "))
              .hasSize(1);
        });
  }
}
