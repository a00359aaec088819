package dev.lariat.examples;

import static dev.lariat.examples.Scene.HOST;
import static dev.lariat.examples.Scene.say;
import static dev.lariat.examples.Scene.untilItLeaves;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.testkit.Script;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WatchTest {
  private static final String LIST = "/things";
  private static final String SINCE = LIST + "?watch=1&resourceVersion=";

  private static void run(Scene scene, String until) {
    new Watch(URI.create("http://" + HOST + LIST), scene.options()).run(until);
  }

  /** Notes what is asked for, and answers with a list. */
  private static Script list(Scene scene, String list) {
    return visit -> {
      ask(scene, visit);
      visit.respond(200, list);
      visit.awaitEnd();
    };
  }

  /** Notes what is asked for, tells these changes and ends the watch. */
  private static Script watch(Scene scene, String... changes) {
    return visit -> {
      ask(scene, visit);
      WebSocketVisit socket = visit.acceptWebSocket();
      say(socket, changes);
      visit.pause(Duration.ofSeconds(1));
      socket.close(1000, "a watch ends");
    };
  }

  private static String ask(Scene scene, Visit visit) throws IOException {
    String target = visit.request().target();
    scene.seen.add(target);
    return target;
  }

  @Test
  void itListsThenWatchesAndGoesOnFromTheLastVersionThatItHasSeen() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              list(scene, "7\na\nb"),
              watch(scene, "ADDED 8 c", "BOOKMARK 12"),
              watch(scene, "DELETED 13 a", "ADDED 14 d"));

          run(scene, "d");

          assertThat(scene.seen).containsExactly(LIST, SINCE + 7, SINCE + 12);
          assertThat(scene.printed())
              .containsExactly("listed [a, b]", "[a, b, c]", "[b, c]", "[b, c, d]");
        });
  }

  @Test
  void aVersionThatTheServerHasForgottenIsAnsweredByANewList() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              list(scene, "7\na\nb"),
              watch(scene, "ADDED 8 c"),
              visit -> {
                ask(scene, visit);
                visit.respond(410);
              },
              list(scene, "20\nx"),
              watch(scene, "ADDED 21 y"));

          run(scene, "y");

          assertThat(scene.seen).containsExactly(LIST, SINCE + 7, SINCE + 8, LIST, SINCE + 20);
          assertThat(scene.printed())
              .containsExactly("listed [a, b]", "[a, b, c]", "listed [x]", "[x, y]");
        });
  }

  @ParameterizedTest(name = "ends the watch: {0}")
  @ValueSource(booleans = {true, false})
  void anErrorEventOf410IsAnsweredByANewList(boolean ends) throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              list(scene, "7\na\nb"),
              visit -> {
                ask(scene, visit);
                WebSocketVisit socket = visit.acceptWebSocket();
                say(socket, "ADDED 8 c", "ERROR 410");
                if (ends) {
                  visit.pause(Duration.ofMillis(1));
                  socket.close(1000, "a watch ends");
                } else {
                  untilItLeaves(socket);
                }
              },
              list(scene, "20\nx"),
              watch(scene, "ADDED 21 y"));

          run(scene, "y");

          assertThat(scene.seen).containsExactly(LIST, SINCE + 7, LIST, SINCE + 20);
          assertThat(scene.printed())
              .containsExactly("listed [a, b]", "[a, b, c]", "listed [x]", "[x, y]");
        });
  }

  @Test
  void nothingIsToldTwiceToAReaderThatIsSlow() throws Exception {
    Scene.play(
        scene -> {
          scene.slowTerminal(Duration.ofMinutes(1)); // the next watch begins before it is done
          List<String> changes =
              List.of("ADDED 8 c", "ADDED 9 d", "DELETED 10 c", "ADDED 11 e", "ADDED 12 f");
          Script watch =
              visit -> {
                String target = ask(scene, visit);
                long since = Long.parseLong(target.substring(SINCE.length()));
                WebSocketVisit socket = visit.acceptWebSocket();
                for (String change : changes) {
                  boolean late = change.equals("ADDED 12 f") && scene.seen.size() < 3;
                  if (Long.parseLong(change.split(" ")[1]) > since && !late) {
                    say(socket, change);
                  }
                }
                socket.close(1000, "a watch ends");
              };
          scene.origin(list(scene, "7\na"), watch);

          run(scene, "f");

          assertThat(scene.seen.get(2)).isLessThan(SINCE + 9); // so it was told things again
          assertThat(scene.printed())
              .containsExactly(
                  "listed [a]", "[a, c]", "[a, c, d]", "[a, d]", "[a, d, e]", "[a, d, e, f]");
        });
  }

  @Test
  void whatAnOldWatchHasToldDoesNotUndoANewList() throws Exception {
    Scene.play(
        scene -> {
          scene.slowTerminal(Duration.ofMinutes(1));
          scene.origin(
              list(scene, "7\na"),
              watch(scene, "ADDED 8 b", "ADDED 9 c", "ADDED 10 d"),
              visit -> {
                ask(scene, visit);
                visit.respond(410);
              },
              list(scene, "20\na"), // which b, c and d have left
              watch(scene, "ADDED 21 y"));

          run(scene, "y");

          assertThat(scene.printed()).contains("listed [a]").endsWith("[a, y]");
        });
  }

  @Test
  void aListThatFailsIsAskedForAgain() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              visit -> {
                ask(scene, visit);
                visit.respond(500, "3\nwrong");
                visit.awaitEnd();
              },
              list(scene, "7\na"),
              watch(scene, "ADDED 8 b"));

          run(scene, "b");

          assertThat(scene.seen).containsExactly(LIST, LIST, SINCE + 7);
          assertThat(scene.printed()).containsExactly("listed [a]", "[a, b]");
        });
  }

  @Test
  void whatIsThereFromTheBeginningNeedsNoChange() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(list(scene, "7\na"), watch(scene));

          run(scene, "a");

          assertThat(scene.printed()).containsExactly("listed [a]");
        });
  }
}
