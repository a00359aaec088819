package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command line as a process. */
final class Cli {
  private static final int PATIENCE = 60; // s

  /** What a command did. */
  record Run(int exit, String out, String err) {}

  private Cli() {}

  static List<String> command(String... args) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-XX:TieredStopAtLevel=1"));
    command.add("--sun-misc-unsafe-memory-access=allow"); // as the launcher has them
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.lariat.cli.Main"));
    command.addAll(List.of(args));
    return command;
  }

  /** Runs a command to its end; what it prints goes through files in this folder. */
  static Run run(Path folder, String input, String... args)
      throws IOException, InterruptedException {
    List<String> command = command(args);
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    Process process =
        new ProcessBuilder(command)
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    assertThat(process.waitFor(PATIENCE, TimeUnit.SECONDS)).as("%s ends", command).isTrue();
    return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
  }
}
