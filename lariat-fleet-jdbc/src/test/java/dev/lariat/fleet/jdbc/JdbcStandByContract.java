package dev.lariat.fleet.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.fleet.Batch;
import dev.lariat.fleet.Feed;
import dev.lariat.fleet.FeedEvent;
import dev.lariat.fleet.FeedInfo;
import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.PositionFinder;
import dev.lariat.fleet.Sink;
import dev.lariat.fleet.StandByInfo;
import dev.lariat.fleet.jdbc.stage.Database;
import dev.lariat.fleet.jdbc.stage.TableSink;
import dev.lariat.fleet.stage.FeedServer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two nodes that stand by for each other, one of which is a process that is killed. */
@Timeout(120)
abstract class JdbcStandByContract {
  private static final int SLOTS = 16;
  private static final int FEEDS = 40;
  private static final Duration LEASE = Duration.ofSeconds(4);

  private final String name = Database.fleet();
  private FeedServer server;

  private final Lock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();
  private final Map<String, List<Long>> written = new HashMap<>(); // by feed, whoever wrote it
  private Map<String, Long> since =
      Map.of(); // the newest of each feed before the process is killed

  abstract Database database();

  /** The first word of what the other process is told. */
  abstract String kind();

  @BeforeEach
  void begin() throws Exception {
    server = new FeedServer(SLOTS, true);
  }

  @AfterEach
  void end() {
    server.close();
  }

  private static Fleet open(DataSource source, String name, String node, int port, Sink sink)
      throws Exception {
    FleetOptions options =
        FleetOptions.DEFAULT
            .slots(SLOTS)
            .placement(JdbcPlacement.over(source).fleet(name).node(node).lease(LEASE));
    Fleet fleet = Fleet.open(JdbcPositionStore.over(source).fleet(name), sink, options);
    fleet.feeds(
        IntStream.range(0, FEEDS)
            .mapToObj(
                number ->
                    Feed.webSocket(
                            "feed-" + number,
                            "ws://127.0.0.1:%d/feed-%d?node=%s&now".formatted(port, number, node))
                        .position(PositionFinder.json("/seq"))
                        .standBy(true))
            .toList());
    return fleet;
  }

  /** The process that is killed: it prints what it writes. */
  static final class Node {
    public static void main(String[] arguments) throws Exception {
      int store = Integer.parseInt(arguments[1]);
      DataSource source;
      if (arguments[0].equals("h2")) {
        JdbcDataSource h2 = new JdbcDataSource();
        h2.setURL("jdbc:h2:tcp://127.0.0.1:" + store + "/./fleet");
        h2.setUser(Database.USER);
        source = h2;
      } else {
        source = TableSink.source(store, "127.0.0.1");
      }
      int port = Integer.parseInt(arguments[3]);
      open(source, arguments[2], "killed", port, Node::print);
      while (System.in.read() >= 0) {} // the test has ended
      Runtime.getRuntime().halt(1);
    }

    private static synchronized void print(Batch batch) {
      StringBuilder lines = new StringBuilder();
      for (FeedEvent event : batch.events()) {
        lines.append(event.feed() + " " + event.position().orElseThrow() + "\n");
      }
      System.out.print(lines);
      System.out.flush();
    }
  }

  private Process start() throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Node.class.getName(),
                kind(),
                Integer.toString(database().port()),
                name,
                Integer.toString(server.port()))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    Thread.startVirtualThread(
        () ->
            new BufferedReader(new InputStreamReader(process.getInputStream()))
                .lines()
                .map(line -> line.split(" "))
                .filter(words -> words.length == 2 && words[0].startsWith("feed-"))
                .forEach(words -> write(words[0], Long.parseLong(words[1]))));
    return process;
  }

  private void write(Batch batch) {
    batch
        .events()
        .forEach(event -> write(event.feed(), Long.parseLong(event.position().orElseThrow())));
  }

  private void write(String feed, long number) {
    lock.lock();
    try {
      written.computeIfAbsent(feed, none -> new ArrayList<>()).add(number);
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Waits until this is so, while events come. */
  private void await(BooleanSupplier so) throws InterruptedException {
    lock.lock();
    try {
      while (!so.getAsBoolean()) {
        boolean unused = more.await(20, TimeUnit.MILLISECONDS);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Waits until each feed has two more events. */
  private void awaitEvents() throws InterruptedException {
    Map<String, Integer> before = new HashMap<>();
    await(() -> written.size() == FEEDS);
    await(
        () -> {
          written.forEach((feed, all) -> before.putIfAbsent(feed, all.size()));
          return written.entrySet().stream()
              .allMatch(entry -> entry.getValue().size() >= before.get(entry.getKey()) + 2);
        });
  }

  private static List<StandByInfo> standBys(Fleet fleet) {
    return fleet.info().feeds().stream().map(FeedInfo::standBy).map(Optional::orElseThrow).toList();
  }

  @Test
  void whenANodeIsKilledNoEventIsLostThoughTheServerCannotSendItAgain() throws Exception {
    try (Fleet fleet = open(database().source(), name, "first", server.port(), this::write)) {
      await(() -> server.openFeeds() == FEEDS);
      assertThat(standBys(fleet)).containsOnly(StandByInfo.NONE); // since it is alone
      Process killed = start();
      await(() -> fleet.info().slots().size() == SLOTS / 2);
      await(() -> standBys(fleet).stream().allMatch(StandByInfo::ready));
      await(() -> server.doubledNow() == FEEDS);
      awaitEvents();
      server.look();
      since = newest();
      killed.destroyForcibly().waitFor();
      await(() -> server.doubledNow() == 0);
      await(() -> fleet.info().slots().size() == SLOTS);
      awaitEvents();
      FeedServer.Seen seen = server.look();
      assertThat(seen.fewestOpen).isEqualTo(FEEDS);
      assertThat(seen.opened).isZero();
      assertThat(standBys(fleet)).containsOnly(StandByInfo.NONE);
    }
    lock.lock();
    try {
      written.forEach(this::isComplete);
    } finally {
      lock.unlock();
    }
  }

  private Map<String, Long> newest() {
    lock.lock();
    try {
      return written.keySet().stream().collect(Collectors.toMap(its -> its, this::newest));
    } finally {
      lock.unlock();
    }
  }

  private long newest(String feed) {
    return written.get(feed).stream().mapToLong(its -> its).max().orElseThrow();
  }

  /**
   * None is missing of the events since the process was killed. Only what was written then and not
   * stored may be there twice.
   */
  private void isComplete(String feed, List<Long> all) {
    long first = since.get(feed);
    List<Long> numbers = all.stream().filter(its -> its >= first).toList();
    Set<Long> its = new HashSet<>(numbers);
    assertThat(its).as("%s: %s", feed, all).hasSize((int) (newest(feed) - first + 1));
    assertThat(numbers.size() - its.size()).as("%s twice: %s", feed, all).isLessThanOrEqualTo(1);
  }
}
