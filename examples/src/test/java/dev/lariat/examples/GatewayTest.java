package dev.lariat.examples;

import static dev.lariat.examples.Scene.ENDPOINT;
import static dev.lariat.examples.Scene.next;
import static dev.lariat.examples.Scene.say;
import static dev.lariat.examples.Scene.untilItLeaves;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class GatewayTest {
  private static void run(Scene scene) throws InterruptedException {
    new Gateway("secret", scene.simulation::now).run(ENDPOINT, scene.options());
  }

  /** Accepts, says hello and notes what the bot answers to it. */
  private static WebSocketVisit greet(Scene scene, Visit visit, int beat) throws IOException {
    WebSocketVisit socket = visit.acceptWebSocket();
    say(socket, "hello " + beat);
    scene.hear(socket, 1);
    return socket;
  }

  private static void dismiss(WebSocketVisit socket) throws IOException {
    say(socket, "bye");
    untilItLeaves(socket);
  }

  @Test
  void itIdentifiesItselfThenResumesBehindTheLastEventThatItHasSeen() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              visit -> {
                WebSocketVisit socket = greet(scene, visit, 41);
                say(socket, "ready s1", "event 1 one", "event 2 two");
                visit.pause(Duration.ofSeconds(1));
                visit.reset();
              },
              visit -> {
                WebSocketVisit socket = greet(scene, visit, 41);
                say(socket, "resumed", "event 3 three");
                dismiss(socket);
              });

          run(scene);

          assertThat(scene.seen).containsExactly("identify secret", "resume s1 2");
          assertThat(scene.printed())
              .hasSize(6)
              .containsSubsequence("ready as s1", "one", "two", "resumed s1", "three");
          assertThat(scene.printed().get(3)).startsWith("away: ");
        });
  }

  @Test
  void aSessionThatTheGatewayHasForgottenIsBegunAnew() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              visit -> {
                WebSocketVisit socket = greet(scene, visit, 41);
                say(socket, "ready s1", "event 1 one", "event 2 two");
                visit.pause(Duration.ofSeconds(1));
                visit.reset();
              },
              visit -> {
                WebSocketVisit socket = greet(scene, visit, 41);
                say(socket, "invalid");
                untilItLeaves(socket);
              },
              visit -> {
                WebSocketVisit socket = greet(scene, visit, 41);
                say(socket, "ready s2", "event 1 uno");
                visit.pause(Duration.ofSeconds(1));
                visit.reset();
              },
              visit -> {
                WebSocketVisit socket = greet(scene, visit, 41);
                say(socket, "resumed");
                dismiss(socket);
              });

          run(scene);

          assertThat(scene.seen)
              .containsExactly("identify secret", "resume s1 2", "identify secret", "resume s2 1");
          assertThat(scene.printed())
              .filteredOn(line -> !line.startsWith("away: "))
              .containsExactly("ready as s1", "one", "two", "ready as s2", "uno", "resumed s2");
          assertThat(scene.printed())
              .filteredOn(line -> line.startsWith("away: "))
              .hasSize(2); // at the cuts, not when it was told that its session is invalid
        });
  }

  @Test
  void itsHeartBeatsAsOftenAsTheGatewaySaysHoweverManyEventsCome() throws Exception {
    Scene.play(
        scene -> {
          List<Duration> beats = new CopyOnWriteArrayList<>();
          scene.origin(
              visit -> {
                beat(scene, greet(scene, visit, 5), beats);
                visit.reset();
              },
              visit -> {
                WebSocketVisit socket = greet(scene, visit, 2);
                beat(scene, socket, beats);
                dismiss(socket);
              });

          run(scene);

          assertThat(beats)
              .extracting(Duration::toSeconds)
              .containsExactly(5L, 5L, 5L, 5L, 2L, 2L, 2L, 2L);
          assertThat(scene.printed()).hasSizeGreaterThan(100);
        });
  }

  /** Acknowledges four heartbeats while events come, and notes the time before each. */
  private static void beat(Scene scene, WebSocketVisit socket, List<Duration> beats)
      throws IOException {
    say(socket, "ready s" + socket.visit().number());
    Duration before = scene.simulation.elapsed();
    int number = 0;
    for (int heard = 0; heard < 4; ) {
      number++;
      say(socket, "event " + number + " number " + number);
      if (socket.receive(Duration.ofMillis(100)) instanceof Text(var text)) {
        assertThat(text).startsWith("heartbeat ");
        beats.add(scene.simulation.elapsed().minus(before));
        before = scene.simulation.elapsed();
        say(socket, "ack");
        heard++;
      }
    }
  }

  @Test
  void aGatewayThatAcknowledgesNoHeartbeatIsLeftForAnotherConnection() throws Exception {
    Scene.play(
        scene -> {
          List<Duration> times = new CopyOnWriteArrayList<>();
          scene.origin(
              visit -> {
                WebSocketVisit socket = greet(scene, visit, 5);
                say(socket, "ready s1");
                scene.hear(socket, 1);
                say(socket, "ack");
                times.add(scene.simulation.elapsed());
                while (!visit.clientGone()) {
                  say(socket, "noise"); // which is no acknowledgement
                  socket.receive(Duration.ofMillis(100));
                }
                times.add(scene.simulation.elapsed());
              },
              visit -> dismiss(greet(scene, visit, 5)));

          run(scene);

          Reason silence = new Reason.Timeout(Reason.Step.SILENCE, Duration.ofSeconds(10));
          assertThat(scene.printed()).containsExactly("ready as s1", "away: " + silence.sentence());
          assertThat(times.get(1).minus(times.get(0)))
              .isBetween(Duration.ofSeconds(10), Duration.ofMillis(10_300));
          assertThat(scene.seen).containsExactly("identify secret", "heartbeat 0", "resume s1 0");
        });
  }

  @Test
  void noHeartbeatWaitsWhileItIsAway() throws Exception {
    Scene.play(
        scene -> {
          List<Duration> times = new CopyOnWriteArrayList<>();
          Origin origin =
              scene.origin(
                  visit -> {
                    say(greet(scene, visit, 5), "ready s1");
                    visit.pause(Duration.ofSeconds(1));
                  },
                  visit -> {
                    WebSocketVisit socket = greet(scene, visit, 5);
                    times.add(scene.simulation.elapsed());
                    scene.hear(socket, 1);
                    times.add(scene.simulation.elapsed());
                    dismiss(socket);
                  });
          scene.simulation.start(
              "outage",
              () -> {
                pause(scene, Duration.ofMillis(500));
                origin.refuse();
                pause(scene, Duration.ofMinutes(10));
                origin.listen();
              });

          run(scene);

          assertThat(scene.seen).containsExactly("identify secret", "resume s1 0", "heartbeat 0");
          assertThat(times.get(0)).isGreaterThan(Duration.ofMinutes(10));
          assertThat(times.get(1).minus(times.get(0))).isGreaterThan(Duration.ofMillis(4900));
        });
  }

  private static void pause(Scene scene, Duration time) {
    try {
      scene.simulation.pause(time);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aReconnectThatIsAskedForLosesNoEventAndTellsNoneTwice() throws Exception {
    Scene.play(
        scene -> {
          List<Long> resumed = new ArrayList<>();
          scene.origin(
              visit -> {
                WebSocketVisit socket = greet(scene, visit, 41);
                say(socket, "ready s1", "event 1 number 1", "reconnect");
                for (int number = 2; socket.receive(Duration.ofMillis(1)) == null; number++) {
                  say(
                      socket,
                      "event " + number + " number " + number); // until the bot says goodbye
                }
              },
              visit -> {
                WebSocketVisit socket = visit.acceptWebSocket();
                say(socket, "hello 41");
                long from = Long.parseLong(next(socket).substring("resume s1 ".length()));
                resumed.add(from);
                say(socket, "resumed");
                for (long number = from + 1; number <= 20; number++) {
                  say(socket, "event " + number + " number " + number);
                }
                dismiss(socket);
              });

          run(scene);

          List<String> all = new ArrayList<>(List.of("ready as s1"));
          IntStream.rangeClosed(1, 20).forEach(number -> all.add("number " + number));
          assertThat(scene.printed()).filteredOn(line -> !line.equals("resumed s1")).isEqualTo(all);
          assertThat(resumed).singleElement().satisfies(from -> assertThat(from).isLessThan(20));
        });
  }

  @Test
  void aWrongTokenEndsIt() throws Exception {
    Scene.play(
        scene -> {
          Origin origin = scene.origin(visit -> greet(scene, visit, 41).close(4004, "wrong"));

          run(scene);

          assertThat(origin.visits()).isEqualTo(1);
          assertThat(scene.printed())
              .singleElement()
              .asString()
              .startsWith("gone: ")
              .contains("4004");
        });
  }
}
