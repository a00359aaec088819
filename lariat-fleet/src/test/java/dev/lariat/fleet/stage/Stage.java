package dev.lariat.fleet.stage;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;

/**
 * Processes of a fleet, the server of their feeds, and the database with their positions, in a
 * network namespace where anything may be cut. {@link Failures} makes the namespace.
 */
public abstract class Stage {
  /** How many feeds the fleet has. The process of a node does not know it here: it is told. */
  protected static final int FEEDS = Integer.getInteger("failures.feeds", 0);

  /** How many slots it has. */
  protected static final int SLOTS = 128;

  /** How often the times of the guide may be taken: a machine that builds has other work to do. */
  private static final double PATIENCE =
      Double.parseDouble(System.getProperty("failures.patience", "3"));

  /** Which rows are played, if not all: each leaves the stage as it found it. */
  private static final List<String> ONLY =
      List.of(System.getProperty("failures.rows", "").split(","));

  protected final EventStore store;
  protected final FeedServer server = new FeedServer(SLOTS, true);

  /** Those that should live, by their names, the oldest first. */
  protected final Map<String, NodeProcess> nodes = new LinkedHashMap<>();

  private int started;
  private List<String> figures = new ArrayList<>();
  private List<String> faults = new ArrayList<>();

  protected Stage(EventStore store) throws Exception {
    this.store = store;
  }

  // ---- what differs between engines

  /** The program of a node, whose {@code main} makes a {@link FleetNode} of its arguments. */
  protected abstract Class<?> program();

  /** What the program of this node is told besides. */
  protected abstract List<String> arguments(FleetNode.Task task);

  /** Plays all rows, in their order. */
  protected abstract void play() throws Exception;

  /** What {@code main} does: plays, and ends the process. */
  protected static void main(Callable<? extends Stage> stage) throws Exception {
    Thread.ofPlatform().daemon().start(Stage::awaitTheEndOfTheTest);
    try {
      stage.call().play();
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

  // ---- rows

  /** What is done in a row. */
  protected interface Row {
    void play() throws Exception;
  }

  /** Plays a row, and prints it: its name, its figures and its faults. */
  protected final void row(String name, Row row) {
    if (!ONLY.equals(List.of("")) && !ONLY.contains(name)) {
      return;
    }
    figures = new ArrayList<>();
    faults = new ArrayList<>();
    long began = System.nanoTime();
    try {
      row.play();
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

  protected final void figure(String text, Object... values) {
    figures.add(text.formatted(values));
  }

  protected final void require(boolean so, String otherwise) {
    if (!so) {
      faults.add(otherwise);
    }
  }

  /** A time as the guide promises it, in seconds, with the patience of this run. */
  protected final void atMost(String what, double value, double guide) {
    double most = guide * PATIENCE;
    require(value <= most, "%s: %.1f, allowed %.1f".formatted(what, value, most));
  }

  /** The longest gap that was seen, which the guide promises to be no longer than this. */
  protected final void gapAtMost(FeedServer.Seen seen, double guide) {
    figure("longest gap %.1f s", seen.longestGap);
    atMost("gap (" + seen.longestGapOf + ")", seen.longestGap, guide);
  }

  protected final void noneDoubled(FeedServer.Seen seen) {
    figure("doubled %d", seen.doubled);
    require(seen.doubled == 0, "feeds are doubled (" + seen.doubledOf + ")");
  }

  // ---- processes

  /** Starts a process with an address that no living one has. */
  protected final NodeProcess start() throws IOException {
    return started(start(SLOTS, List.of()));
  }

  /** Starts one with this clock of day. */
  protected final NodeProcess start(Clock clock) throws IOException {
    return started(start(SLOTS, clock.command()));
  }

  private NodeProcess started(NodeProcess node) {
    nodes.put(node.name, node);
    return node;
  }

  /** Starts one that is not counted, with this number of slots, after these words. */
  protected final NodeProcess start(int slots, List<String> before) throws IOException {
    String address =
        IntStream.iterate(1, number -> number + 1)
            .mapToObj(number -> "127.0.1." + number)
            .filter(any -> nodes.values().stream().noneMatch(node -> node.address.equals(any)))
            .findFirst()
            .orElseThrow();
    FleetNode.Task task =
        new FleetNode.Task("node-" + started++, address, server.port(), FEEDS, slots);
    return NodeProcess.start(before, program(), task, arguments(task));
  }

  /** The oldest one. */
  protected final NodeProcess oldest() {
    return nodes.values().iterator().next();
  }

  protected final void kill(NodeProcess node) throws Exception {
    node.signal("KILL");
    nodes.remove(node.name);
    node.process.waitFor();
  }

  /** Whether all feeds are open, and all nodes have their share of the slots. */
  protected final boolean isBalanced() {
    Map<String, Set<Integer>> slots = server.slotsByNode();
    int least = SLOTS / nodes.size();
    return server.openFeeds() == FEEDS
        && slots.keySet().equals(nodes.keySet())
        && slots.values().stream().allMatch(its -> its.size() >= least && its.size() <= least + 1);
  }

  /** How many feeds are open on others. */
  protected final int feedsOfOthers(NodeProcess node) {
    return server.openFeeds() - server.openFeeds(node.name);
  }

  // ---- the network

  /** Cuts by these rules of nftables, until it is healed. */
  protected static void cut(String... rules) throws IOException, InterruptedException {
    run(
        "nft",
        "table inet cut { chain out { type filter hook output priority 0; %s; }; }"
            .formatted(String.join("; ", rules)));
  }

  protected static void heal() throws IOException, InterruptedException {
    run("nft", "delete table inet cut");
  }

  static void run(String... command) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(command).inheritIO().start();
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " fails");
    }
  }

  // ---- time

  /** Waits until this is so, for so many seconds with the patience of this run. */
  protected static void await(String what, int most, BooleanSupplier so)
      throws InterruptedException {
    long began = System.nanoTime();
    while (!so.getAsBoolean()) {
      if (seconds(began) > most * PATIENCE) {
        throw new AssertionError("no " + what + " within " + most + " s");
      }
      Thread.sleep(50);
    }
  }

  /** Waits for a process to end, and returns whether it has. */
  protected static boolean hasEnded(NodeProcess node, int most) throws InterruptedException {
    return node.process.waitFor(Duration.ofMillis((long) (most * PATIENCE * 1000)));
  }

  /** Lets time pass in which nothing should happen. */
  protected static void pass(Duration length) throws InterruptedException {
    Thread.sleep(length);
  }

  protected static double seconds(long began) {
    return (System.nanoTime() - began) / 1e9;
  }
}
