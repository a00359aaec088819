package dev.lariat.examples;

import static dev.lariat.examples.Scene.say;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.live.AttemptBudget;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.*;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The programs of docs/guide/troubleshooting.md. */
@Timeout(60)
class DiagnosisTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static LiveOptions options(Scene scene) {
    return LiveOptions.DEFAULT.connection(scene.options());
  }

  /** The lines up to the first that contains this. */
  private static List<String> linesUntil(LiveWebSocket feed, String part) throws Exception {
    List<String> lines = new ArrayList<>();
    while (lines.isEmpty() || !lines.getLast().contains(part)) {
      String line = Diagnosis.line(feed.mailbox().take(PATIENCE));
      if (!line.isEmpty()) {
        lines.add(line);
      }
    }
    return lines;
  }

  @Test
  void theLogSaysWhyItReconnected() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              visit -> {
                WebSocketVisit socket = visit.acceptWebSocket();
                say(socket, "hello");
                visit.pause(Duration.ofSeconds(1));
                socket.close(1012, "deploy");
              },
              Script.unavailable(Duration.ofSeconds(7)),
              Script.echo());
          try (LiveWebSocket feed =
              LiveWebSocket.to(Scene.ENDPOINT).options(options(scene)).open()) {
            List<String> lines = linesUntil(feed, "session 2 is open");
            assertThat(lines.get(0)).isEqualTo("connecting, attempt 0");
            assertThat(lines.get(1)).isEqualTo("session 1 is open");
            assertThat(lines.get(2))
                .startsWith("attempt 1 follows in PT")
                .endsWith(
                    ": The server closed the WebSocket with code 1012 \"deploy\", and the client"
                        + " answered with code 1012.");
            assertThat(lines.get(3)).isEqualTo("connecting, attempt 1");
            assertThat(lines.get(4))
                .isEqualTo(
                    "attempt 2 follows in PT7S: The server answered with status 503 and asked to"
                        + " wait 7 s.");
          }
        });
  }

  @Test
  void aHalfOpenLinkIsFoundByThePing() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              visit -> {
                visit.acceptWebSocket();
                visit.halfOpen();
                visit.awaitEnd();
              },
              Script.echo());
          try (LiveWebSocket feed =
              LiveWebSocket.to(Scene.ENDPOINT).options(Diagnosis.watchful(options(scene))).open()) {
            assertThat(linesUntil(feed, "follows in").getLast())
                .endsWith("The answer to a ping took longer than 5 s (keepalive.deadline).");
          }
        });
  }

  @Test
  void aServerThatIsAliveAndMuteIsFoundByTheRuleOnSilence() throws Exception {
    Scene.play(
        scene -> {
          scene.origin(
              visit -> Scene.untilItLeaves(visit.acceptWebSocket()), // answers pings
              Script.echo());
          try (LiveWebSocket feed =
              LiveWebSocket.to(Scene.ENDPOINT).options(Diagnosis.watchful(options(scene))).open()) {
            assertThat(linesUntil(feed, "follows in").getLast())
                .endsWith(
                    "The wait for a message took longer than 30 s (silence.limit or"
                        + " events.between).");
          }
        });
  }

  @Test
  void aFleetSharesItsAttempts() throws Exception {
    Scene.play(
        scene -> {
          Origin origin = scene.origin(Script.silent());
          origin.refuse();
          LiveOptions calm = Diagnosis.calm(options(scene), AttemptBudget.perSecond(1, 1));
          try (LiveWebSocket one = LiveWebSocket.to(Scene.ENDPOINT).options(calm).open();
              LiveWebSocket other = LiveWebSocket.to(Scene.ENDPOINT).options(calm).open()) {
            List<String> lines = new ArrayList<>(linesUntil(one, "follows in"));
            lines.addAll(linesUntil(other, "follows in"));
            assertThat(lines)
                .filteredOn(line -> line.endsWith("budget of attempts is used up for now."))
                .hasSize(1);
          }
          assertThat(calm.healing().spread()).isNotEqualTo(Healing.DEFAULT.spread());
        });
  }

  @Test
  void aSnapshotSaysHowAConnectionStands() throws Exception {
    try (Origin origin = Origin.start(Script.silent());
        Connection connection = Lariat.open(origin.uri("http", "/"))) {
      connection.awaitUp(PATIENCE);
      connection.get("/");

      assertThat(Diagnosis.snapshot(connection))
          .matches(
              "UP for \\d+ s, 1 streams, \\d+ bytes wait to be written, 1 messages wait to be"
                  + " read");
    }
  }

  @Test
  void aFlightRecordingSaysWhatHappenedInItsOrder(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("lariat.jfr");
    try (Recording recording = new Recording()) {
      recording.start();
      try (Origin origin =
              Origin.start(
                  visit -> {
                    WebSocketVisit socket = visit.acceptWebSocket();
                    socket.receive();
                    visit.reset();
                  },
                  Script.status(503),
                  Script.echo());
          LiveWebSocket feed =
              LiveWebSocket.to(origin.uri("ws", "/feed"))
                  .options(
                      Diagnosis.recorded(
                          LiveOptions.DEFAULT.healing(
                              Healing.DEFAULT.spread(Duration.ofMillis(10)))))
                  .open()) {
        feed.send(new Text("subscribe"));
        linesUntil(feed, "session 2 is open");
      }
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> events =
        RecordingFile.readAllEvents(file).stream()
            .filter(event -> event.getEventType().getName().startsWith("dev.lariat."))
            .filter(event -> !event.getEventType().getName().endsWith("Traffic"))
            .sorted(Comparator.comparing(RecordedEvent::getEndTime))
            .toList();
    assertThat(events)
        .extracting(event -> event.getEventType().getName().substring("dev.lariat.".length()))
        .containsSubsequence(
            "Connect", "Upgrade", "WebSocket", "Connect", "Upgrade", "Connect", "Upgrade");
    RecordedEvent lost =
        events.stream()
            .filter(event -> event.getEventType().getName().equals("dev.lariat.WebSocket"))
            .findFirst()
            .orElseThrow();
    assertThat(lost.getString("reason")).startsWith("The connection broke: ");
    assertThat(lost.getLong("framesSent")).isEqualTo(1);
    assertThat(
            events.stream()
                .filter(event -> event.getEventType().getName().equals("dev.lariat.Upgrade"))
                .map(event -> event.getInt("status")))
        .containsSubsequence(101, 503, 101);
  }
}
