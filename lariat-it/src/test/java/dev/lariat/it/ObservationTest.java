package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.WebSocket;
import dev.lariat.event.ConnectionInfo;
import dev.lariat.event.Event;
import dev.lariat.event.Event.*;
import dev.lariat.event.StreamInfo;
import dev.lariat.event.TlsSession;
import dev.lariat.flight.JfrListener;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.Text;
import dev.lariat.message.Up;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Request;
import dev.lariat.option.WebSocketOptions;
import dev.lariat.testkit.EchoServer;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.logging.ConsoleHandler;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is observed of connections over real sockets. */
final class ObservationTest {
  private final EchoServer server = EchoServer.start(0);
  private final Queue<Event> events = new ConcurrentLinkedQueue<>();

  @AfterEach
  void stop() {
    server.close();
  }

  private Witness open() {
    return Witness.open("localhost", server.port(), Witness.QUICK.listener(events::add));
  }

  private <T extends Event> T only(Class<T> kind) {
    List<T> found = events.stream().filter(kind::isInstance).map(kind::cast).toList();
    assertThat(found).as("of " + events).hasSize(1);
    return found.get(0);
  }

  private <T extends Event> Stream<T> all(Class<T> kind) {
    return events.stream().filter(kind::isInstance).map(kind::cast);
  }

