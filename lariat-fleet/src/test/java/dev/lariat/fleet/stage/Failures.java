package dev.lariat.fleet.stage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** Plays a {@link FailureTable} in a network namespace of its own; each row is a test. */
public final class Failures {
  private static final List<String> PROPERTIES = List.of("failures.patience", "failures.rows");

  private Failures() {}

  /**
   * Plays it.
   *
   * @param table whose {@code main} plays it
   * @param count how many rows it has
   * @param feeds with how many, if nothing else is wanted
   */
  public static Stream<DynamicTest> of(Class<?> table, int count, int feeds) throws IOException {
    boolean able = System.getProperty("user.name").equals("root");
    if (!able && System.getenv("LARIAT_REQUIRE_SERVERS") != null) {
      throw new IllegalStateException("only root makes network namespaces");
    }
    assumeTrue(able, "only root makes network namespaces");
    List<String> rows = rows(table, feeds);
    if (System.getProperty("failures.rows") == null) {
      assertThat(rows).hasSize(count);
    }
    return rows.stream().map(Failures::test);
  }

  private static DynamicTest test(String row) {
    String[] parts = row.split("\\|", -1);
    return DynamicTest.dynamicTest(parts[1], () -> assertThat(parts[3]).as(parts[2]).isEmpty());
  }

  private static List<String> rows(Class<?> table, int feeds) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                "unshare",
                "--net",
                "--",
                "sh",
                "-c",
                "ip link set lo up && exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-Dfailures.feeds=" + Integer.getInteger("failures.feeds", feeds)));
    for (String property : PROPERTIES) {
      String value = System.getProperty(property);
      if (value != null) {
        command.add("-D" + property + "=" + value);
      }
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), table.getName()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    List<String> rows = new ArrayList<>();
    try (BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getInputStream()))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        System.out.println(line);
        if (line.startsWith("ROW|")) {
          rows.add(line);
        }
      }
    }
    return rows;
  }
}
