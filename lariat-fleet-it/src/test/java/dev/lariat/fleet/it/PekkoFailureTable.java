package dev.lariat.fleet.it;

import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.jdbc.JdbcPositionStore;
import dev.lariat.fleet.jdbc.stage.Database;
import dev.lariat.fleet.jdbc.stage.TableSink;
import dev.lariat.fleet.pekko.PekkoPlacement;
import dev.lariat.fleet.stage.FailureTable;
import dev.lariat.fleet.stage.FeedServer;
import dev.lariat.fleet.stage.FleetNode;
import dev.lariat.fleet.stage.NodeProcess;
import java.time.Duration;
import java.util.List;
import org.postgresql.ds.PGSimpleDataSource;

/** The failures of a fleet whose slots are on the nodes of a cluster; a database has the rest. */
final class PekkoFailureTable extends FailureTable {
  static final int ROWS = 15;
  private static final Duration STABLE_AFTER = Duration.ofSeconds(5);
  private static final Duration NOTICED = Duration.ofSeconds(5); // until others see a node's end
  private static final int MOVED = 2; // seconds, until the slots of a dead node are open elsewhere
  private static final int BUFFER = 50; // messages of a slot, so that a store can be away too long
  private static final int PORT = 7355;
  private static final String ENDED = " has ended with ";

  private PekkoFailureTable() throws Exception {
    super(Database.postgreSql());
  }

  public static void main(String[] arguments) throws Exception {
    main(PekkoFailureTable::new);
  }

  /** A process of it. */
  static final class Node {
    public static void main(String[] arguments) throws Exception {
      FleetNode node = new FleetNode(arguments);
      FleetNode.Task task = node.task();
      // What it sends comes from its own address, by which it is cut off.
      System.setProperty(
          "pekko.remote.artery.advanced.tcp.outbound-client-hostname", task.address());
      PGSimpleDataSource source =
          TableSink.source(Integer.parseInt(node.its().getFirst()), task.address());
      JdbcPositionStore positions = JdbcPositionStore.over(source);
      PekkoPlacement placement =
          PekkoPlacement.seeds(at("127.0.1.1"), at("127.0.1.2"), at("127.0.1.3"))
              .at(at(task.address()))
              .stableAfter(STABLE_AFTER);
      node.run(
          positions,
          new TableSink(source, positions),
          FleetOptions.DEFAULT.placement(placement).buffer(BUFFER));
    }

    private static String at(String address) {
      return address + ":" + PORT;
    }
  }

  @Override
  protected Class<?> program() {
    return Node.class;
  }

  @Override
  protected List<String> arguments(FleetNode.Task task) {
    return List.of(Integer.toString(store.port()));
  }

  @Override
  protected double back() {
    return NOTICED.plus(STABLE_AFTER.multipliedBy(2)).toSeconds() + MOVED;
  }

  @Override
  protected double plannedGap() {
    return 2;
  }

  @Override
  protected int balance() {
    return 30;
  }

  @Override
  protected void play() {
    played("three nodes start", this::threeNodesStart);
    played("kill -9 of the oldest", this::killOne);
    played("node joins", this::join);
    played("SIGTERM", this::terminate);
    played("peers cut", this::cutPeers);
    played("node of the minority is started again", this::join);
    played("frozen and woken", this::freeze);
    played("clock jumps by an hour", () -> clockJumps(NOTICED.plus(STABLE_AFTER)));
    played("store down for all", this::stopStore);
    played("sink throws", this::sinkThrows);
    played("sink blocks", this::sinkBlocks);
    played("server refuses for good", this::refuse);
    played(
        "other number of slots",
        () -> otherSlots("fleet.slots: %d, allowed %d".formatted(SLOTS + 1, SLOTS)));
    played("rolling restart", this::rollingRestart);
    played("kill -9 of two of three", this::killTwoOfThree);
  }

  private NodeProcess newest() {
    return List.copyOf(nodes.values()).getLast();
  }

  private void cutPeers() throws Exception {
    NodeProcess node = newest();
    nodes.remove(node.name);
    cutFromPeers(node);
    long began = System.nanoTime();
    await("the end of the minority", 20, () -> server.openFeeds(node.name) == 0);
    figure("the minority has closed after %.1f s", seconds(began));
    await("all feeds", 20, () -> server.openFeeds() == FEEDS);
    double back = seconds(began);
    figure("all back after %.1f s", back);
    atMost("back", back, back());
    FeedServer.Seen seen = server.look();
    figure("longest gap %.1f s", seen.longestGap);
    noneDoubled(seen);
    heal();
    hasToldItsEnd(node);
    kill(node);
  }

  /** A node that has ended opens nothing any more, and says so. */
  private void hasToldItsEnd(NodeProcess node) throws InterruptedException {
    await(
        "word of its end",
        5,
        () -> node.told(ENDED) > 0 && node.told("SlotLost") > 0 && node.told("NodeEnded") > 0);
    pass(Duration.ofSeconds(1));
    require(server.openFeeds(node.name) == 0, "it opens feeds again");
  }

  private void freeze() throws Exception {
    NodeProcess node = newest();
    nodes.remove(node.name);
    int had = server.openFeeds(node.name);
    node.signal("STOP");
    await("others with its feeds", 30, () -> server.doubledNow() == had);
    pass(Duration.ofSeconds(2));
    figure("%d feeds doubled while it is frozen", server.look().doubled);
    node.signal("CONT");
    long woken = System.nanoTime();
    await("no doubled feeds", 5, () -> server.doubledNow() == 0);
    figure("none %.1f s after it woke", seconds(woken));
    hasToldItsEnd(node);
    kill(node);
    FeedServer.Seen seen = server.look();
    require(seen.opened == 0, seen.opened + " feeds were opened again");
  } // another one comes with the next row

  private void stopStore() throws Exception {
    store.stop();
    pass(Duration.ofSeconds(10));
    FeedServer.Seen seen = server.look();
    figure("never fewer than %d feeds open", seen.fewestOpen);
    require(seen.fewestOpen == FEEDS && seen.opened == 0, "feeds do not live on");
    for (NodeProcess node : nodes.values()) { // a sink that fails has no positions to store
      boolean told = node.told("StoreFailed") + node.told("SinkFailed") > 0;
      require(told, node.name + " does not tell that the store has failed");
    }
    store.start();
    long began = System.nanoTime();
    await("the sink to catch up", 30, this::hasCaughtUp);
    figure("the sink has caught up %.1f s after the store", seconds(began));
    seen = server.look();
    require(seen.opened == 0, seen.opened + " feeds were opened again");
  }

  private void killTwoOfThree() throws Exception {
    NodeProcess survivor = oldest();
    kill(newest());
    kill(newest());
    long began = System.nanoTime();
    await("the end of the survivor", 20, () -> server.openFeeds() == 0);
    figure("the survivor has closed after %.1f s", seconds(began));
    hasToldItsEnd(survivor);
    kill(survivor);
  }
}
