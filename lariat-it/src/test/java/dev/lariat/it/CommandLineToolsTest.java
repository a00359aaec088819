package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands that record, check and measure, against servers and proxies that others wrote. */
@Needs({Peer.HAPROXY, Peer.NGINX, Peer.PYTHON, Peer.PYTHON_WEBSOCKETS})
@Timeout(180) // each of several processes starts a JVM
final class CommandLineToolsTest {
  /** The texts of a page must be told from what is behind them (WCAG 2.2, 1.4.3). */
  @TempDir private Path folder;

  private Cli.Run run(String... args) throws IOException, InterruptedException {
    return Cli.run(folder, "", args);
  }

  private static String url(String scheme, int port, String path) {
    return scheme + "://127.0.0.1:" + port + path;
  }

  private static String trusted() {
    return "--cacert=" + Certificates.files().get("ca");
  }

  // ---- check

  @Test
  void checkReportsTlsHttp2AndTheWebSocketOfHaproxy() throws Exception {
    String echo = url("wss", Http2Peer.HAPROXY.shared(true), "/echo");
    Cli.Run run = run("check", trusted(), echo);
    assertThat(run.exit()).as(run.out() + run.err()).isZero();
    assertThat(run.out())
        .contains("TLSv1.3 with", "The chain leads to one of --cacert.")
        .contains("A GET by HTTP/2 was answered")
        .contains("WebSocket over HTTP/2 (RFC 8441) is offered and works.")
        .contains("5 pings were answered")
        .contains("The server answered code 1000 with the same");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"2 | The certificate is not for 127.0.0.1", "3 | it has expired."})
  void checkExplainsTheCertificatesOfNginx(int port, String finding) throws Exception {
    Cli.Run run = run("check", trusted(), url("https", Servers.nginx().port(port), "/page.txt"));
    assertThat(run.exit()).as(run.out() + run.err()).isEqualTo(12);
    assertThat(run.out()).contains(finding);
  }

  @Test
  @Needs(Peer.SQUID)
  void checkNamesTheHopsOfItsProxies() throws Exception {
    try (Server squid = Forward.squid("tools-squid")) {
      String proxy = "http://user:secret@127.0.0.1:" + squid.port(0);
      String echo = url("wss", Servers.nginx().port(1), "/ws/echo");
      Cli.Run run = run("check", "--proxy=" + proxy, trusted(), echo);
      assertThat(run.exit()).as(run.out() + run.err()).isZero();
      assertThat(run.out())
          .contains("Hop 1, http://127.0.0.1:" + squid.port(0) + ", let the connection through")
          .contains("The server opened a WebSocket (RFC 6455)")
          .doesNotContain("secret");
    }
  }

  // ---- record, report, serve, replay

  @Test
  void aSessionIsRecordedOverTheDeathOfItsServerReportedServedAndReplayed() throws Exception {
    Path file = folder.resolve("session.jsonl");
    Path opening = Files.writeString(folder.resolve("opening"), "hello\n");
    try (Server python = Servers.ownPython("tools-python")) {
      String echo = url("ws", python.port(0), "/echo");
      Process recorder =
          new ProcessBuilder(
                  Cli.command(
                      "record", "--messages=2", "--on-open=" + opening, echo, file.toString()))
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("record").toFile())
              .start();
      try {
        awaitText(file, "\"event\":\"received\"");
        python.kill();
        awaitText(file, "\"event\":\"waiting\"");
        python.restart();
        assertThat(recorder.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(recorder.exitValue()).as(Files.readString(folder.resolve("record"))).isZero();
      } finally {
        recorder.destroyForcibly();
      }
      Cli.Run replayed = run("replay", "--strict", file.toString());
      assertThat(replayed.exit()).as(replayed.err()).isZero();
      assertThat(replayed.out()).isEqualTo("hello\nhello\n");
    }
    Cli.Run report = run("report", file.toString());
    assertThat(report.exit()).as(report.out() + report.err()).isZero();
    assertThat(report.out()).contains("2 sessions in", "without a session at");
    served(file, opening);
  }

  @Test
  void aRecorderThatIsInterruptedWritesTheEnd() throws Exception {
    Path file = folder.resolve("session.jsonl");
    Path opening = Files.writeString(folder.resolve("opening"), "hello\n");
    String echo = url("ws", Servers.nginx().port(0), "/ws/echo");
    Process recorder =
        new ProcessBuilder(Cli.command("record", "--on-open=" + opening, echo, file.toString()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("record").toFile())
            .start();
    try {
      awaitText(file, "\"event\":\"received\"");
      recorder.destroy(); // which asks it to end, as Ctrl-C does
      assertThat(recorder.waitFor(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      recorder.destroyForcibly();
    }
    assertThat(Files.readString(file))
        .endsWith("\"event\":\"gone\",\"reason\":\"The recorder ended the session.\"}\n");
  }

  /** What is served is recorded again, and holds the same. */
  private void served(Path file, Path opening) throws Exception {
    Process server =
        new ProcessBuilder(Cli.command("serve", "--strict", "--speed=0", file.toString()))
            .redirectError(folder.resolve("served").toFile())
            .start();
    try (BufferedReader out = server.inputReader()) {
      Matcher matcher = Pattern.compile("ws://\\S+").matcher(out.readLine());
      assertThat(matcher.find()).isTrue();
      Path again = folder.resolve("again.jsonl");
      Cli.Run run =
          run("record", "--messages=2", "--on-open=" + opening, matcher.group(), again.toString());
      assertThat(run.exit()).as(run.err()).isZero();
      assertThat(Files.readString(again)).containsSubsequence("hello", "waiting", "hello");
      assertThat(server.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(server.exitValue()).as(Files.readString(folder.resolve("served"))).isZero();
    } finally {
      server.destroyForcibly();
    }
  }

  /** Waits until a file that a process writes has this. */
  private static void awaitText(Path file, String text) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!Files.exists(file) || !Files.readString(file).contains(text)) {
      assertThat(System.nanoTime()).as("%s has %s", file, text).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  // ---- bench

  @Test
  void benchComparesAPageByHttp11AndItsProxy() throws Exception {
    String nginx = url("http", Servers.nginx().port(0), "/page.txt");
    String haproxy = url("http", Servers.haproxy().port(3), "/page.txt");
    Cli.Run run =
        run("bench", "--warm-up=0.1", "--rounds=2", "-c", "2", "-n", "200", nginx, haproxy);
    assertThat(run.out())
        .containsSubsequence(nginx, "answers    200 in ", haproxy, "The second, compared with")
        .containsPattern("median +[0-9.]+ times");
    assertThat(run.exit()).as(run.out() + run.err()).isZero();
  }

  @Test
  void benchMeasuresTheEchoesOfNginxAtARate() throws Exception {
    String echo = url("wss", Servers.nginx().port(1), "/ws/echo");
    Cli.Run run = run("bench", "--warm-up=0.1", "-r", "100", "-n", "50", "--json", trusted(), echo);
    assertThat(run.exit()).as(run.out() + run.err()).isZero();
    assertThat(run.out())
        .contains("\"model\":\"open\",\"latencyFrom\":\"intended\"")
        .contains("\"answers\":50,", "\"errors\":[]");
  }

  // ---- the pages

  private void looksGood(Browser browser, Path page, List<String> stages) throws Exception {
    for (int width : List.of(360, 1280)) {
      for (boolean dark : List.of(false, true)) {
        browser.open(page, width, dark);
        String as = page.getFileName() + " at " + width + (dark ? ", dark" : ", light");
        String wide = browser.evaluate("document.documentElement.scrollWidth");
        assertThat(Integer.parseInt(wide)).as(as).isLessThanOrEqualTo(width);
        String picture = browser.evaluate("document.querySelector('svg').textContent");
        assertThat(picture).as(as).contains(stages);
        String bars =
            browser.evaluate(
                "[...document.querySelectorAll('svg rect')].every((bar) => {"
                    + " const its = bar.getBoundingClientRect();"
                    + " return its.width > 0 && its.left >= 0 && its.right <= innerWidth + 1 })");
        assertThat(bars).as(as).isEqualTo("true");
        String texts =
            browser.evaluate(
                "[...document.querySelectorAll('svg text')].every((text) => {"
                    + " const its = text.getBoundingClientRect();"
                    + " return its.left >= -1 && its.right <= innerWidth + 1 })");
        assertThat(texts).as(as).isEqualTo("true");
        assertThat(browser.leastContrast()).as(as).isGreaterThan(4.5);
        String back = browser.evaluate("getComputedStyle(document.body).backgroundColor");
        assertThat(back.equals("rgb(255, 255, 255)")).as(as + back).isEqualTo(!dark);
        assertThat(browser.loaded()).as(as).containsOnly(page.toUri().toString());
      }
    }
    assertThat(browser.complaints()).isEmpty();
  }

  @Test
  @Needs(Peer.CHROMIUM)
  void thePagesOfCheckAndReportLookGoodInABrowser() throws Exception {
    Path check = folder.resolve("check.html");
    String echo = url("wss", Servers.nginx().port(1), "/ws/echo");
    Cli.Run checked = run("check", "--html=" + check, trusted(), echo);
    assertThat(checked.exit()).as(checked.out() + checked.err()).isZero();
    Path file = folder.resolve("session.jsonl");
    Path opening = Files.writeString(folder.resolve("opening"), "hello\n");
    Cli.Run recorded =
        run("record", "--messages=1", "--on-open=" + opening, trusted(), echo, file.toString());
    assertThat(recorded.exit()).as(recorded.err()).isZero();
    Path report = folder.resolve("report.html");
    Cli.Run reported = run("report", "--html=" + report, file.toString());
    assertThat(reported.exit()).as(reported.out() + reported.err()).isZero();
    try (Browser browser = new Browser()) {
      looksGood(
          browser,
          check,
          List.of("Lookup of 127.0.0.1", "TCP to ", "TLS TLSv1.", "Upgrade", "Ping 5", "Close"));
      looksGood(browser, report, List.of("States: connecting, open", "Received: 1", "Sent: 1"));
    }
  }
}
