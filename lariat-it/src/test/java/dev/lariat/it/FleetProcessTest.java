package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code lariat fleet} as a process that gets signals. */
@Timeout(120)
class FleetProcessTest {
  private static final int EVENTS = 500; // of each session

  private static final Script NUMBERED =
      visit -> {
        var head = visit.head();
        if (head == null) {
          return;
        }
        Matcher after = Pattern.compile("after=([0-9]+)").matcher(head.target());
        int first = after.find() ? Integer.parseInt(after.group(1)) + 1 : 1;
        var socket = visit.acceptWebSocket();
        for (int i = first; i < first + EVENTS; i++) {
          socket.send(new Text("{\"seq\":" + i + "}"));
        }
        socket.receive();
      };

  @TempDir private Path folder;

  private Process start(Path feeds) throws IOException {
    return new ProcessBuilder(Cli.command("fleet", feeds.toString())).start();
  }

  private static void await(BufferedReader reader, String part) throws IOException {
    String line = reader.readLine();
    while (line != null && !line.contains(part)) {
      line = reader.readLine();
    }
    assertThat(line).as(part).isNotNull();
  }

  private static List<String> read(BufferedReader reader, int lines) throws IOException {
    List<String> all = new ArrayList<>();
    while (all.size() < lines) {
      String line = reader.readLine();
      assertThat(line).as("line " + all.size()).isNotNull();
      all.add(line);
    }
    return all;
  }

  private static List<String> positions(List<String> lines) {
    return lines.stream()
        .map(line -> line.replaceFirst(".*\"position\":\"(\\d+)\".*", "$1"))
        .toList();
  }

  @Test
  void sigtermStoresThePositionsAndSighupReadsTheFileAgain() throws Exception {
    try (Origin origin = Origin.start(NUMBERED)) {
      Path feeds = folder.resolve("feeds.yaml");
      String feed =
          "- {id: btc, uri: '%s', position: /seq, resume: {query: after}}\n"
              .formatted(origin.uri("ws", "/"));
      Files.writeString(feeds, "feeds:\n" + feed);
      List<String> lines = new ArrayList<>();
      for (int run = 0; run < 3; run++) {
        Process process = start(feeds);
        try (BufferedReader out = process.inputReader();
            BufferedReader err = process.errorReader()) {
          lines.addAll(read(out, EVENTS));
          await(err, "btc is open");
          Process hangUp = new ProcessBuilder("kill", "-HUP", "" + process.pid()).start();
          assertThat(hangUp.waitFor()).isZero();
          await(err, "Feeds: 0 new, 0 changed, 0 removed.");
          process.toHandle().destroy(); // SIGTERM, and its streams stay open
          assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
          assertThat(process.exitValue()).isZero();
          assertThat(out.readLine()).isNull();
        } finally {
          process.destroyForcibly();
        }
      }
      assertThat(positions(lines))
          .containsExactlyElementsOf(
              IntStream.rangeClosed(1, 3 * EVENTS).mapToObj(String::valueOf).toList());
    }
  }
}
