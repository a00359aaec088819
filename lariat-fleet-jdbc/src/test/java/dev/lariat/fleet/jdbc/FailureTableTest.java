package dev.lariat.fleet.jdbc;

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
import org.junit.jupiter.api.TestFactory;

/** Runs {@link FailureTable} in a network namespace of its own; each row is a test. */
class FailureTableTest {
  private static final int ROWS = 15;

  @TestFactory
  Stream<DynamicTest> everyFailureEndsAsTheGuideSays() throws Exception {
    boolean able = System.getProperty("user.name").equals("root");
    if (!able && System.getenv("LARIAT_REQUIRE_SERVERS") != null) {
      throw new IllegalStateException("only root makes network namespaces");
    }
    assumeTrue(able, "only root makes network namespaces");
    List<String> rows = rows();
    assertThat(rows).hasSize(ROWS);
    return rows.stream().map(FailureTableTest::test);
  }

  private static DynamicTest test(String row) {
    String[] parts = row.split("\\|", -1);
    return DynamicTest.dynamicTest(parts[1], () -> assertThat(parts[3]).as(parts[2]).isEmpty());
  }

  private static List<String> rows() throws IOException {
    Process process =
        new ProcessBuilder(
                "unshare",
                "--net",
                "--",
                "sh",
                "-c",
                "ip link set lo up && exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-Dfailures.feeds=" + System.getProperty("failures.feeds", "600"),
                "-Dfailures.patience=" + System.getProperty("failures.patience", "3"),
                "-cp",
                System.getProperty("java.class.path"),
                FailureTable.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
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
