package dev.lariat.flight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.event.Event;
import dev.lariat.event.PoolEvent.Outcome;
import dev.lariat.event.PoolEvent.PoolClosed;
import dev.lariat.event.PoolEvent.PoolOpened;
import dev.lariat.event.PoolEvent.PoolWait;
import dev.lariat.event.PoolInfo.Cause;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Flight Recorder is given; with real connections it is tested beside the servers. */
class JfrListenerTest {
  private static final String TRAFFIC = "dev.lariat.WebSocketTraffic";

  private static StreamRef stream(String name) {
    ConnectionRef connection = () -> "origin:80";
    return new StreamRef() {
      @Override
      public ConnectionRef connection() {
        return connection;
      }

      @Override
      public String toString() {
        return name;
      }
    };
  }

  private static void changed(StreamRef stream, Protocol protocol) {
    JfrListener.INSTANCE.event(
        new Event.ProtocolChanged(stream, protocol, Optional.empty(), Duration.ZERO));
  }

  /** What a recording has of one kind after these events. */
  private static List<RecordedEvent> recorded(Path folder, String kind, Event... events)
      throws IOException {
    return recorded(folder, kind, () -> List.of(events).forEach(JfrListenerTest::tell));
  }

  private static void tell(Event event) {
    JfrListener.INSTANCE.event(event);
  }

  private static List<RecordedEvent> recorded(Path folder, String kind, Runnable telling)
      throws IOException {
    Path file = folder.resolve("of.jfr");
    try (Recording recording = new Recording()) {
      recording.enable(kind);
      recording.start();
      telling.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file);
  }

  @Test
  void aStallOfALoopIsRecordedWithWhereItWas(@TempDir Path folder) throws IOException {
    StackTraceElement where = new StackTraceElement("app.Orders", "save", "Orders.java", 7);
    ConnectionRef connection = stream("a socket").connection();
    Event stall = new Event.LoopStalled(connection, Duration.ofSeconds(2), List.of(where));
    assertThat(recorded(folder, "dev.lariat.LoopStall", stall))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getString("connection")).isEqualTo("origin:80");
              assertThat(event.getDuration("took")).isEqualTo(Duration.ofSeconds(2));
              assertThat(event.getString("stack")).isEqualTo("app.Orders.save(Orders.java:7)");
            });
  }

  @Test
  void aPoolsWaitsAndConnectionsAreRecorded(@TempDir Path folder) throws IOException {
    String origin = "http://a.example";
    Reason refused = new Reason.Refused("10.0.0.1:80");
    Duration took = Duration.ofMillis(7);
    JfrListener pool = JfrListener.INSTANCE;
    PoolWait wait = new PoolWait(origin, Outcome.FAILED, took, Optional.of(refused));
    assertThat(recorded(folder, "dev.lariat.PoolWait", () -> pool.event(wait)))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getString("origin")).isEqualTo(origin);
              assertThat(event.getString("outcome")).isEqualTo("FAILED");
              assertThat(event.getDuration("took")).isEqualTo(took);
              assertThat(event.getString("reason")).isEqualTo(refused.sentence());
            });
    PoolOpened opened =
        new PoolOpened(origin, 3, Optional.of(Protocol.HTTP_2), Optional.empty(), took);
    assertThat(recorded(folder, "dev.lariat.PoolOpening", () -> pool.event(opened)))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getLong("number")).isEqualTo(3);
              assertThat(event.getString("protocol")).isEqualTo("h2");
              assertThat(event.getString("reason")).isNull();
            });
    PoolClosed closed = new PoolClosed(origin, 3, Cause.IDLE, new Reason.OwnerClosed(), took);
    assertThat(recorded(folder, "dev.lariat.PoolClosed", () -> pool.event(closed)))
        .singleElement()
        .satisfies(event -> assertThat(event.getString("cause")).isEqualTo("IDLE"));
  }

  @Test
  void aProxyIsRecordedWithItsNumber(@TempDir Path folder) throws IOException {
    ConnectionRef connection = stream("a socket").connection();
    String proxy = "socks5h://proxy.example:1080";
    assertThat(
            recorded(
                folder,
                "dev.lariat.Proxy",
                new Event.ProxyStart(connection, 2, proxy),
                new Event.ProxyEnd(connection, 2, proxy, true, Optional.empty(), Duration.ZERO)))
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getInt("number")).isEqualTo(2);
              assertThat(event.getString("proxy")).isEqualTo(proxy);
              assertThat(event.getBoolean("through")).isTrue();
            });
  }

  @Test
  void onlyAWebSocketHasTheTrafficOfOne(@TempDir Path folder) throws IOException {
    StreamRef socket = stream("a socket");
    Path file = folder.resolve("of.jfr");
    try (Recording recording = new Recording()) {
      recording.enable(TRAFFIC).with("period", "endChunk");
      recording.start();
      changed(stream("a parrot"), Protocol.RAW);
      changed(socket, Protocol.WEBSOCKET);
      recording.stop();
      recording.dump(file);
    } finally {
      JfrListener.INSTANCE.event(
          new Event.WebSocketEnd(socket, new Reason.Closed(), Duration.ZERO));
    }
    assertThat(RecordingFile.readAllEvents(file))
        .filteredOn(event -> event.getEventType().getName().equals(TRAFFIC))
        .extracting(event -> event.getString("webSocket"))
        .contains("a socket")
        .doesNotContain("a parrot");
  }
}
