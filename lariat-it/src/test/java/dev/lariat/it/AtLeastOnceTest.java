package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.live.Delivery;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import dev.lariat.option.Backoff;
import dev.lariat.option.Classifier.Verdict;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Timeout;

/** A storm of kills: the server ends anywhere, with what it has read and what it has not. */
@Timeout(120)
class AtLeastOnceTest {
  private static final int MESSAGES = 2000;
  private static final Duration MOMENT = Duration.ofMillis(1);

  private final Set<Integer> arrived = ConcurrentHashMap.newKeySet();

  private static Object number(String prefix, Frame frame) {
    return frame instanceof Text(var text) && text.startsWith(prefix)
        ? Integer.valueOf(text.substring(prefix.length()))
        : null;
  }

  private static LiveOptions options() {
    Healing healing =
        Healing.DEFAULT
            .classifier(reason -> Verdict.RETRY)
            .spread(Duration.ZERO)
            .shortestWait(MOMENT)
            .retry(Backoff.DEFAULT.jitter(false).delays(MOMENT, MOMENT));
    Outbox outbox =
        Outbox.DEFAULT
            .messages(500)
            .acknowledge(sent -> number("m ", sent), received -> number("ok ", received));
    return LiveOptions.DEFAULT.healing(healing).outbox(outbox);
  }

  /** Reads some messages, acknowledges most of them, and dies with the rest unread. */
  private void serve(Visit visit, SplittableRandom random) throws IOException {
    WebSocketVisit socket = visit.acceptWebSocket();
    for (int lives = random.nextInt(1, 400); lives > 0; lives--) {
      Frame frame = socket.receive(Duration.ofMillis(100));
      Object number = frame == null ? null : number("m ", frame);
      if (number == null) {
        break; // it has waited, or the client is gone
      }
      arrived.add((Integer) number);
      if (random.nextInt(10) > 0) { // else the acknowledgement dies with it
        socket.send(new Text("ok " + number));
      }
    }
    if (random.nextBoolean()) {
      visit.reset();
    }
  }

  @RepeatedTest(10)
  void everyMessageThatWasSentArrivesThroughAStormOfKills(RepetitionInfo round) throws Exception {
    long seed = round.getCurrentRepetition();
    try (Origin origin =
            Origin.start(
                visit -> serve(visit, new SplittableRandom(seed * 10_000 + visit.number())));
        LiveWebSocket feed = LiveWebSocket.to(origin.uri("ws", "/")).options(options()).open()) {
      List<Delivery> deliveries = new ArrayList<>();
      for (int i = 1; i <= MESSAGES; i++) {
        deliveries.add(feed.deliver(new Text("m " + i)));
      }
      for (Delivery delivery : deliveries) {
        assertThat(delivery.settled().get(60, TimeUnit.SECONDS).state())
            .isEqualTo(Delivery.State.ACKNOWLEDGED);
      }
      assertThat(arrived).containsAll(IntStream.rangeClosed(1, MESSAGES).boxed().toList());
      assertThat(origin.visits()).as("sessions").isGreaterThan(5);
    }
  }
}
