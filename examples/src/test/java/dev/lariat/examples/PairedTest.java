package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PairedTest {
  @TempDir Path folder;

  private final BlockingQueue<WebSocketVisit> ofFirst = new LinkedBlockingQueue<>();
  private final BlockingQueue<WebSocketVisit> ofSecond = new LinkedBlockingQueue<>();

  private static Script server(BlockingQueue<WebSocketVisit> sessions) {
    return visit -> {
      WebSocketVisit socket = visit.acceptWebSocket();
      sessions.add(socket);
      while (socket.receive() != null) {}
    };
  }

  @Test
  void aServerThatDiesLeavesNoGap() throws Exception {
    try (Origin one = Origin.start(server(ofFirst));
        Origin other = Origin.start(server(ofSecond))) {
      PipedWriter input = new PipedWriter();
      BufferedReader reader = new BufferedReader(new PipedReader(input));
      Paired paired = new Paired(uri(one), uri(other));
      List<Exception> failures = new ArrayList<>();
      Thread thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      paired.run(folder, reader);
                    } catch (IOException e) {
                      failures.add(e);
                    }
                  });
      WebSocketVisit first = ofFirst.take();
      WebSocketVisit second = ofSecond.take();
      for (int seq = 1; seq <= 3; seq++) {
        first.send(event(seq));
      }
      second.send(event(1));
      await(3);
      one.refuse();
      one.drop();
      for (int seq = 2; seq <= 6; seq++) {
        second.send(event(seq));
      }
      await(6);
      input.write("show\n");
      input.close();
      thread.join();
      assertThat(failures).isEmpty();
    }
    assertThat(events())
        .extracting(line -> line.replaceAll(".*position\":\"(\\d+)\".*", "$1"))
        .containsExactly("1", "2", "3", "4", "5", "6");
  }

  private static String uri(Origin origin) {
    return "ws://" + origin.host() + ":" + origin.port();
  }

  private static Text event(int seq) {
    return new Text("{\"seq\":" + seq + "}");
  }

  private void await(int count) throws IOException {
    while (events().size() < count) {
      Thread.onSpinWait();
    }
  }

  private List<String> events() throws IOException {
    List<String> lines = new ArrayList<>();
    Path events = folder.resolve("events");
    if (Files.exists(events)) {
      try (Stream<Path> files = Files.list(events)) {
        for (Path file : files.sorted().toList()) {
          lines.addAll(Files.readAllLines(file));
        }
      }
    }
    return lines;
  }
}
