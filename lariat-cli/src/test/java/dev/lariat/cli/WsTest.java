package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Binary;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Ping;
import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.ServerCertificate;
import dev.lariat.testkit.WebSocketVisit;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ws} with pipes, against servers that do what they should not. */
final class WsTest extends CommandTest {
  private final List<Frame> received = new CopyOnWriteArrayList<>();
  private final Origin origin = Origin.start(Script.silent());

  @AfterEach
  void stop() {
    origin.close();
  }

  /** A server whose visits go by these scripts, the last of them for all that follow. */
  private String serving(Script... scripts) {
    origin.script(scripts);
    return origin.uri("ws", "/").toString();
  }

  private static Script socket(OnSocket what) {
    return visit -> what.play(visit.acceptWebSocket());
  }

  private interface OnSocket {
    void play(WebSocketVisit socket) throws Exception;
  }

  // ---- the end of the input

  /** Breaks the connection in place of an answer, when the input has been read to its end. */
  private static Script resetAfter(CountDownLatch read) {
    return visit -> {
      visit.request();
      read.await();
      visit.reset();
    };
  }

  @Test
  void aConnectionThatDropsAfterTheEndOfTheInputEndsTheCommand() {
    String url =
        serving(
            socket(
                socket -> {
                  socket.receive();
                  socket.visit().reset();
                }));

    assertThat(run("term\n", "ws", url, "--linger=60")).isEqualTo(7);

    assertThat(err.text()).startsWith("Open       session 1\nlariat: The connection broke: ");
    assertThat(err.text()).hasLineCount(2);
  }

  @Test
  void whatWasNotDeliveredIsNamed() {
    CountDownLatch read = new CountDownLatch(1);
    String url = serving(resetAfter(read));

    assertThat(run(new Ended("a\nb\nc\n", read), "ws", url, "--retries=0")).isEqualTo(7);

    assertThat(err.text())
        .contains("Dropped    message 2, \"b\", was not sent\n")
        .endsWith("Not delivered: messages 1 to 3.\n");
  }

  @Test
  void whatWaitedIsSentByTheNextSessionAfterTheEndOfTheInput() {
    CountDownLatch read = new CountDownLatch(1);
    String url = serving(resetAfter(read), Script.echo());

    assertThat(run(new Ended("a\nb\n", read), "ws", url)).isEqualTo(0);

    assertThat(out.text()).isEqualTo("a\nb\n");
  }

  @Test
  void whatWasWrittenToADeadServerMayBeLostAndIsNamed() throws Exception {
    PipedOutputStream typed = new PipedOutputStream();
    InputStream in = new PipedInputStream(typed);
    String url = serving(Script.echo());
    out.when(
        "first\n",
        () -> {
          origin.halfOpen();
          type(typed, "second\n");
        });
    err.when("session 2", () -> end(typed));
    type(typed, "first\n");

    int exit = run(in, "ws", url, "--ping-interval=0.2", "--pong-deadline=0.2");

    assertThat(err.text())
        .containsOnlyOnce("Written    message 2: the server has sent nothing since")
        .contains("The answer to a ping took longer");
    assertThat(exit).isEqualTo(0);
  }

  // ---- close codes

  @ParameterizedTest
  @CsvSource({
    "1000, '', 0, ''",
    "1000, bye, 0, ''",
    "1001, '', 0, ''",
    "1008, no, 9, 'with code 1008: no.'",
    "1011, oops, 9, 'with code 1011: oops.'",
    "3000, '', 9, with code 3000.",
    "4001, token expired, 9, 'with code 4001: token expired.'",
    "4001, 'a\u001b[31mb', 9, 'with code 4001: a␛[31mb.'"
  })
  void theCloseCodeDecidesTheExitCode(int code, String text, int exit, String words) {
    String url =
        serving(
            socket(
                socket -> {
                  socket.receive();
                  socket.close(code, text);
                }));

    assertThat(run("x\n", "ws", url, "--linger=60")).isEqualTo(exit);

    if (exit == 0) {
      assertThat(err.text()).startsWith("Open       session 1\nClosed     ").hasLineCount(2);
    } else {
      assertThat(err.text())
          .isEqualTo(
              "Open       session 1\nlariat: The server closed the WebSocket " + words + "\n");
    }
  }

  @RepeatedTest(20)
  void whatAServerSaysBeforeItClosesAtOnceIsShown() {
    String url =
        serving(
            socket(
                socket -> {
                  socket.send(new Text("token expired"));
                  socket.close(4001, "");
                }));

    assertThat(run("", "ws", url, "--linger=60")).isEqualTo(9);

    assertThat(out.text()).isEqualTo("token expired\n");
    assertThat(err.text()).startsWith("Open       session 1\n").hasLineCount(2);
  }

