package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.internal.logging.InternalLoggerFactory;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What reaches a person's screen of what is logged, in a process of its own. */
final class LogsTest {
  @TempDir private Path folder;

  /** Logs as the library and Netty do. */
  static final class Noise {
    private Noise() {}

    public static void main(String[] args) throws InterruptedException {
      Logs.useHere();
      Exception where = new IllegalStateException("where it is");
      System.Logger log = System.getLogger("dev.lariat");
      log.log(Level.WARNING, "The event loop has been blocked.", where);
      InternalLoggerFactory.getInstance("io.netty.channel").warn("A promise has failed.", where);
      log.log(Level.ERROR, "The listener threw.", where);
      Thread thread =
          new Thread(
              () -> {
                throw new IllegalStateException("why");
              });
      thread.start();
      thread.join();
    }
  }

  private static String shown(String... options) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Noise.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String shown = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isZero();
    return shown;
  }

  @Test
  void anErrorIsOneLineAndAWarningIsNone() throws Exception {
    assertThat(shown())
        .isEqualTo(
            """
            lariat: The listener threw.
            lariat: Unexpected failure (a bug worth reporting): java.lang.IllegalStateException: why
            """);
  }

  @Test
  void whoWantsTheLogsSaysSoToTheJvm() throws Exception {
    Path file = folder.resolve("logging.properties");
    Files.writeString(file, "handlers = java.util.logging.ConsoleHandler\n");

    assertThat(shown("-Djava.util.logging.config.file=" + file))
        .contains("The event loop has been blocked.", "A promise has failed.", "where it is");
  }
}
