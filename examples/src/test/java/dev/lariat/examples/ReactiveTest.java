package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.client.Client;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Bytes;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Text;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Reply;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The adapters of the guide's page on reactive code. */
@Timeout(60)
class ReactiveTest {
  private static final LiveOptions AT_ONCE =
      LiveOptions.DEFAULT.healing(
          Healing.DEFAULT
              .spread(Duration.ZERO)
              .retry(Healing.DEFAULT.retry().delays(Duration.ofMillis(1), Duration.ofMillis(5))));

  private static Script says(String... texts) {
    return visit -> {
      WebSocketVisit socket = visit.acceptWebSocket();
      for (String text : texts) {
        socket.send(new Text(text));
      }
    }; // and vanishes
  }

  private interface Reader {
    Iterable<Frame> read(LiveWebSocket feed);
  }

  /** Two sessions are one stream. */
  private static void heals(Reader reader) {
    try (Origin origin = Origin.start(says("one", "two"), says("three"), Script.echo());
        LiveWebSocket feed = LiveWebSocket.to(origin.uri("ws", "/")).options(AT_ONCE).open()) {
      assertThat(reader.read(feed))
          .containsExactly(new Text("one"), new Text("two"), new Text("three"));
    }
  }

  @Test
  void aFeedIsAFluxOfReactor() {
    heals(feed -> Reactive.flux(feed).take(3).toIterable());
  }

  @Test
  void aFeedIsAFlowableOfRxJava() {
    heals(feed -> Reactive.flowable(feed).take(3).blockingIterable());
  }

  @Test
  void aFeedIsAMultiOfMutiny() {
    heals(feed -> Reactive.multi(feed).select().first(3).subscribe().asIterable());
  }

  @Test
  void theTextsOfAFeedAreCollected() {
    try (Origin origin = Origin.start(says("one", "two"), says("three"), Script.echo());
        LiveWebSocket feed = LiveWebSocket.to(origin.uri("ws", "/")).options(AT_ONCE).open()) {
      assertThat(Reactive.threeTexts(feed)).containsExactly("one", "two", "three");
    }
  }

  @Test
  @SuppressWarnings("try") // closed within, and that completes it
  void aFeedThatIsClosedCompletes() {
    try (Origin origin = Origin.start(Script.echo());
        LiveWebSocket feed = LiveWebSocket.to(origin.uri("ws", "/")).options(AT_ONCE).open()) {
      feed.send(new Text("one"));
      assertThat(Reactive.flux(feed).doOnNext(frame -> feed.close()).toIterable())
          .containsExactly(new Text("one"));
    }
  }

  @Test
  void eventsAreAMulti() {
    try (Origin origin =
            Origin.start(
                visit -> {
                  EventStream events = visit.events();
                  events.send("one");
                  events.send("two");
                  visit.awaitEnd();
                });
        LiveEvents feed = LiveEvents.to(origin.uri("http", "/")).open()) {
      assertThat(Reactive.data(feed).select().first(2).subscribe().asIterable())
          .containsExactly("one", "two");
    }
  }

  @Test
  void aBodyIsAFlux() {
    try (Origin origin =
            Origin.start(
                visit -> {
                  visit.request();
                  Reply reply = visit.beginChunked(200, Headers.EMPTY);
                  reply.write("one ");
                  reply.write("two");
                  reply.end();
                });
        Client client = Client.open()) {
      assertThat(
              Reactive.body(client, origin.uri("http", "/").toString())
                  .map(Bytes::utf8)
                  .reduce(String::concat)
                  .block())
          .isEqualTo("one two");
    }
  }
}
