package dev.lariat.flight;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.event.Event;
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
    Path file = folder.resolve("of.jfr");
    try (Recording recording = new Recording()) {
      recording.enable(kind);
      recording.start();
      for (Event event : events) {
        JfrListener.INSTANCE.event(event);
      }
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
