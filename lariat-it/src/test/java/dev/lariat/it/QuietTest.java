package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
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
    Deployment.Said said = start(tls, List.of(), List.of());
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
      Deployment.Said said =
          start(
              tls,
              jars.map(jar -> jar.toAbsolutePath().toString()).toList(),
              List.of("-Dlogback.configurationFile=" + configuration));
      assertThat(said.errors()).isEmpty();
      assertThat(said.output()).contains("served");
      return said.output().stream().filter(line -> !line.equals("served")).toList();
    }
  }

  private Deployment.Said start(boolean tls, List<String> jars, List<String> options)
      throws Exception {
    try (Deployment deployment = new Deployment(tls)) {
      return Deployment.start(
          folder, jars, options, WebApplication.class, deployment.uri().toString());
    }
  }
}
