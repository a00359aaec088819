package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a program says of itself when it starts: nothing that its user did not write. */
@Timeout(180)
class QuietTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aJvmWithoutNativeJarsWarnsOfNothing(boolean tls) throws Exception {
    Said said = start(tls, List.of(), List.of());
    assertThat(said.output()).containsExactly("served");
    assertThat(said.errors()).isEmpty();
  }

  @Test
  void lariatLogsNothingWhileAllGoesWell() throws Exception {
    assertThat(logged(true, "")).isNotEmpty().noneMatch(line -> line.startsWith("dev.lariat"));
  }

  @Test
  void oneLoggerSilencesNetty() throws Exception {
    assertThat(logged(true, "<logger name='io.netty' level='INFO'/>")).isEmpty();
  }

  /** What is logged at DEBUG, a line each. */
  private List<String> logged(boolean tls, String more) throws Exception {
    Path configuration = folder.resolve("logback.xml");
    Files.writeString(
        configuration,
        """
        <configuration>
          <appender name='out' class='ch.qos.logback.core.ConsoleAppender'>
            <encoder><pattern>%%logger %%level %%replace(%%msg){'\\s+', ' '}%%nopex%%n</pattern></encoder>
          </appender>
          <root level='DEBUG'><appender-ref ref='out'/></root>
          %s
        </configuration>
        """
            .formatted(more));
    try (Stream<Path> jars = Files.list(Path.of("target", "logging"))) {
      Said said =
          start(
              tls,
              jars.map(jar -> jar.toAbsolutePath().toString()).toList(),
              List.of("-Dlogback.configurationFile=" + configuration));
      assertThat(said.errors()).isEmpty();
      assertThat(said.output()).contains("served");
      return said.output().stream().filter(line -> !line.equals("served")).toList();
    }
  }

  private record Said(List<String> output, List<String> errors) {}

  private Said start(boolean tls, List<String> jars, List<String> arguments)
      throws IOException, InterruptedException {
    List<String> classPath = new ArrayList<>(Deployment.classPath());
    classPath.addAll(jars);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(arguments);
    command.addAll(List.of("-cp", String.join(File.pathSeparator, classPath)));
    command.add(WebApplication.class.getName());
    Path output = folder.resolve("output");
    Path errors = folder.resolve("errors");
    try (Deployment deployment = new Deployment(tls)) {
      command.add(deployment.uri().toString());
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(output.toFile())
              .redirectError(errors.toFile())
              .start();
      process.waitFor();
    }
    return new Said(Files.readAllLines(output), Files.readAllLines(errors));
  }
}
