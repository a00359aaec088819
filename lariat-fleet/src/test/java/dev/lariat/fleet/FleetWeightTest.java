package dev.lariat.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.stage.FeedServer;
import dev.lariat.fleet.stage.FleetWeight;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an idle feed of a fleet weighs: see {@link FleetWeight}. */
@Timeout(300)
class FleetWeightTest {
  private static final int FEEDS = Integer.getInteger("weight.feeds", 4000);
  private static final int SECONDS = Integer.getInteger("weight.seconds", 3);
  private static final long OPEN = 7000; // bytes
  private static final long ELSEWHERE = 1500;

  @Test
  void anIdleFeedKeepsAtMostSevenKilobytesOfHeapAndOneOfAnotherNodeOneAndAHalf() throws Exception {
    try (FeedServer server = new FeedServer(1, false)) {
      Process process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:+UseSerialGC",
                  "-Xmx1g",
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  FleetWeight.class.getName(),
                  Integer.toString(server.port()),
                  Integer.toString(FEEDS),
                  Integer.toString(SECONDS))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      String said = new String(process.getInputStream().readAllBytes()).strip();
      assertThat(process.waitFor()).isZero();
      String[] words = said.split(" ");
      assertThat(words).as(said).hasSize(5);
      System.out.printf(
          "An idle feed: %s bytes of heap, %s on another node, %s of memory,"
              + " %s µs to open it, %s µs a minute.%n",
          (Object[]) words);
      assertThat(Long.parseLong(words[0])).isBetween(1L, OPEN);
      assertThat(Long.parseLong(words[1])).isBetween(1L, ELSEWHERE);
    }
  }
}
