package dev.lariat.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.lariat.message.Text;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * {@code lariat fleet --join} as the package has it: what nodes share is not on the class path, but
 * in the folder beside the program.
 */
@Timeout(120)
class FleetJoinTest {
  private static final int FEEDS = 24; // so many that no node is without
  private static final int EVENTS = 3; // of each session

  private static final Script NUMBERED =
      visit -> {
        var head = visit.head();
        if (head == null) {
          return;
        }
        Matcher after = Pattern.compile("after=([0-9]+)").matcher(head.target());
        int first = after.find() ? Integer.parseInt(after.group(1)) + 1 : 1;
        var socket = visit.acceptWebSocket();
        for (int i = first; i < first + EVENTS; i++) {
          socket.send(new Text("{\"seq\":" + i + "}"));
        }
        socket.receive();
      };

  @TempDir private Path folder;
  private final List<Process> processes = new ArrayList<>();
  private final Origin origin = Origin.start(NUMBERED);
  private Path feeds;
  private String database;

  /** A process whose events go to a file. */
  private final class Node {
    final Path events = folder.resolve("events-" + processes.size());
    final Process process;
    final BufferedReader err;

    Node(String... options) throws IOException {
      List<String> command = Cli.command("fleet", feeds.toString());
      command.addAll(List.of(options));
      process = new ProcessBuilder(command).redirectOutput(events.toFile()).start();
      processes.add(process);
      err = process.errorReader();
    }

    String await(String pattern) throws IOException {
      List<String> said = new ArrayList<>();
      for (String line = err.readLine(); line != null; line = err.readLine()) {
        Matcher matcher = Pattern.compile(pattern).matcher(line);
        if (matcher.find()) {
          return matcher.group();
        }
        said.add(line);
      }
      throw new AssertionError(pattern + " was not said, but " + said);
    }

    /** Waits until it has opened all feeds, one time or another. */
    void awaitAll(String first) throws IOException {
      Set<String> open = new TreeSet<>(Set.of(first));
      while (open.size() < FEEDS) {
        open.add(await("f\\d+ is open"));
      }
    }

    void end() throws Exception {
      process.toHandle().destroy(); // SIGTERM, and its streams stay open
      List<String> last = err.lines().toList();
      assertThat(process.waitFor()).as(last.toString()).isZero();
    }
  }

  @BeforeEach
  void startsADatabase() throws Exception {
    Path cli =
        Stream.of(System.getProperty("java.class.path").split(":", -1))
            .map(Path::of)
            .filter(path -> path.toString().matches(".*lariat-cli/target/(classes|[^/]+\\.jar)"))
            .findFirst()
            .orElseThrow();
    Path beside = cli.resolveSibling("fleet");
    assumeTrue(Files.isDirectory(beside), "lariat-cli is not packaged");
    Path h2;
    try (Stream<Path> jars = Files.list(beside)) {
      h2 = jars.filter(jar -> jar.getFileName().toString().startsWith("h2-")).findFirst().get();
    }
    Process server =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                h2.toString(),
                "org.h2.tools.Server",
                "-tcp",
                "-tcpPort",
                "0",
                "-baseDir",
                folder.toString(),
                "-ifNotExists")
            .redirectErrorStream(true)
            .start();
    processes.add(server);
    Matcher port = Pattern.compile("tcp://[^ ]*:(\\d+)").matcher(server.inputReader().readLine());
    assertThat(port.find()).isTrue();
    database = "jdbc:h2:tcp://127.0.0.1:" + port.group(1) + "/./fleet;USER=lariat";
    feeds = folder.resolve("feeds.yaml");
    Files.writeString(
        feeds,
        IntStream.range(0, FEEDS)
            .mapToObj(
                i ->
                    "- {id: f%d, uri: '%s', position: /seq, resume: {query: after}}\n"
                        .formatted(i, origin.uri("ws", "/" + i)))
            .collect(Collectors.joining("", "feeds:\n", "")));
  }

  @AfterEach
  void end() throws Exception {
    for (Process process : processes.reversed()) {
      process.destroyForcibly().waitFor();
    }
    origin.close();
  }

  /** The positions of each feed, over all nodes. */
  private static Map<String, List<Integer>> positions(Node... nodes) throws IOException {
    Pattern event = Pattern.compile("\\{\"feed\":\"(f\\d+)\",\"position\":\"(\\d+)\".*\\}");
    Map<String, List<Integer>> all = new TreeMap<>();
    for (Node node : nodes) {
      for (String line : Files.readAllLines(node.events)) {
        Matcher matcher = event.matcher(line);
        assertThat(matcher.matches()).as(line).isTrue();
        all.computeIfAbsent(matcher.group(1), none -> new ArrayList<>())
            .add(Integer.valueOf(matcher.group(2)));
      }
    }
    return all;
  }

  private static List<Integer> upTo(int last) {
    return IntStream.rangeClosed(1, last).boxed().toList();
  }

  @Test
  void whatAKilledNodeHadContinuesOnAnotherThroughTheDatabase() throws Exception {
    Node first = new Node("--join=" + database);
    String open = first.await("f\\d+ is open");
    first.awaitAll(open);
    Node second = new Node("--join=" + database, "--status=0");
    String url = second.await("http://127.0.0.1:\\d+/");
    open = second.await("f\\d+ is open");
    first.process.destroyForcibly().waitFor(); // SIGKILL
    second.awaitAll(open);
    Cli.Run status = Cli.run(folder, "", "fleet", "status", url);
    assertThat(status.exit()).as(status.err()).isZero();
    assertThat(status.out()).contains("It has 256 of 256 slots").containsPattern("f0 +OPEN ");
    second.end();
    Map<String, List<Integer>> positions = positions(first, second);
    assertThat(positions).hasSize(FEEDS);
    positions.forEach(
        (feed, its) -> // nothing is missing; what was written and not yet stored is written again
        assertThat(its.stream().distinct().sorted())
                .as(feed)
                .containsExactlyElementsOf(upTo(its.stream().max(Integer::compare).get())));
  }

  private static String freeAddress() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return "127.0.0.1:" + free.getLocalPort();
    }
  }

  @Test
  void whatANodeOfPekkoHandsOverContinuesOnAnotherOnceAndATakenPortIsOneLine() throws Exception {
    String seed = freeAddress();
    Node first = new Node("--join=pekko://" + seed + "?at=" + seed, "--positions=" + database);
    String open = first.await("f\\d+ is open");
    first.awaitAll(open);
    Node refused = new Node("--join=pekko://" + seed + "?at=" + seed, "--positions=" + database);
    Node second =
        new Node("--join=pekko://" + seed + "?at=" + freeAddress(), "--positions=" + database);
    open = second.await("f\\d+ is open");
    first.end();
    second.awaitAll(open);
    second.end();
    assertThat(refused.process.waitFor()).isEqualTo(2);
    assertThat(refused.err.lines()).containsExactly("lariat: cannot listen at " + seed + ".");
    Map<String, List<Integer>> positions = positions(first, second);
    assertThat(positions).hasSize(FEEDS);
    positions.forEach(
        (feed, its) -> assertThat(its).as(feed).containsExactlyElementsOf(upTo(its.size())));
  }
}
