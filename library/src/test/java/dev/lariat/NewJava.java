package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs programs of tests, each in a new JVM. */
public final class NewJava {
  private static final int PATIENCE = 30; // seconds

  private NewJava() {}

  /** The lines that the program prints until its end. */
  public static List<String> lines(Class<?> program, String... options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    Path out = Files.createTempFile("lariat", ".out"); // a pipe could fill up
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertThat(process.waitFor(PATIENCE, TimeUnit.SECONDS)).as("it comes to its end").isTrue();
      return Files.readAllLines(out);
    } finally {
      process.destroyForcibly();
      Files.delete(out);
    }
  }
}
