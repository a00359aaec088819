package dev.lariat.examples;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.testkit.Origin;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ConfiguredTest {
  @TempDir Path folder;

  @Test
  void itOpensTheFeedsOfTheFileAndThoseThatComeLater() throws Exception {
    BlockingQueue<String> asked = new LinkedBlockingQueue<>();
    try (Origin origin =
        Origin.start(
            visit -> {
              asked.add(visit.head().target());
              visit.acceptWebSocket().receive();
            })) {
      Path file = folder.resolve("feeds.yaml");
      String one = "feeds:\n- {id: a, uri: '" + origin.uri("ws", "/a") + "'}\n";
      Files.writeString(file, "budget: {perSecond: 100, burst: 10}\n" + one);
      PipedWriter input = new PipedWriter();
      BufferedReader reader = new BufferedReader(new PipedReader(input));
      SimpleMeterRegistry registry = new SimpleMeterRegistry();
      Thread thread =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      new Configured(registry).run(file, folder, 0, reader);
                    } catch (IOException e) {
                      throw new AssertionError(e);
                    }
                  });
      assertThat(asked.poll(30, TimeUnit.SECONDS)).isEqualTo("/a");
      Files.writeString(file, one + "- {id: b, uri: '" + origin.uri("ws", "/b") + "'}\n");
      input.write("again\n");
      input.flush();
      assertThat(asked.poll(30, TimeUnit.SECONDS)).isEqualTo("/b");
      input.close();
      thread.join();
      assertThat(registry.get("lariat.fleet.members").gauge().value()).isOne();
    }
  }
}
