package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Headers;
import dev.lariat.testkit.EchoServer;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.ServerCertificate;
import dev.lariat.testkit.Visit;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class MainTest extends CommandTest {
  private final EchoServer server = EchoServer.start(0);

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
  void getGoesThroughProxies() {
    Script proxies =
        visit -> {
          assertThat(visit.request().target()).isEqualTo("inner.example:3128");
          visit.write("HTTP/1.1 200 OK\r\n\r\n");
          assertThat(visit.request().target()).isEqualTo("server.example:80");
          visit.write("HTTP/1.1 200 OK\r\n\r\n");
          visit.request();
          visit.respond(200, "through");
        };
    try (Origin proxy = Origin.start(proxies)) {
      String first = "http://" + proxy.host() + ":" + proxy.port();
      String second = "http://inner.example:3128";
      String url = "http://server.example/";
      assertThat(run("", "get", "--proxy", first, "--proxy", second, url)).isEqualTo(0);
    }
    assertThat(out.text()).isEqualTo("through");
  }

  @Test
  void aProxyThatRefusesIsNamedWithItsAnswer() {
    try (Origin proxy = Origin.start(Script.status(403))) {
      String uri = "http://" + proxy.host() + ":" + proxy.port();
      assertThat(run("", "get", "--proxy", uri, "http://server.example/")).isEqualTo(8);
      assertThat(err.text())
          .isEqualTo(
              "lariat: The proxy "
                  + uri
                  + " (hop 1) failed: The proxy answered with status 403.\n");
    }
  }

  /**
   * As a proxy that opens the tunnel, and the server, which says what the proxy was spoken to by.
   */
  private static void tunnel(Visit visit) throws IOException {
    visit.request();
    Visit server = visit.acceptTunnel(Headers.EMPTY);
    server.request();
    server.respond(200, "through " + visit.protocol());
  }

  @ParameterizedTest
  @CsvSource({"false, http/1.1", "true, h2"})
  void anHttpsProxyIsOfferedHttp2IfThatIsAsked(boolean asked, String spoken) {
    try (Origin proxy = Origin.startTls(ServerCertificate.SELF_SIGNED, MainTest::tunnel)) {
      String uri = "https://" + proxy.host() + ":" + proxy.port();
      String url = "http://server.example/";
      String[] get =
          asked
              ? new String[] {"get", "--insecure", "--proxy", uri, "--proxy-http2", url}
              : new String[] {"get", "--insecure", "--proxy", uri, url};
      assertThat(run("", get)).isEqualTo(0);
    }
    assertThat(out.text()).isEqualTo("through " + spoken);
  }

  @Test
  void anHttpProxyIsSpokenToByHttp11InAnyCase() {
    try (Origin proxy = Origin.start(MainTest::tunnel)) {
      String uri = "http://" + proxy.host() + ":" + proxy.port();
      String url = "http://server.example/";
      assertThat(run("", "get", "--proxy-http2", "--proxy", uri, url)).isEqualTo(0);
    }
    assertThat(out.text()).isEqualTo("through http/1.1");
  }

  @Test
  void aProxyThatIsNoneIsRefusedWithoutItsPassword() {
    assertThat(run("", "get", "--proxy", "ftp://user:secret@a.example", http("/"))).isEqualTo(2);
    assertThat(err.text())
        .startsWith("lariat: --proxy: ftp://***@a.example, allowed the schemes http, https")
        .doesNotContain("secret");
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
            "Open       session 1, permessage-deflate", "Closed     The input has ended.");
  }

  @Test
  void wsClosesProperlyWithoutInput() {
    assertThat(run("", "ws", ws("/"))).isEqualTo(0);

    assertThat(out.text()).isEmpty();
    assertThat(err.text()).contains("Closed     The input has ended.");
  }

  @Test
  void wsShowsTheSubprotocol() {
    assertThat(run("", "ws", ws("/"), "--subprotocol", "chat", "-H", "X-A: b")).isEqualTo(0);

    assertThat(err.text()).contains("Open       session 1, chat\n");
  }

  @Test
  void wsTellsARefusalWithStatusAndBody() {
    assertThat(run("", "ws", ws("/status/403"))).isEqualTo(8);

    assertThat(err.text())
        .isEqualTo(
            "lariat: The server answered with status 403 (text/plain): 403 Forbidden, as asked"
                + " for.\n");
  }

  @Test
  void wsGivesUpWhenToldTo() {
    server.kill();

    assertThat(run("", "ws", ws("/"), "--retries", "1")).isEqualTo(4);

    assertThat(err.text())
        .containsSubsequence("Retrying   attempt 1", "lariat: Gave up after 1 retry");
  }

  @Test
  void wsComesBackWhenTheServerDoes() throws Exception {
    PipedOutputStream typed = new PipedOutputStream();
    InputStream in = new PipedInputStream(typed);
    out.when("first\n", server::kill);
    err.when("attempt 2", server::restart);
    err.when("session 2", () -> type(typed, "second\n"));
    out.when("second\n", () -> end(typed));
    type(typed, "first\n");

    assertThat(run(in, "ws", ws("/"))).isEqualTo(0);

    assertThat(out.text()).isEqualTo("first\nsecond\n");
    assertThat(err.text())
        .containsSubsequence("session 1", "Retrying", "Retrying", "session 2", "Closed");
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
              new Io(InputStream.nullInputStream(), new Output(got), got.stream(), false),
              "get",
              url);
          me.interrupt();
        });

    assertThat(run("", "echo", "--port", "0")).isEqualTo(0);

    assertThat(got.text()).isEqualTo("Hello from /\n");
  }

  @Test
  void echoOnAPortThatIsTakenFails() {
    assertThat(run("", "echo", "--port", String.valueOf(server.port()))).isEqualTo(2);

    assertThat(err.text())
        .isEqualTo(
            "lariat: The echo server cannot listen on port "
                + server.port()
                + ": Address already in use.\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "nonsense",
        "help nonsense",
        "get",
        "get --nonsense http://a/",
        "ws",
        "echo --port x"
      })
  void badUsageIsOneSentence(String arguments) {
    assertThat(run("", arguments.isEmpty() ? new String[0] : arguments.split(" "))).isEqualTo(2);

    assertThat(err.text())
        .startsWith("lariat: ")
        .contains("--help)")
        .doesNotContain(". ")
        .hasLineCount(1);
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

    assertThat(err.text()).contains("is not NAME:VALUE").hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "help", "help ws", "demo --help", "ws --help", "get --help"})
  void helpGoesToStandardOutput(String arguments) {
    assertThat(run("", arguments.split(" "))).isEqualTo(0);

    assertThat(out.text()).startsWith("Usage: lariat");
    assertThat(err.text()).isEmpty();
  }

  @Test
  void getDocumentsItsExitCodes() {
    run("", "get", "--help");

    assertThat(out.text())
        .contains("Exit codes:", "    8   The server answered with an error status");
  }

  @Test
  void versionIsOneLine() {
    assertThat(run("", "--version")).isEqualTo(0);

    assertThat(out.text()).startsWith("lariat ").hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense --help", "--nonsense --help", "get --nonsense --help"})
  void helpDoesNotHideBadUsage(String arguments) {
    assertThat(run("", arguments.split(" "))).isEqualTo(2);

    assertThat(err.text()).startsWith("lariat: ").contains("nonsense").hasLineCount(1);
    assertThat(out.text()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "ws, localhost:8080, did you mean ws://localhost:8080?",
    "get, localhost:8080, did you mean http://localhost:8080?",
    "ws, ftp://localhost/, 'the scheme ftp, allowed are http, https, ws and wss'",
    "ws, ws://localhost:99999/, 'the port 99999, allowed are 1 to 65535'"
  })
  void aBadUrlIsRefusedBeforeAnythingIsTried(String command, String url, String words) {
    assertThat(run("", command, url)).isEqualTo(2);

    assertThat(err.text()).contains(words).hasLineCount(1);
  }

  @ParameterizedTest
  @CsvSource({
    "ws, --ping-interval=-1, '0, or 0.001 to 31536000 seconds'",
    "ws, --pong-deadline=0, 0.001 to 31536000 seconds",
    "ws, --linger=x, '0, or 0.001 to 31536000 seconds'",
    "ws, --retries=-1, a whole number from 0 to 2147483647",
    "ws, --max-message=0, a size from 1 to 2147483639 bytes",
    "ws, --max-message=9G, a size from 1 to 2147483639 bytes",
    "ws, --subprotocol=a b, tokens",
    "ws, --header=a b:c, a token",
    "get, --max-time=0, 0.001 to 31536000 seconds",
    "get, --header=nothing, NAME:VALUE",
  })
  void anOptionOutOfRangeIsRefusedByItsName(String command, String option, String allowed) {
    assertThat(run("", command, ws("/"), option)).isEqualTo(2);

    String name = option.substring(0, option.indexOf('='));
    assertThat(err.text())
        .contains(name, allowed)
        .hasLineCount(1)
        .doesNotContain("keepalive", "PT");
  }

  @Test
  void aFileWithoutCertificatesIsRefusedByTheOptionsName() {
    assertThat(run("", "get", "https://localhost/", "--cacert=/dev/null")).isEqualTo(2);

    assertThat(err.text())
        .isEqualTo("lariat: --cacert: /dev/null, allowed a PEM file with certificates.\n");
  }

  @Test
  void whoVerifiesNothingNamesNoAuthority() {
    assertThat(run("", "get", "https://localhost/", "--insecure", "--cacert=a.pem")).isEqualTo(2);

    assertThat(err.text())
        .isEqualTo("lariat: --insecure verifies nothing, so it does not go with --cacert.\n");
  }

  @Test
  void getEndsWhenItsTimeIsOver() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 8, InetAddress.getLoopbackAddress())) {
      String url = "https://127.0.0.1:" + silent.getLocalPort() + "/"; // whose handshake never ends

      assertThat(run("", "get", url, "--timeout=3")).isEqualTo(6);
    }
    assertThat(err.text())
        .matches(
            "lariat: It took longer than --max-time: The TLS handshake has taken [0-9]+"
                + " m?s so far\\.\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "get URL",
        "ws URL",
        "ws URL --jsonl",
        "--help",
        "get --help",
        "demo",
        "echo",
        "--version"
      })
  void anOutputThatCannotBeWrittenFailsTheCommand(String arguments) {
    String[] all = arguments.replace("URL", ws("/")).split(" ");

    assertThat(run(input("x\n"), new Full("No space left on device"), all)).isEqualTo(11);

    assertThat(err.text())
        .contains("lariat: The output cannot be written: No space left on device.\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"get URL", "ws URL", "ws URL --jsonl", "--help", "demo"})
  void aReaderThatHasLeftEndsTheCommandInSilence(String arguments) {
    String[] all = arguments.replace("URL", ws("/")).split(" ");

    assertThat(run(input("x\n"), new Full("Broken pipe"), all)).isEqualTo(141);

    assertThat(err.text()).doesNotContain("lariat:");
  }

  @Test
  void aServersControlCharactersDoNotReachATerminal() {
    assertThat(Line.plain("a\033[2Jb\nc\u009b")).isEqualTo("a␛[2Jb␊c<U+009B>");
  }

  @Test
  void aServersTextLooksLikeWhatItIs() {
    assertThat(Line.plain("a\u202eb\u2066c\u200bd\u2028e\ufefff\udb40\udc01"))
        .isEqualTo("a<U+202E>b<U+2066>c<U+200B>d<U+2028>e<U+FEFF>f<U+E0001>");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "grüß 你好 שלום",
        "\ud83d\udc69\u200d\ud83d\ude80",
        "\u0645\u06cc\u200c\u062e",
        "a\tb "
      })
  void textOfAnyLanguageStaysAsItIs(String text) {
    assertThat(Line.plain(text)).isEqualTo(text);
  }

  /** A disk without room, or a pipe without a reader. */
  private static final class Full extends OutputStream {
    private final String why;

    Full(String why) {
      this.why = why;
    }

    @Override
    public void write(int b) throws IOException {
      throw new IOException(why);
    }
  }

  private static InputStream input(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  private String http(String path) {
    return "http://127.0.0.1:" + server.port() + path;
  }

  private String ws(String path) {
    return "ws://127.0.0.1:" + server.port() + path;
  }
}