  /** What a user must not do. */
  private static void block(CountDownLatch until) {
    try {
      until.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aReceiverThatBlocksTheLoopIsNamed() throws Exception {
    CountDownLatch until = new CountDownLatch(1);
    BlockingQueue<LoopStalled> stalls = new LinkedBlockingQueue<>();
    ConnectionOptions options =
        ConnectionOptions.DEFAULT.listener(
            event -> {
              if (event instanceof LoopStalled stalled) {
                stalls.add(stalled);
              }
            });
    Logger log = Logger.getLogger("dev.lariat");
    Handler whoReads =
        new ConsoleHandler() {
          @Override
          public void publish(LogRecord record) {
            if (record.getThrown() != null
                && Stream.of(record.getThrown().getStackTrace())
                    .anyMatch(frame -> frame.getMethodName().equals("block"))) {
              until.countDown(); // so this test waits no longer than for the log
            }
          }
        };
    log.addHandler(whoReads);
    try (Connection connection =
        Lariat.open(
            "localhost",
            server.port(),
            options,
            message -> {
              if (message instanceof Up) {
                block(until);
              }
            })) {
      LoopStalled stalled = stalls.take();
      assertThat(stalled.connection()).isSameAs(connection);
      assertThat(stalled.took()).isGreaterThanOrEqualTo(Duration.ofSeconds(1));
      assertThat(stalled.stack()).anyMatch(frame -> frame.getMethodName().equals("block"));
    } finally {
      log.removeHandler(whoReads);
    }
  }

  @Test
  void aRequestIsToldInItsOrder() {
    try (Witness witness = open()) {
      assertThat(witness.get("/page").status()).isEqualTo(200);
      assertThat(events.stream().map(event -> event.getClass().getSimpleName()))
          .containsSubsequence(
              "Init",
              "LookupStart",
              "LookupEnd",
              "ConnectStart",
              "ConnectEnd",
              "Established",
              "RequestStart",
              "RequestHeaders",
              "RequestEnd",
              "ResponseStart",
              "ResponseHeaders",
              "ResponseEnd");
      ResponseEnd end = only(ResponseEnd.class);
      assertThat(end.bytes()).isEqualTo("Hello from /page\n".length());
      assertThat(end.took()).isPositive();
      assertThat(only(LookupEnd.class).addresses()).isNotEmpty();
    }
    assertThat(events).last().isInstanceOf(Terminate.class);
    assertThat(only(Disconnect.class).reason()).isEqualTo(new Reason.OwnerClosed());
  }

  @Test
  void infoNamesTheAddressesThatWereConnected() {
    try (Witness witness = open()) {
      witness.next(Up.class);
      ConnectionInfo info = witness.connection().info().join();
      ConnectEnd connected =
          all(ConnectEnd.class).filter(ConnectEnd::established).findFirst().orElseThrow();
      assertThat(info.state()).isEqualTo(ConnectionInfo.State.UP);
      assertThat(info.connection()).isSameAs(witness.connection());
      assertThat(info.owner()).isSameAs(witness.mailbox());
      assertThat(info.protocol()).hasValue(Protocol.HTTP_1_1);
      assertThat(info.remote()).hasValue(connected.remote());
      assertThat(info.local()).isEqualTo(connected.local()).isPresent();
      assertThat(((InetSocketAddress) info.remote().get()).getPort()).isEqualTo(server.port());
      assertThat(info.tls()).isEmpty();
    }
  }

  @Test
  @Needs({Peer.NGINX, Peer.PYTHON_WEBSOCKETS})
  void tlsIsToldWithWhatWasAgreedOn() {
    try (Witness witness =
        Witness.open(
            "localhost",
            Servers.nginx().port(1),
            Witness.QUICK.tls(Certificates.trusted()).listener(events::add))) {
      witness.next(Up.class);
      TlsSession session = only(TlsEnd.class).session().orElseThrow();
      assertThat(session.protocol()).startsWith("TLSv1.");
      assertThat(session.cipher()).startsWith("TLS_");
      assertThat(only(TlsEnd.class).took()).isPositive();
      assertThat(witness.connection().info().join().tls()).hasValue(session);
    }
  }

  @Test
  @Needs({Peer.NGINX, Peer.PYTHON_WEBSOCKETS})
  void tlsThatFailsIsToldWithItsReason() {
    try (Witness witness =
        Witness.open(
            "localhost",
            Servers.nginx().port(2),
            Witness.QUICK.tls(Certificates.trusted()).listener(events::add))) {
      Reason reason = witness.firstFailure();
      assertThat(all(TlsEnd.class).findFirst().orElseThrow().failure()).hasValue(reason);
      assertThat(all(Established.class)).isEmpty();
    }
  }

  @Test
  void aWebSocketIsToldAndKnown() {
    try (Witness witness = open()) {
      witness.next(Up.class);
      WebSocket socket = witness.upgraded("/ws", WebSocketOptions.compressed());
      socket.send(new Text("hello ".repeat(100)));
      witness.frame();
      StreamInfo info = socket.info().join();
      assertThat(info.state()).isEqualTo(StreamInfo.State.RUNNING);
      assertThat(info.received()).isEqualTo(1);
      assertThat(info.sent()).isEqualTo(1);
      assertThat(info.bytesWaiting()).isZero();
      assertThat(only(FrameSendStart.class).compressed()).isTrue();
      assertThat(only(FrameReceiveHeader.class).compressed()).isTrue();
      assertThat(only(ProtocolChanged.class).stream()).isSameAs(socket);
      assertThat(witness.connection().info().join().protocol()).hasValue(Protocol.WEBSOCKET);
    }
    assertThat(only(WebSocketEnd.class).took()).isPositive();
  }

  @Test
  void aServerThatIsKilledIsToldAsALossAndRetries() {
    try (Witness witness = open()) {
      witness.next(Up.class);
      server.kill();
      witness.until(Retrying.class);
      assertThat(only(Disconnect.class).protocol()).isEqualTo(Protocol.HTTP_1_1);
      assertThat(all(RetryScheduled.class)).isNotEmpty();
      assertThat(witness.connection().info().join().state())
          .isIn(ConnectionInfo.State.WAITING, ConnectionInfo.State.DIALING);
    }
  }

  @Test
  void whatHasEndedIsKnownToHaveEnded() {
    Witness witness = open();
    Exchange page = witness.request(Request.of("GET", "/page"));
    try (witness) {
      witness.until(dev.lariat.message.Data.class);
      assertThat(page.info().join().state()).isEqualTo(StreamInfo.State.ENDED);
    }
    assertThat(witness.connection().info().join().state())
        .isEqualTo(ConnectionInfo.State.TERMINATED);
    assertThat(page.info().join().state()).isEqualTo(StreamInfo.State.ENDED);
  }

  @Test
  void aFlightRecordingHasEveryStep(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("lariat.jfr");
    try (Recording recording = new Recording()) {
      for (String name :
          List.of(
              "Lookup",
              "Connect",
              "Connection",
              "Request",
              "Upgrade",
              "WebSocket",
              "WebSocketTraffic",
              "Retry")) {
        recording.enable("dev.lariat." + name);
      }
      recording.start();
      try (Witness witness =
          Witness.open("localhost", server.port(), Witness.QUICK.listener(JfrListener.INSTANCE))) {
        witness.get("/page");
        WebSocket socket = witness.upgraded("/ws", WebSocketOptions.DEFAULT);
        socket.send(new Text("hello"));
        witness.frame();
        server.kill();
        witness.until(Retrying.class);
      }
      recording.stop();
      recording.dump(file);
    }
    List<RecordedEvent> recorded = RecordingFile.readAllEvents(file);
    assertThat(recorded)
        .extracting(event -> event.getEventType().getName().replace("dev.lariat.", ""))
        .contains("Lookup", "Connect", "Connection", "Request", "Upgrade", "WebSocket", "Retry");
    RecordedEvent request = of(recorded, "Request");
    assertThat(request.getString("target")).isEqualTo("/page");
    assertThat(request.getInt("status")).isEqualTo(200);
    assertThat(request.getDuration()).isPositive();
    assertThat(request.getString("connection")).isEqualTo("localhost:" + server.port());
    RecordedEvent socket = of(recorded, "WebSocket");
    assertThat(socket.getLong("framesSent")).isEqualTo(1);
    assertThat(socket.getLong("bytesReceived")).isEqualTo(5);
    assertThat(Files.size(file)).isPositive();
  }

  private static RecordedEvent of(List<RecordedEvent> recorded, String name) {
    return recorded.stream()
        .filter(event -> event.getEventType().getName().equals("dev.lariat." + name))
        .findFirst()
        .orElseThrow();
  }
}
