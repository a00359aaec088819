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

  @Test
  void aStallOfALoopIsRecordedWithWhereItWas(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("of.jfr");
    StackTraceElement where = new StackTraceElement("app.Orders", "save", "Orders.java", 7);
    try (Recording recording = new Recording()) {
      recording.enable("dev.lariat.LoopStall");
      recording.start();
      JfrListener.INSTANCE.event(
          new Event.LoopStalled(
              stream("a socket").connection(), Duration.ofSeconds(2), List.of(where)));
      recording.stop();
      recording.dump(file);
    }
    assertThat(RecordingFile.readAllEvents(file))
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
    Path file = folder.resolve("of.jfr");
    ConnectionRef connection = stream("a socket").connection();
    String proxy = "socks5h://proxy.example:1080";
    try (Recording recording = new Recording()) {
      recording.enable("dev.lariat.Proxy");
      recording.start();
      JfrListener.INSTANCE.event(new Event.ProxyStart(connection, 2, proxy));
      JfrListener.INSTANCE.event(
          new Event.ProxyEnd(connection, 2, proxy, true, Optional.empty(), Duration.ZERO));
      recording.stop();
      recording.dump(file);
    }
    assertThat(RecordingFile.readAllEvents(file))
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
