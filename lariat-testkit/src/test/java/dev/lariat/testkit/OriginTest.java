package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Headers;
import dev.lariat.message.Reason;
import dev.lariat.message.Text;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An origin on a port of 127.0.0.1, with other clients than Lariat. */
@Timeout(60)
class OriginTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final HttpClient client = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

  @AfterEach
  void stop() {
    client.shutdownNow();
  }

  private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
    return client.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
  }

  // ---- the JDK's clients

  @Test
  void theJdksHttpClientIsAnswered() throws Exception {
    try (Origin origin =
        Origin.start(
            visit -> {
              for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
                Reply reply = visit.beginChunked(200, Headers.of("x-method", asked.method()));
                reply.write(asked.target() + " ");
                reply.write(asked.body());
                reply.end();
              }
            })) {
      HttpResponse<String> response =
          send(
              HttpRequest.newBuilder(origin.uri("http", "/a?b"))
                  .POST(
                      BodyPublishers.ofInputStream(
                          () ->
                              new java.io.ByteArrayInputStream(
                                  "body".getBytes(StandardCharsets.UTF_8)))));
      assertThat(response.body()).isEqualTo("/a?b body");
      assertThat(response.headers().firstValue("x-method")).hasValue("POST");
      assertThat(send(HttpRequest.newBuilder(origin.uri("http", "/2"))).body()).isEqualTo("/2 ");
    }
  }

  @Test
  void theJdksHttpClientIsAnsweredByHttp2() throws Exception {
    try (Origin origin =
        Origin.startTls(
            ServerCertificate.TRUSTED,
            visit -> {
              for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
                Reply reply = visit.beginChunked(200, Headers.of("X-Method", asked.method()));
                reply.write(asked.target() + " ");
                reply.write(asked.body());
                reply.end();
              }
            })) {
      HttpClient secure = HttpClient.newBuilder().sslContext(trusting(origin)).build();
      String large = "x".repeat(300_000);
      for (int i = 0; i < 3; i++) {
        HttpResponse<String> response =
            secure.send(
                HttpRequest.newBuilder(origin.uri("https", "/a?b"))
                    .POST(BodyPublishers.ofString(large))
                    .timeout(PATIENCE)
                    .build(),
                BodyHandlers.ofString());
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(response.body()).isEqualTo("/a?b " + large);
        assertThat(response.headers().firstValue("x-method")).hasValue("POST");
      }
      assertThat(origin.visits()).isEqualTo(1);
      secure.shutdownNow();
    }
  }

  @Test
  void theJdksWebSocketIsAnswered() throws Exception {
    try (Origin origin =
        Origin.start(
            visit -> {
              WebSocketVisit socket = visit.acceptWebSocket("chat");
              socket.sendFragments(new Text("in parts"), 2);
              socket.send(socket.receive());
              socket.close(4000, "enough");
            })) {
      WebSocket socket =
          client
              .newWebSocketBuilder()
              .subprotocols("chat")
              .buildAsync(origin.uri("ws", "/"), new Listener())
              .get();
      assertThat(socket.getSubprotocol()).isEqualTo("chat");
      socket.sendText("back", true).get();
      assertThat(next()).isEqualTo("in parts");
      assertThat(next()).isEqualTo("back");
      assertThat(next()).isEqualTo("close 4000 enough");
      origin.awaitScripts(PATIENCE);
    }
  }

  private String next() throws InterruptedException {
    return told.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private final class Listener implements WebSocket.Listener {
    private final StringBuilder parts = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence part, boolean last) {
      parts.append(part);
      if (last) {
        told.add(parts.toString());
        parts.setLength(0);
      }
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      told.add("close " + code + " " + reason);
      return null;
    }
  }

  // ---- raw sockets

  private static Socket socket(Origin origin, String... lines) throws IOException {
    Socket socket = new Socket(origin.host(), origin.port());
    socket.setSoTimeout((int) PATIENCE.toMillis());
    socket
        .getOutputStream()
        .write(String.join("\r\n", lines).getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  private static Socket asked(Origin origin) throws IOException {
    return socket(origin, "GET / HTTP/1.1", "Host: a", "", "");
  }

  private static String rest(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  @Test
  void aResponseIsWhatItSays() throws Exception {
    try (Origin origin =
            Origin.start(
                visit -> {
                  visit.request();
                  visit.respond(404, Headers.of("a", "b"), Bytes.ofUtf8("none"));
                });
        Socket socket = asked(origin)) {
      assertThat(rest(socket))
          .isEqualTo("HTTP/1.1 404 Not Found\r\na: b\r\ncontent-length: 4\r\n\r\nnone");
    }
  }

  @Test
  void bytesGoBothWaysAsTheyAre() throws Exception {
    try (Origin origin =
            Origin.start(
                visit -> {
                  visit.write("<" + visit.read(3).utf8() + ">");
                  visit.write(Bytes.ofUtf8("!"));
                });
        Socket socket = socket(origin, "abc")) {
      assertThat(rest(socket)).isEqualTo("<abc>!");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET /\r\n\r\n",
        "GET / HTTP/1.0\r\n\r\n",
        "GET / HTTP/1.1\n\n",
        "GET / HTTP/1.1\r\nno colon\r\n\r\n",
        "GET / HTTP/1.1\r\nspace : x\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n",
      })
  void aClientThatBreaksHttpFailsTheTest(String request) throws Exception {
    Origin origin = Origin.start(visit -> visit.request());
    try (Socket socket = socket(origin, request)) {
      socket.shutdownOutput();
      rest(socket);
    }
    assertThatThrownBy(origin::close)
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("RFC 9112");
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        0x8100_0000, // no mask
        0xc180_0000, // a reserved bit
        0x8380_0000, // an opcode that is none
        0x0980_0000, // a ping in fragments
        0x8080_0000, // nothing to continue
        0x8881_0000, // a close frame with half a code
      })
  void aClientThatBreaksWebSocketFailsTheTest(int frame) throws Exception {
    Origin origin = Origin.start(Script.echo());
    try (Socket socket = upgrading(origin)) {
      byte[] bytes = new byte[16];
      bytes[0] = (byte) (frame >>> 24);
      bytes[1] = (byte) (frame >>> 16);
      socket.getOutputStream().write(bytes);
      socket.shutdownOutput();
      rest(socket);
    }
    assertThatThrownBy(origin::close).hasMessageContaining("RFC 6455");
  }

  private static Socket upgrading(Origin origin) throws IOException {
    return socket(
        origin,
        "GET / HTTP/1.1",
        "Host: a",
        "Upgrade: websocket",
        "Connection: keep-alive, Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "",
        "");
  }

  @Test
  void theKeyIsAnsweredAsInTheRfc() throws Exception {
    try (Origin origin = Origin.start(visit -> visit.acceptWebSocket());
        Socket socket = upgrading(origin)) {
      assertThat(rest(socket)).contains("sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    }
  }

  @Test
  void aResetIsARst() throws Exception {
    try (Origin origin =
            Origin.start(
                visit -> {
                  visit.request();
                  visit.reset();
                });
        Socket socket = asked(origin)) {
      assertThatThrownBy(() -> rest(socket))
          .isInstanceOf(SocketException.class)
          .hasMessageContaining("reset");
    }
  }

  @Test
  void aCutIsAFin() throws Exception {
    try (Origin origin =
            Origin.start(
                visit -> {
                  visit.request();
                  visit.cutAfter(8);
                  visit.respond(200);
                });
        Socket socket = asked(origin)) {
      assertThat(rest(socket)).isEqualTo("HTTP/1.1");
    }
  }

  @Test
  void aCutMayLieAnywhereInWhatIsWrittenLater() throws Exception {
    try (Origin origin =
            Origin.start(
                visit -> {
                  visit.cutAfter(4);
                  visit.write("ab");
                  visit.write("cd");
                  visit.write("ef");
                });
        Socket socket = asked(origin)) {
      assertThat(rest(socket)).isEqualTo("abcd");
    }
  }

  @Test
  void aHalfOpenConnectionStaysUntilTheOriginEnds() throws Exception {
    Origin origin =
        Origin.start(
            visit -> {
              visit.request();
              visit.halfOpen();
              visit.respond(200);
            });
    try (Socket socket = asked(origin)) {
      socket.setSoTimeout(100);
      assertThatThrownBy(() -> socket.getInputStream().read())
          .isInstanceOf(java.net.SocketTimeoutException.class);
      socket.setSoTimeout((int) PATIENCE.toMillis());
      origin.close();
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
  }

  @Test
  void whatTheClientDidNotReadIsNotTakenBackByTheEnd() throws Exception {
    byte[] large = new byte[1 << 20];
    try (Origin origin =
            Origin.start(
                visit -> {
                  visit.head(); // what follows is not read before the end
                  visit.respond(200, Headers.EMPTY, Bytes.wrap(large));
                });
        Socket socket = socket(origin, "POST / HTTP/1.1", "Content-Length: 9", "", "never rea")) {
      InputStream in = socket.getInputStream();
      assertThat(in.readAllBytes()).hasSizeGreaterThan(large.length);
    }
  }

  // ---- ports

  @Test
  void aConnectionIsRefusedUntilItListensAgain() throws Exception {
    try (Origin origin = Origin.start(Script.status(200))) {
      int port = origin.port();
      HttpRequest.Builder request = HttpRequest.newBuilder(origin.uri("http", "/"));
      assertThat(send(request).statusCode()).isEqualTo(200);

      origin.refuse();
      assertThatThrownBy(() -> new Socket(origin.host(), port).close())
          .isInstanceOf(ConnectException.class);
      assertThat(send(request).statusCode()).as("connections that there are").isEqualTo(200);

      origin.listen();
      try (Socket socket = asked(origin)) {
        assertThat(socket.getPort()).isEqualTo(port);
        assertThat(socket.getInputStream().read()).isEqualTo('H');
      }
    }
  }

  @Test
  void theSamePortIsTakenManyTimes() throws Exception {
    try (Origin origin = Origin.start(visit -> visit.respond(200))) {
      for (int i = 0; i < 20; i++) {
        try (Socket socket = asked(origin)) {
          assertThat(rest(socket)).startsWith("HTTP/1.1 200");
        }
        origin.refuse();
        origin.listen();
      }
    }
  }

  @Test
  void itEndsWhileClientsConnect() throws Exception {
    for (int i = 0; i < 20; i++) {
      Origin origin = Origin.start(visit -> visit.pause(Duration.ofDays(1)));
      CountDownLatch first = new CountDownLatch(1);
      Thread clients = Thread.ofVirtual().start(() -> connectMany(origin, first));
      first.await();
      assertTimeoutPreemptively(PATIENCE.dividedBy(2), origin::close);
      clients.join();
    }
  }

  private static void connectMany(Origin origin, CountDownLatch first) {
    List<Socket> all = new ArrayList<>();
    try {
      for (int i = 0; i < 30; i++) {
        all.add(new Socket(origin.host(), origin.port()));
        first.countDown();
      }
    } catch (IOException e) {
      // it has ended
    } finally {
      for (Socket socket : all) {
        try {
          socket.close();
        } catch (IOException e) {
          // it has ended
        }
      }
    }
  }

  @Test
  void aPortThatIsTakenIsNamed() {
    try (Origin origin = Origin.start(Script.silent())) {
      assertThatThrownBy(() -> Origin.start(origin.port(), Script.silent()))
          .isInstanceOf(UncheckedIOException.class)
          .hasMessageContaining(String.valueOf(origin.port()));
    }
  }

  @Test
  void argumentsAreCheckedAtOnce() {
    assertThatThrownBy(() -> Origin.start(65536, Script.silent()))
        .hasMessage("port: 65536, allowed 0 to 65535");
    assertThatThrownBy(() -> Origin.start()).hasMessage("scripts: none, allowed one or more");
    assertThatThrownBy(() -> Script.status(199)).hasMessage("status: 199, allowed 200 to 599");
    assertThatThrownBy(() -> Script.unavailable(Duration.ofSeconds(-1)))
        .hasMessage("retryAfter: -1 s, allowed 0 s to 365 days");
    try (Origin origin = Origin.start(Script.silent())) {
      assertThatThrownBy(() -> origin.uri("wss", "/"))
          .hasMessage("scheme: wss, allowed http and ws");
      assertThatThrownBy(() -> origin.uri("ws", "a"))
          .hasMessage("path: a, allowed one that begins with a slash");
      assertThatThrownBy(() -> origin.script()).hasMessage("scripts: none, allowed one or more");
      assertThatThrownBy(origin::tls).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aScriptsArgumentsAreCheckedAtOnce() throws Exception {
    try (Origin origin =
        Origin.start(
            visit -> {
              assertThatThrownBy(() -> visit.respond(100))
                  .hasMessage("status: 100, allowed 200 to 599");
              assertThatThrownBy(() -> visit.inform(200, Headers.EMPTY))
                  .hasMessage("status: 200, allowed 100 to 199");
              assertThatThrownBy(() -> visit.beginChunked(204, Headers.EMPTY))
                  .hasMessageStartingWith("status: 204, allowed");
              assertThatThrownBy(() -> visit.cutAfter(-1))
                  .hasMessage("bytes: -1, allowed 0 or more");
              assertThatThrownBy(() -> visit.slow(Duration.ofDays(366)))
                  .hasMessageStartingWith("pause: 366 days, allowed");
              assertThatThrownBy(visit::body).isInstanceOf(IllegalStateException.class);
              WebSocketVisit socket = visit.acceptWebSocket();
              assertThatThrownBy(() -> socket.sendFragments(Close.NORMAL, 1))
                  .hasMessageStartingWith("message: ");
              assertThatThrownBy(() -> socket.sendFragments(new Text("a"), 0))
                  .hasMessage("largest: 0, allowed 1 or more");
              assertThatThrownBy(() -> socket.sendFragment(16, true, Bytes.EMPTY))
                  .hasMessage("opcode: 16, allowed 0 to 15");
              assertThatThrownBy(() -> socket.sendCorrupt(new Text("a"), 24))
                  .hasMessage("bit: 24, allowed 0 to 23 of this frame");
            })) {
      try (Socket socket = upgrading(origin)) {
        rest(socket);
      }
      origin.awaitScripts(PATIENCE);
    }
  }

  // ---- TLS

  private static Connection open(Origin origin) {
    return Lariat.open(
        origin.uri("https", "/"), ConnectionOptions.DEFAULT.tls(origin.tls()).retry(Backoff.NEVER));
  }

  @Test
  void theRightCertificateIsTrusted() {
    try (Origin origin =
            Origin.startTls(
                ServerCertificate.TRUSTED,
                visit -> {
                  visit.request();
                  visit.respond(200, "secret");
                });
        Connection connection = open(origin)) {
      assertThat(connection.get("/").text(PATIENCE)).isEqualTo("secret");
      assertThatThrownBy(() -> origin.uri("ws", "/"))
          .hasMessage("scheme: ws, allowed https and wss");
    }
  }

  private static SSLContext trusting(Origin origin) throws Exception {
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(origin.trust());
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  @Test
  void theJdksClientTrustsItsStore() throws Exception {
    try (Origin origin =
        Origin.startTls(
            ServerCertificate.TRUSTED,
            visit -> {
              visit.request();
              visit.respond(200, "secret");
            })) {
      try (HttpClient trusting =
          HttpClient.newBuilder()
              .sslContext(trusting(origin))
              .version(HttpClient.Version.HTTP_1_1)
              .build()) {
        assertThat(
                trusting
                    .send(
                        HttpRequest.newBuilder(origin.uri("https", "/")).build(),
                        BodyHandlers.ofString())
                    .body())
            .isEqualTo("secret");
      }
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "TRUSTED")
  void aWrongCertificateIsNotTrusted(ServerCertificate wrong) {
    try (Origin origin = Origin.startTls(wrong, Script.status(200));
        Connection connection = open(origin)) {
      assertThatThrownBy(() -> connection.awaitUp(PATIENCE))
          .isInstanceOfSatisfying(
              FailedException.class, e -> assertThat(e.reason()).isInstanceOf(Reason.Tls.class));
    }
  }

  @Test
  void anExpiredCertificateIsSeenAsSuchByTheJdk() throws Exception {
    try (Origin origin = Origin.startTls(ServerCertificate.EXPIRED, Script.status(200))) {
      try (HttpClient trusting = HttpClient.newBuilder().sslContext(trusting(origin)).build()) {
        assertThatThrownBy(
                () ->
                    trusting.send(
                        HttpRequest.newBuilder(origin.uri("https", "/")).build(),
                        BodyHandlers.ofString()))
            .isInstanceOf(SSLHandshakeException.class)
            .hasStackTraceContaining("expired");
      }
    }
  }

  @Test
  void aCutUnderTlsHasNoCloseNotify() {
    try (Origin origin =
            Origin.startTls(
                ServerCertificate.TRUSTED,
                visit -> {
                  visit.request();
                  Reply reply = visit.beginUntilClose(200, Headers.EMPTY);
                  reply.write("half");
                  visit.cutAfter(0);
                },
                visit -> {
                  visit.request();
                  visit.beginUntilClose(200, Headers.EMPTY).write("whole");
                });
        Connection cut = open(origin)) {
      assertThatThrownBy(() -> cut.get("/").text(PATIENCE)).isInstanceOf(FailedException.class);
      try (Connection whole = open(origin)) {
        assertThat(whole.get("/").text(PATIENCE)).isEqualTo("whole");
      }
    }
  }
}
