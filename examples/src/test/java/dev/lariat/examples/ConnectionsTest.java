package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.testkit.EchoServer;
import dev.lariat.testkit.Origin;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The programs about connections and WebSockets. */
@Timeout(30)
class ConnectionsTest {
  private final PrintStream before = System.out;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @BeforeEach
  void start() {
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void stop() {
    System.setOut(before);
  }

  private List<String> lines() {
    return printed.toString(StandardCharsets.UTF_8).lines().toList();
  }

  @Test
  void theStatesOfAConnectionArePrintedUntilItGivesUp() throws Exception {
    try (Origin origin = Origin.start(visit -> {})) { // each connection ends at once
      Connections.watch(origin.uri("http", "/"));

      assertThat(lines()).hasSize(9).first().isEqualTo("up, speaking http/1.1");
      assertThat(lines().get(1)).startsWith("down: ");
      assertThat(lines().get(2)).startsWith("attempt 1: ");
      assertThat(lines().get(5)).startsWith("attempt 2: ");
      assertThat(lines().getLast()).startsWith("ended: ");
    }
  }

  @Test
  void aReceiverPrintsALoss() throws Exception {
    CountDownLatch lost = new CountDownLatch(1);
    PrintStream terminal =
        new PrintStream(printed, true, StandardCharsets.UTF_8) {
          @Override
          public void println(String line) {
            super.println(line);
            lost.countDown();
          }
        };
    System.setOut(terminal);
    try (Origin origin = Origin.start(visit -> {})) {
      Connection connection = Connections.call(origin.uri("http", "/"));
      lost.await();
      connection.close();
    }
    assertThat(lines().getFirst()).startsWith("down: ");
  }

  @Test
  void whatIsPushedIsPrintedWithItsPage() throws Exception {
    try (Origin origin =
        Origin.start(
            visit -> {
              visit.request();
              int style = visit.http2().promise("/style.css", Headers.EMPTY);
              visit.respond(200, "a page");
              visit.http2().push(style, 200, Headers.EMPTY, Bytes.ofUtf8("a style"));
              visit.awaitEnd();
            })) {
      Multiplexed.page(origin.uri("http", "/"), ConnectionOptions.DEFAULT);

      assertThat(lines())
          .containsExactly(
              "GET /style.css comes with GET /",
              "GET /: status 200",
              "GET /: a page",
              "GET /style.css: status 200",
              "GET /style.css: a style");
    }
  }

  @Test
  void aWebSocketSaysHelloAndCloses() throws Exception {
    try (EchoServer server = EchoServer.start(0)) {
      WebSockets.main(new String[] {"http://127.0.0.1:" + server.port(), "/ws"});

      assertThat(lines())
          .containsExactly(
              "hello",
              "The client closed the WebSocket with code 1000, and the server answered with code"
                  + " 1000.",
              "14000 characters");
    }
  }

  @Test
  void aRefusedWebSocketHasAResponse() throws Exception {
    try (EchoServer server = EchoServer.start(0)) {
      WebSockets.hello(URI.create("http://127.0.0.1:" + server.port()), "/status/404");

      assertThat(lines()).containsExactly("refused: status 404");
    }
  }
}
