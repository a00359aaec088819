package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.testkit.EchoServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands as a user in front of pipes meets them. */
@Timeout(60)
class MainTest {
  private final EchoServer server = EchoServer.start(0);
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void theDemoTellsItsStoryAndEndsWell() {
    assertThat(run("", "demo")).isEqualTo(Exit.OK);
    assertThat(out())
        .containsSubsequence(
            "< Upgraded",
            "Hello, world",
            "the server is killed",
            "< Down",
            "< Retrying",
            "< Up",
            "Hello again",
            "Goodbye");
    assertThat(err()).isEmpty();
  }

  @Test
  void getWritesTheBodyAndNothingElse() {
    assertThat(run("", "get", http("/some/path"))).isEqualTo(Exit.OK);
    assertThat(out()).isEqualTo("Hello from /some/path\n");
    assertThat(err()).isEmpty();
  }

  @Test
  void getWritesTheHeadBeforeTheBodyWhenAsked() {
    run("", "get", "-i", http("/"));
    assertThat(out())
        .startsWith("HTTP/1.1 200\n")
        .containsSubsequence("content-length: ", "\n\nHello from /");
  }

  @Test
  void getTellsAnErrorStatusByItsExitCode() {
    assertThat(run("", "get", http("/status/404"))).isEqualTo(Exit.STATUS);
    assertThat(out()).isEqualTo("404 Not Found, as asked for.\n");
  }

  @ParameterizedTest
  @CsvSource({
    "http://127.0.0.1:1/, 4, lariat: The address 127.0.0.1:1 refused the connection.",
    "http://nothing.invalid/, 3, lariat: The name nothing.invalid does not resolve: no address is"
        + " known for it.",
    "ftp://host/, 2, 'lariat: uri: ftp://host/, allowed the schemes http, https, ws and wss'",
  })
  void getSaysInOneSentenceWhatIsWrong(String url, int exit, String sentence) {
    assertThat(run("", "get", url)).isEqualTo(exit);
    assertThat(err()).isEqualTo(sentence + "\n");
    assertThat(out()).isEmpty();
  }

  @Test
  void aUrlThatIsNoneIsBadUsage() {
    assertThat(run("", "get", "http://[")).isEqualTo(Exit.USAGE);
    assertThat(err()).startsWith("lariat: \"http://[\" is not a URL: ").hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource({"get", "ws", "echo --port x", "nonsense", "get --nonsense http://host/", "''"})
  void badUsageIsOneSentence(String command) {
    assertThat(run("", command.isEmpty() ? new String[0] : command.split(" ")))
        .isEqualTo(Exit.USAGE);
    assertThat(err()).startsWith("lariat: ").hasLineCount(1);
  }

  @Test
  void helpNamesEveryCommandAndTheExitCodes() {
    assertThat(run("", "--help")).isEqualTo(Exit.OK);
    assertThat(out()).contains("demo", "ws", "get", "echo");
    run("", "get", "--help");
    assertThat(out()).contains("Exit codes:", "8   The server answered with status 400 or above.");
  }

  @Test
  void wsSendsEveryLineAndWritesEveryAnswer() {
    assertThat(run("one\nzwölf\n\n", "ws", "--compress", "--linger", "0.2", ws("/")))
        .isEqualTo(Exit.OK);
    assertThat(out()).isEqualTo("one\nzwölf\n\n");
    assertThat(err())
        .containsSubsequence("Up ", "Upgraded ", "permessage-deflate", "Closed ", "Terminated ");
  }

  @Test
  void wsTellsARefusedUpgradeAsTheResponseThatItIs() {
    assertThat(run("", "ws", ws("/status/503"))).isEqualTo(Exit.STATUS);
    assertThat(err())
        .contains("Response   status 503", "Data       503 Service Unavailable, as asked for.");
  }

  @Test
  void wsTellsEveryAttemptAndGivesUpWhereNobodyWatches() {
    assertThat(run("line\n", "ws", "--retries", "1", "ws://127.0.0.1:1/")).isEqualTo(Exit.CONNECT);
    assertThat(err())
        .containsSubsequence("Retrying   attempt 1", "Terminated Gave up after 1 retry");
  }

  @Test
  void theEchoServerSaysWhereItIs() throws Exception {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    Io io = new Io(new ByteArrayInputStream(new byte[0]), print(said), print(err), false);
    Thread echo = Thread.ofVirtual().start(() -> Main.run(io, "echo"));
    while (!said.toString(StandardCharsets.UTF_8).contains("\n") && echo.isAlive()) {
      Thread.onSpinWait();
    }
    String line = said.toString(StandardCharsets.UTF_8);
    assertThat(line).startsWith("Echo server on ws://127.0.0.1:");
    String port = line.replaceAll("(?s).*:(\\d+)/.*", "$1");
    assertThat(run("hello\n", "ws", "--linger", "0.2", "ws://127.0.0.1:" + port + "/"))
        .isEqualTo(Exit.OK);
    assertThat(out()).isEqualTo("hello\n");
    echo.interrupt();
    echo.join();
  }

  private int run(String input, String... arguments) {
    ByteArrayInputStream in = new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8));
    return Main.run(new Io(in, print(out), print(err), false), arguments);
  }

  private static PrintStream print(ByteArrayOutputStream to) {
    return new PrintStream(to, true, StandardCharsets.UTF_8);
  }

  private String http(String path) {
    return "http://127.0.0.1:" + server.port() + path;
  }

  private String ws(String path) {
    return "ws://127.0.0.1:" + server.port() + path;
  }

  private String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
