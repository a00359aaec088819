package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.FleetProvider;
import dev.lariat.fleet.Placement;
import dev.lariat.fleet.PositionStore;
import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code lariat fleet}. */
final class FleetRunTest extends CommandTest {
  private static final Script NUMBERED = // three events after the one that is asked for
      visit -> {
        var head = visit.head();
        if (head == null) {
          return;
        }
        if (head.target().startsWith("/gone")) {
          visit.respond(403);
          return;
        }
        Matcher after = Pattern.compile("after=([0-9]+)").matcher(head.target());
        int first = after.find() ? Integer.parseInt(after.group(1)) + 1 : 1;
        var socket = visit.acceptWebSocket();
        for (int i = first; i < first + 3; i++) {
          socket.send(new Text("{\"seq\":" + i + "}"));
        }
        socket.receive();
      };

  @TempDir private Path folder;
  private Path file;
  private Origin origin;
  private Thread command;

  /** What the tests join: a fleet of one node, with a store or without. */
  public static final class Provider implements FleetProvider {
    @Override
    public String scheme() {
      return "test";
    }

    @Override
    public Optional<Placement> placement(String uri) throws IOException {
      if (uri.contains("down")) {
        throw new IOException("it is down");
      }
      if (uri.contains("ends")) {
        return Optional.of(new Ending());
      }
      return uri.contains("noplacement") ? Optional.empty() : Optional.of(Placement.alone());
    }

    @Override
    public Optional<PositionStore> positions(String uri) {
      return uri.contains("nostore") ? Optional.empty() : Optional.of(PositionStore.inMemory());
    }
  }

  /** Its node ends as soon as it has joined. */
  private record Ending() implements Placement {
    @Override
    public Membership join(int slots, Node node) throws IOException {
      Membership its = Placement.alone().join(slots, node);
      node.ended("the cluster has removed it");
      return its;
    }

    @Override
    public boolean shared() {
      return false;
    }
  }

  @BeforeEach
  void begin() {
    file = folder.resolve("feeds.yaml");
    origin = Origin.start(NUMBERED);
  }

  @AfterEach
  void end() {
    origin.close();
  }

  private String feed(String id) {
    return feed(id, "/" + id);
  }

  private String feed(String id, String target) {
    return "- {id: "
        + id
        + ", uri: '"
        + origin.uri("ws", target)
        + "', position: /seq, resume: {query: after}}\n";
  }

  private void write(String... feeds) throws IOException {
    Files.writeString(file, "feeds:\n" + String.join("", feeds));
  }

  /** Runs the command until it is interrupted. */
  private CompletableFuture<Integer> start(OutputStream output, String... options) {
    CompletableFuture<Integer> exit = new CompletableFuture<>();
    String[] words =
        Stream.concat(Stream.of("fleet", file.toString()), Stream.of(options))
            .toArray(String[]::new);
    command =
        new Thread(() -> exit.complete(run(new ByteArrayInputStream(new byte[0]), output, words)));
    command.start();
    return exit;
  }

  private CompletableFuture<Integer> start(String... options) {
    return start(out, options);
  }

  private int interrupted(CompletableFuture<Integer> exit) throws Exception {
    command.interrupt();
    return exit.get();
  }

  private static CountDownLatch latch(Captured captured, String pattern) {
    CountDownLatch latch = new CountDownLatch(1);
    captured.when(pattern, latch::countDown);
    return latch;
  }

  private static String position(int number) {
    return "\"position\":\"" + number + "\"";
  }

  @Test
  void everyEventIsALineAndARestartContinuesAtThePosition() throws Exception {
    write(feed("btc"));
    CountDownLatch third = latch(out, position(3));
    CompletableFuture<Integer> exit = start();
    third.await();
    assertThat(interrupted(exit)).isZero();
    CountDownLatch sixth = latch(out, position(6));
    exit = start();
    sixth.await();
    assertThat(interrupted(exit)).isZero();
    assertThat(out.text().lines().toList()).hasSize(6);
    for (int i = 0; i < 6; i++) {
      String[] lines = out.text().lines().toArray(String[]::new);
      assertThat(lines[i])
          .startsWith("{\"feed\":\"btc\"," + position(i + 1) + ",\"at\":\"2")
          .endsWith("\"type\":\"message\",\"data\":\"{\\\"seq\\\":" + (i + 1) + "}\"}");
    }
    assertThat(folder.resolve("feeds.yaml.positions")).exists();
  }

