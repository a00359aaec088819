package dev.lariat.examples;

import static dev.lariat.examples.Scene.ENDPOINT;
import static dev.lariat.examples.Scene.next;
import static dev.lariat.examples.Scene.say;
import static dev.lariat.examples.Scene.untilItLeaves;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.live.Delivery;
import dev.lariat.live.Delivery.State;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ChargerTest {
  private static Charger charger(Scene scene) {
    return new Charger(ENDPOINT, scene.options());
  }

  /** Accepts the charger in every way. */
  private static WebSocketVisit boot(Scene scene, Visit visit) throws IOException {
    WebSocketVisit socket = visit.acceptWebSocket("ocpp2.0.1");
    scene.hear(socket, 1);
    say(socket, "accepted");
    return socket;
  }

  private static void dismiss(WebSocketVisit socket) throws IOException {
    say(socket, "stop");
    untilItLeaves(socket);
  }

  @Test
  void itOffersItsSubprotocolAndBoots() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              visit -> {
                scene.seen.addAll(visit.request().headers().all("sec-websocket-protocol"));
                WebSocketVisit socket = boot(scene, visit);
                say(socket, "stop");
                scene.hear(socket, 1);
              });

          charger(scene).run();

          assertThat(scene.seen)
              .startsWith("ocpp2.0.1", "boot")
              .hasSize(3)
              .last()
              .asString()
              .startsWith("Close[code=1001"); // a goodbye
          assertThat(scene.printed()).first().isEqualTo("session 1, ocpp2.0.1");
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "ocpp1.6"})
  void aServerThatDoesNotChooseItsSubprotocolEndsIt(String chosen) throws Exception {
    Scene.play(
        scene -> {
          Origin origin =
              scene.origin(
                  visit -> {
                    visit.acceptWebSocket(
                        chosen.isEmpty()
                            ? Headers.EMPTY
                            : Headers.of("sec-websocket-protocol", chosen));
                    visit.awaitEnd();
                  });

          charger(scene).run();

          assertThat(origin.visits()).isEqualTo(1);
          assertThat(scene.printed())
              .singleElement()
              .asString()
              .startsWith("gone: ")
              .contains("subprotocol");
        });
  }

  @Test
  void aChargerThatIsNotAcceptedBootsAgain() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              visit -> {
                WebSocketVisit socket = visit.acceptWebSocket("ocpp2.0.1");
                scene.hear(socket, 1);
                say(socket, "pending");
                visit.awaitEnd();
              },
              visit -> dismiss(boot(scene, visit)));

          charger(scene).run();

          assertThat(scene.seen).containsExactly("boot", "boot");
          assertThat(scene.printed()).hasSize(3).element(0).asString().startsWith("away: ");
          assertThat(scene.printed()).element(1).isEqualTo("session 1, ocpp2.0.1");
        });
  }

  @Test
  void itPingsAsOftenAsTheCentralSystemSaysOnEverySessionFromThenOn() throws Exception {
    Scene.play(
        scene -> {
          List<Duration> pauses = new CopyOnWriteArrayList<>();
          scene.origin(
              visit -> {
                WebSocketVisit socket = boot(scene, visit);
                pauses.add(untilPing(scene, socket));
                say(socket, "interval 10");
                pauses.add(untilPing(scene, socket));
                pauses.add(untilPing(scene, socket));
                say(socket, "interval 60");
                pauses.add(untilPing(scene, socket));
                visit.reset();
              },
              visit -> {
                WebSocketVisit socket = boot(scene, visit);
                pauses.add(untilPing(scene, socket));
                dismiss(socket);
              });

          charger(scene).run();

          assertThat(pauses)
              .extracting(Duration::toSeconds)
              .containsExactly(300L, 10L, 10L, 60L, 60L);
          assertThat(scene.printed()).contains("a ping every 10 s", "a ping every 60 s");
        });
  }

  /** Answers the next ping, and tells how long it took to come. */
  private static Duration untilPing(Scene scene, WebSocketVisit socket) throws IOException {
    Duration before = scene.simulation.elapsed();
    socket.automatic(false);
    Frame frame = socket.receive();
    assertThat(frame).isInstanceOf(Ping.class);
    socket.send(new Pong(((Ping) frame).payload()));
    socket.automatic(true);
    return scene.simulation.elapsed().minus(before);
  }

  @Test
  void whatItMeasuresWhileItIsAwayWaitsAndGoesOutInOrderBehindTheBoot() throws Exception {
    Scene.play(
        scene -> {
          Origin origin =
              scene.origin(
                  visit -> {
                    WebSocketVisit socket = boot(scene, visit);
                    scene.hear(socket, 100);
                    dismiss(socket);
                  });
          origin.refuse();
          Charger charger = charger(scene);
          List<Delivery> deliveries =
              IntStream.rangeClosed(1, 100).mapToObj(charger::meter).toList();
          scene.simulation.advance(Duration.ofMinutes(10));
          assertThat(deliveries).extracting(Delivery::state).containsOnly(State.QUEUED);
          origin.listen();

          charger.run();

          assertThat(scene.seen)
              .hasSize(101)
              .startsWith("boot", "meter 1", "meter 2")
              .endsWith("meter 100")
              .doesNotHaveDuplicates();
          assertThat(deliveries).extracting(Delivery::state).containsOnly(State.WRITTEN);
        });
  }

  @Test
  void whatWasOnItsWayWhenTheConnectionWasLostIsSentAgainInItsOrder() throws Exception {
    Scene.play(
        scene -> {
          int last = 10_000; // more than a connection holds
          List<Delivery> deliveries = new CopyOnWriteArrayList<>();
          List<String> second = new CopyOnWriteArrayList<>();
          List<Long> written = new CopyOnWriteArrayList<>();
          scene.origin(
              visit -> {
                boot(scene, visit);
                visit.pause(Duration.ofSeconds(2));
                written.add(
                    deliveries.stream().filter(each -> each.state() == State.WRITTEN).count());
                visit.reset();
              },
              visit -> {
                WebSocketVisit socket = boot(scene, visit);
                List<String> values = new ArrayList<>();
                for (String next = ""; !next.equals("meter " + last); ) {
                  next = next(socket);
                  values.add(next);
                }
                second.addAll(values);
                dismiss(socket);
              });
          Charger charger = charger(scene);
          deliveries.addAll(IntStream.rangeClosed(1, last).mapToObj(charger::meter).toList());

          charger.run();

          int from = written.getFirst().intValue();
          assertThat(from).isBetween(1, last - 1);
          assertThat(second)
              .isEqualTo(
                  IntStream.rangeClosed(from + 1, last)
                      .mapToObj(value -> "meter " + value)
                      .toList());
          assertThat(deliveries).extracting(Delivery::state).containsOnly(State.WRITTEN);
        });
  }
}
