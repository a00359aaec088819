package dev.lariat.examples;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.EchoServer;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ExamplesTest {
  private final EchoServer server = EchoServer.start(0);
  private final PrintStream before = System.out;

  @AfterEach
  void stop() {
    System.setOut(before);
    server.close();
  }

  @Test
  void theReceiveLoopSaysHelloAndLeaves() throws Exception {
    Printed printed = capture();

    ReceiveLoop.main(arguments("/ws"));

    assertThat(printed.lines())
        .containsSubsequence(
            "up, speaking http/1.1",
            "upgraded to websocket",
            "text hello",
            "The client closed the WebSocket with code 1000, and the server answered with code"
                + " 1000.",
            "the end: The owner closed the connection.");
  }

  @Test
  void theReceiveLoopComesBackWhenTheServerDoes() throws Exception {
    Printed printed = capture();
    printed.killAfter = "upgraded to";
    printed.restartAfter = "attempt 2 in";

    ReceiveLoop.main(arguments("/ws"));

    assertThat(printed.text())
        .containsSubsequence(
            "upgraded to", "down: ", "attempt 1", "attempt 2", "up, ", "text hello", "the end: ");
  }

  @Test
  void theReceiveLoopLeavesWhenItIsRefused() throws Exception {
    Printed printed = capture();

    ReceiveLoop.main(arguments("/status/404"));

    assertThat(printed.text())
        .containsSubsequence("up, ", "refused with status 404", "404 Not Found", "the end: ");
  }

  @Test
  void theStateMachineSaysHelloAndLeaves() throws Exception {
    Printed printed = capture();

    StateMachine.main(arguments("/ws"));

    assertThat(printed.text())
        .containsSubsequence(
            "Away[]: Up[",
            "Upgrading[socket=WebSocket /ws]: Upgraded[",
            "Open[socket=WebSocket /ws]: WebSocketFrame[",
            "Text[text=hello]",
            "Leaving[]: WebSocketClosed[",
            "Leaving[]: Terminated[");
  }

  @Test
  void theStateMachineComesBackWhenTheServerDoes() throws Exception {
    Printed printed = capture();
    printed.killAfter = "Upgrading[socket=WebSocket /ws]: Upgraded[";
    printed.restartAfter = "attempt=2";

    StateMachine.main(arguments("/ws"));

    assertThat(printed.text())
        .containsSubsequence(
            "Upgraded[", "Down[", "Away[]: Retrying[", "Away[]: Up[", "Text[text=hello]", "Ter");
  }

  @Test
  void theStateMachineLeavesWhenItIsRefused() throws Exception {
    Printed printed = capture();

    StateMachine.main(arguments("/status/503"));

    assertThat(printed.text()).containsSubsequence("status=503", "Leaving[]: Terminated[");
  }

  @Test
  void theRequestsAreAnswered(@TempDir Path folder) throws Exception {
    Printed printed = capture();
    Path file = Files.writeString(folder.resolve("file"), "from a file");

    Requests.main(
        new String[] {"127.0.0.1", String.valueOf(server.port()), "/echo", file.toString()});

    assertThat(printed.lines())
        .containsExactly(
            "GET /page: Hello from /page",
            "POST /orders: {}",
            "PUT /calendar: {}",
            "parts: one two three",
            "file: from a file",
            "slowly: bit by bit",
            "cancelled: The request was cancelled.");
  }

  @Test
  void cookiesAreSharedByConnectionsAndOutliveTheProgram(@TempDir Path folder) throws Exception {
    Printed printed = capture();
    HttpServer shop = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    shop.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().add("Set-Cookie", "cart=17; Max-Age=3600; Path=/");
          String cookie = exchange.getRequestHeaders().getFirst("Cookie");
          byte[] page = ("your cookies: " + cookie).getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    shop.start();
    try {
      String file = folder.resolve("cookies.txt").toString();
      String[] arguments = {"127.0.0.1", String.valueOf(shop.getAddress().getPort()), file};
      Cookies.main(arguments);
      Cookies.main(arguments);
    } finally {
      shop.stop(0);
    }
    assertThat(printed.lines())
        .containsExactly(
            "your cookies: null",
            "your cookies: cart=17",
            "kept: Cookie[cart of 127.0.0.1/]",
            "your cookies: cart=17",
            "your cookies: cart=17",
            "kept: Cookie[cart of 127.0.0.1/]");
  }

  @Test
  void theObservedRequestTellsWhereItsTimeWent() throws Exception {
    Printed printed = capture();

    Observed.main(arguments("/page"));

    assertThat(printed.text())
        .containsSubsequence(
            "found [",
            "connected to /127.0.0.1:" + server.port() + " in PT",
            "first byte after PT",
            "GET /page: 200, 17 B, PT",
            "the page is ENDED",
            "the connection is UP and has 0 streams");
  }

  @Test
  void aRawConnectionAsksAndStays() throws Exception {
    Printed printed = capture();
    try (ServerSocket whois = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Thread.ofVirtual().start(() -> answer(whois));

      Raw.main(new String[] {"127.0.0.1", String.valueOf(whois.getLocalPort()), "example.com"});
    }
    assertThat(printed.lines())
        .containsExactly(
            "you asked: example.com", "you asked: example.com", "you asked: example.com");
  }

  /** Answers a line on each connection, and closes it. */
  private static void answer(ServerSocket whois) {
    while (!whois.isClosed()) {
      try (Socket socket = whois.accept()) {
        String question =
            new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8)).readLine();
        socket.getOutputStream().write(("you asked: " + question + "\r\n").getBytes(UTF_8));
      } catch (IOException e) {
        // the test is over, or the client is gone
      }
    }
  }

  @Test
  void theClientAnswers() throws Exception {
    Printed printed = capture();

    Clients.main(new String[] {"http://127.0.0.1:" + server.port()});

    assertThat(printed.lines())
        .containsExactly(
            "200 Hello from /page",
            "Hello from /settings",
            "200",
            "200 and 200",
            "17 bytes",
            "Hello from /parts",
            "0 waiting");
  }

  @Test
  void aFileIsDownloadedTwice(@TempDir Path folder) throws Exception {
    Printed printed = capture();
    Path file = folder.resolve("file");
    String url = "http://127.0.0.1:" + server.port() + "/file";
    byte[] content = "Hello from /file\n".getBytes(UTF_8);
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);

    Downloads.main(new String[] {url, file.toString(), HexFormat.of().formatHex(digest)});

    assertThat(printed.lines())
        .startsWith("17 bytes, 1 request(s)")
        .endsWith("17 of 17", "resumed from byte 0");
    assertThat(file).hasBinaryContent(content);
  }

  @Test
  void responsesAreKept() throws Exception {
    Headers headers = Headers.of("cache-control", "max-age=60", "etag", "\"1\"");
    Script serves =
        visit -> {
          for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
            boolean known = asked.headers().contains("if-none-match");
            visit.respond(known ? 304 : 200, headers, Bytes.ofUtf8(known ? "" : "fresh"));
          }
        };
    Printed printed = capture();
    try (Origin origin = Origin.start(serves)) {
      Caching.main(new String[] {"http://127.0.0.1:" + origin.port()});
    }
    assertThat(printed.lines())
        .startsWith("hit: true", "validated: true", "0 entries", "fresh")
        .last()
        .asString()
        .startsWith("1 entries");
  }

  @Test
  void theCallsAreAnswered() {
    Printed printed = capture();

    Calls.main(new String[] {"http://127.0.0.1:" + server.port()});

    assertThat(printed.lines())
        .containsExactly(
            "Hello from /",
            "Hello from /lines",
            "200 Hello from /called",
            "Hello from /published",
            "published with status 200");
  }

  @Test
  void theSupervisedTaskBeginsAnewBehindWhatItDidNotStand() throws Exception {
    Printed printed = capture();

    Supervised.main(arguments("/ws"));

    assertThat(printed.lines())
        .containsExactly(
            "run 0: some",
            "run 1: 7",
            "7 apples",
            "apples: RUNNING, restarts: 1",
            "  THREW: For input string: \"some\"",
            "The supervisor gave up because more than 1 restart within 5 s were necessary: the"
                + " child \"hopeless\" threw java.lang.IllegalStateException: again.");
  }

  @Test
  void everyMessageIsSwitchedOver() throws Exception {
    Printed printed = capture();

    EveryMessage.main(new String[] {"http://127.0.0.1:" + server.port()});

    assertThat(printed.lines())
        .containsExactly(
            "GET /page: 200",
            "Hello from /page",
            "hello",
            "closing 1001 ",
            "The client closed the WebSocket with code 1001, and the server answered with code"
                + " 1001.",
            "The owner closed the connection.");
  }

  @Test
  void theFirstStepsPrintAPage() {
    Printed printed = capture();

    FirstSteps.page(URI.create("http://127.0.0.1:" + server.port()));

    assertThat(printed.text()).contains("Hello from /\n");
  }

  @Test
  void anApplicationClosesWhatItHasOpenedAndWaits() throws Exception {
    Connection other = Lariat.open("127.0.0.1", server.port());
    Undeploy application = new Undeploy(URI.create("http://127.0.0.1:" + server.port()));

    assertThat(application.page()).contains("Hello from /");
    assertThat(application.destroyed(Duration.ofMillis(1))).as("another is open").isFalse();
    other.close();
  }

  @Test
  void theMeasuredRequestHasItsMeters() {
    Printed printed = capture();

    Measured.main(new String[] {"http://127.0.0.1:" + server.port()});

    assertThat(printed.lines()).contains("lariat.requests", "lariat.response.bytes");
  }

  @Test
  void theTracedRequestIsAChildOfItsOperation() {
    InMemorySpanExporter exporter = InMemorySpanExporter.create();
    SdkTracerProvider tracers =
        SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(exporter)).build();
    try (OpenTelemetrySdk sdk = OpenTelemetrySdk.builder().setTracerProvider(tracers).build()) {
      Traced.order(sdk, "http://127.0.0.1:" + server.port());
      assertThat(exporter.getFinishedSpanItems())
          .extracting(SpanData::getName)
          .containsExactly("GET", "order");
      assertThat(exporter.getFinishedSpanItems().getFirst().getParentSpanId())
          .isEqualTo(exporter.getFinishedSpanItems().getLast().getSpanId());
    }
  }

  @Test
  void aStoreOfYourOwnLeavesTrackersOut() throws Exception {
    Printed printed = capture();
    HttpServer shop = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    shop.createContext(
        "/",
        exchange -> {
          exchange.getResponseHeaders().add("Set-Cookie", "cart=17");
          exchange.getResponseHeaders().add("Set-Cookie", "_ga=you");
          exchange.sendResponseHeaders(204, -1);
          exchange.close();
        });
    shop.start();
    try {
      Trackers.main(new String[] {"http://127.0.0.1:" + shop.getAddress().getPort()});
    } finally {
      shop.stop(0);
    }
    assertThat(printed.lines())
        .containsExactly(
            "all: [Cookie[cart of 127.0.0.1/], Cookie[_ga of 127.0.0.1/]]",
            "put in: [Cookie[token of example.com/api]]",
            "taken out: []",
            "without trackers: [Cookie[cart of 127.0.0.1/]]");
  }

  private String[] arguments(String path) {
    return new String[] {"127.0.0.1", String.valueOf(server.port()), path};
  }

  private Printed capture() {
    return Printed.capture(server);
  }
}
