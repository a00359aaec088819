package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lariat.FailedException;
import dev.lariat.examples.readme.AskModel;
import dev.lariat.examples.readme.GetPage;
import dev.lariat.examples.readme.MessageLoop;
import dev.lariat.examples.readme.WatchFeed;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.EchoServer;
import dev.lariat.testkit.EventStream;
import dev.lariat.testkit.Origin;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The README shows whole programs, and they do what it says. */
@Timeout(30)
class ReadmeTest {
  private static final Path PROGRAMS = Path.of("src/main/java/dev/lariat/examples/readme");
  private static final Pattern BLOCK = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

  private final PrintStream before = System.out;
  private final EchoServer server = EchoServer.start(0);
  private final Printed printed = Printed.capture(server);

  @AfterEach
  void stop() {
    System.setOut(before);
    server.close();
  }

  @Test
  void theReadmeShowsEveryLineOfEachProgram() throws IOException {
    assertThat(blocks(Files.readString(Path.of("../README.md"))))
        .isNotEmpty()
        .containsExactlyInAnyOrderElementsOf(programs());
  }

  @Test
  void aPageIsPrintedWithItsStatus() {
    GetPage.main(new String[] {uri("http")});

    assertThat(printed.lines()).startsWith("200", "Hello from /");
  }

  @Test
  void aDeadHostIsReportedInASentence() {
    server.kill();
    String refused = "The address 127.0.0.1:" + server.port() + " refused the connection.";

    GetPage.main(new String[] {uri("http")});
    assertThat(printed.lines()).containsExactly(refused);

    AskModel.main(new String[] {uri("http")}); // at once, and not after the time for an event
    assertThat(printed.lines()).hasSize(2).last().asString().endsWith(refused);
  }

  @Test
  void theFeedSubscribesAgainWhenTheServerIsBack() {
    printed.killAfter = "subscribe\n";
    printed.restartAfter = "refused the connection.";
    printed.interruptAfter = "Session 2 is open.";

    assertThatThrownBy(() -> WatchFeed.main(new String[] {uri("ws") + "/feed"}))
        .isInstanceOf(FailedException.class);

    assertThat(Thread.interrupted()).isTrue();
    assertThat(printed.text())
        .containsSubsequence(
            "Session 1 is open.\n",
            "subscribe\n",
            " Next attempt in ",
            "The address 127.0.0.1:" + server.port() + " refused the connection. Next attempt in ",
            "Session 2 is open.\n");
  }

  @Test
  void theFeedEndsWhenItIsRefused() {
    WatchFeed.main(new String[] {uri("ws") + "/status/404"});

    assertThat(printed.lines())
        .hasSize(1)
        .first()
        .asString()
        .startsWith("The end: ")
        .contains("404");
  }

  @Test
  void theModelsEventsArePrintedUntilTheLast() throws Exception {
    try (Origin model =
        Origin.start(
            visit -> {
              Asked asked = visit.request();
              EventStream answer = visit.events();
              answer.send(asked == null ? "nothing" : asked.method() + " " + asked.target());
              answer.send("[DONE]");
              visit.awaitEnd();
            })) {

      AskModel.main(new String[] {"http://" + model.host() + ":" + model.port()});

      model.check();
    }
    assertThat(printed.lines()).containsExactly("POST /v1/chat/completions");
  }

  @Test
  void aModelThatRefusesIsQuotedWithItsStatus() {
    AskModel.main(new String[] {uri("http")});

    assertThat(printed.text()).contains("not an event stream: status 200");
  }

  @Test
  void theLoopComesBackWhenTheServerDoes() {
    printed.killAfter = "hello\n";
    printed.restartAfter = "refused the connection.";
    printed.interruptAfter = "refused the connection.\nhello\n";

    assertThatThrownBy(() -> MessageLoop.main(new String[] {uri("http"), "/chat"}))
        .isInstanceOf(InterruptedException.class);

    assertThat(printed.text())
        .containsSubsequence(
            "hello\n",
            "Lost: ",
            "Retrying: The address 127.0.0.1:"
                + server.port()
                + " refused the connection.\nhello\n");
  }

  @Test
  void theLoopEndsWhenTheWebSocketIsRefused() throws Exception {
    MessageLoop.main(new String[] {uri("http"), "/status/403"});

    assertThat(printed.lines())
        .containsExactly(
            "The server refused the WebSocket: 403", "The end: The owner closed the connection.");
  }

  private String uri(String scheme) {
    return scheme + "://127.0.0.1:" + server.port();
  }

  private static List<String> blocks(String page) {
    return BLOCK.matcher(page).results().map(block -> block.group(1)).toList();
  }

  /** The programs, each from its first import on. */
  private static List<String> programs() throws IOException {
    try (Stream<Path> files = Files.list(PROGRAMS)) {
      return files
          .filter(file -> !file.endsWith("package-info.java"))
          .map(ReadmeTest::text)
          .map(program -> program.substring(program.indexOf("import ")))
          .toList();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(file + " cannot be read", e);
    }
  }
}
