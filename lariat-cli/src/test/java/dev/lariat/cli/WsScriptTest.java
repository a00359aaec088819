package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code ws} as scripts use it. */
final class WsScriptTest extends CommandTest {
  @TempDir private Path folder;

  private final List<String> received = new CopyOnWriteArrayList<>();
  private final Origin origin = Origin.start(Script.echo());

  @AfterEach
  void stop() {
    origin.close();
  }

  private String url() {
    return origin.uri("ws", "/").toString();
  }

  private static InputStream never() throws IOException {
    return new PipedInputStream(new PipedOutputStream());
  }

  /** Runs a command for a time that is long enough to get so far, on a machine of any speed. */
  private int runFor(String line, String... command) {
    String[] all = Arrays.copyOf(command, command.length + 1);
    for (double time = 0.2; ; time *= 3) {
      out.reset();
      err.reset();
      all[command.length] = "--timeout=" + time;
      int exit = run("", all);
      if ((out.text() + err.text()).contains(line)) {
        return exit;
      }
    }
  }

  @Test
  void aMessageThatLooksLikeAProxyIsSentAndDoubted() {
    String proxy = "http://127.0.0.1:3128";
    assertThat(run("", "ws", "-x", proxy, "--expect", proxy, url())).isEqualTo(0);

    assertThat(out.text()).isEqualTo(proxy + "\n");
    assertThat(err.text())
        .startsWith(
            "Note       -x sends http://127.0.0.1:3128 as a message; --proxy is the proxy\n");
  }

  private interface OnSocket {
    void play(WebSocketVisit socket) throws Exception;
  }

  private static Script socket(OnSocket what) {
    return visit -> what.play(visit.acceptWebSocket());
  }