  @Test
  void whatChangesGoesToStandardErrorAndQuietlyNothingDoes() throws Exception {
    write(feed("btc"), feed("gone"));
    CountDownLatch gone = latch(err, "gone has ended for good: .*403");
    CountDownLatch third = latch(out, position(3));
    CompletableFuture<Integer> exit = start();
    third.await();
    gone.await();
    assertThat(interrupted(exit)).isZero();
    assertThat(err.text())
        .containsPattern("(?m)^2[0-9-]+T[0-9:.]+Z Feeds: 2 new, 0 changed, 0 removed\\.$")
        .containsPattern("(?m)Z btc is open, session 1\\.$")
        .doesNotContain("slot");
    err.reset();
    gone = latch(err, "gone has ended for good");
    CountDownLatch sixth = latch(out, position(6));
    exit = start("--quiet");
    sixth.await();
    gone.await();
    assertThat(interrupted(exit)).isZero();
    assertThat(err.text().lines()).hasSize(1);
  }

  @Test
  void aChangeOfTheFileTakesEffectAndABrokenOneDoesNot() throws Exception {
    write(feed("btc"));
    CountDownLatch third = latch(out, position(3));
    CompletableFuture<Integer> exit = start();
    third.await();
    CountDownLatch refused = latch(err, "The new file of feeds is not used: .*line 1, column 1");
    CountDownLatch changed = latch(err, "Feeds: 1 new, 0 changed, 1 removed");
    CountDownLatch other = latch(out, "\"feed\":\"eth\"");
    Files.writeString(file, "fedes: []");
    refused.await();
    write(feed("eth"));
    changed.await();
    other.await();
    assertThat(interrupted(exit)).isZero();
  }

  @Test
  void eventsCanGoToFilesAndPositionsToAnother() throws Exception {
    write(feed("btc"));
    CountDownLatch open = latch(err, "btc is open");
    Path events = folder.resolve("events");
    Path positions = folder.resolve("positions");
    CompletableFuture<Integer> exit = start("--sink=" + events, "--positions=" + positions);
    open.await();
    while (lines(events) < 3) {
      Thread.onSpinWait();
    }
    assertThat(interrupted(exit)).isZero();
    assertThat(out.text()).isEmpty();
    assertThat(positions).exists();
    assertThat(folder.resolve("feeds.yaml.positions")).doesNotExist();
  }

  private static long lines(Path events) throws IOException {
    if (!Files.exists(events)) {
      return 0;
    }
    long lines = 0;
    try (Stream<Path> files = Files.list(events)) {
      for (Path file : files.toList()) {
        lines += Files.readAllLines(file).size();
      }
    }
    return lines;
  }

