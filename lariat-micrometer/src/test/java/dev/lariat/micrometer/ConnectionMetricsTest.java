package dev.lariat.micrometer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.WebSocket;
import dev.lariat.event.Event;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Terminated;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Http2;
import dev.lariat.testkit.EchoServer;
import dev.lariat.testkit.Origin;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Meters of connections to a real server. */
@Timeout(30)
class ConnectionMetricsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final EchoServer server = EchoServer.start(0);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Connection connection =
      Lariat.open(
          "127.0.0.1",
          server.port(),
          ConnectionOptions.DEFAULT.listener(
              new ConnectionMetrics(registry, Tags.of("service", "echo"))));

  @AfterEach
  void stop() {
    connection.close();
    server.close();
  }

  private void await(StreamRef stream) throws InterruptedException {
    Message.OfStream message;
    do {
      message = connection.mailbox().await(stream, PATIENCE);
    } while (!message.ends());
  }

  private <T extends Message> void await(Class<T> kind) throws InterruptedException {
    Message message;
    do {
      message = connection.mailbox().take(PATIENCE);
      assertThat(message).as("before " + kind).isNotNull();
    } while (!kind.isInstance(message));
  }

  @Test
  void requestsAreTimedByTheirStatus() throws Exception {
    Exchange page = connection.get("/page");
    await(page);
    Exchange missing = connection.get("/status/404");
    await(missing);
    assertThat(
            registry
                .get("lariat.requests")
                .tags("service", "echo", "authority", "127.0.0.1:" + server.port())
                .tags("method", "GET", "status", "200", "outcome", "SUCCESS")
                .timer()
                .count())
        .isEqualTo(1);
    assertThat(
            registry
                .get("lariat.requests")
                .tags("status", "404", "outcome", "CLIENT_ERROR")
                .timer()
                .count())
        .isEqualTo(1);
    assertThat(registry.get("lariat.response.bytes").counter().count())
        .isEqualTo("Hello from /page\n".length() + "404 Not Found, as asked for.\n".length());
    assertThat(registry.get("lariat.requests.active").gauge().value()).isZero();
    assertThat(registry.get("lariat.connections.active").gauge().value()).isEqualTo(1);
    for (String step : new String[] {"lookup", "connect"}) {
      assertThat(
              registry.get("lariat.connection." + step).tag("outcome", "SUCCESS").timer().count())
          .isEqualTo(1);
    }
  }

  @Test
  void promisesToPushAreCounted() throws Exception {
    ConnectionOptions options =
        ConnectionOptions.DEFAULT
            .protocols(Protocol.HTTP_2)
            .http2(Http2.DEFAULT.push(true).maxPushes(2))
            .listener(new ConnectionMetrics(registry));
    try (Origin origin =
            Origin.start(
                visit -> {
                  visit.request();
                  for (String path : new String[] {"/1", "/2", "/3"}) {
                    visit.http2().promise(path, Headers.EMPTY);
                  }
                  visit.respond(200, "page");
                  visit.awaitEnd();
                });
        Connection pushed = Lariat.open(origin.uri("http", "/"), options)) {
      Exchange page = pushed.get("/");
      Message message = pushed.mailbox().take(PATIENCE);
      while (!(message instanceof Data data && data.stream() == page)) { // text() cancels pushes
        message = pushed.mailbox().take(PATIENCE);
      }
      for (var outcome : Map.of("ACCEPTED", 2.0, "REFUSED", 1.0).entrySet()) {
        assertThat(registry.get("lariat.pushes").tag("outcome", outcome.getKey()).counter().count())
            .isEqualTo(outcome.getValue());
      }
    }
  }

  @Test
  void webSocketMessagesAndBytesAreCountedBothWays() throws Exception {
    WebSocket socket = connection.webSocket("/ws");
    socket.send(new Text("hello"), new Text("there"));
    await(WebSocketFrame.class);
    await(WebSocketFrame.class);
    for (String direction : new String[] {"received", "sent"}) {
      assertThat(counted("messages", direction)).as(direction).isEqualTo(2);
      assertThat(counted("bytes", direction)).as(direction).isEqualTo(10);
    }
    assertThat(registry.get("lariat.websockets.active").gauge().value()).isEqualTo(1);
    socket.close();
    await(socket);
    assertThat(counted("messages", "sent")).as("a close frame is no message").isEqualTo(2);
    assertThat(registry.get("lariat.websockets.active").gauge().value()).isZero();
    assertThat(registry.get("lariat.websockets").tag("reason", "CloseHandshake").timer().count())
        .isEqualTo(1);
  }

  @Test
  void aSwitchToAProtocolOfTheUsersIsNoWebSocket() {
    SimpleMeterRegistry its = new SimpleMeterRegistry();
    ConnectionMetrics metrics = new ConnectionMetrics(its);
    StreamRef stream = () -> connection;
    metrics.event(
        new Event.ProtocolChanged(stream, Protocol.RAW, Optional.of("parrot"), Duration.ZERO));
    assertThat(its.get("lariat.websockets.active").gauge().value()).isZero();
    metrics.event(
        new Event.ProtocolChanged(stream, Protocol.WEBSOCKET, Optional.empty(), Duration.ZERO));
    assertThat(its.get("lariat.websockets.active").gauge().value()).isEqualTo(1);
  }

  @Test
  void proxiesAreTimedByTheirOutcome() {
    SimpleMeterRegistry its = new SimpleMeterRegistry();
    ConnectionMetrics metrics = new ConnectionMetrics(its);
    Duration took = Duration.ofSeconds(2);
    Optional<Reason> failure = Optional.of(new Reason.Closed());
    String proxy = "http://proxy.example:80";
    metrics.event(new Event.ProxyEnd(connection, 1, proxy, true, Optional.empty(), took));
    metrics.event(new Event.ProxyEnd(connection, 2, proxy, false, failure, took));
    for (String outcome : new String[] {"SUCCESS", "FAILURE"}) {
      assertThat(its.get("lariat.connection.proxy").tag("outcome", outcome).timer().count())
          .isEqualTo(1);
    }
  }

  private double counted(String what, String direction) {
    return registry.get("lariat.websocket." + what).tag("direction", direction).counter().count();
  }

  @Test
  void lostConnectionsAndRetriesAreCounted() throws Exception {
    connection.awaitUp(PATIENCE);
    server.kill();
    await(Retrying.class);
    await(Retrying.class);
    assertThat(registry.get("lariat.connections").timers()).hasSize(1);
    assertThat(registry.get("lariat.connections.active").gauge().value()).isZero();
    assertThat(
            registry.get("lariat.connections.retries").tag("reason", "Refused").counter().count())
        .isEqualTo(1);
    assertThat(registry.get("lariat.connection.connect").tag("outcome", "FAILURE").timer().count())
        .isEqualTo(1);
    connection.close();
    await(Terminated.class);
  }
}
