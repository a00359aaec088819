package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import dev.lariat.testkit.EchoServer;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A recording is played from both of its sides. */
final class ReplayTest extends CommandTest {
  private static final Pattern URL = Pattern.compile("Serving on (\\S+)");

  @TempDir private Path folder;
  private final Captured served = new Captured();
  private final Captured servedErr = new Captured();

  private static Duration at(int millis) {
    return Duration.ofMillis(millis);
  }

  private static Entry open(int millis, int session) {
    return new Entry.Open(at(millis), session, Optional.empty(), Optional.empty());
  }

  private static Entry sent(int millis, String text) {
    return new Entry.Sent(at(millis), new Text(text));
  }

  private static Entry received(int millis, String text) {
    return new Entry.Received(at(millis), new Text(text));
  }

  private Path file(String head, Entry... entries) throws IOException {
    List<String> lines = new ArrayList<>(List.of(head.strip()));
    lines.addAll(Arrays.stream(entries).map(EntryFormat::line).toList());
    return Files.write(folder.resolve("session.jsonl"), lines);
  }

  private Path webSocket(Entry... entries) throws IOException {
    return file(RecordingTest.HEAD, entries);
  }

  private Path events(Entry... entries) throws IOException {
    return file(
        RecordingTest.HEAD.replace("websocket", "events").replace("ws://", "http://"), entries);
  }

  /** Serves a recording while a client runs, and gives the exit code of the server. */
  private int serving(Client client, String... arguments) throws Exception {
    CompletableFuture<String> url = new CompletableFuture<>();
    served.when(
        URL.pattern(),
        () -> {
          Matcher matcher = URL.matcher(served.text());
          assertThat(matcher.find()).isTrue();
          url.complete(matcher.group(1));
        });
    CompletableFuture<Integer> exit = new CompletableFuture<>();
    Thread server =
        Thread.ofVirtual()
            .start(
                () ->
                    exit.complete(
                        Main.run(
                            new Io(
                                InputStream.nullInputStream(),
                                new Output(served),
                                servedErr.stream(),
                                false),
                            arguments)));
    CompletableFuture.anyOf(url, exit).get();
    if (!exit.isDone()) {
      client.visit(url.get());
    }
    if (List.of(arguments).contains("--loop")) {
      server.interrupt();
    }
    return exit.get();
  }

  private interface Client {
    void visit(String url) throws Exception;
  }

  @Test
  void theServersSideIsServedAsItWas() throws Exception {
    Path file =
        webSocket(
            open(0, 1),
            received(5, "one"),
            new Entry.Received(at(6), new Binary(Bytes.copyOf(new byte[] {7}))),
            new Entry.Received(at(7), new Close(4000, "over")),
            new Entry.Gone(at(7), "Closed."));
    int exit =
        serving(
            url -> assertThat(run("", "ws", "--json", "--linger=30", url)).isEqualTo(9),
            "serve",
            file.toString());
    assertThat(exit).as(servedErr.text()).isEqualTo(0);
    assertThat(out.text())
        .isEqualTo(
            "{\"type\":\"text\",\"text\":\"one\"}\n"
                + "{\"type\":\"binary\",\"base64\":\"Bw==\"}\n");
    assertThat(err.text()).contains("The server closed the WebSocket with code 4000: over.");
    assertThat(servedErr.text()).matches("Served +session 1: 3 messages\n");
  }

  @Test
  void aLossIsServedAsALossAndTheNextSessionFollows() throws Exception {
    Path file =
        webSocket(
            open(0, 1),
            received(0, "one"),
            new Entry.Waiting(at(1), 1, at(1), "Lost."),
            open(2, 2),
            received(2, "two"),
            new Entry.Received(at(3), new Close(1000, "")),
            new Entry.Gone(at(3), "Closed."));
    int exit =
        serving(
            url -> assertThat(run("", "record", url, "-")).as(err.text()).isEqualTo(0),
            "serve",
            "--speed=0",
            file.toString());
    assertThat(exit).as(servedErr.text()).isEqualTo(0);
    assertThat(out.text()).containsSubsequence("\"one\"", "\"waiting\"", "\"open\"", "\"two\"");
  }