  /** Notes what comes until the client leaves. */
  private void listen(WebSocketVisit socket) throws IOException {
    for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
      if (frame instanceof Text(var text)) {
        received.add(text);
      }
    }
  }

  private static Script saying(String... texts) {
    return socket(
        socket -> {
          for (String text : texts) {
            socket.send(new Text(text));
          }
          Frame frame = socket.receive();
          while (frame != null && !(frame instanceof Close)) {
            frame = socket.receive();
          }
        });
  }

  // ---- messages

  @Test
  void givenMessagesAreSentInOrderAndTheInputIsNotRead() throws Exception {
    assertThat(run(never(), "ws", url(), "-x", "b", "--execute=a")).isEqualTo(0);

    assertThat(out.text()).isEqualTo("b\na\n");
  }

  @Test
  void aGivenMessageThatIsTooLargeIsRefusedByItsNumber() {
    assertThat(run("", "ws", url(), "-x", "é", "-x", "éé", "--max-message=3")).isEqualTo(2);

    assertThat(out.text()).isEqualTo("é\n");
    assertThat(err.text())
        .endsWith("lariat: -x: message 2 is larger than --max-message allows: 3 bytes.\n");
  }

  @Test
  void everySessionBeginsWithTheLinesOfTheFile() throws Exception {
    Path opening = Files.writeString(folder.resolve("opening"), "login\nsubscribe\n");
    origin.script(
        socket(
            socket -> {
              received.add(((Text) socket.receive()).text());
              received.add(((Text) socket.receive()).text());
              socket.visit().reset();
            }),
        socket(
            socket -> {
              socket.send(new Text("welcome"));
              listen(socket);
            }));
    PipedOutputStream typed = new PipedOutputStream();
    InputStream input = new PipedInputStream(typed);
    out.when(
        "welcome",
        () -> {
          type(typed, "order\n");
          end(typed);
        });

    assertThat(run(input, "ws", url(), "--on-open=" + opening)).as(err.text()).isEqualTo(0);

    origin.awaitScripts(Duration.ofSeconds(10));
    assertThat(received).containsExactly("login", "subscribe", "login", "subscribe", "order");
  }

  @Test
  void aFileOfOpeningLinesThatIsMissingIsNamed() {
    assertThat(run("", "ws", url(), "--on-open=" + folder.resolve("none"))).isEqualTo(2);

    assertThat(err.text()).startsWith("lariat: --on-open: there is no file ");
  }

  // ---- what is expected

  @Test
  void theTextThatIsExpectedEndsTheCommand() throws Exception {
    origin.script(saying("tick 1", "tick 2", "tick 3", "tick 4"));

    assertThat(run(never(), "ws", url(), "--expect=[23]$")).isEqualTo(0);

    assertThat(out.text()).isEqualTo("tick 1\ntick 2\n");
  }

  @Test
  void givenMessagesAreAllSentThoughTheExpectedTextCameBefore() throws Exception {
    origin.script(
        socket(
            socket -> {
              socket.send(new Text("hello"));
              listen(socket);
            }));

    String[] command = {"ws", url(), "-x", "a", "-x", "b", "-x", "c", "--expect", "hello"};
    assertThat(run("", command)).isEqualTo(0);

    origin.awaitScripts(Duration.ofSeconds(10));
    assertThat(received).containsExactly("a", "b", "c");
  }

  @Test
  void anExpectedTextThatDoesNotComeInTimeIsToldByTheExitCode() {
    origin.script(saying("something else"));

    int exit = runFor("something else", "ws", url(), "--expect=hello");

    assertThat(exit).isEqualTo(12);
    assertThat(out.text()).isEqualTo("something else\n");
    assertThat(err.text())
        .isEqualTo(
            "Open       session 1\n"
                + "lariat: No text came that --expect waits for. It took longer than"
                + " --max-time.\n");
  }

  @ParameterizedTest
  @CsvSource({"1000, 12, No text came that --expect waits for.", "4001, 9, with code 4001"})
  void aServerThatClosesBeforeTheExpectedTextHasItsOwnExitCode(int code, int exit, String words) {
    origin.script(socket(socket -> socket.close(code, "")));

    assertThat(run("", "ws", url(), "--expect=hello")).isEqualTo(exit);

    assertThat(err.text()).contains(words);
  }

  @Test
  void theExpectedTextMayComeInALaterSession() {
    origin.script(socket(socket -> socket.visit().reset()), saying("hello"));

    assertThat(run("", "ws", url(), "--expect=hello")).isEqualTo(0);

    assertThat(out.text()).isEqualTo("hello\n");
  }

  @Test
  void aPatternThatIsNoneIsRefused() {
    assertThat(run("", "ws", url(), "--expect=(a")).isEqualTo(2);

    assertThat(err.text()).contains("'(a' is not a regular expression: Unclosed group");
    assertThat(origin.visits()).isEqualTo(0);
  }

  @Test
  void aPatternThatIsTooMuchForATextIsASentence() {
    origin.script(saying("ab".repeat(500_000)));

    assertThat(run("", "ws", url(), "--expect=(a|b)*c")).isEqualTo(2);

    assertThat(err.text())
        .endsWith("--expect: the pattern nests too deeply for a text of 1000000 characters.\n");
  }

  @Test
  void theTimeForEverythingIncludesWhatIsTriedInVain() {
    origin.refuse();

    assertThat(runFor("Retrying ", "ws", url(), "--retries=1000")).isEqualTo(6);

    assertThat(err.text())
        .containsPattern("\nlariat: It took longer than --max-time: .*refused.*\n$");
  }

  // ---- tokens

  private Script askingFor(String authorization, Script then) {
    return visit -> {
      String given = visit.head().headers().first("authorization").orElse("none");
      received.add(given);
      if (given.equals(authorization)) {
        then.play(visit);
      } else {
        visit.respond(403);
      }
    };
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aCommandGivesANewTokenForEachConnection() {
    origin.script(
        askingFor("Bearer secret-1", socket(socket -> socket.visit().reset())),
        askingFor("Bearer secret-2", saying("hello")));
    Path count = folder.resolve("count");
    String command = "echo >>" + count + "; echo secret-$(wc -l <" + count + ")";

    String[] all = {"ws", url(), "--token-command", command, "--expect=hello", "-v"};
    assertThat(run("", all)).as(err.text()).isEqualTo(0);

    assertThat(received).containsExactly("Bearer secret-1", "Bearer secret-2");
    assertThat(out.text() + err.text()).doesNotContain("secret-");
  }

  @ParameterizedTest
  @DisabledOnOs(OS.WINDOWS)
  @CsvSource({
    "echo not logged in. >&2; echo secret; exit 3, failed with exit code 3: not logged in.",
    "exit 1, failed with exit code 1.",
    "true, printed no token.",
    "echo secret word, printed something that is not a bearer token (RFC 6750 section 2.1)."
  })
  void aCommandThatGivesNoTokenEndsTheFirstAttempt(String command, String words) {
    assertThat(run("", "ws", url(), "--token-command", command)).isEqualTo(13);

    assertThat(err.text()).isEqualTo("lariat: The command of --token-command " + words + "\n");
    assertThat(origin.visits()).isEqualTo(0);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aCommandThatFailsAfterASessionIsTriedAgain() {
    origin.script(socket(socket -> socket.visit().reset()), saying("hello"));
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");
    String command =
        "if [ -e "
            + first
            + " ] && [ ! -e "
            + second
            + " ]; then touch "
            + second
            + "; exit 1; fi;"
            + " touch "
            + first
            + "; echo token";

    String[] all = {"ws", url(), "--token-command", command, "--expect=hello"};
    assertThat(run("", all)).as(err.text()).isEqualTo(0);

    assertThat(err.text()).contains("Retrying", "--token-command failed with exit code 1.");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aCommandThatHangsIsKilledAtTheEnd() {
    String[] all = {"ws", url(), "--token-command", "sleep 1234; true", "--max-time=0.5"};
    assertThat(run("", all)).isEqualTo(6);

    while (ProcessHandle.current().descendants().anyMatch(WsScriptTest::sleeps)) {
      Thread.onSpinWait(); // it is being killed
    }
  }

  private static boolean sleeps(ProcessHandle process) {
    return process.info().commandLine().orElse("").contains("sleep 1234");
  }

  // ---- lines of JSON

  @Test
  void aSessionInLinesOfJsonIsARecording() throws Exception {
    Path opening = Files.writeString(folder.resolve("opening"), "login\n");
    String[] all = {"ws", url(), "--jsonl", "--on-open=" + opening, "-x", "a", "-x", "b"};
    assertThat(run("", all)).as(err.text()).isEqualTo(0);

    Path file = Files.write(folder.resolve("session"), out.toByteArray());
    List<String> events =
        Recording.read(file).entries().stream()
            .filter(entry -> !(entry instanceof Entry.Step))
            .map(RecordTest::event)
            .toList();
    assertThat(events).startsWith("connecting", "open 1", "> Text login").endsWith("gone");
    assertThat(events).containsSubsequence("> Text login", "> Text a", "> Text b");
    assertThat(events).containsSubsequence("> Text a", "< Text a");
    assertThat(events).containsSubsequence("< Text login", "< Text a", "< Text b");
    assertThat(err.text()).isEqualTo("Open       session 1\nClosed     The input has ended.\n");
  }

  @Test
  void linesOfJsonNameWhatWasNotDelivered() {
    origin.refuse();

    assertThat(run("", "ws", url(), "--jsonl", "-x", "a", "--retries=1")).isEqualTo(4);

    assertThat(out.text())
        .containsSubsequence(
            "\"event\":\"connecting\"",
            "\"event\":\"undelivered\",\"state\":\"dropped\",\"type\":\"text\",\"size\":1,\"text\":\"a\"");
  }

  // ---- what is said

  @Test
  void quietTellsNothingButAFailure() {
    assertThat(run("x\n", "ws", url(), "-q")).isEqualTo(0);
    assertThat(err.text()).isEmpty();

    origin.script(socket(socket -> socket.close(4001, "no")));
    assertThat(run("x\n", "ws", url(), "--quiet")).isEqualTo(9);
    assertThat(err.text())
        .isEqualTo("lariat: The server closed the WebSocket with code 4001: no.\n");
  }

  @Test
  void onlyWhatIsSelectedIsWritten() {
    origin.script(saying("{\"p\":\"1.10\"}", "hello", "{\"q\":2}", "{\"p\":{\"end\":[2, 3]}}"));

    assertThat(run("", "ws", url(), "--select=.p", "--expect=end")).isEqualTo(0);

    assertThat(out.text()).isEqualTo("1.10\n{\"end\":[2, 3]}\n");
  }

  @Test
  void onlyWhatIsSelectedOfAnEventIsWritten() {
    origin.script(
        visit -> {
          visit.request();
          EventStream events = visit.events();
          events.send("1", "{\"p\":\"1.10\"}");
          events.send("2", "no JSON");
          events.send("3", "{\"p\":{\"end\":[2, 3]}}");
          visit.awaitEnd();
        });
    String url = origin.uri("http", "/").toString();

    assertThat(run("", "sse", url, "--select=.p", "-n", "3")).isEqualTo(0);
    assertThat(out.text()).isEqualTo("1.10\n{\"end\":[2, 3]}\n");

    assertThat(run("", "sse", url, "--json", "--select=.p", "-n", "1")).isEqualTo(0);
    assertThat(out.text()).endsWith("{\"event\":\"message\",\"id\":\"1\",\"data\":\"1.10\"}\n");
  }

  @Test
  void aPathThatIsNoneIsRefused() {
    assertThat(run("", "ws", url(), "--select=p")).isEqualTo(2);

    assertThat(err.text())
        .contains("'p' is not a path such as .data[0].price: no path at character 1");
  }

  @ParameterizedTest
  @CsvSource({
    "--select=.a --jsonl, --select does not go with --jsonl.",
    "--json --jsonl, --json does not go with --jsonl.",
    "--token-command=x --bearer=y, --token-command does not go with --bearer and --user."
  })
  void whatDoesNotGoTogetherIsRefused(String options, String words) {
    String[] all = ("ws " + url() + " " + options).split(" ");
    assertThat(run("", all)).isEqualTo(2);

    assertThat(err.text()).isEqualTo("lariat: " + words + "\n");
    assertThat(origin.visits()).isEqualTo(0);
  }
}
