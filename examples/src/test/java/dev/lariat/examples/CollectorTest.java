package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Visit;
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
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CollectorTest {
  @TempDir Path folder;

  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();

  /** Sends two events after the position that is asked for, and then waits for the client's end. */
  private void twoMore(Visit visit) throws IOException {
    String target = visit.head().target();
    WebSocketVisit socket = visit.acceptWebSocket();
    int at = target.indexOf("?after=");
    int after = at < 0 ? 0 : Integer.parseInt(target.substring(at + "?after=".length()));
    socket.send(new Text("{\"seq\":" + (after + 1) + "}"));
    socket.send(new Text("{\"seq\":" + (after + 2) + "}"));
    asked.add(target);
    while (socket.receive() != null) {}
  }

  @Test
  void itContinuesAfterTheLastEventOfTheRunBefore() throws Exception {
    try (Origin origin = Origin.start(this::twoMore)) {
      assertThat(run(origin, 2)).containsExactly("/BTC-USD");
      assertThat(run(origin, 4)).containsExactly("/BTC-USD?after=2");
    }
    assertThat(events())
        .extracting(line -> line.replaceAll(".*position\":\"(\\d+)\".*", "$1"))
        .containsExactly("1", "2", "3", "4");
  }

  /** Runs the program until the files have so many events. */
  private List<String> run(Origin origin, int events) throws Exception {
    PipedWriter input = new PipedWriter();
    BufferedReader reader = new BufferedReader(new PipedReader(input));
    Collector collector = new Collector("ws://" + origin.host() + ":" + origin.port());
    List<Exception> failures = new ArrayList<>();
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    collector.run(folder, reader);
                  } catch (IOException e) {
                    failures.add(e);
                  }
                });
    input.write("BTC-USD\n");
    input.flush();
    List<String> targets = new ArrayList<>();
    targets.add(asked.poll(30, TimeUnit.SECONDS));
    while (events().size() < events) {
      Thread.onSpinWait();
    }
    input.close();
    thread.join();
    assertThat(failures).isEmpty();
    asked.drainTo(targets);
    return targets;
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
