package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The program as a person or a shell meets it: in a process of its own. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TerminalTest {
  private final Origin origin = Origin.start(Script.echo());
  private final String url = origin.uri("ws", "/").toString();

  @AfterEach
  void stop() {
    origin.close();
  }

  @Test
  void aRefusedWebSocketLeavesAScreenInOrder() throws Exception {
    origin.script(Script.status(403));

    String screen = Terminal.screenAfter("$LARIAT ws " + url + "; echo exit $?");

    assertThat(screen).isEqualTo("lariat: The server answered with status 403.\nexit 8");
  }

  @Test
  void aRefusedWebSocketLeavesTheTerminalsModesAsTheyWere() throws Exception {
    origin.script(Script.status(403));

    String modes = "stty -g; echo"; // the state line moves one line out of the screen
    String screen = Terminal.screenAfter("echo; " + modes + "; $LARIAT ws " + url + "; " + modes);
    List<String> shown =
        screen.lines().filter(line -> line.matches("[0-9a-f]+:[0-9a-f:]+")).toList();

    assertThat(shown).hasSize(2);
    assertThat(shown.getLast()).isEqualTo(shown.getFirst());
  }

  @Test
  void aLineIsAnsweredAndTheEndOfTheInputIsAGoodbye() throws Exception {
    try (Terminal terminal = Terminal.of("$LARIAT ws " + url)) {
      terminal.await("Open       session 1\n> ");
      terminal.type("hello\r");
      terminal.await("< hello\n> ");
      terminal.type("\u0004");
      terminal.await("Closed     with code 1001; the server answered with code 1001");

      assertThat(terminal.end()).isEqualTo(0);
      assertThat(terminal.text()).doesNotContain("Exception", "Retrying");
    }
  }

  @Test
  void aServersTextCannotReorderTheLine() throws Exception {
    origin.script(
        visit -> {
          var socket = visit.acceptWebSocket();
          socket.send(new Text("a\u202eb\u001b]0;title\u0007"));
          socket.receive();
        });
    try (Terminal terminal = Terminal.of("$LARIAT ws " + url)) {
      terminal.await("< a<U\\+202E>b␛]0;title␇\n> ");
      terminal.type("\u0004");

      assertThat(terminal.end()).isEqualTo(0);
    }
  }

  @Test
  void aLineThatWasNotSentIsTold() throws Exception {
    try (Terminal terminal = Terminal.of("$LARIAT ws " + url)) {
      terminal.await("Open       session 1\n> ");
      origin.refuse();
      origin.drop();
      terminal.await("(?s)Lost .*\n> "); // the first attempt that fails may be shown with it
      terminal.type("in vain\r");
      terminal.await("(?s)Queued .*\n> ");
      terminal.type("\u0004");
      terminal.await("Dropped    message 1, \"in vain\", was not sent");

      assertThat(terminal.end()).isEqualTo(10);
    }
  }

  @Test
  void aLineThatADeadServerMayNotHaveIsTold() throws Exception {
    String options = " --ping-interval=1 --pong-deadline=1";
    try (Terminal terminal = Terminal.of("$LARIAT ws " + url + options)) {
      terminal.await("Open       session 1\n> ");
      origin.halfOpen();
      terminal.type("into the void\r");
      terminal.await("Written    message 1: the server has sent nothing since");
      terminal.await("session 2\n> ");
      terminal.type("\u0004");

      assertThat(terminal.end()).isEqualTo(0);
    }
  }

  @Test
  void aReaderThatHasLeftEndsTheProgram() throws Exception {
    origin.script(
        visit -> {
          var socket = visit.acceptWebSocket();
          while (!visit.clientGone()) {
            socket.send(new Text("tick"));
          }
        });

    Process process =
        Terminal.piped(
            "{ $LARIAT ws " + url + "; echo exit $? >&2; } | head -n 2"); // no end of input
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(out).isEqualTo("tick\ntick\n");
    assertThat(err).contains("exit 141").doesNotContain("lariat:");
  }

  @Test
  void aFullDiskIsAFailure() throws Exception {
    Process process = Terminal.piped("echo x | $LARIAT ws " + url + " >/dev/full");
    String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor()).isEqualTo(11);
    assertThat(err).contains("lariat: The output cannot be written: ");
  }

  @Test
  void aPasswordIsAskedForAndNotShown() throws Exception {
    origin.script(
        visit -> visit.respond(200, visit.request().headers().first("authorization").orElse("")));
    try (Terminal terminal = Terminal.of("$LARIAT " + origin.uri("http", "/") + " -u me")) {
      terminal.await("Password of me: ");
      terminal.type("secret\r");
      terminal.await("Basic bWU6c2VjcmV0");

      assertThat(terminal.end()).isEqualTo(0);
      assertThat(terminal.text()).doesNotContain("secret");
    }
  }

  @Test
  void jsonIsFoldedWithColours() throws Exception {
    origin.script(
        visit -> {
          visit.request();
          Headers json = Headers.of("content-type", "application/json");
          visit.respond(200, json, Bytes.ofUtf8("{\"a\":[1]}"));
        });

    String screen = Terminal.screenAfter("$LARIAT " + origin.uri("http", "/") + "; echo exit $?");

    assertThat(screen).isEqualTo("{\n  \"a\": [\n    1\n  ]\n}\nexit 0");
  }

  @Test
  void anInterruptedDownloadLeavesNothingBehind(@TempDir Path folder) throws Exception {
    origin.script(
        visit -> {
          visit.request();
          visit.begin(200, Headers.EMPTY, 1000);
          visit.write("half");
          visit.awaitEnd();
        });
    String command = "cd " + folder + " && $LARIAT " + origin.uri("http", "/a") + " -O -v";
    try (Terminal terminal = Terminal.of(command)) {
      terminal.await("< content-length: 1000");
      awaitSomething(folder);
      terminal.type("\u0003");

      assertThat(terminal.end()).isEqualTo(130);
      assertThat(terminal.text())
          .contains("4 B dropped; --resume keeps them.")
          .doesNotContain("Exception");
    }
    assertThat(folder).isEmptyDirectory();
  }

  private static void awaitSomething(Path folder) {
    while (Stream.of(folder.toFile().listFiles()).allMatch(file -> file.length() == 0)) {
      Thread.onSpinWait();
    }
  }
}
