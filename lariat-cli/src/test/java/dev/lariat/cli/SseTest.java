package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.testkit.Asked;
import dev.lariat.testkit.EchoServer;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.Visit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code sse} sends and shows, and the Unix-domain sockets of all that stays. */
final class SseTest extends CommandTest {
  @TempDir private Path folder;
  private final List<Asked> asked = new CopyOnWriteArrayList<>();
  private final Script one = this::event;
  private final Origin origin = Origin.start(one);

  @AfterEach
  void stop() {
    origin.close();
  }

  private void event(Visit visit) throws IOException {
    asked.add(visit.request());
    EventStream events = visit.events();
    events.send("one");
    visit.awaitEnd();
  }

  private String url() {
    return origin.uri("http", "/").toString();
  }

  // ---- the request

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sse --json {\"a\":1} URL | -d DATA",
        "sse URL --json=[1] | -d DATA",
        "SSE --json @file URL | -d DATA",
        "ws --json {\"a\":1} ws://127.0.0.1:1/ | -x MESSAGE",
      })
  void jsonWithAValueIsRefusedWithTheOptionThatSendsIt(String words, String option) {
    assertThat(run("", words.replace("URL", url()).split(" "))).isEqualTo(Exit.USAGE);

    assertThat(err.text())
        .contains(" takes no value: it writes what arrives as JSON objects. " + option)
        .hasLineCount(1);
    assertThat(asked).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        "-d a=1 -d b=2 | POST | application/x-www-form-urlencoded | a=1&b=2",
        "-d @DIR/lines | POST | application/x-www-form-urlencoded | onetwo",
        "-d @- | POST | application/x-www-form-urlencoded | typed",
        "--data-raw @x | POST | application/x-www-form-urlencoded | @x",
        "-X PUT -d {} -H content-type:application/json | PUT | application/json | {}",
        "-d x -H content-type: | POST | - | x",
        "-X DELETE | DELETE | - | ''",
        "-q | GET | - | ''",
      })
  void theRequestHasAMethodAndABody(String words, String method, String type, String body)
      throws IOException {
    Files.writeString(folder.resolve("lines"), "one\ntwo\n");
    String[] all = ("sse " + url() + " -n 1 " + words.replace("DIR", folder.toString())).split(" ");

    assertThat(run("typed", all)).as(err.text()).isEqualTo(0);

    Asked its = asked.getFirst();
    assertThat(its.method()).isEqualTo(method);
    assertThat(its.headers().first("content-type").orElse(null)).isEqualTo(type);
    assertThat(its.body().utf8()).isEqualTo(body);
    assertThat(its.headers().first("accept")).contains("text/event-stream");
  }

  @Test
  void eachSessionSendsTheBodyAgain() {
    origin.script(
        visit -> {
          asked.add(visit.request());
          visit.events().send("1", "one");
          visit.reset();
        },
        one);

    assertThat(run("", "sse", url(), "-d", "x", "-n", "2", "-q")).as(err.text()).isEqualTo(0);

    assertThat(asked)
        .extracting(its -> its.method() + " " + its.body().utf8())
        .containsExactly("POST x", "POST x");
    assertThat(asked.get(1).headers().first("last-event-id")).contains("1");
  }

  @Test
  void aMethodThatIsNoneIsRefused() {
    assertThat(run("", "sse", url(), "-X", "G ET")).isEqualTo(2);

    assertThat(err.text()).startsWith("lariat: --request: ").hasLineCount(1);
  }

  // ---- what is shown

  @Test
  void theHeadersAreShownWithoutSecrets() {
    assertThat(run("", "sse", url(), "-v", "-n", "1", "--bearer", "secret")).isEqualTo(0);

    assertThat(out.text()).isEqualTo("one\n");
    assertThat(err.text())
        .containsSubsequence(
            "* Connecting to ",
            "* Connected to ",
            "> GET / HTTP/1.1\n",
            "> host: " + origin.host(),
            "> authorization: Bearer ***\n",
            ">\n",
            "< HTTP/1.1 200\n",
            "< content-type: text/event-stream")
        .doesNotContain("secret");
  }

  @Test
  void secretsAreShownIfTheyAreAskedFor() {
    int exit = run("", "sse", url(), "-v", "--show-secrets", "-n", "1", "--bearer", "secret", "-q");

    assertThat(exit).isEqualTo(0);
    assertThat(err.text()).contains("> authorization: Bearer secret\n");
  }

  // ---- Unix-domain sockets

  @Test
  @SuppressWarnings("try") // the bridge only has to be there
  void eventsComeOverAUnixSocket() throws IOException {
    Path path = folder.resolve("s");
    try (UnixBridge bridge = new UnixBridge(path, origin.port())) {
      String url = "http://name.invalid/";
      assertThat(run("", "sse", url, "--unix-socket", path.toString(), "-n", "1", "-v"))
          .as(err.text())
          .isEqualTo(0);
    }

    assertThat(out.text()).isEqualTo("one\n");
    assertThat(err.text()).contains("* Connecting to " + path, "> host: name.invalid\n");
    assertThat(asked.getFirst().headers().first("host")).contains("name.invalid");
  }

  @Test
  @SuppressWarnings("try") // the bridge only has to be there
  void messagesComeOverAUnixSocket() throws IOException {
    Path path = folder.resolve("s");
    try (EchoServer echo = EchoServer.start(0);
        UnixBridge bridge = new UnixBridge(path, echo.port())) {
      assertThat(run("hello\n", "ws", "ws://name.invalid/", "--unix-socket", path.toString()))
          .as(err.text())
          .isEqualTo(0);
    }

    assertThat(out.text()).isEqualTo("hello\n");
  }

  @ParameterizedTest
  @CsvSource({"ws, ws", "sse, http"})
  void aMissingSocketIsToldByItsPath(String command, String scheme) {
    Path path = folder.resolve("missing");
    String url = scheme + "://name.invalid/";

    assertThat(run("", command, url, "--retries", "0", "-q", "--unix-socket", path.toString()))
        .isEqualTo(4);

    assertThat(err.text()).contains(path.toString()).hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource({"ws, ws", "sse, http"})
  void aSocketDoesNotGoWithAProxy(String command, String scheme) {
    String url = scheme + "://name.invalid/";

    assertThat(run("", command, url, "--unix-socket", "s", "--proxy", "http://p:1")).isEqualTo(2);

    assertThat(err.text()).isEqualTo("lariat: --unix-socket does not go with --proxy.\n");
  }
}
