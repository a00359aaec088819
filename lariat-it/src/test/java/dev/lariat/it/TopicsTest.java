package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Mailbox;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.live.TopicReader;
import dev.lariat.live.Topics;
import dev.lariat.live.TopicsInfo;
import dev.lariat.message.Frame;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.TopicOptions;
import dev.lariat.option.TopicRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Against a feed on python3-websockets that is killed and started again. */
@Timeout(60)
@Needs(Peer.PYTHON_WEBSOCKETS)
class TopicsTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  /** How the feed is spoken to: see {@code ticker.py}. */
  private static final class Rule implements TopicRule {
    @Override
    public List<Frame> subscribe(List<String> topics) {
      return List.of(new Text("sub " + String.join(" ", topics)));
    }

    @Override
    public List<Frame> unsubscribe(List<Subscription> topics) {
      return topics.stream()
          .<Frame>map(topic -> new Text("unsub " + topic.channel().orElseThrow()))
          .toList();
    }

    @Override
    public Meaning read(Frame frame) {
      String[] words = ((Text) frame).text().split(" ");
      return switch (words[0]) {
        case "#" -> Meaning.of(words[1]);
        case "subscribed" -> Meaning.subscribed(words[1], words[2]);
        case "error" -> Meaning.refused(words[1], words[2]);
        default -> Meaning.CONTROL;
      };
    }
  }

  /** Reads ticks of this topic without a gap between them, until a change of state. */
  private static Message unbroken(TopicReader reader, int atLeast) throws InterruptedException {
    int ticks = 0;
    int last = 0;
    while (true) {
      Message message = reader.mailbox().take(SOON);
      if (!(message instanceof WebSocketFrame(var stream, Text(var text)))) {
        return message;
      }
      String[] words = text.split(" ");
      assertThat(words[2]).isEqualTo(reader.topic());
      int number = Integer.parseInt(words[3]);
      assertThat(last == 0 || number == last + 1).as("%s after %s", text, last).isTrue();
      last = number;
      if (++ticks == atLeast) {
        return message;
      }
    }
  }

  @Test
  void aHundredAndTwentyTopicsHealOverThreeSocketsOfAKilledServer() throws Exception {
    LiveOptions options =
        LiveOptions.DEFAULT.healing(Healing.DEFAULT.spread(Duration.ofMillis(100)));
    String script = Server.file("ticker.py", Map.of()).toString();
    try (Server server =
            Server.start(
                "ticker",
                1,
                ports -> List.of("/usr/bin/python3", script, ports.getFirst().toString()));
        Topics topics =
            Topics.over(
                    LiveWebSocket.to("ws://127.0.0.1:" + server.port(0) + "/").options(options),
                    new Rule())
                .options(
                    TopicOptions.DEFAULT
                        .perSocket(50)
                        .batch(20)
                        .linger(Duration.ZERO)
                        .acknowledgement(Duration.ofSeconds(10)))
                .open()) {
      List<TopicReader> readers = new ArrayList<>();
      for (int i = 0; i < 120; i++) {
        readers.add(topics.open("T" + i));
      }
      for (TopicReader reader : readers) {
        assertThat(unbroken(reader, 1)).isInstanceOf(Open.class);
        assertThat(unbroken(reader, 5)).isInstanceOf(WebSocketFrame.class);
      }
      assertThat(topics.info().sockets())
          .extracting(TopicsInfo.Socket::subscribed)
          .containsExactlyInAnyOrder(50, 50, 20);

      server.kill();
      for (TopicReader reader : readers) {
        assertThat(unbroken(reader, Integer.MAX_VALUE)).isInstanceOf(Waiting.class);
      }
      server.restart();
      for (TopicReader reader : readers) {
        assertThat(unbroken(reader, 1)).isInstanceOf(Open.class);
        assertThat(unbroken(reader, 5)).isInstanceOf(WebSocketFrame.class);
      }

      TopicReader refused = topics.open("xyz");
      assertThat(((Gone) refused.mailbox().take(SOON)).reason())
          .isEqualTo(new Reason.TopicRefused("xyz", "refused"));
      Mailbox another = Mailbox.create();
      topics.open("T0", another);
      assertThat(another.take(SOON)).isInstanceOf(Open.class);
      assertThat(another.take(SOON)).isInstanceOf(WebSocketFrame.class);
      topics.shutdown();
      assertThat(topics.awaitTermination(SOON)).isTrue();
    }
  }
}
