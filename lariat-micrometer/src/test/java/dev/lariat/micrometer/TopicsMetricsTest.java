package dev.lariat.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.TopicReader;
import dev.lariat.live.Topics;
import dev.lariat.message.Frame;
import dev.lariat.message.Open;
import dev.lariat.message.Text;
import dev.lariat.option.TopicRule;
import dev.lariat.testkit.EchoServer;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Meters of topics. */
@Timeout(30)
class TopicsMetricsTest {
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  /** The echo of a subscription is its acknowledgement. */
  private static final class Echoed implements TopicRule {
    @Override
    public List<Frame> subscribe(List<String> topics) {
      return topics.stream().<Frame>map(Text::new).toList();
    }

    @Override
    public List<Frame> unsubscribe(List<Subscription> topics) {
      return List.of();
    }

    @Override
    public Meaning read(Frame frame) {
      return frame instanceof Text(var topic) ? Meaning.subscribed(topic) : Meaning.CONTROL;
    }
  }

  private double gauge(String name, String... tags) {
    return registry.get(name).tags(tags).gauge().value();
  }

  @Test
  void theyShowWhatTheTopicsSay() throws Exception {
    try (EchoServer server = EchoServer.start(0);
        Topics topics =
            Topics.over(LiveWebSocket.to("ws://127.0.0.1:" + server.port() + "/"), new Echoed())
                .open()) {
      new TopicsMetrics(topics, Tags.of("feed", "a")).bindTo(registry);
      assertThat(gauge("lariat.topics.sockets", "state", "open")).isZero();
      TopicReader one = topics.open("BTC");
      TopicReader two = topics.open("BTC");
      assertThat(one.mailbox().take(Duration.ofSeconds(10))).isInstanceOf(Open.class);
      assertThat(two.mailbox().take(Duration.ofSeconds(10))).isInstanceOf(Open.class);
      assertThat(gauge("lariat.topics.sockets", "state", "open", "feed", "a")).isEqualTo(1);
      assertThat(gauge("lariat.topics.sockets", "state", "waiting")).isZero();
      assertThat(gauge("lariat.topics.topics", "state", "subscribed")).isEqualTo(1);
      assertThat(gauge("lariat.topics.topics", "state", "pending")).isZero();
      assertThat(gauge("lariat.topics.readers")).isEqualTo(2);
      one.close();
      two.close();
      assertThat(topics.info().lingering()).isEqualTo(1);
      assertThat(gauge("lariat.topics.lingering")).isEqualTo(1);
      assertThat(registry.get("lariat.topics.dropped").functionCounter().count()).isZero();
      assertThat(registry.get("lariat.topics.unread").functionCounter().count()).isZero();
    }
  }
}