  @Test
  void aCloseWithoutACodeIsNoFailure() {
    String url =
        serving(
            socket(
                socket -> {
                  socket.receive();
                  socket.send(new Close(Close.NO_CODE, ""));
                  socket.visit().awaitEnd();
                }));

    assertThat(run("x\n", "ws", url, "--linger=60")).isEqualTo(0);
  }

  @ParameterizedTest
  @ValueSource(ints = {1001, 1011, 1012, 1013, 1014})
  void aServerThatGoesAwayIsComeBackTo(int code) throws Exception {
    PipedOutputStream typed = new PipedOutputStream();
    InputStream in = new PipedInputStream(typed);
    Script leaving =
        socket(
            socket -> {
              socket.receive();
              socket.close(code, "");
            });
    String url = serving(leaving, Script.echo());
    err.when("session 2", () -> type(typed, "again\n"));
    out.when("again\n", () -> end(typed));
    type(typed, "first\n");

    assertThat(run(in, "ws", url)).isEqualTo(0);

    assertThat(err.text()).containsOnlyOnce("with code " + code);
  }

  @Test
  void anotherCloseCodeEndsTheCommandThoughTheInputGoesOn() throws Exception {
    PipedInputStream never = new PipedInputStream(new PipedOutputStream());
    String url = serving(socket(socket -> socket.close(4000, "enough")));

    assertThat(run(never, "ws", url)).isEqualTo(9);

    assertThat(origin.visits()).isEqualTo(1);
  }

  // ---- what may heal and what may not

  @Test
  void aNameThatDoesNotResolveEndsTheCommandAtOnce() {
    assertThat(run("x\n", "ws", "ws://no-such-name.invalid/")).isEqualTo(3);

    assertThat(err.text()).contains("lariat: The name no-such-name.invalid does not resolve");
    assertThat(err.text()).doesNotContain("Retrying");
  }

  @Test
  void aCertificateThatIsRefusedEndsTheCommandAtOnce() {
    try (Origin secure = Origin.startTls(ServerCertificate.SELF_SIGNED, Script.echo())) {
      assertThat(run("", "ws", secure.uri("wss", "/").toString())).isEqualTo(5);
    }

    assertThat(err.text())
        .isEqualTo(
            "lariat: TLS failed: the server's certificate is not issued by a trusted"
                + " authority.\n");
  }

  @Test
  void aServerWithoutTlsEndsTheCommandAtOnce() {
    Script plain =
        visit -> {
          visit.garbage();
          visit.awaitEnd();
        };
    String url = serving(plain).replace("ws:", "wss:");

    assertThat(run("", "ws", url)).isEqualTo(5);

    assertThat(err.text()).isEqualTo("lariat: TLS failed: the server does not speak TLS.\n");
  }

  @Test
  void anythingIsTriedAgainWhenAskedFor() {
    String[] arguments = {"ws", "ws://no-such-name.invalid/", "--retry-all-errors", "--retries=1"};

    assertThat(run("", arguments)).isEqualTo(3);

    assertThat(err.text())
        .containsSubsequence("Retrying   attempt 1", "lariat: Gave up after 1 retry: The name");
  }

  @Test
  void aServerInDistressIsTriedAgain() {
    String url = serving(Script.status(503), Script.echo());

    assertThat(run("x\n", "ws", url)).isEqualTo(0);

    assertThat(out.text()).isEqualTo("x\n");
    assertThat(err.text()).containsOnlyOnce("status 503");
  }

  // ---- sizes

  @Test
  void aMessageOverTheLimitEndsTheCommandAndTheSentenceNamesTheOption() {
    String url =
        serving(
            socket(
                socket -> {
                  socket.send(new Text("x".repeat(1025)));
                  socket.visit().awaitEnd();
                }));

    assertThat(run("", "ws", url, "--max-message=1k", "--linger=60")).isEqualTo(7);

    assertThat(err.text())
        .contains(
            "lariat: A message from the server is larger than 1 KiB: --max-message=SIZE allows"
                + " larger ones.\n");
  }

  @Test
  void aMessageOfMoreThanTheDefaultLimitArrivesWhenAllowed() {
    String url =
        serving(
            socket(
                socket -> {
                  socket.send(new Text("x".repeat((16 << 20) + 1)));
                  socket.receive();
                }));

    assertThat(run("", "ws", url, "--max-message=17M")).isEqualTo(0);

    assertThat(out.size()).isEqualTo((16 << 20) + 2);
  }

  @Test
  void aLineOverTheLimitIsRefusedByItsNumber() {
    String url = serving(Script.echo());

    assertThat(run("a\nbbbb\n", "ws", url, "--max-message=3")).isEqualTo(2);

    assertThat(out.text()).isEqualTo("a\n");
    assertThat(err.text())
        .contains("lariat: Line 2 of the input is larger than --max-message allows: 3 bytes.\n");
  }

  // ---- what goes through a pipe

