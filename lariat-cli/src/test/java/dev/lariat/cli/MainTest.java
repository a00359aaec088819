package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.testkit.EchoServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class MainTest {
  private final EchoServer server = EchoServer.start(0);
  private final Captured out = new Captured();
  private final Captured err = new Captured();

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void demoTellsTheWholeStory() {
    assertThat(run("", "demo")).isEqualTo(0);

    assertThat(out.text())
        .containsSubsequence(
            "Upgraded   websocket, permessage-deflate",
            "> Text       Hello, world",
            "< Text       Hello, world",
            "< Binary     3 bytes: 010203",
            "the server is killed",
            "< Failed",
            "< Down",
            "< Retrying   attempt 1",
            "< Retrying   attempt 2",
            "< Retrying   attempt 3",
            "started again",
            "< Up",
            "< Upgraded",
            "< Text       Hello again",
            "< Closed",
            "< Terminated")
        .containsOnlyOnce("< Down");
    assertThat(err.text()).isEmpty();
  }

  @Test
  void getWritesTheBody() {
    assertThat(run("", "get", http("/a?b=c"))).isEqualTo(0);

    assertThat(out.text()).isEqualTo("Hello from /a?b=c\n");
    assertThat(err.text()).isEmpty();
  }

  @Test
  void getIncludesStatusAndHeadersWhenAsked() {
    assertThat(run("", "get", "-i", http(""))).isEqualTo(0);

    assertThat(out.text())
        .startsWith("HTTP/1.1 200\n")
        .contains("content-length: 13\n")
        .endsWith("\n\nHello from /\n");
  }

  @Test
  void getOfAnErrorStatusWritesTheBodyAndFails() {
    assertThat(run("", "get", http("/status/404"))).isEqualTo(8);

    assertThat(out.text()).isEqualTo("404 Not Found, as asked for.\n");
  }

  @Test
  void getFromNobodyFailsAtOnce() {
    server.kill();

    assertThat(run("", "get", http("/"))).isEqualTo(4);

    assertThat(err.text())
        .isEqualTo("lariat: The address 127.0.0.1:" + server.port() + " refused the connection.\n");
  }

  @Test
  void getFromANameWithoutAddressFails() {
    assertThat(run("", "get", "http://no-such-name.invalid/")).isEqualTo(3);

    assertThat(err.text()).startsWith("lariat: The name no-such-name.invalid does not resolve");
    assertThat(err.text().lines()).hasSize(1);
  }

  @Test
  void getByTlsFromAServerWithoutItFails() {
    assertThat(run("", "get", http("/").replace("http:", "https:"))).isEqualTo(5);

    assertThat(err.text()).startsWith("lariat: TLS failed").hasLineCount(1);
  }

  @Test
  void aFailedTlsHandshakeIsNotInTheLog() {
    List<String> logged = new CopyOnWriteArrayList<>();
    Handler recorder =
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            logged.add(record.getMessage());
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        };
    Logger netty = Logger.getLogger("io.netty");
    netty.addHandler(recorder);
    try {
      run("", "get", http("/").replace("http:", "https:"));
    } finally {
      netty.removeHandler(recorder);
    }

    assertThat(logged).isEmpty();
  }

  @Test
  void wsSendsLinesAndWaitsForTheirEchoes() {
    assertThat(run("one\ntwo\ngrüß\n", "ws", ws("/"), "--compress")).isEqualTo(0);

    assertThat(out.text()).isEqualTo("one\ntwo\ngrüß\n");
    assertThat(err.text())
        .containsSubsequence(
            "Up ", "Upgraded   websocket, permessage-deflate", "Close ", "Closed ", "Terminated ");
  }

  @Test
  void wsClosesProperlyWithoutInput() {
    assertThat(run("", "ws", ws("/"))).isEqualTo(0);

    assertThat(out.text()).isEmpty();
    assertThat(err.text()).contains("The WebSocket was closed by the client");
  }

  @Test
  void wsShowsTheSubprotocol() {
    assertThat(run("", "ws", ws("/"), "--subprotocol", "chat", "-H", "X-A: b")).isEqualTo(0);

    assertThat(err.text()).contains("Upgraded   websocket, chat");
  }

  @Test
  void wsTellsARefusalWithStatusAndBody() {
    assertThat(run("lost\n", "ws", ws("/status/503"))).isEqualTo(8);

    assertThat(err.text())
        .containsSubsequence("Response   status 503", "Data       503 Service Unavailable", "Term");
  }

  @Test
  void wsGivesUpWhenToldTo() {
    server.kill();

    assertThat(run("", "ws", ws("/"), "--retries", "1")).isEqualTo(4);

    assertThat(err.text()).containsSubsequence("Retrying   attempt 1", "Terminated Gave up after");
  }

  @Test
  void wsComesBackWhenTheServerDoes() throws Exception {
    PipedOutputStream typed = new PipedOutputStream();
    InputStream in = new PipedInputStream(typed);
    out.when("first\n", server::kill);
    err.when("attempt 2", server::restart);
    err.when("Upgraded.*Upgraded", () -> type(typed, "second\n"));
    out.when("second\n", () -> end(typed));
    type(typed, "first\n");

    assertThat(run(in, "ws", ws("/"))).isEqualTo(0);

    assertThat(out.text()).isEqualTo("first\nsecond\n");
    assertThat(err.text())
        .containsSubsequence("Upgraded", "Failed", "Down", "Retrying", "Up ", "Upgraded", "Closed");
  }

  @Test
  void echoServesUntilItIsInterrupted() {
    Thread me = Thread.currentThread();
    Captured got = new Captured();
    out.when(
        "\n",
        () -> {
          String url = out.text().replaceAll("(?s).*ws(://[0-9.:]+).*", "http$1/");
          Main.run(
              new Io(InputStream.nullInputStream(), got.stream(), got.stream(), false), "get", url);
          me.interrupt();
        });

    assertThat(run("", "echo", "--port", "0")).isEqualTo(0);

    assertThat(got.text()).isEqualTo("Hello from /\n");
  }

  @Test
  void echoOnAPortThatIsTakenFails() {
    assertThat(run("", "echo", "--port", String.valueOf(server.port()))).isEqualTo(2);

    assertThat(err.text())
        .isEqualTo("lariat: The echo server cannot listen on port " + server.port() + ".\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "nonsense", "get", "get --nonsense http://a/", "ws", "echo --port x"})
  void badUsageIsOneSentence(String arguments) {
    assertThat(run("", arguments.isEmpty() ? new String[0] : arguments.split(" "))).isEqualTo(2);

    assertThat(err.text()).startsWith("lariat: ").contains("--help)").hasLineCount(1);
    assertThat(out.text()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "get, localhost:8080",
    "get, ftp://localhost/",
    "get, http://",
    "get, http:///path",
    "ws, http://a b/",
    "ws, ws://user@localhost/",
    "ws, ws://localhost:99999/"
  })
  void aBadUrlIsOneSentence(String command, String url) {
    assertThat(run("", command, url)).isEqualTo(2);

    assertThat(err.text()).startsWith("lariat: ").hasLineCount(1).doesNotContain("Exception");
  }

  @Test
  void aBadHeaderIsOneSentence() {
    assertThat(run("", "get", http("/"), "-H", "no colon")).isEqualTo(2);

    assertThat(err.text()).contains("allowed NAME:VALUE").hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "demo --help", "ws --help", "get --help", "echo --help"})
  void helpGoesToStandardOutput(String arguments) {
    assertThat(run("", arguments.split(" "))).isEqualTo(0);

    assertThat(out.text()).startsWith("Usage: lariat");
    assertThat(err.text()).isEmpty();
  }

  @Test
  void getDocumentsItsExitCodes() {
    run("", "get", "--help");

    assertThat(out.text()).contains("Exit codes:", "  8   The server answered with status 400");
  }

  @Test
  void versionIsOneLine() {
    assertThat(run("", "--version")).isEqualTo(0);

    assertThat(out.text()).startsWith("lariat ").hasLineCount(1);
  }

  @Test
  void aServersControlCharactersDoNotReachATerminal() {
    assertThat(Line.plain("a\033[2Jb\nc\u009b")).isEqualTo("a␛[2Jb␊c\ufffd");
  }

  private int run(String input, String... arguments) {
    return run(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), arguments);
  }

  private int run(InputStream input, String... arguments) {
    return Main.run(new Io(input, out.stream(), err.stream(), false), arguments);
  }

  private String http(String path) {
    return "http://127.0.0.1:" + server.port() + path;
  }

  private String ws(String path) {
    return "ws://127.0.0.1:" + server.port() + path;
  }

  private static void type(OutputStream keyboard, String text) {
    try {
      keyboard.write(text.getBytes(StandardCharsets.UTF_8));
      keyboard.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void end(OutputStream keyboard) {
    try {
      keyboard.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What a command writes, and what its writing sets off, on the command's own thread. */
  private static final class Captured extends ByteArrayOutputStream {
    private record Trigger(String pattern, Runnable action) {}

    private final List<Trigger> triggers = new ArrayList<>();

    void when(String pattern, Runnable action) {
      triggers.add(new Trigger(pattern, action));
    }

    PrintStream stream() {
      return new PrintStream(this, true, StandardCharsets.UTF_8);
    }

    String text() {
      return toString(StandardCharsets.UTF_8);
    }

    @Override
    public void flush() {
      for (Trigger trigger : List.copyOf(triggers)) {
        if (Pattern.compile(trigger.pattern(), Pattern.DOTALL).matcher(text()).find()) {
          triggers.remove(trigger);
          trigger.action().run();
        }
      }
    }
  }
}
