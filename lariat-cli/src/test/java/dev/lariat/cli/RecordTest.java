package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Text;
import dev.lariat.testkit.EchoServer;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ProtocolException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RecordTest extends CommandTest {
  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("session.jsonl");
  }

  private Recording recording() throws IOException {
    return Recording.read(file());
  }

  private List<String> events() throws IOException {
    return recording().entries().stream().map(RecordTest::event).toList();
  }

  static String event(Entry entry) {
    return switch (entry) {
      case Entry.Connecting _ -> "connecting";
      case Entry.Step step -> step.name();
      case Entry.Open open -> "open " + open.session();
      case Entry.Sent(_, var frame) -> "> " + Line.of(frame).replaceAll(" +", " ").strip();
      case Entry.Received(_, var frame) -> "< " + Line.of(frame).replaceAll(" +", " ").strip();
      case Entry.Event(_, var id, var name, var data) -> "< " + id + " " + name + " " + data;
      case Entry.Undelivered undelivered -> undelivered.state();
      case Entry.RoundTrip _ -> "roundtrip";
      case Entry.Waiting _ -> "waiting";
      case Entry.Gone _ -> "gone";
    };
  }

  @Test
  void aWebSocketIsRecordedWithItsHealing() throws Exception {
    Script dies =
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          assertThat(socket.receive()).isEqualTo(new Text("subscribe"));
          socket.send(new Text("one"));
          socket.end();
        };
    Script closes =
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket("chat");
          assertThat(socket.receive()).isEqualTo(new Text("subscribe"));
          socket.send(new Binary(Bytes.copyOf(new byte[] {1, 2})));
          socket.close(1000, "done");
        };
    Path opening = Files.writeString(folder.resolve("opening"), "subscribe\n");
    try (Origin origin = Origin.start(dies, closes)) {
      String url = origin.uri("ws", "/feed?a=b").toString();
      int exit =
          run("", "record", "--subprotocol=chat", "--on-open=" + opening, url, file().toString());
      assertThat(exit).as(err.text()).isEqualTo(0);
      origin.awaitScripts(Duration.ofSeconds(10));
      assertThat(recording().head().url()).isEqualTo(url);
    }
    assertThat(events())
        .containsExactly(
            "connecting",
            "lookup",
            "connect",
            "upgrade",
            "open 1",
            "> Text subscribe",
            "< Text one",
            "waiting",
            "connecting",
            "lookup",
            "connect",
            "upgrade",
            "open 2",
            "> Text subscribe",
            "< Binary 2 bytes: 0102",
            "< Close 1000 done",
            "> Close 1000",
            "gone");
    assertThat(err.text()).matches("Recorded +18 lines in " + file() + "\n");
  }

  @Test
  void whatIsSentStandsBeforeItsAnswer() throws Exception {
    try (EchoServer server = EchoServer.start(0)) {
      String url = "ws://127.0.0.1:" + server.port() + "/";
      assertThat(run("a\nb\nc\n", "record", "--send=-", "--messages=3", url, file().toString()))
          .as(err.text())
          .isEqualTo(0);
    }
    List<String> events = events();
    for (String text : List.of("a", "b", "c")) {
      assertThat(events).containsSubsequence("> Text " + text, "< Text " + text);
    }
    assertThat(events).endsWith("gone");
    assertThat(recording().entries().getLast())
        .isInstanceOfSatisfying(
            Entry.Gone.class,
            gone -> assertThat(gone.reason()).isEqualTo("The recorder ended the session."));
  }

  @Test
  void whatIsSentComesAfterTheOpeningMessages() throws Exception {
    Path opening = Files.writeString(folder.resolve("opening"), "login\nsubscribe\n");
    try (EchoServer server = EchoServer.start(0)) {
      String url = "ws://127.0.0.1:" + server.port() + "/";
      String[] arguments = {
        "record", "--on-open=" + opening, "--send=-", "--messages=3", url, file().toString()
      };
      assertThat(run("a\n", arguments)).as(err.text()).isEqualTo(0);
    }
    assertThat(events()).containsSubsequence("> Text login", "> Text subscribe", "> Text a");
  }

  @Test
  void anEventStreamIsRecordedWithItsHealing() throws Exception {
    Script first =
        visit -> {
          visit.request();
          EventStream events = visit.events();
          events.send("1", "price", "10");
          events.end();
        };
    Script second =
        visit -> {
          assertThat(visit.request().headers().first("last-event-id")).contains("1");
          EventStream events = visit.events();
          events.send("2", "price", "11\n12");
          visit.awaitEnd();
        };
    try (Origin origin = Origin.start(first, second)) {
      String url = origin.uri("http", "/prices").toString();
      assertThat(run("", "record", "--messages=2", url, "-")).as(err.text()).isEqualTo(0);
    }
    Files.writeString(file(), out.text());
    assertThat(recording().head().kind()).isEqualTo(Recording.Kind.EVENTS);
    assertThat(events())
        .containsSubsequence(
            "open 1", "< 1 price 10", "waiting", "open 2", "< 2 price 11\n12", "gone");
  }

  @Test
  void aRecordingEndsAfterItsTime() throws Exception {
    try (EchoServer server = EchoServer.start(0)) {
      String url = "ws://127.0.0.1:" + server.port() + "/";
      assertThat(run("", "record", "--for=0.001", url, file().toString())).isEqualTo(0);
    }
    assertThat(events()).endsWith("gone");
  }

  @Test
  void aRefusalIsRecordedAndIsTheExitCode() throws Exception {
    try (Origin origin = Origin.start(Script.status(404))) {
      String url = origin.uri("ws", "/").toString();
      assertThat(run("", "record", url, file().toString())).isEqualTo(8);
    }
    assertThat(events()).startsWith("connecting").endsWith("gone");
    assertThat(err.text()).contains("404");
  }

  @Test
  void anExistingFileIsKeptUnlessItMayBeReplaced() throws Exception {
    Files.writeString(file(), "mine");
    String url = "ws://127.0.0.1:1/";
    assertThat(run("", "record", url, file().toString())).isEqualTo(2);
    assertThat(err.text())
        .isEqualTo("lariat: The file " + file() + " exists: --force replaces it.\n");
    assertThat(Files.readString(file())).isEqualTo("mine");
    assertThat(run("", "record", "--retries=0", "--force", url, file().toString())).isEqualTo(4);
    assertThat(events()).endsWith("gone");
  }

  @Test
  void anEventStreamTakesNoMessages() {
    assertThat(run("", "record", "--send=-", "http://127.0.0.1:1/", file().toString()))
        .isEqualTo(2);
    assertThat(err.text()).startsWith("lariat: An event stream takes no messages");
    assertThat(file()).doesNotExist();
  }

  @Test
  void aFileThatCannotBeReadIsNamed() {
    String url = "ws://127.0.0.1:1/";
    String none = folder.resolve("none").toString();
    assertThat(run("", "record", "--on-open=" + none, url, file().toString())).isEqualTo(2);
    assertThat(run("", "record", "--send=" + none, url, file().toString())).isEqualTo(2);
    assertThat(err.text())
        .isEqualTo(
            ("lariat: --on-open: there is no file " + none + ".\n")
                + ("lariat: --send: there is no file " + none + ".\n"));
  }

  @Test
  void aCloseWithAnotherCodeIsTheExitCode() throws Exception {
    Script closes = visit -> visit.acceptWebSocket().close(4001, "no");
    try (Origin origin = Origin.start(closes)) {
      assertThat(run("", "record", origin.uri("ws", "/").toString(), file().toString()))
          .isEqualTo(9);
    }
    assertThat(recording().entries())
        .anySatisfy(
            entry ->
                assertThat(entry)
                    .isInstanceOfSatisfying(
                        Entry.Received.class,
                        got -> assertThat(got.frame()).isEqualTo(new Close(4001, "no"))));
  }

  /** Breaks after the lines before this one. */
  private static final class Closed extends OutputStream {
    private int lines;

    Closed(int lines) {
      this.lines = lines;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (lines-- == 0) {
        throw new IOException("Broken pipe");
      }
    }
  }

  /** Line 3 is a step, line 6 the state, and line 7 a message. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void aReaderThatLeavesEndsTheRecording(int lines) {
    Script echoes =
        visit -> {
          try {
            Script.echo().play(visit);
          } catch (ProtocolException e) { // the reader has left before there was a session
          }
        };
    try (Origin origin = Origin.start(echoes)) {
      Path input = folder.resolve("input");
      Files.writeString(input, "one\ntwo\nthree\n");
      String url = origin.uri("ws", "/").toString();

      int exit =
          run(
              new ByteArrayInputStream(new byte[0]),
              new Closed(lines),
              "record",
              "--send=" + input,
              url,
              "-");

      assertThat(exit).as(err.text()).isEqualTo(141);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(err.text()).isEmpty();
  }

  @Test
  void aRecordingThatCannotBeWrittenIsAnOutputThatCannotBeWritten() {
    String file = folder.resolve("no/pipe").toString();

    assertThat(run("", "record", "ws://127.0.0.1:1/", file)).isEqualTo(11);

    assertThat(err.text())
        .isEqualTo(
            "lariat: The output cannot be written: " + file + ": there is no such directory.\n");
  }
}
