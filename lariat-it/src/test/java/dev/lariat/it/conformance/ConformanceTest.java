package dev.lariat.it.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import dev.lariat.it.Needs;
import dev.lariat.it.Peer;
import dev.lariat.it.Server;
import dev.lariat.it.Servers;
import dev.lariat.it.fuzzing.FuzzingServer;
import dev.lariat.it.fuzzing.Pace;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Lariat passes every case of the stand-in, and the runner says so when one is not passed. */
final class ConformanceTest {
  private static final String AGENT = "Lariat";

  private static FuzzingServer server;
  private static Server proxy;

  @TempDir static Path reports;

  @BeforeAll
  static void start() throws IOException {
    server = FuzzingServer.start(Pace.ofTheSystem(), reports);
  }

  @AfterAll
  static void stop() throws IOException {
    server.close();
    if (proxy != null) {
      proxy.close();
    }
  }

  static List<Arguments> sections() {
    return List.of(
        arguments("1.*", 16),
        arguments("2.*", 11),
        arguments("3.*", 7),
        arguments("4.*", 10),
        arguments("5.*", 20),
        arguments("6.*", 145),
        arguments("7.*", 37),
        arguments("9.*", 54),
        arguments("10.*", 1),
        arguments("12.*", 90),
        arguments("13.*", 126),
        arguments("14.*", 16));
  }

  @ParameterizedTest
  @MethodSource("sections")
  @Timeout(value = 1, unit = TimeUnit.HOURS) // the full sizes take long; each case has its deadline
  void everyCaseIsPassed(String cases, int count) throws Exception {
    passes(Run.with(server.uri(), AGENT, cases, "20", reports), count);
  }

  /** HAProxy speaks HTTP/2 to the client, and HTTP/1.1 to the server. */
  @Needs(Peer.HAPROXY)
  @ParameterizedTest
  @MethodSource("sections")
  @Timeout(value = 1, unit = TimeUnit.HOURS)
  void everyCaseIsPassedOverHttp2(String cases, int count) throws Exception {
    passes(Run.withHttp2(proxy(), AGENT + " over HTTP/2", cases, "20", reports), count);
  }

  private static URI proxy() {
    if (proxy == null) {
      proxy = Servers.http2InFrontOf(server.uri().getPort());
    }
    return URI.create("ws://127.0.0.1:" + proxy.port(0));
  }

  private static void passes(Run run, int count) {
    assertThat(run.status).as("%s", run.lines).isZero();
    assertThat(run.lines.getLast())
        .matches(
            "All: "
                + count
                + " cases?: \\{((OK|INFORMATIONAL)=\\d+(, )?)+}"
                + ", on the close \\{((OK|INFORMATIONAL)=\\d+(, )?)+}");
  }

  // ---- the runner

  @ParameterizedTest
  @CsvSource({
    "OK, OK, true",
    "INFORMATIONAL, INFORMATIONAL, true",
    "OK, '', true", // it is not known without the reports
    "NON-STRICT, OK, false",
    "UNIMPLEMENTED, OK, false",
    "FAILED, OK, false",
    "LATE, '', false",
    "'', '', false",
    "OK, FAILED, false",
    "OK, WRONG CODE, false",
    "OK, UNCLEAN, false",
    "OK, FAILED BY CLIENT, false",
    "OK, NOT IN THE REPORT, false"
  })
  void onlyOkAndInformationalPass(String behavior, String behaviorClose, boolean passes) {
    Score score = new Score("1.1.1", behavior, behaviorClose, Duration.ZERO);
    assertThat(score.passes()).isEqualTo(passes);
  }

