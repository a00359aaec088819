package dev.lariat.examples;

import static dev.lariat.examples.Scene.ENDPOINT;
import static dev.lariat.examples.Scene.say;
import static dev.lariat.examples.Scene.untilItLeaves;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.WebSocketVisit;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MarketDataTest {
  private static final List<String> SYMBOLS = List.of("A", "B");

  private static void run(Scene scene) throws InterruptedException {
    new MarketData().run(ENDPOINT, SYMBOLS, scene.options());
  }

  @Test
  void everyConnectionSubscribesAndWhatWasMissedBetweenThemIsAGap() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              visit -> {
                WebSocketVisit socket = visit.acceptWebSocket();
                scene.hear(socket, 2);
                say(socket, "A 1");
                visit.pause(Duration.ofSeconds(1));
                say(socket, "B 7");
                visit.pause(Duration.ofSeconds(1));
                visit.reset();
              },
              visit -> {
                WebSocketVisit socket = visit.acceptWebSocket();
                scene.hear(socket, 2);
                say(socket, "A 3");
                visit.pause(Duration.ofSeconds(1));
                say(socket, "bye");
                untilItLeaves(socket);
              });

          run(scene);

          assertThat(scene.seen)
              .containsExactly("subscribe A", "subscribe B", "subscribe A", "subscribe B");
          assertThat(scene.printed())
              .hasSize(6)
              .containsSubsequence("session 1", "{A=1}", "{A=1, B=7}", "session 2", "{A=3}");
          assertThat(scene.printed().get(3)).startsWith("gap: ");
        });
  }

  @Test
  void whereItIsSlowerThanTheFeedItShowsTheNewestOfEachSymbol() throws Exception {
    Scene.play(
        scene -> {
          scene.slowTerminal(Duration.ofSeconds(1));
          scene.origin(
              visit -> {
                WebSocketVisit socket = visit.acceptWebSocket();
                for (int price = 100; price < 150; price++) {
                  say(socket, "A " + price, "B " + price);
                  visit.pause(Duration.ofMillis(100));
                }
                visit.pause(Duration.ofSeconds(10));
                say(socket, "bye");
                untilItLeaves(socket);
              });

          run(scene);

          List<String> prices =
              scene.printed().stream().filter(line -> line.startsWith("{")).toList();
          assertThat(prices).isSorted().doesNotHaveDuplicates().hasSizeBetween(4, 9);
          assertThat(prices).endsWith("{A=149, B=149}");
        });
  }

  @Test
  void whatItHasNotShownBeforeAGapItNeverShows() throws Exception {
    Scene.play(
        scene -> {
          scene.slowTerminal(Duration.ofSeconds(1)); // it is at "session 1" when the feed ends
          scene.origin(
              visit -> {
                WebSocketVisit socket = visit.acceptWebSocket();
                visit.pause(Duration.ofMillis(100));
                say(socket, "A 1");
                visit.pause(Duration.ofMillis(100));
              },
              visit -> {
                WebSocketVisit socket = visit.acceptWebSocket();
                say(socket, "B 7");
                visit.pause(Duration.ofSeconds(10));
                say(socket, "bye");
                untilItLeaves(socket);
              });

          run(scene);

          assertThat(scene.printed())
              .filteredOn(line -> !line.startsWith("gap: "))
              .containsExactly("session 1", "session 2", "{B=7}");
        });
  }

  @Test
  void aFeedThatIsAliveButSaysNothingIsGivenUp() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              visit -> {
                WebSocketVisit socket = visit.acceptWebSocket();
                say(socket, "A 1");
                untilItLeaves(socket);
              },
              visit -> {
                WebSocketVisit socket = visit.acceptWebSocket();
                say(socket, "bye");
                untilItLeaves(socket);
              });

          run(scene);

          Reason silence = new Reason.Timeout(Reason.Step.SILENCE, Duration.ofSeconds(15));
          assertThat(scene.printed())
              .containsExactly("session 1", "{A=1}", "gap: " + silence.sentence(), "session 2");
          assertThat(scene.simulation.elapsed())
              .isBetween(Duration.ofSeconds(15), Duration.ofSeconds(21));
        });
  }

  @Test
  void itReportsWhatItHasShown() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              visit -> {
                WebSocketVisit socket = visit.acceptWebSocket();
                scene.hear(socket, 2);
                say(socket, "B 7");
                scene.hear(socket, 1);
                say(socket, "bye");
                untilItLeaves(socket);
              });

          run(scene);

          assertThat(scene.seen).endsWith("B shown 7");
        });
  }

  @Test
  void ofWhatItReportsWhileAwayOnlyTheNewestOfEachSymbolWaits() throws Exception {
    Scene.play(
        scene -> {
          Origin origin =
              scene.origin(
                  visit -> {
                    WebSocketVisit socket = visit.acceptWebSocket();
                    scene.hear(socket, 5);
                    untilItLeaves(socket);
                  });
          origin.refuse();
          LiveWebSocket.Plan plan = MarketData.plan(ENDPOINT, SYMBOLS, scene.options());
          try (LiveWebSocket feed = plan.open()) {
            for (String report : List.of("A shown 1", "B shown 1", "A shown 2", "A shown 3")) {
              feed.send(new Text(report));
            }
            scene.simulation.advance(Duration.ofSeconds(1));
            origin.listen();
            feed.awaitOpen(Duration.ofMinutes(2));
            feed.send(new Text("B shown 2"));
            scene.simulation.advance(Duration.ofSeconds(1));
          }

          assertThat(scene.seen)
              .containsExactly("subscribe A", "subscribe B", "A shown 3", "B shown 1", "B shown 2");
        });
  }

  @Test
  void aFeedThatRefusesItEndsItWithTheReason() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              visit -> {
                visit.request();
                visit.respond(403);
              });

          assertThatThrownBy(() -> run(scene))
              .isInstanceOf(IllegalStateException.class)
              .hasMessageContaining("403");
        });
  }
}
