package dev.lariat.it.soak;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.it.Needs;
import dev.lariat.it.Peer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The soak, for seconds; CONTRIBUTING.md says how it runs for as long as one likes. */
@Needs({Peer.PYTHON_WEBSOCKETS, Peer.MICROSOCKS, Peer.TINYPROXY, Peer.NGHTTPX})
@Timeout(300)
final class SoakTest {

  @Test
  void eachPartKeepsItsLawsForSomeSecondsInA128MebibyteHeap() throws Exception {
    Path folder = Files.createDirectories(Path.of("target", "soak")); // its servers' own
    Path said = folder.resolve("said.txt");
    Process soak =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx128m",
                    "-XX:+ExitOnOutOfMemoryError",
                    "--enable-native-access=ALL-UNNAMED",
                    "-Dio.netty.leakDetection.level=advanced",
                    "-classpath",
                    System.getProperty("java.class.path"),
                    "dev.lariat.it.soak.Soak",
                    "--seconds",
                    "18",
                    "--sockets",
                    "50",
                    "--mean",
                    "2"))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(said.toFile())
            .start();
    try {
      boolean ended = soak.waitFor(240, TimeUnit.SECONDS);
      assertThat(ended && soak.exitValue() == 0).as(Files.readString(said)).isTrue();
    } finally {
      soak.destroyForcibly();
    }
  }
}