  @Test
  void aRunThatPassesPrintsItsTableAndAsksForTheReports(@TempDir Path folder) throws Exception {
    try (FuzzingServer unfair = FuzzingServer.unfair(folder)) {
      Run run = Run.with(unfair.uri(), "an agent", "1.1.1", "20", folder);
      assertThat(run.status).isZero();
      assertThat(run.lines).hasSize(5);
      assertThat(run.lines.get(0)).matches("case +verdict +duration");
      assertThat(run.lines.get(1)).matches("1\\.1\\.1 +OK +\\d+ ms");
      assertThat(run.lines.get(3)).isEqualTo("Section 1: 1 case: {OK=1}, on the close {OK=1}");
      assertThat(run.lines.get(4)).isEqualTo("All: 1 case: {OK=1}, on the close {OK=1}");
      assertThat(unfair.reported()).containsExactly("an agent");
    }
  }

  @Test
  void eachSectionHasItsSum(@TempDir Path folder) throws Exception {
    try (FuzzingServer unfair = FuzzingServer.unfair(folder)) {
      Run run = Run.with(unfair.uri(), AGENT, "1.1.1,1.1.2,2.*", "20", folder);
      assertThat(run.lines)
          .containsSubsequence(
              "Section 1: 2 cases: {FAILED=1, OK=1}, on the close {FAILED=1, OK=1}",
              "Section 2: 1 case: {OK=1}, on the close {FAILED=1}",
              "All: 3 cases: {FAILED=1, OK=2}, on the close {FAILED=2, OK=1}");
    }
  }

  @Test
  void aVerdictThatIsNotGoodFailsTheRun(@TempDir Path folder) throws Exception {
    try (FuzzingServer unfair = FuzzingServer.unfair(folder)) {
      Run run = Run.with(unfair.uri(), AGENT, "1.1.1,1.1.2", "20", folder);
      assertThat(run.status).isOne();
      assertThat(run.lines.getLast()).matches("1\\.1\\.2 +FAILED +\\d+ ms +FAILED");
    }
  }

  @Test
  void aVerdictOnTheCloseStandsInTheReportAlone(@TempDir Path folder) throws Exception {
    try (FuzzingServer unfair = FuzzingServer.unfair(folder)) {
      Run told = Run.with(unfair.uri(), AGENT, "2.1.1", "20", folder);
      assertThat(told.status).isOne();
      assertThat(told.lines.getLast()).matches("2\\.1\\.1 +OK +\\d+ ms +FAILED");
      Run untold = Run.with(unfair.uri(), AGENT, "2.1.1", "20");
      assertThat(untold.status).isZero();
      assertThat(untold.lines.getLast()).isEqualTo("All: 1 case: {OK=1}, on the close not known");
    }
  }

  @Test
  void reportsThatAreNotThisRunsFailIt(@TempDir Path folder, @TempDir Path other) throws Exception {
    Path index = other.resolve(Report.FILE);
    try (FuzzingServer unfair = FuzzingServer.unfair(folder)) {
      Run none = Run.with(unfair.uri(), AGENT, "1.1.1", "20", other);
      assertThat(none.status).isOne();
      assertThat(none.lines.getLast())
          .isEqualTo("The reports cannot be read: " + index + " is not there");
      Files.writeString(index, "{}");
      Files.setLastModifiedTime(index, FileTime.from(Instant.now().minusSeconds(60)));
      Run old = Run.with(unfair.uri(), AGENT, "1.1.1", "20", other);
      assertThat(old.status).isOne();
      assertThat(old.lines.getLast()).endsWith(index + " is older than this run");
      Files.setLastModifiedTime(index, FileTime.from(Instant.now().plusSeconds(60)));
      Run another = Run.with(unfair.uri(), AGENT, "1.1.1", "20", other);
      assertThat(another.status).isOne();
      assertThat(another.lines.getLast()).matches("1\\.1\\.1 +OK +\\d+ ms +NOT IN THE REPORT");
    }
  }

