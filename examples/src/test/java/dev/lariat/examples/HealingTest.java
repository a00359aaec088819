package dev.lariat.examples;

import static dev.lariat.examples.Scene.say;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.lariat.FailedException;
import dev.lariat.live.AttemptBudget;
import dev.lariat.live.Delivery;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.option.LiveOptions;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The programs of the guide's page on healing, against the real network where they name it. */
@Timeout(60)
class HealingTest {
  private final PrintStream before = System.out;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();
  private final List<String> seen = new CopyOnWriteArrayList<>();

  @AfterEach
  void restore() {
    System.setOut(before);
  }

  private List<String> printed() {
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private void capture() {
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
  }

  @Test
  void theFeedGoesOnOverALostConnectionAndSubscribesAnew() throws Exception {
    capture();
    try (Origin origin =
        Origin.start(
            visit -> {
              WebSocketVisit socket = visit.acceptWebSocket();
              seen.add(Scene.next(socket));
              say(socket, "one");
            },
            visit -> {
              WebSocketVisit socket = visit.acceptWebSocket();
              seen.add(Scene.next(socket));
              say(socket, "two");
              socket.close(3000, "not yours");
            })) {
      String uri = origin.uri("ws", "/feed").toString();

      FailedException end =
          catchThrowableOfType(FailedException.class, () -> Healing.feed(uri, "subscribe all"));

      assertThat(end.reason())
          .isInstanceOfSatisfying(
              Reason.CloseHandshake.class,
              closed -> assertThat(closed.received().code()).isEqualTo(3000));
      assertThat(seen).containsExactly("subscribe all", "subscribe all");
      assertThat(printed()).containsExactly("one", "two");
      origin.check();
    }
  }

  @Test
  void everyStateIsPrinted() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              visit -> {
                WebSocketVisit socket = visit.acceptWebSocket();
                say(socket, "one");
                visit.pause(Duration.ofSeconds(1));
              },
              Script.status(503),
              visit -> {
                WebSocketVisit socket = visit.acceptWebSocket();
                say(socket, "two");
                socket.close(3000, "not yours");
              });
          try (LiveWebSocket feed =
              LiveWebSocket.to(Scene.ENDPOINT)
                  .options(LiveOptions.DEFAULT.connection(scene.options()))
                  .open()) {
            Healing.states(feed);
          }

          assertThat(scene.printed())
              .usingElementComparator((line, start) -> line.startsWith(start) ? 0 : 1)
              .containsExactly(
                  "connecting, attempt 0",
                  "open, session 1",
                  "one",
                  "a gap: ",
                  "connecting, attempt 1",
                  "a gap: ",
                  "connecting, attempt 2",
                  "open, session 2",
                  "two",
                  "gone: ");
        });
  }

  @Test
  void aFleetShowsAFreshTokenAtEveryAttempt() throws Exception {
    Script notes =
        visit -> {
          seen.add(visit.request().headers().first("authorization").orElse("none"));
          if (visit.number() == 1) {
            visit.respond(503);
          } else {
            visit.acceptWebSocket();
            visit.awaitEnd();
          }
        };
    try (Origin origin = Origin.start(notes)) {
      AtomicInteger tokens = new AtomicInteger();
      LiveWebSocket.Plan plan =
          Healing.fleet(
              origin.uri("ws", "/").toString(),
              () -> "t" + tokens.incrementAndGet(),
              AttemptBudget.perSecond(100, 50));

      try (LiveWebSocket one = plan.open()) {
        assertThat(one.awaitOpen(Duration.ofSeconds(30))).isEqualTo(1);
      }

      assertThat(seen).containsExactly("Bearer t1", "Bearer t2");
      origin.check();
    }
  }

  @Test
  void anOrderIsSentUntilTheServerAcknowledgesIt() throws Exception {
    try (Origin origin =
            Origin.start(
                visit -> {
                  seen.add(Scene.next(visit.acceptWebSocket()));
                  visit.reset(); // it has read the order, and has not said so
                },
                visit -> {
                  WebSocketVisit socket = visit.acceptWebSocket();
                  seen.add(Scene.next(socket));
                  say(socket, "ok 7");
                  visit.awaitEnd();
                });
        LiveWebSocket feed = Healing.orders(origin.uri("ws", "/orders").toString()).open()) {
      Delivery delivery = feed.deliver(new Text("order 7 of tea"));

      assertThat(delivery.settled().get(30, TimeUnit.SECONDS).state())
          .isEqualTo(Delivery.State.ACKNOWLEDGED);
      assertThat(seen).containsExactly("order 7 of tea", "order 7 of tea");
    }
  }

  @Test
  void eventsGoOnFromTheLastOneUntilThereAreNoMore() throws Exception {
    capture();
    Script events =
        visit -> {
          var asked = visit.request();
          while (asked != null) {
            String last = asked.headers().first("last-event-id").orElse("none");
            seen.add(last);
            if (last.equals("8")) {
              visit.respond(204);
            } else {
              EventStream stream = visit.events();
              stream.retry(Duration.ofMillis(10));
              stream.send("7", "price", "one");
              stream.send("8", "two");
              stream.end();
            }
            asked = visit.request();
          }
        };
    try (Origin origin = Origin.start(events)) {

      Healing.events(origin.uri("http", "/events").toString());

      assertThat(seen).containsExactly("none", "8");
      assertThat(printed()).hasSize(3).startsWith("price: one", "message: two");
      assertThat(printed().getLast()).startsWith("no more: ");
      origin.check();
    }
  }
}