  @Test
  void strictWaitsForWhatTheClientSaid() throws Exception {
    Path file =
        webSocket(
            open(0, 1),
            sent(1, "login"),
            received(2, "welcome"),
            sent(3, "bye"),
            new Entry.Received(at(4), new Close(1000, "")),
            new Entry.Gone(at(4), "Closed."));
    int exit =
        serving(
            url -> assertThat(run("login\nbye\n", "ws", url)).as(err.text()).isEqualTo(0),
            "serve",
            "--strict",
            file.toString());
    assertThat(exit).as(servedErr.text()).isEqualTo(0);
    assertThat(out.text()).isEqualTo("welcome\n");
  }

  @Test
  void strictNamesTheFirstDifference() throws Exception {
    Path file = webSocket(open(0, 1), sent(1, "login"), received(2, "welcome"));
    int exit =
        serving(
            url -> assertThat(run("logout\n", "ws", url)).isEqualTo(9),
            "serve",
            "--strict",
            file.toString());
    assertThat(exit).isEqualTo(12);
    assertThat(out.text()).isEmpty();
    assertThat(servedErr.text())
        .contains("session 1: the client sent: Text       logout; recorded: Text       login");
  }

  @Test
  void aLoopBeginsAgainWithTheFirstSession() throws Exception {
    Path file =
        webSocket(
            open(0, 1),
            received(0, "one"),
            new Entry.Received(at(0), new Close(1000, "")),
            new Entry.Gone(at(0), "Closed."));
    int exit =
        serving(
            url -> {
              assertThat(run("", "ws", "--linger=30", url)).isEqualTo(0);
              assertThat(run("", "ws", "--linger=30", url)).isEqualTo(0);
            },
            "serve",
            "--loop",
            file.toString());
    assertThat(exit).isEqualTo(0);
    assertThat(out.text()).isEqualTo("one\none\n");
  }

  @Test
  void eventsAreServed() throws Exception {
    Path file =
        events(
            open(0, 1),
            new Entry.Event(at(1), "7", "price", "10\n11"),
            new Entry.Gone(at(1), "The end."));
    int exit =
        serving(
            url -> assertThat(run("", "get", url)).as(err.text()).isEqualTo(0),
            "serve",
            file.toString());
    assertThat(exit).as(servedErr.text()).isEqualTo(0);
    assertThat(out.text()).isEqualTo("id: 7\nevent: price\ndata: 10\ndata: 11\n\n");
  }

  @Test
  void aRequestThatIsNoWebSocketIsAnsweredAndTakesNoSession() throws Exception {
    Path file =
        webSocket(
            open(0, 1),
            new Entry.Received(at(0), new Close(1000, "")),
            new Entry.Gone(at(0), "Closed."));
    int exit =
        serving(
            url -> {
              assertThat(run("", "get", url.replace("ws:", "http:"))).isEqualTo(8);
              assertThat(run("", "ws", "--linger=30", url)).isEqualTo(0);
            },
            "serve",
            file.toString());
    assertThat(exit).isEqualTo(0);
    assertThat(out.text()).isEqualTo("This serves a recorded WebSocket.\n");
  }

  // ---- the client's side

  @Test
  void theClientsSideIsPlayedToAServer() throws Exception {
    Path file =
        webSocket(open(0, 1), sent(3, "a"), received(4, "a"), sent(5, "b"), received(6, "b"));
    try (EchoServer server = EchoServer.start(0)) {
      String url = "ws://127.0.0.1:" + server.port() + "/";
      assertThat(run("", "replay", "--strict", file.toString(), url)).as(err.text()).isEqualTo(0);
    }
    assertThat(out.text()).isEqualTo("a\nb\n");
    assertThat(err.text()).matches("Replayed +session 1: sent 2, received 2 \\(recorded 2\\)\n");
  }

