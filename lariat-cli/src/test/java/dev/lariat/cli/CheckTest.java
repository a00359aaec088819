package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Ping;
import dev.lariat.message.Pong;
import dev.lariat.message.Text;
import dev.lariat.testkit.EchoServer;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.ServerCertificate;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStoreException;
import java.security.cert.CertificateEncodingException;
import java.util.Base64;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class CheckTest extends CommandTest {
  @TempDir private Path folder;

  /** What the page says of an area, without the amounts of time. */
  private String area(String title) {
    String all = "\n" + out.text().replaceAll("[0-9.]+ (ms|s)\\b", "T");
    int start = all.indexOf("\n" + title + "\n");
    assertThat(start).as("%s in %s", title, out.text()).isNotNegative();
    int from = start + title.length() + 2;
    return all.substring(from, all.indexOf("\n\n", from) + 1);
  }

  private String cacert(Origin origin)
      throws IOException, KeyStoreException, CertificateEncodingException {
    String alias = origin.trust().aliases().nextElement();
    byte[] der = origin.trust().getCertificate(alias).getEncoded();
    String pem =
        "-----BEGIN CERTIFICATE-----\n"
            + Base64.getMimeEncoder().encodeToString(der)
            + "\n-----END CERTIFICATE-----\n";
    return "--cacert=" + Files.writeString(folder.resolve("ca.pem"), pem);
  }

  /** Answers each GET, and each WebSocket in the given way. */
  private static Script server(WebSocketScript script) {
    return visit -> {
      for (var asked = visit.request(); asked != null; asked = visit.request()) {
        if (visit.asksForWebSocket()) {
          script.play(visit);
          return;
        }
        visit.respond(426);
      }
    };
  }

  private interface WebSocketScript {
    void play(Visit visit) throws Exception;
  }

  private static void answers(Visit visit) throws IOException {
    WebSocketVisit socket = visit.acceptWebSocket();
    socket.send(new Text("welcome"));
    while (socket.receive() != null) {
      // it answers pings and the close frame
    }
  }

  /** Answers pings, and nothing to the close frame. */
  private static WebSocketVisit closing(Visit visit) throws IOException {
    WebSocketVisit socket = visit.acceptWebSocket();
    socket.automatic(false);
    for (Frame frame = socket.receive(); !(frame instanceof Close); frame = socket.receive()) {
      if (frame instanceof Ping(var payload)) {
        socket.send(new Pong(payload));
      }
    }
    return socket;
  }

  @Test
  void aGoodServerHasNoProblem() {
    try (EchoServer server = EchoServer.start(0)) {
      int exit = run("", "check", "ws://localhost:" + server.port() + "/");
      assertThat(exit).as(out.text()).isEqualTo(0);
    }
    assertThat(area("Names and addresses")).startsWith("  ok         localhost has ");
    assertThat(area("TCP")).contains("accepted after T.");
    assertThat(area("TLS")).contains("note", "Use wss://.");
    assertThat(area("HTTP"))
        .contains("A GET by HTTP/1.1 was answered with status 200 after T.")
        .containsOnlyOnce("  note ");
    assertThat(area("WebSocket"))
        .contains("The server opened a WebSocket (RFC 6455) after T.")
        .contains("The extensions are: permessage-deflate.")
        .contains("not tried  WebSocket over HTTP/2: there is no HTTP/2.");
    assertThat(area("Pings")).contains("5 pings were answered after T to T, T in the mean.");
    assertThat(area("Closing"))
        .contains("The server answered code 1000 with the same after T.")
        .contains("The server closed the connection T after the close frame.");
    assertThat(out.text()).containsPattern("0 problems, 2 notes, [0-9] not tried");
    assertThat(err.text()).isEmpty();
  }

  @Test
  void tlsAndHttp2AreReported() throws Exception {
    try (Origin origin = Origin.startTls(ServerCertificate.TRUSTED, server(CheckTest::answers))) {
      int exit = run("", "check", cacert(origin), origin.uri("wss", "/").toString());
      assertThat(exit).as(out.text()).isEqualTo(0);
    }
    assertThat(area("TLS"))
        .contains("ok         TLSv1.3 with TLS_", "Certificate 1 of ", "days left.")
        .contains("The certificate is for 127.0.0.1.")
        .contains("The chain leads to one of --cacert.");
    assertThat(area("HTTP"))
        .contains("A GET by HTTP/1.1 was answered with status 426")
        .contains("A GET by HTTP/2 was answered with status 426");
    assertThat(area("WebSocket"))
        .contains("WebSocket over HTTP/2 (RFC 8441) is offered and works.")
        .contains("note       The server accepts no permessage-deflate (RFC 7692).");
    assertThat(area("Pings")).contains("Meanwhile the server sent 1 message.");
  }

  @ParameterizedTest
  @EnumSource(
      value = ServerCertificate.class,
      names = {"OTHER_HOST", "SELF_SIGNED", "EXPIRED"})
  void aBadCertificateIsExplained(ServerCertificate certificate) throws Exception {
    try (Origin origin = Origin.startTls(certificate, server(CheckTest::answers))) {
      int exit = run("", "check", cacert(origin), origin.uri("wss", "/").toString());
      assertThat(exit).as(out.text()).isEqualTo(12);
    }
    assertThat(area("TLS"))
        .contains("  problem    TLS failed")
        .contains(
            switch (certificate) {
              case OTHER_HOST -> "problem    The certificate is not for 127.0.0.1: it has ";
              case SELF_SIGNED -> "none of --cacert: the certificate is self-signed.";
              default -> "it has expired.\n             Renew the certificate.";
            });
    assertThat(area("WebSocket")).isEqualTo("  not tried  There is no connection.\n");
    assertThat(area("Pings")).isEqualTo("  not tried  There is no connection.\n");
  }

  @Test
  void certificatesAreReportedEvenIfNoneIsVerified() {
    try (Origin origin =
        Origin.startTls(ServerCertificate.SELF_SIGNED, server(CheckTest::answers))) {
      int exit = run("", "check", "--insecure", origin.uri("wss", "/").toString());
      assertThat(exit).as(out.text()).isEqualTo(12);
    }
    assertThat(area("TLS"))
        .contains("ok         TLSv1.3")
        .contains("none of the JDK's authorities: the certificate is self-signed.");
    assertThat(area("Closing")).contains("code 1000 with the same");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200 | This path serves pages",
        "401 | Give credentials",
        "403 | It may want an Origin",
        "404 | Check the path of the URL.",
        "503 | The server, or the one behind a proxy, fails: see its log."
      })
  void aRefusedUpgradeHasAdvice(int status, String advice) {
    try (Origin origin = Origin.start(server(visit -> visit.respond(status)))) {
      assertThat(run("", "check", origin.uri("ws", "/").toString())).isEqualTo(12);
    }
    assertThat(area("WebSocket"))
        .contains(
            "problem    The server answered with status " + status + " instead of a WebSocket.")
        .contains(advice);
    assertThat(area("Pings")).isEqualTo("  not tried  There is no WebSocket.\n");
  }

  @Test
  void aServerThatAnswersNoCloseFrameIsAProblem() {
    Script answersPings =
        server(
            visit -> {
              closing(visit);
              visit.reset();
            });
    try (Origin origin = Origin.start(answersPings)) {
      assertThat(run("", "check", origin.uri("ws", "/").toString())).isEqualTo(12);
    }
    assertThat(area("Closing")).contains("problem    The server did not answer the close frame: ");
  }

  @Test
  void anotherCloseCodeIsANote() {
    Script other =
        server(
            visit -> {
              WebSocketVisit socket = closing(visit);
              socket.send(new Close(4000, ""));
            });
    try (Origin origin = Origin.start(other)) {
      assertThat(run("", "check", origin.uri("ws", "/").toString())).isEqualTo(0);
    }
    assertThat(area("Closing"))
        .contains("note       The server answered code 1000 with 4000 after T.");
  }

  @Test
  void aServerThatEndsDuringThePingsIsAProblem() {
    Script ends = server(visit -> visit.acceptWebSocket().close(4001, "log in first"));
    try (Origin origin = Origin.start(ends)) {
      assertThat(run("", "check", origin.uri("ws", "/").toString())).isEqualTo(12);
    }
    assertThat(area("Pings"))
        .contains("problem    The server ended the WebSocket during the pings");
    assertThat(area("Closing")).isEqualTo("  not tried  The WebSocket ended before.\n");
  }

  @Test
  void aPingWithoutAnAnswerIsAProblem() {
    Script deaf =
        server(
            visit -> {
              WebSocketVisit socket = visit.acceptWebSocket();
              socket.automatic(false);
              while (socket.receive() != null) {
                // neither a ping nor a close frame is answered
              }
            });
    try (Origin origin = Origin.start(deaf)) {
      String url = origin.uri("ws", "/").toString();
      assertThat(run("", "check", "--ping-timeout=0.3", url)).isEqualTo(12);
    }
    assertThat(area("Pings")).contains("problem    The server did not answer a ping in T.");
    assertThat(area("Closing")).contains("problem    The server did not answer the close frame: ");
  }

  @Test
  void aServerThatLeavesTheConnectionOpenIsANote() {
    Script stays =
        server(
            visit -> {
              answers(visit);
              visit.awaitEnd();
            });
    try (Origin origin = Origin.start(stays)) {
      String url = origin.uri("ws", "/").toString();
      assertThat(run("", "check", "--ping-timeout=0.3", url)).isEqualTo(0);
    }
    assertThat(area("Closing"))
        .contains("code 1000 with the same")
        .contains("note       The server did not close the connection in T.");
  }

  @Test
  void aPageIsCheckedWithoutAWebSocket() {
    Script pages =
        visit -> {
          while (visit.request() != null) {
            visit.respond(
                200, Headers.of("alt-svc", "h3=\":443\"", "server", "test"), Bytes.ofUtf8("page"));
          }
        };
    try (Origin origin = Origin.start(pages)) {
      int exit = run("", "check", origin.uri("http", "/").toString());
      assertThat(exit).as(out.text()).isEqualTo(0);
    }
    assertThat(area("HTTP"))
        .contains("A GET by HTTP/1.1 was answered with status 200 after T by test.")
        .contains("A GET by HTTP/2 was answered with status 200 after T by test.")
        .contains("Alt-Svc offers h3=\":443\".")
        .contains("not tried  HTTP/3, which lariat does not speak.");
    assertThat(area("WebSocket"))
        .isEqualTo("  not tried  The URL is not a WebSocket's: use ws://.\n");
  }

  @ParameterizedTest
  @CsvSource({"404, note, 0", "500, problem, 12"})
  void theStatusOfAPageIsGraded(int status, String grade, int exit) {
    try (Origin origin = Origin.start(Script.status(status))) {
      assertThat(run("", "check", origin.uri("http", "/").toString())).isEqualTo(exit);
    }
    assertThat(area("HTTP"))
        .containsPattern(grade + " +A GET by HTTP/1.1 was answered with status " + status);
  }

  @Test
  void nobodyAtTheAddressIsAProblem() {
    int port;
    try (Origin origin = Origin.start(Script.silent())) {
      port = origin.port();
    }
    assertThat(run("", "check", "ws://127.0.0.1:" + port + "/")).isEqualTo(12);
    assertThat(area("Names and addresses")).contains("127.0.0.1 is an address");
    assertThat(area("TCP"))
        .contains("problem    The address 127.0.0.1:" + port + " refused the connection.");
    assertThat(area("HTTP")).contains("not tried  There is no connection");
  }

  @Test
  void aNameThatDoesNotResolveIsAProblem() {
    assertThat(run("", "check", "ws://no-such-name.invalid/")).isEqualTo(12);
    assertThat(area("Names and addresses"))
        .contains("problem    The name no-such-name.invalid does not resolve");
    assertThat(area("TCP")).isEqualTo("  not tried  There is no address to connect to.\n");
  }

  @Test
  void eachHopOfTheProxiesIsReported() {
    Script proxies =
        visit -> {
          visit.request();
          Visit inner = visit.acceptTunnel(Headers.EMPTY);
          inner.request();
          Visit server = inner.acceptTunnel(Headers.EMPTY);
          server(CheckTest::answers).play(server);
        };
    try (Origin proxy = Origin.start(proxies)) {
      String first = "http://" + proxy.host() + ":" + proxy.port();
      String second = "http://inner.example:3128";
      String url = "ws://server.example/";
      int exit = run("", "check", "--proxy", first, "--proxy", second, url);
      assertThat(exit).as(out.text()).isEqualTo(0);
      assertThat(area("Proxies"))
          .contains("Hop 1, " + first + ", let the connection through in T.")
          .contains("Hop 2, " + second + ", let the connection through in T.");
    }
    assertThat(area("Names and addresses"))
        .contains("not tried  The last proxy is given server.example as it is");
    assertThat(area("WebSocket")).contains("The server opened a WebSocket");
  }

  @Test
  void aProxyThatRefusesIsNamedAndTheNextIsNotReached() {
    try (Origin proxy = Origin.start(Script.status(403))) {
      String first = "http://" + proxy.host() + ":" + proxy.port();
      String url = "ws://server.example/";
      int exit = run("", "check", "--proxy", first, "--proxy", "http://b.example:1", url);
      assertThat(exit).isEqualTo(12);
      assertThat(area("Proxies"))
          .contains("problem    Hop 1, " + first + ", failed: ", "403")
          .contains("not tried  1 further proxy was not reached.");
    }
  }

  @Test
  void jsonHasTheFindingsAndTheTimeline() {
    try (EchoServer server = EchoServer.start(0)) {
      String url = "ws://127.0.0.1:" + server.port() + "/";
      assertThat(run("", "check", "--json", url)).isEqualTo(0);
      assertThat(out.text())
          .startsWith("{\"title\":\"lariat check\",\"subject\":\"" + url + "\",\"at\":\"")
          .contains("{\"area\":\"pings\",\"grade\":\"ok\",\"finding\":\"5 pings were answered")
          .contains("\"timeline\":[{\"label\":\"Lookup of 127.0.0.1")
          .endsWith("}\n")
          .hasLineCount(1);
    }
  }

  @Test
  void htmlIsOneFileWithThePicture() throws Exception {
    Path file = folder.resolve("page.html");
    try (EchoServer server = EchoServer.start(0)) {
      String url = "ws://localhost:" + server.port() + "/?a=<b>";
      assertThat(run("", "check", "--html=" + file, url.replace("<b>", "%3Cb%3E"))).isEqualTo(0);
    }
    assertThat(Files.readString(file))
        .startsWith("<!doctype html>")
        .contains("<svg role=\"img\"", "Lookup of localhost", "TCP to ", "Upgrade · ", "Ping 5 · ")
        .contains("Close · ")
        .doesNotContain("<script", "src=", "url(");
  }

  @Test
  void aPageThatCannotBeWrittenIsAnOutputThatCannotBeWritten() {
    try (EchoServer server = EchoServer.start(0)) {
      String url = "ws://127.0.0.1:" + server.port() + "/";
      assertThat(run("", "check", "--html=" + folder + "/none/a.html", url)).isEqualTo(11);
    }
    assertThat(err.text())
        .startsWith(
            "lariat: The output cannot be written: "
                + folder
                + "/none/a.html: there is no such directory.");
  }
}
