package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.WebSocketVisit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The prompt of {@code ws}, typed at and looked at: on a terminal, in a process of its own. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class PromptTest {
  private static final String INTERRUPT = "\u0003";
  private static final String END = "\u0004";
  private static final String UP = "\u001bOA";
  private static final String PASTE = "\u001b[200~%s\u001b[201~";

  private final BlockingQueue<Frame> received = new LinkedBlockingQueue<>();
  private final Origin origin = Origin.start(this::echo);
  private final String url = origin.uri("ws", "/").toString();

  @TempDir private Path folder;

  @AfterEach
  void stop() {
    origin.close();
  }

  /** Sends everything back, and keeps it. */
  private void echo(dev.lariat.testkit.Visit visit) throws Exception {
    WebSocketVisit socket = visit.acceptWebSocket();
    for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
      received.add(frame);
      if (!(frame instanceof Close)) { // which is answered already
        socket.send(frame);
      }
    }
  }

  private Terminal open(String options) throws Exception {
    Terminal terminal = Terminal.of(command(options));
    terminal.awaitScreen("^>$");
    terminal.awaitScreen("^open .* session 1$");
    return terminal;
  }

  private String command(String options) {
    return "XDG_STATE_HOME=" + folder + " $LARIAT ws " + options + " " + url;
  }

  private static int ends(Terminal terminal) throws Exception {
    terminal.type(END);
    return terminal.end();
  }

  // ---- messages

  @Test
  void aMessageIsShownWithItsAnswerAndTheStateLineCounts() throws Exception {
    try (Terminal terminal = open("")) {
      terminal.type("hello\r");
      String screen = terminal.awaitScreen("^open .* in 1  out 1 ");

      assertThat(screen).startsWith("* Open       session 1\n> hello\n< hello\n>\nopen  since ");
      assertThat(ends(terminal)).isZero();
      assertThat(terminal.screen())
          .endsWith("* Closed     with code 1001; the server answered with code 1001");
    }
  }

  @Test
  void whatArrivesLeavesWhatIsTypedAsItIs() throws Exception {
    origin.script(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          received.take(); // the test's go-ahead
          socket.send(new Text("{\"price\":1}"));
          received.add(socket.receive());
        });
    try (Terminal terminal = open("")) {
      terminal.type("half a 文");
      terminal.awaitScreen("^> half a 文$");
      received.add(Close.EMPTY);
      terminal.awaitScreen("^< \\{\"price\": 1}\n> half a 文$");
      terminal.type("👍\r");

      assertThat(received.take()).isEqualTo(new Text("half a 文👍"));
    }
  }

  @Test
  void aMessageGoesOnOverSeveralLines() throws Exception {
    try (Terminal terminal = open("")) {
      terminal.type("{\"a\":\r");
      terminal.type("1}");
      terminal.awaitScreen("^> \\{\"a\":\n  1}$");
      terminal.type("\r");
      assertThat(received.take()).isEqualTo(new Text("{\"a\":\n1}"));
      terminal.awaitScreen("^< \\{\"a\": 1}\n>$");
      terminal.type("one\\\rtwo\r");
      assertThat(received.take()).isEqualTo(new Text("one\ntwo"));
      terminal.type(String.format(PASTE, "red\rgreen\r"));
      terminal.awaitScreen("^> red\n  green$");
      terminal.type("\r");
      assertThat(received.take()).isEqualTo(new Text("red\ngreen\n"));
    }
  }

  @Test
  void jsonIsCheckedBeforeItIsSentAndTheCursorGoesToTheMistake() throws Exception {
    try (Terminal terminal = open("")) {
      terminal.type("{\"a\":}\r");
      terminal.awaitScreen(
          "^  \\{\"a\":}\n {7}\\^\n\\* Not sent   expected here: a value\n> \\{\"a\":}$");
      terminal.type("1\r");
      assertThat(received.take()).isEqualTo(new Text("{\"a\":1}"));
      terminal.type("/send {\"a\":}\r");
      assertThat(received.take()).isEqualTo(new Text("{\"a\":}"));
    }
    try (Terminal terminal = open("--no-check")) {
      received.clear(); // of the first one
      terminal.type("{\r");
      assertThat(received.take()).isEqualTo(new Text("{"));
    }
  }

  @Test
  void detailsAndASelectionAreShownIfWanted() throws Exception {
    try (Terminal terminal = open("--show=all --select=.a")) {
      terminal.type("{\"a\":\"b\"}\r");

      terminal.awaitScreen(
          "^> \\d\\d:\\d\\d:\\d\\d\\.\\d{3}  9 B  \\{\"a\": \"b\"}\n"
              + "< \\d\\d:\\d\\d:\\d\\d\\.\\d{3}  1 B  after \\S+ m?s  b$");
      assertThat(ends(terminal)).isZero();
    }
  }

  // ---- what was typed before

  @Test
  void whatWasTypedIsFoundAgainInALaterRun() throws Exception {
    try (Terminal terminal = open("")) {
      terminal.type("first words\r");
      terminal.awaitScreen("^< first words$");
      terminal.type("{\"a\":\r1}\r");
      terminal.awaitScreen("^< \\{\"a\": 1}$");
      terminal.type(" secret\r");
      terminal.awaitScreen("^< secret$");
      assertThat(ends(terminal)).isZero();
    }
    Path file = folder.resolve("lariat/history");
    assertThat(Files.readString(file)).isEqualTo("first words\n{\"a\":\\n1}\n");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    try (Terminal terminal = open("")) {
      terminal.type(UP);
      terminal.awaitScreen("^> \\{\"a\":\n  1}$");
      terminal.type("\u0012first");
      terminal.awaitScreen("^> first words\nbck-i-search: first");
      received.clear();
      terminal.type("\r");
      assertThat(received.take()).isEqualTo(new Text("first words"));
    }
  }

  @Test
  void nothingIsKeptIfThatIsNotWanted() throws Exception {
    try (Terminal terminal = open("--no-history")) {
      terminal.type("words\r");
      terminal.awaitScreen("^< words$");
      assertThat(ends(terminal)).isZero();
    }
    assertThat(folder).isEmptyDirectory();
  }

  // ---- commands

  @Test
  void commandsAndPathsAreCompleted() throws Exception {
    Files.writeString(folder.resolve("a file.bin"), "content");
    try (Terminal terminal = open("")) {
      terminal.type("/rec\t\r");
      terminal.awaitScreen("^\\* Open       session 2$");
      terminal.type("/binary " + folder + "/a f\t\r");

      assertThat(received.take()).isInstanceOf(Close.class); // of the first session
      assertThat(received.take()).isEqualTo(new Binary(Bytes.ofUtf8("content")));
    }
  }

  @Test
  void aPingShowsItsRoundTripAndAnUnknownCommandIsNotSent() throws Exception {
    try (Terminal terminal = open("")) {
      terminal.type("/ping\r");
      terminal.awaitScreen("^\\* Pong       after ");
      terminal.awaitScreen("^open  since \\S+  ping ");
      terminal.type("/pign\r");
      terminal.awaitScreen("^\\* Not sent   There is no command /pign. The nearest is /ping; ");
      terminal.type("//pign\r");
      assertThat(received.take()).isEqualTo(new Text("/pign"));
    }
  }

  @Test
  void closeSendsItsCode() throws Exception {
    try (Terminal terminal = open("")) {
      terminal.type("/close 4001 bye\r");

      assertThat(terminal.end()).isZero();
      assertThat(received.take()).isEqualTo(new Close(4001, "bye"));
      assertThat(terminal.screen())
          .endsWith("* Closed     with code 4001: bye; the server answered with code 4001: bye");
    }
  }

  @Test
  void theSessionSoFarIsSavedAsARecording() throws Exception {
    Path file = folder.resolve("session.jsonl");
    try (Terminal terminal = open("")) {
      terminal.type("/binary hex 00ff\r");
      terminal.awaitScreen("^< Binary     2 bytes: 00ff$");
      terminal.type("/save " + file + "\r");
      terminal.awaitScreen("^\\* Saved      \\d+ lines in ");
      terminal.type("/save " + file + "\r");
      terminal.awaitScreen("^\\* Not saved  The file .* exists\\.$");
    }
    Frame bytes = new Binary(Bytes.wrap(new byte[] {0, -1}));
    Stream<Frame> frames =
        Recording.read(file).entries().stream()
            .flatMap(
                entry ->
                    switch (entry) {
                      case Entry.Sent(_, var frame) -> Stream.of(frame);
                      case Entry.Received(_, var frame) -> Stream.of(frame);
                      case Entry _ -> Stream.empty();
                    });
    assertThat(frames).containsExactly(bytes, bytes);
  }

  @Test
  void statsAndHelpAreShown() throws Exception {
    try (Terminal terminal = open("")) {
      terminal.type("/stats\r");
      terminal.awaitScreen("^\\* Sent       0 messages, 0 B$");
      terminal.type("/help\r");
      terminal.awaitScreen("^\\* /close \\[CODE] \\[TEXT]  ");
    }
  }

  // ---- healing

  @Test
  void aLossIsAStateThenAGap() throws Exception {
    try (Terminal terminal = open("")) {
      origin.refuse();
      origin.drop();
      terminal.awaitScreen("^down  attempt \\d+ in \\d+ s  down for \\d+ s  ");
      terminal.type("later\r");
      terminal.awaitScreen("^> later\n\\* Queued ");
      origin.listen();
      terminal.awaitScreen("^\\* Open       session 2$");
      String screen = terminal.awaitScreen("^open .* session 2$");

      assertThat(screen)
          .containsPattern("\\* Lost       .*\n")
          .containsPattern(
              "\\* Gap        \\S+ m?s without a session: .*\n\\* Open       session 2");
      assertThat(received.take()).isEqualTo(new Text("later"));
      assertThat(ends(terminal)).isZero();
    }
  }

  @Test
  void reconnectEndsTheWaitForTheNextAttempt() throws Exception {
    try (Terminal terminal = open("")) {
      origin.script(visit -> visit.respond(503, Headers.of("retry-after", "600"), Bytes.EMPTY));
      origin.drop();
      terminal.awaitScreen("^down  attempt 2 in \\d\\d+ s  ");
      origin.script(this::echo);
      terminal.type("/reconnect\r");

      assertThat(terminal.awaitScreen("^open .* session 2$"))
          .contains("* Reconnect  the next attempt begins at once\n");
      assertThat(ends(terminal)).isZero();
    }
  }

  // ---- the end

  @Test
  void interruptsClearTheLineAndThenEndTheSession() throws Exception {
    try (Terminal terminal = open("")) {
      terminal.type("not this");
      terminal.awaitScreen("^> not this$");
      terminal.type(INTERRUPT);
      terminal.awaitScreen("^>$");
      terminal.type("this\r");
      assertThat(received.take()).isEqualTo(new Text("this"));
      terminal.awaitScreen("^< this\n>$");
      terminal.type(INTERRUPT);

      assertThat(terminal.end()).isZero();
      assertThat(received.take()).isEqualTo(Close.GOING_AWAY);
      assertThat(terminal.screen()).contains("* Closed     with code 1001; ");
    }
  }

  /**
   * Some come while the line before is taken in, and while the terminal's modes change: none may
   * count twice, and each clears what was typed before it, whenever it is read.
   */
  @Test
  void anInterruptClearsOnlyWhatWasTypedBeforeIt() throws Exception {
    try (Terminal terminal = open("")) {
      for (int i = 0; i < 20; i++) {
        terminal.type("not this" + INTERRUPT + "this " + i + "\r");
        assertThat(received.take()).isEqualTo(new Text("this " + i));
      }
      terminal.type(("x" + INTERRUPT).repeat(20) + "last\r");
      assertThat(received.take()).isEqualTo(new Text("last"));
      assertThat(ends(terminal)).isZero();
    }
  }

  /** Reads the close frame, and does not answer it. */
  private static void mute(dev.lariat.testkit.Visit visit) throws Exception {
    WebSocketVisit socket = visit.acceptWebSocket();
    socket.automatic(false);
    socket.receive();
    visit.awaitEnd();
  }

  @Test
  void aServerThatDoesNotAnswerTheCloseIsLeftAfterTwoSeconds() throws Exception {
    origin.script(PromptTest::mute);
    try (Terminal terminal = open("")) {
      long start = System.nanoTime();

      assertThat(ends(terminal)).isZero();
      assertThat(System.nanoTime() - start).isBetween(1_500_000_000L, 6_000_000_000L);
      assertThat(terminal.screen()).endsWith("* Closed     without a close frame from the server");
    }
  }

  @Test
  void aSecondInterruptEndsAtOnce() throws Exception {
    origin.script(PromptTest::mute);
    try (Terminal terminal = open("")) {
      terminal.type(INTERRUPT);
      terminal.awaitScreen("^closing  Ctrl-C ends it at once$");
      terminal.type(INTERRUPT);

      assertThat(terminal.end()).isZero();
      assertThat(terminal.screen()).contains("* Closed ").doesNotContain("closing");
    }
  }

  @Test
  void theTerminalHasItsModesBack() throws Exception {
    String modes = "stty -g; echo; ";
    try (Terminal terminal = Terminal.of(modes + command("") + "; echo; " + modes)) {
      terminal.awaitScreen("^open .* session 1$");
      assertThat(ends(terminal)).isZero();
      String[] lines = terminal.text().split("\n", -1);

      assertThat(lines[lines.length - 3]).isEqualTo(lines[0]).contains(":");
    }
  }

  // ---- other terminals

  @Test
  void aTerminalOfTwentyColumnsWorks() throws Exception {
    try (Terminal terminal = Terminal.of(command(""), 20, 8)) {
      terminal.awaitScreen("^open  since");
      terminal.type("{\"a\":1,\"b\":[2,3]}\r");
      terminal.awaitScreen("^< \\{\n    \"a\": 1,\n    \"b\": \\[2, 3]\n  }\n>$");
      terminal.type("a line of more than twenty columns");
      terminal.awaitScreen("^> a line of more tha\nn twenty columns$");
      terminal.resize(60, 12);
      terminal.awaitScreen("^> a line of more than twenty columns$");
      terminal.awaitScreen("^open  since \\S+  in 1  out 1  session 1$");
      terminal.type("\r");
      terminal.awaitScreen("^open  since \\S+  in 2  out 2 ");
    }
  }

  @Test
  void aServersTextCannotCommandTheTerminal() throws Exception {
    origin.script(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          socket.send(new Text("a\u202eb\u001b]0;title\u0007\r\n\u001b[2J* Closed\u009b1A"));
          socket.receive();
        });
    try (Terminal terminal = open("")) {
      terminal.awaitScreen("^< a<U\\+202E>b␛]0;title␇\n  ␛\\[2J\\* Closed<U\\+009B>1A$");
    }
  }

  @Test
  void aVeryLongMessageIsCutAndALongFloodIsLeftOut() throws Exception {
    origin.script(
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          for (int i = 0; i < 20_000; i++) {
            socket.send(new Text("{\"number\":" + i + "}"));
          }
          socket.send(new Text("x".repeat(1 << 20)));
          socket.receive();
        });
    try (Terminal terminal = open("")) {
      terminal.awaitScreen("^open .* in 20001 ");
      terminal.awaitScreen("^  … 1.0 MiB in all$|^\\* Left out ");
      terminal.type("still here");
      terminal.awaitScreen("^> still here$");
    }
  }

  @Test
  void aDumbTerminalHasAllInLines() throws Exception {
    try (Terminal terminal = Terminal.of("TERM=dumb " + command(""))) {
      terminal.await("\\* Open       session 1\n> ");
      terminal.type("hello\r");
      terminal.await("< hello");
      terminal.type("{\"a\":}\r");
      terminal.await("Not sent   expected here: a value");
      terminal.type("/close 4001\r");

      assertThat(terminal.end()).isZero();
      assertThat(terminal.text()).contains("Closed     with code 4001; ").doesNotContain("\u001b");
    }
  }
}
