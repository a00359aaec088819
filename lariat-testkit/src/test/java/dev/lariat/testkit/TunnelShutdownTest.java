package dev.lariat.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.Tunnel;
import dev.lariat.WebSocket;
import dev.lariat.message.Close;
import dev.lariat.message.Data;
import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Terminated;
import dev.lariat.message.Upgraded;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.TunnelOptions;
import dev.lariat.option.WebSocketOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of the tunnels of a connection of HTTP/2 that is shut down. */
@Timeout(60)
class TunnelShutdownTest {
  private static final Duration LONG = Duration.ofHours(1);
  private static final Duration CLOSING = Duration.ofSeconds(15);

  private final Simulation simulation = Simulation.seeded(1);
  private final ProxyServer proxy = simulation.proxy("proxy.example", 3128);
  private final ProxyServer second = simulation.proxy("second.example", 3129);
  private final List<Frame> received = new ArrayList<>(); // by the server of WebSockets
  private Duration pause = Duration.ofSeconds(1);
  private final Origin origin = simulation.origin("origin.example", 80, this::serve);

  private final Connection outer =
      Lariat.open(
          proxy.host(),
          proxy.port(),
          ConnectionOptions.DEFAULT.platform(simulation.platform()).protocols(Protocol.HTTP_2));

  /** The second half of a response comes late. */
  private void serve(Visit visit) throws Exception {
    while (visit.request() != null) {
      if (visit.asksForWebSocket()) {
        WebSocketVisit socket = visit.acceptWebSocket();
        for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
          received.add(frame);
        }
        return;
      }
      late(visit);
    }
  }

  private void late(Visit visit) throws IOException, InterruptedException {
    visit.write("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhello");
    visit.pause(pause);
    visit.write("world");
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    assertThat(outer.awaitTermination(LONG)).isTrue();
    simulation.advance(Duration.ofSeconds(2)); // the proxies carry the ends
    assertThat(proxy.tunnels()).isZero();
    assertThat(second.tunnels()).isZero();
    simulation.close();
  }

  private Tunnel tunnel(Connection through, String host, int port) {
    return through.connect(host, port, TunnelOptions.DEFAULT.replyTo(Mailbox.create()));
  }

  private static <T extends Message> T next(Connection connection, Class<T> kind)
      throws InterruptedException {
    Message message;
    do {
      message = connection.mailbox().take(LONG);
      assertThat(message).as("a " + kind.getSimpleName()).isNotNull();
    } while (!kind.isInstance(message));
    return kind.cast(message);
  }

  private static void endsWell(Connection tunnel) throws InterruptedException {
    assertThat(next(tunnel, Terminated.class).reason()).isEqualTo(new Reason.OwnerClosed());
  }

  @Test
  void shutdownOverHttp2LetsWhatIsInItsTunnelsEnd() throws Exception {
    Tunnel busy = tunnel(outer, origin.host(), origin.port());
    Tunnel talking = tunnel(outer, origin.host(), origin.port());
    Tunnel idle = tunnel(outer, origin.host(), origin.port());
    Tunnel carrier = tunnel(outer, second.host(), second.port());
    Tunnel deep = tunnel(carrier, origin.host(), origin.port());
    busy.get("/");
    deep.get("/");
    WebSocket socket = talking.webSocket("/", WebSocketOptions.DEFAULT);
    assertThat(next(talking, Upgraded.class).stream()).isSameAs(socket);
    idle.awaitUp(LONG);
    next(deep, Response.class);
    Duration start = simulation.elapsed();
    outer.shutdown();
    for (Tunnel each : List.of(busy, deep)) {
      StringBuilder body = new StringBuilder();
      while (body.length() < 10) {
        body.append(next(each, Data.class).bytes().utf8());
      }
      assertThat(body).hasToString("helloworld");
      endsWell(each);
    }
    endsWell(talking);
    endsWell(idle);
    endsWell(carrier);
    endsWell(outer);
    assertThat(received).containsExactly(Close.GOING_AWAY);
    assertThat(simulation.elapsed().minus(start)).isLessThan(Duration.ofSeconds(5));
  }

  @Test
  void shutdownOverHttp2CutsWhatIsInItsTunnelsAfterTheTimeForClosing() throws Exception {
    pause = Duration.ofMinutes(1);
    Tunnel busy = tunnel(outer, origin.host(), origin.port());
    Tunnel idle = tunnel(outer, origin.host(), origin.port());
    Exchange exchange = busy.get("/");
    next(busy, Data.class);
    idle.awaitUp(LONG);
    Duration start = simulation.elapsed();
    outer.shutdown();
    endsWell(idle);
    assertThat(simulation.elapsed().minus(start)).isLessThan(Duration.ofSeconds(2));
    StreamFailed failed = next(busy, StreamFailed.class);
    assertThat(failed.stream()).isSameAs(exchange);
    assertThat(failed.reason()).isInstanceOf(Reason.Incomplete.class);
    next(busy, Terminated.class);
    endsWell(outer);
    assertThat(simulation.elapsed().minus(start))
        .isBetween(CLOSING, CLOSING.plus(Duration.ofSeconds(1)));
    simulation.advance(pause); // the server notices
  }
}
