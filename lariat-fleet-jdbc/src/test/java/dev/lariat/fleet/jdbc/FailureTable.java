package dev.lariat.fleet.jdbc;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * What happens to a fleet of three processes when something fails: each row of the table in the
 * guide, by its name. It runs in a network namespace of its own, where it may cut what it likes,
 * and prints a line for each row: its name, its figures and its faults.
 */
final class FailureTable {
  static final Duration LEASE = Duration.ofSeconds(6);
  static final String INSERT =
      """
      insert into event (slot, epoch, feed, number)
      select ?, ?, its.feed, its.number
      from unnest(cast(? as varchar array), cast(? as bigint array)) as its(feed, number)
      """;
  private static final int FEEDS = Integer.getInteger("failures.feeds", 600);
  private static final int SLOTS = 60;
  private static final double TOLD = 2; // seconds after the end of a lease

  /** How often the times of the guide may be taken: a machine that builds has other work to do. */
  private static final int PATIENCE = Integer.getInteger("failures.patience", 3);

  private final Database database = Database.postgreSql();
  private final FeedServer server = new FeedServer(SLOTS);
  private final Map<String, Node> nodes = new LinkedHashMap<>();
  private int started;

  private List<String> figures = new ArrayList<>();
  private List<String> faults = new ArrayList<>();

  private FailureTable() throws Exception {
    database.execute(
        "create table event"
            + " (id bigserial, slot integer, epoch bigint, feed varchar, number bigint)");
  }

  static String feed(int number) {
    return "feed-" + number;
  }

  /** One process. Each has an address of its own, by which it is cut off. */
  private final class Node {
    final String name = "node-" + started;
    final String address = "127.0.1." + ++started;
    final Process process;
    final Queue<String> told = new ConcurrentLinkedQueue<>();

    Node(int slots) throws IOException {
      String url =
          "jdbc:postgresql://127.0.0.1:%d/postgres?localSocketAddress=%s&connectTimeout=2"
                  .formatted(database.port, address)
              // a process that freezes within a transaction must not hold its locks for long
              + "&options=-c%20idle_in_transaction_session_timeout=2000";
      process =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-XX:+UseSerialGC",
                  "-Xmx256m",
                  "--enable-native-access=ALL-UNNAMED",
                  "-cp",
                  System.getProperty("java.class.path"),
                  FleetNode.class.getName(),
                  name,
                  url,
                  Integer.toString(server.port()),
                  Integer.toString(FEEDS),
                  Integer.toString(slots))
              .redirectErrorStream(true)
              .start();
      Thread.startVirtualThread(this::read);
    }

    private void read() {
      try (BufferedReader lines =
          new BufferedReader(new InputStreamReader(process.getInputStream()))) {
        lines.lines().forEach(told::add);
      } catch (IOException e) {
        // it has ended
      }
    }

    void signal(String signal) throws IOException, InterruptedException {
      run("/bin/kill", "-" + signal, Long.toString(process.pid()));
    }

    void say(String line) throws IOException {
      process.getOutputStream().write((line + "\n").getBytes());
      process.getOutputStream().flush();
    }

    /** The last of what it has told. */
    List<String> last() {
      List<String> all = List.copyOf(told);
      return all.subList(Math.max(0, all.size() - 5), all.size());
    }

