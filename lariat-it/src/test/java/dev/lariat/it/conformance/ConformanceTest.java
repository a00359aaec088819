package dev.lariat.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.it.fuzzing.FuzzingServer;
import dev.lariat.it.fuzzing.Pace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Lariat passes every case of the stand-in, and the runner says so when one is not passed. */
final class ConformanceTest {
  private static final Duration DEADLINE = Duration.ofSeconds(20);

  private static FuzzingServer server;

  @BeforeAll
  static void start() throws IOException {
    server = FuzzingServer.start(Pace.ofTheSystem());
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
  }

  @ParameterizedTest
  @CsvSource({
    "1.*, 16",
    "2.*, 11",
    "3.*, 7",
    "4.*, 10",
    "5.*, 20",
    "6.*, 145",
    "7.*, 37",
    "9.*, 54",
    "10.*, 1",
    "12.*, 90",
    "13.*, 126",
    "14.*, 16"
  })
  @Timeout(value = 1, unit = TimeUnit.HOURS) // the full sizes take long; each case has its deadline
  void everyCaseIsPassed(String cases, int count) throws Exception {
    List<Score> scores =
        new Conformance(server.uri(), "Lariat", cases, DEADLINE, nowhere()).scores();
    assertThat(scores).hasSize(count);
    assertThat(scores).filteredOn(score -> !score.passes()).isEmpty();
  }

  // ---- the runner

  @ParameterizedTest
  @CsvSource({
    "OK, OK, true",
    "INFORMATIONAL, INFORMATIONAL, true",
    "OK, '', true", // a server need not judge the close
    "NON-STRICT, OK, false",
    "UNIMPLEMENTED, OK, false",
    "FAILED, OK, false",
    "LATE, '', false",
    "'', '', false",
    "OK, FAILED, false",
    "OK, WRONG CODE, false",
    "OK, UNCLEAN, false",
    "OK, FAILED BY CLIENT, false"
  })
  void onlyOkAndInformationalPass(String behavior, String behaviorClose, boolean passes) {
    Score score = new Score("1.1.1", behavior, behaviorClose, Duration.ZERO);
    assertThat(score.passes()).isEqualTo(passes);
  }

  @Test
  void aRunThatPassesPrintsItsTableAndAsksForTheReports() throws Exception {
    try (FuzzingServer unfair = FuzzingServer.unfair()) {
      Run run = Run.with(unfair.uri().toString(), "an agent", "1.1.1", "20");
      assertThat(run.status).isZero();
      assertThat(run.lines).hasSize(4);
      assertThat(run.lines.get(0)).matches("case +verdict +on the close +duration");
      assertThat(run.lines.get(1)).matches("1\\.1\\.1 +OK +OK +\\d+ ms");
      assertThat(run.lines.get(3)).isEqualTo("1 cases: {OK=1}");
      assertThat(unfair.reported()).containsExactly("an agent");
    }
  }

  @Test
  void aVerdictThatIsNotGoodFailsTheRun() throws Exception {
    try (FuzzingServer unfair = FuzzingServer.unfair()) {
      Run run = Run.with(unfair.uri().toString(), "Lariat", "1.1.1,1.1.2", "20");
      assertThat(run.status).isOne();
      assertThat(run.lines.getLast()).matches("1\\.1\\.2 +FAILED +FAILED +\\d+ ms");
    }
  }

  @Test
  void aCaseThatIsNotOverInTimeFailsTheRun() throws Exception {
    try (FuzzingServer unfair = FuzzingServer.unfair()) {
      Run run = Run.with(unfair.uri().toString(), "Lariat", "*.3", "0.2");
      assertThat(run.status).isOne();
      assertThat(run.lines.getLast()).matches("1\\.1\\.3 +LATE +\\d+ ms");
    }
  }

  @Test
  void aServerThatIsNotThereIsNamed() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Run run = Run.with("ws://127.0.0.1:" + port, "Lariat", "*", "20");
    assertThat(run.status).isEqualTo(2);
    assertThat(run.lines.getLast())
        .startsWith("Cannot run: ws://127.0.0.1:" + port + "/getCaseCount: ")
        .contains("refused the connection");
  }

  @Test
  void aServerThatDoesNotAnswerIsNamed() throws Exception {
    try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Run run = Run.with("ws://127.0.0.1:" + mute.getLocalPort(), "Lariat", "*", "0.2");
      assertThat(run.status).isEqualTo(2);
      assertThat(run.lines.getLast()).endsWith("/getCaseCount: not answered within 0.2 s");
    }
  }

  @Test
  void casesThatTheServerDoesNotHaveFailTheRun() throws Exception {
    try (FuzzingServer unfair = FuzzingServer.unfair()) {
      Run run = Run.with(unfair.uri().toString(), "Lariat", "9.*", "20");
      assertThat(run.status).isEqualTo(2);
      assertThat(run.lines.getLast()).isEqualTo("None of the server's cases was asked for.");
    }
  }

  @ParameterizedTest
  @CsvSource({"somewhere, 20, allowed the schemes", "ws://127.0.0.1:1, soon, soon"})
  void argumentsThatMakeNoSenseAreRefused(String server, String deadline, String words)
      throws Exception {
    Run run = Run.with(server, "Lariat", "*", deadline);
    assertThat(run.status).isEqualTo(2);
    assertThat(run.lines.getLast()).contains(words);
  }

  /** What a run printed, and its exit status. */
  private record Run(int status, List<String> lines) {
    static Run with(String... arguments) throws InterruptedException {
      ByteArrayOutputStream printed = new ByteArrayOutputStream();
      int status =
          Conformance.run(arguments, new PrintStream(printed, true, StandardCharsets.UTF_8));
      return new Run(status, printed.toString(StandardCharsets.UTF_8).lines().toList());
    }
  }

  private static PrintStream nowhere() {
    return new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  }
}
