package dev.lariat.examples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.client.Answer;
import dev.lariat.client.Client;
import dev.lariat.message.Bytes;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The application as it is started, with a server of its feed that dies and returns. */
@Timeout(120)
class QuotesApplicationTest {
  private static final int PATIENCE = 30; // seconds

  private final BlockingQueue<Frame> asked = new LinkedBlockingQueue<>();

  /** Says a price, and then takes what is asked. */
  private Script at(String price) {
    return visit -> {
      WebSocketVisit socket = visit.acceptWebSocket();
      socket.send(new Text("{\"symbol\":\"BTC-USD\",\"price\":" + price + "}"));
      for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
        asked.add(frame);
      }
    };
  }

  private void asks(String text) throws InterruptedException {
    assertThat(asked.poll(PATIENCE, TimeUnit.SECONDS)).isEqualTo(new Text(text));
  }

  private static String until(Client client, String url, String part) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE);
    while (true) {
      Answer answer = client.get(url);
      if (answer.text().contains(part) || System.nanoTime() > end) {
        return answer.text();
      }
      Thread.onSpinWait();
    }
  }

  @Test
  @SuppressWarnings("try") // the next server only has to be there
  void pricesArriveAgainAfterTheServerOfTheFeedWasKilled() throws Exception {
    Origin server = Origin.start(at("64000.5"));
    int port = server.port();
    try (ConfigurableApplicationContext application =
            SpringApplication.run(
                QuotesApplication.class,
                "--server.port=0",
                "--lariat.feeds.quotes.uri=" + server.uri("ws", "/quotes"),
                "--lariat.feeds.quotes.healing.first=10ms",
                "--lariat.feeds.quotes.healing.cap=50ms",
                "--lariat.feeds.quotes.healing.spread=0s",
                "--lariat.health.down-after=0s");
        Client client = Client.open()) {
      String base =
          "http://127.0.0.1:" + application.getEnvironment().getProperty("local.server.port");
      asks("{\"op\":\"subscribe\",\"symbol\":\"BTC-USD\"}");
      assertThat(until(client, base + "/quotes/BTC-USD", "64000.5"))
          .isEqualTo("{\"symbol\":\"BTC-USD\",\"price\":64000.5}");
      assertThat(until(client, base + "/actuator/health/lariat", "UP"))
          .contains("\"status\":\"UP\"");

      server.reset();
      server.close();
      assertThat(until(client, base + "/actuator/health/lariat", "DOWN"))
          .contains("\"status\":\"DOWN\"");

      try (Origin next = Origin.start(port, at("65000.0"))) {
        asks("{\"op\":\"subscribe\",\"symbol\":\"BTC-USD\"}");
        assertThat(until(client, base + "/quotes/BTC-USD", "65000.0")).contains("65000.0");
        assertThat(until(client, base + "/actuator/lariatfeeds/quotes", "OPEN"))
            .contains("\"state\":\"OPEN\"");

        client.post(base + "/quotes/ETH-USD", "text/plain", Bytes.EMPTY);
        asks("{\"op\":\"subscribe\",\"symbol\":\"ETH-USD\"}");
      }
    }
  }
}