    long told(String what) {
      return told.stream().filter(line -> line.contains(what)).count();
    }
  }

  public static void main(String[] arguments) throws Exception {
    Thread.ofPlatform().daemon().start(FailureTable::awaitTheEndOfTheTest);
    FailureTable table = new FailureTable();
    try {
      table.play();
    } finally {
      System.exit(0); // which ends the processes, by their input
    }
  }

  private static void awaitTheEndOfTheTest() {
    try {
      while (System.in.read() >= 0) {}
    } catch (IOException e) {
      // it has ended
    }
    System.exit(1);
  }

  /** What is done in a row. */
  private interface Row {
    void play() throws Exception;
  }

  private void play() throws Exception {
    row("three nodes start", this::threeNodesStart);
    row("kill -9 of one", this::killOne);
    row("node joins", this::join);
    row("kill -9 of two of three", this::killTwo);
    row("two nodes join", this::joinTwo);
    row("SIGTERM", this::terminate);
    row("peers cut", this::cutPeers);
    row("store cut for one node", this::cutStore);
    row("frozen and woken", this::freeze);
    row("store down for all", this::stopStore);
    row("sink throws", () -> sink("throw"));
    row("sink blocks", () -> sink("block"));
    row("server refuses for good", this::refuse);
    row("other number of slots", this::otherSlots);
    row("rolling restart", this::rollingRestart);
  }

  private void row(String name, Row row) {
    figures = new ArrayList<>();
    faults = new ArrayList<>();
    long began = System.nanoTime();
    try {
      server.look();
      row.play();
      ledger();
    } catch (Exception | AssertionError e) {
      faults.add(e.toString().replace('\n', ' '));
    }
    if (!faults.isEmpty()) {
      nodes.values().forEach(node -> System.out.println(node.name + ": " + node.last()));
    }
    System.out.printf(
        "ROW|%s|%s|%s|%.0f s%n",
        name, String.join(", ", figures), String.join("; ", faults), seconds(began));
  }

  // ---- the rows

  private void threeNodesStart() throws Exception {
    start();
    start();
    start();
    long began = System.nanoTime();
    await("balance", 60, this::isBalanced);
    figure("balanced after %.1f s", seconds(began));
    server.look();
  }

  private void killOne() throws Exception {
    kill(any());
    backAfterTheLease();
  }

  private void killTwo() throws Exception {
    Node first = any();
    kill(first);
    kill(any());
    backAfterTheLease();
  }

  private void kill(Node node) throws Exception {
    node.signal("KILL");
    nodes.remove(node.name);
    node.process.waitFor();
  }

  private void backAfterTheLease() throws Exception {
    long began = System.nanoTime();
    await("a gap", 5, () -> server.openFeeds() < FEEDS);
    await("all feeds", 30, () -> server.openFeeds() == FEEDS);
    double back = seconds(began);
    figure("all back after %.1f s", back);
    atMost("back", back, LEASE.toSeconds() + TOLD);
    noneDoubled(server.look());
  }

  private void join() throws Exception {
    joined(1);
  }

  private void joinTwo() throws Exception {
    joined(2);
  }

  private void joined(int count) throws Exception {
    long began = System.nanoTime();
    for (int i = 0; i < count; i++) {
      start();
    }
    await("balance", 30, this::isBalanced);
    figure("balanced after %.1f s", seconds(began));
    FeedServer.Seen seen = server.look();
    figure("longest gap %.1f s", seen.longestGap);
    noneDoubled(seen);
  }

  private void terminate() throws Exception {
    Node node = any();
    nodes.remove(node.name);
    node.signal("TERM");
    exitsWithZero(node);
    await("all feeds", 30, () -> server.openFeeds() == FEEDS);
    FeedServer.Seen seen = server.look();
    figure("longest gap %.1f s for %d feeds", seen.longestGap, seen.opened);
    atMost("gap", seen.longestGap, 3);
    noneDoubled(seen);
    start();
    await("balance", 30, this::isBalanced);
    server.look();
  }

  private void exitsWithZero(Node node) throws InterruptedException {
    require(node.process.waitFor(20 * PATIENCE, TimeUnit.SECONDS), "it does not end");
    require(node.process.exitValue() == 0, "it ends with " + node.process.exitValue());
  }

  private void cutPeers() throws Exception {
    List<String> addresses = nodes.values().stream().map(node -> node.address).toList();
    String all = "{ " + String.join(", ", addresses) + " }";
    cut("ip saddr " + all + " ip daddr " + all + " drop");
    wait(LEASE.plusSeconds(2));
    FeedServer.Seen seen = server.look();
    heal();
    figure("%d feeds opened", seen.opened);
    require(seen.opened == 0, "something moved");
  }

  private void cutStore() throws Exception {
    Node node = any();
    cut(
        "ip saddr %s tcp dport %d drop".formatted(node.address, database.port),
        "ip daddr %s tcp sport %d drop".formatted(node.address, database.port));
    long began = System.nanoTime();
    await("a loss", 15, () -> node.told("SlotLost") > 0);
    double lost = seconds(began);
    figure("it closes its feeds after %.1f s", lost);
    atMost("closing", lost, LEASE.toSeconds() - 0.3);
    await("all feeds", 30, () -> server.openFeeds() == FEEDS);
    figure("all back after %.1f s", seconds(began));
    FeedServer.Seen seen = server.look();
    figure("longest gap %.1f s", seen.longestGap);
    noneDoubled(seen);
    heal();
    await("balance", 40, this::isBalanced);
    noneDoubled(server.look());
  }

  private void freeze() throws Exception {
    Node node = any();
    node.signal("STOP");
    wait(LEASE.plusSeconds(4));
    FeedServer.Seen seen = server.look();
    figure("%d feeds doubled while it is frozen", seen.doubled);
    node.signal("CONT");
    long woken = System.nanoTime();
    await("no doubled feeds", 5, () -> server.doubledNow() == 0);
    figure("none %.1f s after it woke", seconds(woken));
    await("balance", 40, this::isBalanced);
    noneDoubled(server.look());
  }

  private void stopStore() throws Exception {
    database.stop();
    long began = System.nanoTime();
    await("no feeds", 15, () -> server.openFeeds() == 0);
    double closed = seconds(began);
    figure("all closed after %.1f s", closed);
    atMost("closing", closed, LEASE.toSeconds());
    for (Node node : nodes.values()) {
      require(node.told("StoreFailed") > 0, node.name + " does not tell that the store has failed");
    }
    database.start();
    began = System.nanoTime();
    await("all feeds", 30, () -> server.openFeeds() == FEEDS);
    figure("all back %.1f s after the store", seconds(began));
    await("balance", 30, this::isBalanced);
    noneDoubled(server.look());
  }

  private void sink(String fault) throws Exception {
    Node node = any();
    int slot = server.slotsByNode().get(node.name).iterator().next();
    node.say(fault + " " + slot);
    await("a sink that does not write", 10, () -> behind(slot) > 3);
    wait(Duration.ofSeconds(2));
    double others = behindExcept(slot);
    figure("slot %d is %.0f events behind, the others at most %.0f", slot, behind(slot), others);
    atMost("others behind", others, 3);
    require(fault.equals("block") || node.told("SinkFailed") > 0, "it is not told");
    node.say("write");
    await("the sink to catch up", 20, () -> behind(slot) < 3);
    FeedServer.Seen seen = server.look();
    require(seen.opened == 0, seen.opened + " feeds were opened again");
  }

  private void refuse() throws Exception {
    String feed = feed(17);
    server.refuse(feed);
    await("an end", 10, () -> nodes.values().stream().anyMatch(node -> node.told("FeedGone") > 0));
    wait(Duration.ofSeconds(3));
    FeedServer.Seen seen = server.look();
    figure("%d attempt, and %d other feeds opened", seen.attemptsRefused, seen.opened);
    require(seen.attemptsRefused == 1, "it is tried again");
    require(seen.opened == 0, "others are touched");
    server.serve(feed);
  }

  private void otherSlots() throws Exception {
    Node node = new Node(SLOTS + 1);
    require(node.process.waitFor(20 * PATIENCE, TimeUnit.SECONDS), "it does not end");
    await("its complaint", 5, () -> node.told("fleet.slots: 61, allowed 60") > 0);
    figure("refused");
  }

  private void rollingRestart() throws Exception {
    int others = FEEDS;
    for (Node node : List.copyOf(nodes.values())) {
      others = Math.min(others, feedsOfOthers(node));
      nodes.remove(node.name);
      node.signal("TERM");
      exitsWithZero(node);
      await("all feeds", 30, () -> server.openFeeds() >= FEEDS - 1);
      Node next = start();
      await("balance", 40, this::isBalanced);
      others = Math.min(others, feedsOfOthers(next));
    }
    FeedServer.Seen seen = server.look();
    figure("never fewer than %d feeds open, longest gap %.1f s", seen.fewestOpen, seen.longestGap);
    require(
        seen.fewestOpen >= others, "fewer are open than the %d of the others".formatted(others));
    noneDoubled(seen);
  }

  private int feedsOfOthers(Node node) {
    return server.openFeeds() - server.openFeeds(node.name);
  }

  // ---- the sink's table

  /** Whether an event is missing or there twice, or was written in an epoch that was over. */
  private void ledger() throws Exception {
    wait(Duration.ofMillis(500)); // what is on its way
    long lost =
        number("select coalesce(sum(max - min + 1 - held), 0) from (" + BY_FEED + ") as its");
    long twice = number("select coalesce(sum(written - held), 0) from (" + BY_FEED + ") as its");
    long late = number(LATE);
    figure("lost %d", lost);
    figure("twice %d", twice);
    require(lost == 0, "events are lost");
    require(twice == 0, "events are there twice");
    require(late == 0, late + " events of an epoch that was over");
  }

  private static final String BY_FEED =
      "select feed, max(number) as max, 1 as min, count(*) as written,"
          + " count(distinct number) as held from event group by feed";
  private static final String LATE =
      "select count(*) from (select epoch, max(epoch) over (partition by slot order by id) as"
          + " newest from event) as its where epoch < newest";

  private double behind(int slot) {
    return newest("max", "select max(number) from event")
        - newest("of the slot", "select max(number) from event where slot = " + slot);
  }

  private double behindExcept(int slot) {
    return newest("max", "select max(number) from event")
        - newest(
            "of the slowest",
            "select min(newest) from (select max(number) as newest from event where slot <> "
                + slot
                + " group by slot) as its");
  }

  private double newest(String what, String sql) {
    try {
      return number(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(what, e);
    }
  }

  private long number(String sql) throws SQLException {
    try (Connection connection = database.source().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }

  // ---- the stage

  private Node start() throws IOException {
    Node node = new Node(SLOTS);
    nodes.put(node.name, node);
    return node;
  }

  /** The oldest node. */
  private Node any() {
    return nodes.values().iterator().next();
  }

  private boolean isBalanced() {
    Map<String, Set<Integer>> slots = server.slotsByNode();
    int least = SLOTS / nodes.size();
    return server.openFeeds() >= FEEDS - 1
        && slots.keySet().equals(nodes.keySet())
        && slots.values().stream().allMatch(its -> its.size() >= least && its.size() <= least + 1);
  }

  private static void cut(String... rules) throws IOException, InterruptedException {
    run(
        "nft",
        "table inet cut { chain out { type filter hook output priority 0; %s; }; }"
            .formatted(String.join("; ", rules)));
  }

  private static void heal() throws IOException, InterruptedException {
    run("nft", "delete table inet cut");
  }

  private static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " fails");
    }
  }

  private static void await(String what, int most, BooleanSupplier so) throws InterruptedException {
    long began = System.nanoTime();
    while (!so.getAsBoolean()) {
      if (seconds(began) > most * PATIENCE) {
        throw new AssertionError("no " + what + " within " + most + " s");
      }
      Thread.sleep(50);
    }
  }

  private static void wait(Duration length) throws InterruptedException {
    Thread.sleep(length);
  }

  private static double seconds(long began) {
    return (System.nanoTime() - began) / 1e9;
  }

  private void figure(String text, Object... values) {
    figures.add(text.formatted(values));
  }

  private void noneDoubled(FeedServer.Seen seen) {
    figure("doubled %d", seen.doubled);
    require(seen.doubled == 0, "feeds are doubled");
  }

  private void atMost(String what, double value, double guide) {
    double most = guide * PATIENCE;
    require(value <= most, "%s: %.1f, allowed %.1f".formatted(what, value, most));
  }

  private void require(boolean so, String otherwise) {
    if (!so) {
      faults.add(otherwise);
    }
  }
}