  private Script recording(Frame... answers) {
    return socket(
        socket -> {
          for (Frame answer : answers) {
            socket.send(answer);
          }
          for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
            if (!(frame instanceof Close)) {
              received.add(frame);
            }
          }
        });
  }

  private static Binary binary(int... bytes) {
    byte[] all = new byte[bytes.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) bytes[i];
    }
    return new Binary(Bytes.wrap(all));
  }

  @Test
  void everyByteOfABinaryMessageIsWritten() {
    byte[] large = new byte[100_000];
    large[0] = (byte) 0xff;
    String url = serving(recording(new Binary(Bytes.wrap(large)), new Text("t")));

    assertThat(run("", "ws", url)).isEqualTo(0);

    byte[] wanted = new byte[100_003];
    wanted[0] = (byte) 0xff;
    wanted[100_000] = '\n';
    wanted[100_001] = 't';
    wanted[100_002] = '\n';
    assertThat(out.toByteArray()).isEqualTo(wanted);
  }

  @Test
  void binaryGoesThroughAsItIsBothWays() {
    String url = serving(recording(binary(0, 0xff), binary('\n')));
    byte[] input = {'a', '\n', 0, (byte) 0xfe};

    assertThat(run(new ByteArrayInputStream(input), "ws", url, "--binary")).isEqualTo(0);

    assertThat(out.toByteArray()).containsExactly(0, 0xff, '\n');
    assertThat(received).containsExactly(binary('a', '\n', 0, 0xfe));
  }

  @Test
  void textsWithLineFeedsAreToldApartByZeroBytes() {
    String url = serving(recording(new Text("a\nb"), new Text("c")));

    assertThat(run("d\ne\0f", "ws", url, "--null")).isEqualTo(0);

    assertThat(out.text()).isEqualTo("a\nb\0c\0");
    assertThat(received).containsExactly(new Text("d\ne"), new Text("f"));
  }

  @Test
  void zeroBytesEndBinaryMessagesToo() {
    String url = serving(recording());
    byte[] input = {(byte) 0xff, '\n', 0, 1};

    assertThat(run(new ByteArrayInputStream(input), "ws", url, "-b0")).isEqualTo(0);

    assertThat(received).containsExactly(binary(0xff, '\n'), binary(1));
  }

  @Test
  void jsonTellsEverythingApart() {
    String url =
        serving(recording(new Text("a\n\"\\\u0001\u2028é"), binary(0, 0xff), new Text("")));

    assertThat(run("", "ws", url, "--json")).isEqualTo(0);

    assertThat(out.text())
        .isEqualTo(
            "{\"type\":\"text\",\"text\":\"a\\n\\\"\\\\\\u0001\u2028é\"}\n"
                + "{\"type\":\"binary\",\"base64\":\"AP8=\"}\n"
                + "{\"type\":\"text\",\"text\":\"\"}\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ff", "c080", "eda080", "e282"})
  void inputThatIsNotUtf8IsRefusedByItsLine(String hex) {
    String url = serving(recording());
    byte[] all = HexFormat.of().parseHex("676f6f640a" + hex + "0a780a"); // good, that, x

    assertThat(run(new ByteArrayInputStream(all), "ws", url)).isEqualTo(2);

    assertThat(received).containsExactly(new Text("good"));
    assertThat(err.text())
        .contains("lariat: Line 2 of the input is not UTF-8: --binary sends bytes as they are.\n");
  }

  @Test
  void linesOfWindowsAreLines() {
    String url = serving(recording());

    assertThat(run("a\r\n\r\nb\rc", "ws", url)).isEqualTo(0);

    assertThat(received).containsExactly(new Text("a"), new Text(""), new Text("b\rc"));
  }

  // ---- what is said

  @Test
  void eachThingIsSaidOnce() {
    String url = serving(Script.echo());

    assertThat(run("x\n", "ws", url)).isEqualTo(0);

    assertThat(err.text()).isEqualTo("Open       session 1\nClosed     The input has ended.\n");
  }

  @Test
  void aPingIsNoLineUnlessAskedFor() {
    Script pinging =
        socket(
            socket -> {
              socket.send(new Ping(Bytes.EMPTY));
              while (socket.receive() != null) {
                // its pong
              }
            });

    assertThat(run("", "ws", serving(pinging))).isEqualTo(0);
    assertThat(err.text()).doesNotContain("Ping");

    assertThat(run("", "ws", serving(pinging), "--verbose")).isEqualTo(0);
    assertThat(err.text()).containsSubsequence("Connecting", "Open", "< Ping");
  }

  /** An input that says when it has been read to its end. */
  private static final class Ended extends FilterInputStream {
    private final CountDownLatch read;

    Ended(String text, CountDownLatch read) {
      super(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
      this.read = read;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = super.read(bytes, offset, length);
      if (count < 0) {
        read.countDown(); // what was read before is sent
      }
      return count;
    }
  }
}
