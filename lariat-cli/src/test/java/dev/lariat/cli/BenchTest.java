package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.testkit.EchoServer;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.WebSocketVisit;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BenchTest extends CommandTest {
  private static final Duration STALL = Duration.ofMillis(400);

  private double number(String field) {
    Matcher matcher = Pattern.compile("\"" + field + "\":([0-9.]+)").matcher(out.text());
    assertThat(matcher.find()).as("%s in %s", field, out.text()).isTrue();
    return Double.parseDouble(matcher.group(1));
  }

  private int bench(String... arguments) {
    String[] all = new String[arguments.length + 2];
    all[0] = "bench";
    all[1] = "--warm-up=0";
    System.arraycopy(arguments, 0, all, 2, arguments.length);
    return run("", all);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ws", "http"})
  void asManyRequestsAsAskedForAreMeasured(String scheme) {
    try (EchoServer server = EchoServer.start(0)) {
      String url = scheme + "://127.0.0.1:" + server.port() + "/";
      assertThat(bench("-n", "100", "-c", "3", "--json", url)).as(err.text()).isEqualTo(0);
    }
    assertThat(out.text())
        .startsWith("{\"model\":\"closed\",\"latencyFrom\":\"sent\",\"connections\":3,")
        .contains("\"errors\":[]")
        .hasLineCount(1);
    assertThat(number("answers")).isEqualTo(100);
    assertThat(number("p50")).isPositive().isLessThanOrEqualTo(number("max"));
  }

  @Test
  void theOpenModelAsksAtItsRate() {
    try (EchoServer server = EchoServer.start(0)) {
      String url = "ws://127.0.0.1:" + server.port() + "/";
      assertThat(bench("-r", "200", "-d", "0.5", "--json", url)).as(err.text()).isEqualTo(0);
    }
    assertThat(out.text()).startsWith("{\"model\":\"open\",\"latencyFrom\":\"intended\"");
    assertThat(number("planned")).isEqualTo(100);
    assertThat(number("answers") + number("unsent")).isEqualTo(100);
    assertThat(number("measured")).isGreaterThanOrEqualTo(0.495); // the last is intended then
  }

  @Test
  void whicheverEndsFirstOfDurationAndRequestsIsThePlan() {
    try (EchoServer server = EchoServer.start(0)) {
      String url = "ws://127.0.0.1:" + server.port() + "/";
      String[] byDuration = {"-r", "100", "-d", "0.3", "-n", "1000", "--json", url};
      assertThat(bench(byDuration)).as(err.text()).isEqualTo(0);
      assertThat(number("planned")).isEqualTo(30);
      out.reset();
      String[] byCount = {"-r", "100", "-d", "60", "-n", "10", "--json", url};
      assertThat(bench(byCount)).as(err.text()).isEqualTo(0);
      assertThat(number("planned")).isEqualTo(10);
    }
  }

  /** Echoes, with one stall after ten messages. */
  private static Script stalls() {
    return visit -> {
      WebSocketVisit socket = visit.acceptWebSocket();
      int count = 0;
      for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
        if (++count == 10) {
          visit.pause(STALL);
        }
        socket.send(frame);
      }
    };
  }

  @Test
  void aStallCountsForAllThatItHoldsUpInTheOpenModel() {
    try (Origin origin = Origin.start(stalls())) {
      String url = origin.uri("ws", "/").toString();
      assertThat(bench("-c", "1", "-r", "200", "-n", "100", "--json", url)).isEqualTo(0);
    }
    // 80 requests are intended within the stall
    assertThat(number("p50")).isGreaterThan(0.1);
    assertThat(number("max")).isGreaterThanOrEqualTo(0.4);
  }

  @Test
  void aStallCountsOnceInTheClosedModelWhichSaysSo() {
    try (Origin origin = Origin.start(stalls())) {
      String url = origin.uri("ws", "/").toString();
      assertThat(bench("-c", "1", "-n", "100", "--json", url)).isEqualTo(0);
      assertThat(number("max")).isGreaterThanOrEqualTo(0.4);
      assertThat(number("p90")).isLessThan(0.4);
      assertThat(bench("-c", "1", "-n", "100", url)).isEqualTo(0);
    }
    assertThat(out.text())
        .contains("Latencies count from the sending, and hide what a stall holds up");
  }

  @Test
  void whatTheServerWasTooSlowForIsSaidAndCounts() {
    Script silent =
        visit -> {
          visit.acceptWebSocket();
          visit.awaitEnd();
        };
    try (Origin origin = Origin.start(silent)) {
      String url = origin.uri("ws", "/").toString();
      int exit = bench("-c", "1", "-r", "100", "-d", "0.5", "--timeout=0.4", "--json", url);
      assertThat(exit).isEqualTo(6);
    }
    assertThat(number("answers")).isZero();
    assertThat(number("unsent")).isPositive();
    assertThat(out.text()).contains("{\"reason\":\"No answer in 400 ms.\",\"count\":");
    assertThat(err.text()).isEqualTo("lariat: Nothing was answered.\n");
  }

  @Test
  void errorsAreCountedByReason() {
    Script every =
        visit -> {
          for (int i = 0; visit.request() != null; i++) {
            visit.respond(i % 4 == 0 ? 503 : 200);
          }
        };
    try (Origin origin = Origin.start(every)) {
      String url = origin.uri("http", "/").toString();
      assertThat(bench("-c", "1", "-n", "40", url)).isEqualTo(12);
      assertThat(origin.visits()).isEqualTo(1); // a status leaves the connection as it is
    }
    assertThat(out.text())
        .contains("answers    30 in ", "errors     10\n")
        .contains("10 × The status 503.");
  }

  @Test
  void aConnectionThatTheServerEndsIsOpenedAgain() {
    Script one =
        visit -> {
          visit.request();
          visit.respond(200, "once");
        };
    try (Origin origin = Origin.start(one)) {
      String url = origin.uri("http", "/").toString();
      bench("-c", "1", "-n", "20", url);
      assertThat(origin.visits()).isGreaterThan(5);
    }
    assertThat(out.text()).containsPattern("answers +[0-9]+ in ");
  }

  @Test
  void anAnswerThatIsNoEchoIsAnError() {
    Script wrong =
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          while (socket.receive() != null) {
            socket.send(new Text("something else"));
          }
        };
    try (Origin origin = Origin.start(wrong)) {
      assertThat(bench("-c", "1", "-n", "2", origin.uri("ws", "/").toString())).isEqualTo(7);
    }
    assertThat(out.text()).contains("2 × An answer is not the message that was sent.");
  }

  @Test
  void twoTargetsAreMeasuredInTurnAndCompared() {
    try (EchoServer first = EchoServer.start(0);
        EchoServer second = EchoServer.start(0)) {
      String one = "ws://127.0.0.1:" + first.port() + "/";
      String two = "http://127.0.0.1:" + second.port() + "/";
      assertThat(bench("-n", "60", "-c", "2", "--rounds=3", one, two)).as(err.text()).isEqualTo(0);
      assertThat(out.text())
          .containsSubsequence(one, "answers    60 in ", two, "answers    60 in ")
          .containsPattern("median +[0-9.]+ times \\(rounds: [0-9.]+ to [0-9.]+\\)")
          .containsPattern("p99 +[0-9.]+ times");
      out.reset();
      assertThat(bench("-n", "60", "-c", "2", "--rounds=3", "--json", one, two)).isEqualTo(0);
      assertThat(out.text())
          .containsPattern(
              "\"ratio\":\\{\"median\":[0-9.]+,\"p99\":[0-9.]+,\"medianOfRounds\":\\[");
    }
  }

  @Test
  void theWarmUpIsNotMeasured() {
    try (EchoServer server = EchoServer.start(0)) {
      String url = "ws://127.0.0.1:" + server.port() + "/";
      String[] arguments = {"bench", "--warm-up=0.1", "-n", "10", "--json", url};
      assertThat(run("", arguments)).isEqualTo(0);
    }
    assertThat(number("answers")).isEqualTo(10);
    assertThat(number("warmUp")).isEqualTo(0.1);
  }

  @Test
  void nobodyIsTheExitCodeOfTheFailure() {
    int port;
    try (EchoServer server = EchoServer.start(0)) {
      port = server.port();
    }
    assertThat(bench("-c", "1", "-n", "1", "ws://127.0.0.1:" + port + "/")).isEqualTo(4);
    assertThat(out.text())
        .contains("1 × The address 127.0.0.1:" + port + " refused the connection.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "-c 0 | a whole number from 1 to 10000",
        "-c 10001 | a whole number from 1 to 10000",
        "-r 0 | a number from 0.1 to 1000000 per second",
        "-r NaN | a number from 0.1 to 1000000 per second",
        "-s 17M | a size from 0 to 16M",
        "-d 86401 | a number from 0.1 to 86400 seconds",
        "-n 0 | a whole number from 1 to 1000000000",
        "--warm-up 601 | a number from 0 to 600 seconds",
        "--rounds 101 | a whole number from 1 to 100"
      })
  void anAbsurdValueIsRefusedWithTheRange(String option, String range) {
    String[] words = option.split(" ");
    assertThat(run("", "bench", words[0], words[1], "ws://127.0.0.1:1/")).isEqualTo(2);
    assertThat(err.text()).contains("'" + words[1] + "' is not " + range);
  }

  @Test
  void aTerminalSeesHowFarItIs() {
    try (EchoServer server = EchoServer.start(0)) {
      String url = "ws://127.0.0.1:" + server.port() + "/";
      Io io = new Io(InputStream.nullInputStream(), new Output(out), err.stream(), true);
      assertThat(Main.run(io, "bench", "--warm-up=0", "-d", "0.8", "-c", "1", url)).isEqualTo(0);
    }
    assertThat(err.text())
        .containsPattern("\r\u001b\\[K[0-9]+ s, [0-9]+ answers, p50 ")
        .endsWith("\r\u001b[K");
  }

  @Test
  void oneTargetHasItsProgress() throws InterruptedException {
    try (EchoServer server = EchoServer.start(0)) {
      Endpoint endpoint = Endpoint.of("ws://127.0.0.1:" + server.port() + "/");
      Destination destination =
          new Destination(endpoint, ConnectionOptions.DEFAULT, Duration.ofSeconds(10));
      Load.Plan plan =
          new Load.Plan(1, OptionalDouble.empty(), 32, Duration.ZERO, null, OptionalLong.of(25));
      Contest contest = new Contest(List.of(destination), plan, 1);

      contest.run();

      assertThat(contest.progress()).contains(" 25 answers, ").doesNotContain("p50 0.00 ms");
    }
  }

  @Test
  void anInterruptShowsWhatWasMeasured() throws InterruptedException {
    CountDownLatch echoed = new CountDownLatch(100);
    Script echoes =
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
            socket.send(frame);
            echoed.countDown();
          }
        };
    try (Origin origin = Origin.start(echoes)) {
      String url = origin.uri("ws", "/").toString();
      Thread bench = Thread.ofPlatform().start(() -> bench("-c", "1", "-d", "3600", url));
      echoed.await();
      bench.interrupt();
      bench.join();
    }
    assertThat(out.text()).containsPattern("answers +[1-9][0-9]* in ");
  }

  @Test
  void threeUrlsAreTooMany() {
    assertThat(bench("http://a/", "http://b/", "http://c/")).isEqualTo(2);

    assertThat(err.text()).contains("one URL, or two to compare").hasLineCount(1);
  }
}
