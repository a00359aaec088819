package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as a process, against servers and proxies that others wrote. */
@Needs({Peer.HAPROXY, Peer.NGINX, Peer.PYTHON, Peer.PYTHON_WEBSOCKETS, Peer.MICROSOCKS, Peer.SQUID})
final class CommandLineTest {
  @TempDir private Path folder;

  private Cli.Run run(String input, String... args) throws IOException, InterruptedException {
    return Cli.run(folder, input, args);
  }

  private static String url(String scheme, int port, String path) {
    return scheme + "://127.0.0.1:" + port + path;
  }

  private static String trusted() {
    return "--cacert=" + Certificates.files().get("ca");
  }

  @Test
  void getSpeaksHttp2WithPriorKnowledge() throws Exception {
    String page = url("http", Http2Peer.HAPROXY.shared(false), "/page.txt");
    Cli.Run run = run("", "get", "-i", "--http2", page);
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("HTTP/2 200\n").endsWith("\n\na page\n");
  }

  @Test
  void getOffersBothWithTls() throws Exception {
    String both = url("https", Http2Peer.HAPROXY.shared(true), "/page.txt");
    Cli.Run second = run("", "get", "-i", "--http2", trusted(), both);
    assertThat(second.exit()).as(second.err()).isZero();
    assertThat(second.out()).startsWith("HTTP/2 200\n").endsWith("\n\na page\n");
    String old = url("https", Servers.nginx().port(1), "/page.txt");
    Cli.Run first = run("", "get", "-i", "--http2", trusted(), old);
    assertThat(first.exit()).as(first.err()).isZero();
    assertThat(first.out()).startsWith("HTTP/1.1 200\n").endsWith("\n\na page\n");
  }

  /** The proxy speaks nothing else over TLS. */
  @Test
  @Needs({Peer.NGHTTPX, Peer.TINYPROXY})
  void anHttpsProxySpeaksHttp2IfThatIsAsked() throws Exception {
    int tinyproxy = ForwardProxy.tinyproxy().port(0);
    try (Server nghttpx = ForwardProxy.startNghttpx("only-h2", tinyproxy, "--npn-list=h2")) {
      String proxy = "--proxy=" + url("https", nghttpx.port(1), "");
      String page = url("http", Servers.nginx().port(0), "/page.txt");
      Cli.Run second = run("", "get", proxy, "--proxy-http2", trusted(), page);
      assertThat(second.exit()).as(second.err()).isZero();
      assertThat(second.out()).isEqualTo("a page\n");
      Cli.Run first = run("", "get", proxy, trusted(), page);
      assertThat(first.exit()).as(first.out()).isNotZero();
    }
  }

  @Test
  void aServerThatSpeaksNoHttp2IsNamed() throws Exception {
    Cli.Run run = run("", "get", "--http2", url("http", Servers.nginx().port(0), "/page.txt"));
    assertThat(run.exit()).isEqualTo(7);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).startsWith("lariat: ").contains("speaks no HTTP/2").hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void wsSpeaksHttp2(boolean tls) throws Exception {
    String echo = url(tls ? "wss" : "ws", Http2Peer.HAPROXY.shared(tls), "/echo");
    List<String> args = new ArrayList<>(List.of("ws", "--http2", echo));
    args.addAll(tls ? List.of(trusted()) : List.of());
    Cli.Run run = run("one\ntwo\n", args.toArray(String[]::new));
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo("one\ntwo\n");
  }

  @Test
  void wsFallsBackWhereTheServerHasWebSocketsOverHttp11Alone() throws Exception {
    String echo = url("wss", Http2Peer.NGINX.shared(true), "/echo");
    Cli.Run run = run("one\n", "ws", "--http2", trusted(), echo);
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).isEqualTo("one\n");
  }

  @Test
  void wsNamesWhatTheServerDoesNotOffer() throws Exception {
    String page = url("ws", Http2Peer.NGINX.shared(false), "/echo");
    Cli.Run run = run("one\n", "ws", "--http2", "--retries=0", page);
    assertThat(run.exit()).isEqualTo(8);
    assertThat(run.err())
        .contains("The server does not offer WebSocket over HTTP/2 (RFC 8441 section 3).");
  }

  @Test
  void wsHealsWhenEitherOfItsTwoProxiesIsKilledAndStartsAgain() throws Exception {
    String echo = url("wss", Servers.nginx().port(1), "/ws/echo");
    Path err = folder.resolve("err");
    try (Server socks = Forward.microsocks("cli-microsocks", "-u", "user", "-P", "secret");
        Server https = Forward.squid("cli-squid")) {
      String nearest = "socks5h://user:secret@127.0.0.1:" + socks.port(0);
      String last = "https://user:secret@127.0.0.1:" + https.port(1);
      Process process =
          new ProcessBuilder(
                  Cli.command("ws", "--proxy", nearest, "--proxy", last, trusted(), echo))
              .redirectError(err.toFile())
              .start();
      try (BufferedReader out = process.inputReader()) {
        try (OutputStream in = process.getOutputStream()) {
          echoes("through both", in, out);
          for (Server killed : List.of(socks, https)) {
            int before = Files.readString(err).length();
            killed.kill();
            awaitText(err, before, "(hop 1) failed: The "); // who refuses, or says the last does
            killed.restart();
            echoes("after " + killed.port(0), in, out);
          }
        }
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(Files.readString(err)).isZero();
      } finally {
        process.destroyForcibly();
      }
      assertThat(Files.readString(err)).doesNotContain("secret");
    }
  }

  private static void echoes(String line, OutputStream in, BufferedReader out) throws IOException {
    in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
    in.flush();
    assertThat(out.readLine()).isEqualTo(line);
  }

  /** Waits until a file that a process writes has this after its first part. */
  private static void awaitText(Path file, int first, String text) throws IOException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (Files.readString(file).indexOf(text, first) < 0) {
      assertThat(System.nanoTime()).as(Files.readString(file)).isLessThan(end);
      Thread.onSpinWait();
    }
  }
}