  @Test
  void eachSessionIsANewConnection() throws Exception {
    Path file =
        webSocket(
            open(0, 1),
            sent(0, "a"),
            new Entry.Waiting(at(1), 1, at(1), "Lost."),
            open(2, 2),
            sent(2, "b"));
    List<Frame> heard = new CopyOnWriteArrayList<>();
    Script script =
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          heard.add(socket.receive());
          socket.receive();
        };
    try (Origin origin = Origin.start(script)) {
      String url = origin.uri("ws", "/").toString();
      assertThat(run("", "replay", "--speed=0", file.toString(), url)).as(err.text()).isEqualTo(0);
      origin.awaitScripts(Duration.ofSeconds(10));
      assertThat(origin.visits()).isEqualTo(2);
    }
    assertThat(heard).containsExactly(new Text("a"), new Text("b"));
  }

  @Test
  void strictNamesTheAnswerThatDiffers() throws Exception {
    Path file = webSocket(open(0, 1), sent(0, "a"), received(1, "A"));
    try (EchoServer server = EchoServer.start(0)) {
      String url = "ws://127.0.0.1:" + server.port() + "/";
      assertThat(run("", "replay", "--strict", file.toString(), url)).isEqualTo(12);
      assertThat(run("", "replay", file.toString(), url)).isEqualTo(0);
    }
    assertThat(err.text())
        .containsOnlyOnce("Different  message 1 is: Text       a; recorded: Text       A");
  }

  @Test
  void aMissingAnswerIsADifference() throws Exception {
    Path file = webSocket(open(0, 1), sent(0, "a"), received(1, "a"), received(2, "b"));
    try (EchoServer server = EchoServer.start(0)) {
      String url = "ws://127.0.0.1:" + server.port() + "/";
      assertThat(run("", "replay", "--strict", "--linger=0.05", file.toString(), url))
          .isEqualTo(12);
    }
    assertThat(err.text()).contains("Different  message 2 is missing: Text       b");
  }

  @Test
  void theRequestOfAnEventStreamIsPlayed() throws Exception {
    Path file =
        events(
            open(0, 1),
            new Entry.Event(at(1), "1", "message", "a"),
            new Entry.Waiting(at(2), 1, at(1), "Ended."),
            open(3, 2),
            new Entry.Event(at(4), "2", "message", "b"));
    Script script =
        visit -> {
          String last = visit.request().headers().first("last-event-id").orElse("");
          EventStream stream = visit.events();
          stream.send(last.isEmpty() ? "1" : "2", last.isEmpty() ? "a" : "b");
          visit.awaitEnd();
        };
    try (Origin origin = Origin.start(script)) {
      String url = origin.uri("http", "/").toString();
      assertThat(run("", "replay", "--strict", file.toString(), url)).as(err.text()).isEqualTo(0);
    }
    assertThat(out.text()).isEqualTo("a\nb\n");
  }

  @Test
  void aServerThatRefusesIsTheExitCode() throws Exception {
    Path file = webSocket(open(0, 1), sent(0, "a"));
    try (Origin origin = Origin.start(Script.status(403))) {
      String url = origin.uri("ws", "/").toString();
      assertThat(run("", "replay", file.toString(), url)).isEqualTo(8);
    }
    assertThat(err.text()).contains("403");
  }

  @Test
  void aTruncatedRecordingIsPlayedAndSaysSo() throws Exception {
    Path file = webSocket(open(0, 1), sent(0, "a"), received(0, "a"));
    String text = Files.readString(file);
    Files.writeString(file, text + "{\"at\":0.000");
    try (EchoServer server = EchoServer.start(0)) {
      String url = "ws://127.0.0.1:" + server.port() + "/";
      assertThat(run("", "replay", file.toString(), url)).isEqualTo(0);
    }
    assertThat(out.text()).isEqualTo("a\n");
    assertThat(err.text()).startsWith("Truncated  the last line of " + file + " is incomplete");
  }

  @Test
  void whatCannotBePlayedIsRefused() throws Exception {
    Path empty = webSocket(new Entry.Connecting(at(0), 0));
    assertThat(run("", "replay", empty.toString())).isEqualTo(2);
    assertThat(run("", "serve", empty.toString())).isEqualTo(2);
    Path file = webSocket(open(0, 1));
    assertThat(run("", "replay", file.toString(), "http://a.example/")).isEqualTo(2);
    assertThat(run("", "replay", "--speed=0.001", file.toString())).isEqualTo(2);
    assertThat(run("", "serve", "--speed=1001", file.toString())).isEqualTo(2);
    assertThat(err.text().lines())
        .containsExactly(
            "lariat: " + empty + " has no open session, so there is nothing to replay.",
            "lariat: " + empty + " has no open session, so there is nothing to serve.",
            "lariat: The recording is of a WebSocket: use ws or wss.",
            "lariat: Invalid value for option '--speed': '0.001' is not 0, or a number from 0.01 to"
                + " 1000 (see lariat replay --help).",
            "lariat: Invalid value for option '--speed': '1001' is not 0, or a number from 0.01 to"
                + " 1000 (see lariat serve --help).");
  }
}