  private static OutputStream failing(String why) {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException(why);
      }
    };
  }

  @Test
  void theCommandEndsWhenTheReaderOfItsOutputHasLeft() throws Exception {
    write(feed("btc"));
    assertThat(start(failing("Broken pipe")).get()).isEqualTo(141);
    assertThat(err.text()).doesNotContain("lariat:");
  }

  @Test
  void theCommandEndsWhenItsOutputCannotBeWritten() throws Exception {
    write(feed("btc"));
    assertThat(start(failing("No space left on device")).get()).isEqualTo(11);
    assertThat(err.text())
        .endsWith("lariat: The output cannot be written: No space left on device.\n")
        .doesNotContain("sink failed");
  }

  @Test
  void theStatusIsATableAndJson() throws Exception {
    write(feed("btc"), feed("gone"));
    CountDownLatch third = latch(out, position(3));
    CountDownLatch gone = latch(err, "gone has ended for good");
    CountDownLatch served = latch(err, "The status is at http://127.0.0.1:[0-9]+/\n");
    CompletableFuture<Integer> exit = start("--status=0");
    served.await();
    third.await();
    gone.await();
    Matcher url = Pattern.compile("http://127.0.0.1:[0-9]+/").matcher(err.text());
    assertThat(url.find()).isTrue();
    do {
      out.reset();
      assertThat(run("", "fleet", "status", url.group())).isZero();
    } while (!out.text().contains("has written 3 events")); // it counts them after the write
    assertThat(out.text())
        .startsWith("Node alone, one of 1. It has 256 of 256 slots, and has written 3 events.\n")
        .containsPattern("(?m)^FEED  STATE  OWNER  SLOT  POSITION  LAST EVENT  GAPS  REASON$")
        .containsPattern("(?m)^btc   OPEN   alone  \\d+ +3         \\d+ s ago +0     -$")
        .containsPattern("(?m)^gone  GONE   alone  \\d+ +-         - +0     .*403.*$");
    out.reset();
    assertThat(run("", "fleet", "status", "--json", url.group())).isZero();
    assertThat(out.text()).startsWith("{\"node\":\"alone\",").endsWith("\"removed\":[]}\n");
    assertThat(Json.fault(out.text())).isNull();
    assertThat(interrupted(exit)).isZero();
    out.reset();
    awaitRefusal(URI.create(url.group()).getPort());
    int code = run("", "fleet", "status", url.group());
    assertThat(code).as(err.text()).isEqualTo(4);
  }

  @Test
  void theTableShowsHowManyConnectionsOfAPairAreOpen() {
    String status =
        """
        {"node":"a","members":1,"at":"2026-11-30T10:00:00Z","slots":4,"owned":4,"written":5,
        "feeds":[{"id":"btc","state":"OPEN","slot":1,"gaps":0,"pair":{"open":1,"duplicates":3}},
        {"id":"eth","state":"OPEN","slot":2,"gaps":0}]}
        """;
    assertThat(FleetTable.text(status))
        .containsPattern("(?m)^btc   OPEN 1/2  -")
        .containsPattern("(?m)^eth   OPEN      -");
  }

  /** The status page has ended, but its port can take a connection for a moment longer. */
  private static void awaitRefusal(int port) throws IOException {
    while (true) {
      try (Socket _ = new Socket("127.0.0.1", port)) {
        Thread.onSpinWait();
      } catch (ConnectException e) {
        return;
      }
    }
  }

  @Test
  void whatIsNoStatusIsRefused() {
    origin.script(
        visit -> {
          if (visit.request() != null) {
            visit.respond(200, "[]");
          }
        });
    assertThat(run("", "fleet", "status", origin.uri("http", "/").toString())).isEqualTo(2);
    assertThat(err.text()).isEqualTo("lariat: That is no status of a fleet.\n");
    err.reset();
    assertThat(run("", "fleet", "status", "http://a b/")).isEqualTo(2);
    assertThat(err.text()).isEqualTo("lariat: http://a b/ is not a URL.\n");
  }

  @Test
  void aNodeOfSeveralUsesTheModuleOfTheScheme() throws Exception {
    write(feed("btc"));
    for (List<String> options :
        List.of(
            List.of("--join=test:all"),
            List.of("--join=test:nostore", "--positions=test:store"),
            List.of("--positions=test:store"))) {
      out.reset();
      CountDownLatch third = latch(out, position(3));
      CompletableFuture<Integer> exit = start(options.toArray(String[]::new));
      third.await();
      assertThat(interrupted(exit)).isZero();
    }
    assertThat(err.text()).containsPattern("This node has slot \\d+, epoch 1\\.");
    assertThat(folder.resolve("feeds.yaml.positions")).doesNotExist();
  }

  @Test
  void aNodeThatHasEndedEndsTheCommandWithACodeForWhoStartsItAgain() throws Exception {
    write(feed("btc"));
    assertThat(start("--join=test:ends", "--quiet").get()).isEqualTo(7);
    assertThat(err.text()).contains("The node alone has ended: the cluster has removed it.");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--join=oracle:x | --join: there is no module for oracle, only for jdbc, pekko, test. --jar"
            + " adds one.",
        "--positions=jdbcx:y | --positions: there is no module for jdbcx, only for jdbc, pekko,"
            + " test. --jar adds one.",
        "--join=nodes | --join: nodes is not a URI such as jdbc:… or pekko://….",
        "--join=jdbc:mysql://h/x?password=secret | --join: no driver on the class path takes this"
            + " jdbc:mysql: URL.",
        "--join=pekko://h:1 | --join: pekko.uri: pekko://h:1, allowed"
            + " pekko://SEED:PORT,…?at=HOST:PORT.",
        "--join=pekko://h:1?at=h:99999 | --join: pekko.at: h:99999, allowed host:port.",
        "--join=pekko://h:1?at=h:2 | --join: the nodes must share their positions: name a store"
            + " with --positions, such as --positions=jdbc:….",
        "--join=test:down | --join: it is down.",
        "--join=test:noplacement | --join: test:noplacement is not a placement.",
        "--positions=test:nostore | --positions: test:nostore is not a store.",
        "--join=test:nostore | --join: the nodes must share their positions: name a store with"
            + " --positions, such as --positions=jdbc:….",
        "--status=99999 | Invalid value for option '--status': '99999' is not a whole number from 0"
            + " to 65535 (see lariat fleet --help).",
      })
  void whatCannotBeJoinedIsRefused(String option, String error) throws Exception {
    write(feed("btc"));
    assertThat(run("", "fleet", file.toString(), option)).isEqualTo(2);
    assertThat(err.text()).isEqualTo("lariat: " + error + "\n");
  }

  @Test
  void aJarOrAFolderOfJarsAddsAModule() throws Exception {
    write(feed("btc"));
    Path jars = Files.createDirectory(folder.resolve("jars"));
    Path jar = moduleWith("extra", jars.resolve("extra.jar"));
    for (Path given : List.of(jar, jars)) {
      CountDownLatch open = latch(err, "btc is open");
      CompletableFuture<Integer> exit = start("--join=extra:all", "--jar=" + given);
      open.await();
      assertThat(interrupted(exit)).isZero();
    }
    err.reset();
    assertThat(run("", "fleet", file.toString(), "--join=extra:all")).isEqualTo(2);
    assertThat(err.text()).contains("there is no module for extra");
    err.reset();
    Path none = folder.resolve("none.jar");
    assertThat(run("", "fleet", file.toString(), "--join=extra:all", "--jar=" + none)).isEqualTo(2);
    assertThat(err.text())
        .isEqualTo("lariat: --jar: " + none + " is not a file that can be read.\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "jdbc:postgresql://127.0.0.1:1/x?password=secret | 4 | Connection to 127.0.0.1:1 refused",
        "jdbc:h2:tcp://127.0.0.1:1/x;PASSWORD=secret | 4 | Connection refused",
        "jdbc:postgresql://host.invalid/x?password=secret | 3 | host.invalid does not resolve.",
        "jdbc:h2:mem:none;IFEXISTS=TRUE;PASSWORD=secret | 2 | not found",
      })
  void aDatabaseThatCannotBeUsedIsOneLineAndTheExitCodeSaysWhy(String url, int exit, String why)
      throws Exception {
    write(feed("btc"));
    assertThat(run("", "fleet", file.toString(), "--join=" + url)).isEqualTo(exit);
    assertThat(err.text())
        .startsWith("lariat: the database of the fleet fails: ")
        .contains(why)
        .doesNotContain("secret")
        .endsWith(".\n")
        .hasLineCount(1);
  }

  /** A jar with a provider for this scheme. */
  private Path moduleWith(String scheme, Path jar) throws IOException {
    Path classes = folder.resolve("classes");
    Path services = Files.createDirectories(classes.resolve("META-INF/services"));
    Files.writeString(services.resolve(FleetProvider.class.getName()), "Extra");
    Path source =
        Files.writeString(
            folder.resolve("Extra.java"),
            """
            import dev.lariat.fleet.*;
            import java.util.Optional;
            public class Extra implements FleetProvider {
              public String scheme() { return "%s"; }
              public Optional<Placement> placement(String uri) {
                return Optional.of(Placement.alone());
              }
              public Optional<PositionStore> positions(String uri) {
                return Optional.of(PositionStore.inMemory());
              }
            }
            """
                .formatted(scheme));
    Path fleet;
    try {
      fleet =
          Path.of(FleetProvider.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
    tool("javac", "-cp", fleet.toString(), "-d", classes.toString(), source.toString());
    tool("jar", "--create", "--file", jar.toString(), "-C", classes.toString(), ".");
    return jar;
  }

  private static void tool(String name, String... arguments) {
    assertThat(ToolProvider.findFirst(name).orElseThrow().run(System.out, System.err, arguments))
        .isZero();
  }

  @Test
  void aFileThatCannotBeUsedIsRefused() throws Exception {
    assertThat(run("", "fleet", file.toString())).isEqualTo(2);
    assertThat(err.text()).isEqualTo("lariat: There is no file " + file + ".\n");
    err.reset();
    Files.writeString(file, "feeds:\n- {id: a, url: 'ws://h/'}\n");
    assertThat(run("", "fleet", file.toString())).isEqualTo(2);
    assertThat(err.text())
        .startsWith("lariat: " + file + ", line 2, column 11: feeds[0].url: unknown; did you mean");
    err.reset();
    assertThat(run("", "fleet")).isEqualTo(2);
    assertThat(err.text())
        .isEqualTo("lariat: Missing required parameter: 'FILE' (see lariat fleet --help).\n");
  }

  @Test
  void aPortAndAStoreThatAreTakenAreRefused() throws Exception {
    write(feed("btc"));
    int port = origin.uri("http", "/").getPort();
    assertThat(run("", "fleet", file.toString(), "--status=" + port)).isEqualTo(2);
    assertThat(err.text()).startsWith("lariat: --status: port " + port + ": ");
    err.reset();
    CountDownLatch third = latch(out, position(3));
    CompletableFuture<Integer> exit = start();
    third.await();
    err.reset();
    assertThat(run("", "fleet", file.toString())).isEqualTo(2);
    assertThat(err.text()).contains("lariat: positions.file: another fleet uses it, ");
    assertThat(interrupted(exit)).isZero();
  }
}