  @Test
  void reportsThatTheServerCannotWriteFailTheRun(@TempDir Path folder) throws Exception {
    try (FuzzingServer unfair = FuzzingServer.unfair(folder.resolve("is not there"))) {
      Run run = Run.with(unfair.uri(), AGENT, "1.1.1", "20");
      assertThat(run.status).isOne();
      assertThat(run.lines.getLast())
          .startsWith("The server did not write its reports: " + unfair.uri() + "/updateReports?");
      assertThat(run.lines).contains("All: 1 case: {OK=1}, on the close not known");
    }
  }

  @Test
  void aCaseThatIsNotOverInTimeFailsTheRun(@TempDir Path folder) throws Exception {
    try (FuzzingServer unfair = FuzzingServer.unfair(folder)) {
      Run run = Run.with(unfair.uri(), AGENT, "*.3", "0.2");
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
    Run run = Run.with(URI.create("ws://127.0.0.1:" + port), AGENT, "*", "20");
    assertThat(run.status).isEqualTo(2);
    assertThat(run.lines.getLast())
        .startsWith("Cannot run: ws://127.0.0.1:" + port + "/getCaseCount: ")
        .contains("refused the connection");
  }

  @Test
  void aServerThatDoesNotAnswerIsNamed() throws Exception {
    try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Run run = Run.with(URI.create("ws://127.0.0.1:" + mute.getLocalPort()), AGENT, "*", "0.2");
      assertThat(run.status).isEqualTo(2);
      assertThat(run.lines.getLast()).endsWith("/getCaseCount: not answered within 0.2 s");
    }
  }

  @Test
  void casesThatTheServerDoesNotHaveFailTheRun(@TempDir Path folder) throws Exception {
    try (FuzzingServer unfair = FuzzingServer.unfair(folder)) {
      Run run = Run.with(unfair.uri(), AGENT, "9.*", "20");
      assertThat(run.status).isEqualTo(2);
      assertThat(run.lines.getLast()).isEqualTo("None of the server's cases was asked for.");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "somewhere, Lariat, 20, 'server: somewhere, allowed the schemes ws and wss'",
    "http://127.0.0.1:1, Lariat, 20, 'server: http://127.0.0.1:1, allowed the schemes ws and wss'",
    "ws://127.0.0.1:1/runCase, Lariat, 20, 'allowed a scheme, a host and a port'",
    "ws://127.0.0.1:1?case=1, Lariat, 20, 'allowed a scheme, a host and a port'",
    "ws:no-host, Lariat, 20, 'allowed a scheme, a host and a port'",
    "ws://127.0.0.1:1, Läriat, 20, 'agent: Läriat, allowed printable ASCII'",
    "ws://127.0.0.1:1, '', 20, 'agent: , allowed printable ASCII'",
    "ws://127.0.0.1:1, Lariat, soon, soon"
  })
  void argumentsThatMakeNoSenseAreRefused(
      String server, String agent, String deadline, String words) throws Exception {
    Run run = Run.with(URI.create(server), agent, "*", deadline);
    assertThat(run.status).isEqualTo(2);
    assertThat(run.lines.getLast()).contains(words);
  }

  /** What a run printed, and its exit status. */
  private record Run(int status, List<String> lines) {
    static Run with(URI server, String agent, String cases, String deadline)
        throws InterruptedException {
      return with(server.toString(), agent, cases, deadline, "false", "");
    }

    static Run with(URI server, String agent, String cases, String deadline, Path reports)
        throws InterruptedException {
      return with(server.toString(), agent, cases, deadline, "false", reports.toString());
    }

    /** The same over HTTP/2. */
    static Run withHttp2(URI server, String agent, String cases, String deadline, Path reports)
        throws InterruptedException {
      return with(server.toString(), agent, cases, deadline, "true", reports.toString());
    }

    private static Run with(String... arguments) throws InterruptedException {
      ByteArrayOutputStream printed = new ByteArrayOutputStream();
      int status =
          Conformance.run(arguments, new PrintStream(printed, true, StandardCharsets.UTF_8));
      return new Run(status, printed.toString(StandardCharsets.UTF_8).lines().toList());
    }
  }
}
