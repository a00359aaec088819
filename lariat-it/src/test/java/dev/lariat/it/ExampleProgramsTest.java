package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.message.Bytes;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.Text;
import dev.lariat.testkit.Asked;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.Visit;
import dev.lariat.testkit.WebSocketVisit;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * The programs of Kotlin's and Spring Boot's users, started as they start them: each as a process
 * of its own with the jars that Maven chooses for it, on the oldest Java that serves and on the
 * newest. {@link ConsumerTest} does the same for the library alone.
 */
@Timeout(120)
final class ExampleProgramsTest {
  private static final int PATIENCE = 60; // seconds

  @Test
  void aProgramInKotlinRunsOnTheNewestJava() throws Exception {
    assertKotlinRuns(Java.ofTheTest());
  }

  @Needs(Peer.JAVA_21)
  @Test
  void aProgramInKotlinRunsOnTheLowestJava() throws Exception {
    assertKotlinRuns(Java.lowest().get());
  }

  @Test
  void anApplicationOfSpringBootRunsOnTheNewestJava() throws Exception {
    assertSpringBootRuns(Java.ofTheTest());
  }

  @Needs(Peer.JAVA_21)
  @Test
  void anApplicationOfSpringBootRunsOnTheLowestJava() throws Exception {
    assertSpringBootRuns(Java.lowest().get());
  }

  // ---- Kotlin

  private static void assertKotlinRuns(Java java) throws Exception {
    try (Origin shop = Origin.start(ExampleProgramsTest::shop);
        Origin feed = Origin.start(prices("1.5", "2.5"), prices("3.5"), Script.silent())) {
      Process program =
          start(
              java,
              "examples-kotlin",
              "dev.lariat.examples.kotlin.ShopKt",
              "http://127.0.0.1:" + shop.port(),
              feed.uri("ws", "/prices").toString());
      try {
        List<String> printed = program.inputReader().lines().toList();
        assertThat(printed)
            .containsExactly(
                "stored: Order(id=7, item=rope)",
                "all: [Order(id=7, item=rope), Order(id=8, item=rope)]",
                "BTC: 1.5",
                "BTC: 2.5",
                "BTC: 3.5");
        assertThat(program.waitFor(PATIENCE, TimeUnit.SECONDS)).isTrue();
        assertThat(program.exitValue()).isZero();
      } finally {
        program.destroyForcibly().waitFor();
      }
    }
  }

  private static void shop(Visit visit) throws IOException {
    for (Asked asked = visit.request(); asked != null; asked = visit.request()) {
      String id = asked.target().replaceAll(".*/", "");
      Bytes order = Bytes.ofUtf8("{\"id\":" + id + ",\"item\":\"rope\"}");
      boolean stores = asked.method().equals("POST");
      visit.respond(200, Headers.EMPTY, stores ? asked.body() : order);
    }
  }

  /** Says these to who has subscribed, and ends without a close frame. */
  private static Script prices(String... prices) {
    return visit -> {
      WebSocketVisit socket = visit.acceptWebSocket();
      assertThat(socket.receive()).isEqualTo(new Text("subscribe"));
      for (String price : prices) {
        socket.send(new Text("{\"symbol\":\"BTC\",\"price\":" + price + "}"));
      }
    };
  }

  // ---- Spring Boot

  private static void assertSpringBootRuns(Java java) throws Exception {
    BlockingQueue<Frame> asked = new LinkedBlockingQueue<>();
    Script dies =
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          asked.add(socket.receive());
        };
    Script lives =
        visit -> {
          WebSocketVisit socket = visit.acceptWebSocket();
          for (Frame frame = socket.receive(); frame != null; frame = socket.receive()) {
            asked.add(frame);
          }
        };
    try (Origin feed = Origin.start(dies, lives)) {
      Process application =
          start(
              java,
              "examples-spring-boot",
              "dev.lariat.examples.spring.QuotesApplication",
              "--server.port=0",
              "--lariat.feeds.quotes.uri=" + feed.uri("ws", "/quotes"),
              "--lariat.feeds.quotes.healing.spread=0s");
      try (BufferedReader log = application.inputReader()) {
        Text subscribes = new Text("{\"op\":\"subscribe\",\"symbol\":\"BTC-USD\"}");
        assertThat(asked.poll(PATIENCE, TimeUnit.SECONDS)).isEqualTo(subscribes);
        assertThat(asked.poll(PATIENCE, TimeUnit.SECONDS)).isEqualTo(subscribes);
        awaitLine(log, "Started QuotesApplication");
        application.toHandle().destroy(); // that of the process would close its output
        assertThat(asked.poll(PATIENCE, TimeUnit.SECONDS)).isEqualTo(Close.GOING_AWAY);
        assertThat(log.lines()).noneMatch(line -> line.contains(" ERROR "));
      } finally {
        application.destroyForcibly().waitFor();
      }
    }
  }

  /** Reads up to the line that has this part, none of which reports an error. */
  private static void awaitLine(BufferedReader log, String part) throws IOException {
    List<String> read = new ArrayList<>();
    for (String line = log.readLine(); line != null; line = log.readLine()) {
      read.add(line);
      if (line.contains(part)) {
        assertThat(read).noneMatch(one -> one.contains(" ERROR "));
        return;
      }
    }
    throw new AssertionError(part + " is not in " + read);
  }

  // ---- how it is run

  /** Starts a program of an example, with the class path that its build wrote. */
  private static Process start(Java java, String example, String main, String... arguments)
      throws IOException {
    Path target = Path.of("..", example, "target").toAbsolutePath().normalize();
    String others = Files.readString(target.resolve("class-path.txt")).strip();
    String path =
        Stream.concat(
                Stream.of(own(target)),
                Arrays.stream(others.split(File.pathSeparator)).map(Path::of))
            .map(part -> java.seen(part).toString())
            .collect(Collectors.joining(File.pathSeparator));
    List<String> options = new ArrayList<>(List.of("-cp", path, main));
    options.addAll(List.of(arguments));
    return new ProcessBuilder(java.tool("java", options.toArray(String[]::new)))
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** The jar of an example, or its classes while there is none. */
  private static Path own(Path target) throws IOException {
    try (Stream<Path> files = Files.list(target)) {
      return files
          .filter(file -> file.getFileName().toString().matches("lariat-examples-[\\w.-]+\\.jar"))
          .findFirst()
          .orElse(target.resolve("classes"));
    }
  }
}
