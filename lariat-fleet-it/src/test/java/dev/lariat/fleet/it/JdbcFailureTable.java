package dev.lariat.fleet.it;

import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.jdbc.JdbcPlacement;
import dev.lariat.fleet.jdbc.JdbcPositionStore;
import dev.lariat.fleet.jdbc.stage.Database;
import dev.lariat.fleet.jdbc.stage.TableSink;
import dev.lariat.fleet.stage.FailureTable;
import dev.lariat.fleet.stage.FeedServer;
import dev.lariat.fleet.stage.FleetNode;
import dev.lariat.fleet.stage.NodeProcess;
import java.time.Duration;
import java.util.List;
import org.postgresql.ds.PGSimpleDataSource;

/** The failures of a fleet whose slots are leases in the database that has the positions too. */
final class JdbcFailureTable extends FailureTable {
  static final int ROWS = 19;
  private static final Duration LEASE = Duration.ofSeconds(6);
  private static final double TOLD = 2; // seconds after the end of a lease

  private JdbcFailureTable() throws Exception {
    super(Database.postgreSql());
  }

  public static void main(String[] arguments) throws Exception {
    main(JdbcFailureTable::new);
  }

  /** A process of it. */
  static final class Node {
    public static void main(String[] arguments) throws Exception {
      FleetNode node = new FleetNode(arguments);
      FleetNode.Task task = node.task();
      int port = Integer.parseInt(node.its().getFirst());
      PGSimpleDataSource source = TableSink.source(port, task.address());
      JdbcPositionStore positions = JdbcPositionStore.over(source);
      JdbcPlacement placement = JdbcPlacement.over(source).node(task.name()).lease(LEASE);
      node.run(
          positions, new TableSink(source, positions), FleetOptions.DEFAULT.placement(placement));
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
    return LEASE.toSeconds() + TOLD;
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
    played("kill -9 of one", this::killOne);
    played("node joins", this::join);
    played("kill -9 of two of three", this::killTwo);
    played("two nodes join", this::joinTwo);
    played("SIGTERM", this::terminateOne);
    played("node joins while feeds overlap", this::joinWithOverlap);
    played("the owner of feeds with a stand-by is killed", this::killOneWithStandBys);
    played("clock jumps by an hour", this::clockJumps);
    played("peers cut", this::cutPeers);
    played("store cut for one node", this::cutStore);
    played("frozen and woken", this::freeze);
    played("store down for all", this::stopStore);
    played("sink throws", this::sinkThrows);
    played("sink blocks", this::sinkBlocks);
    played("server refuses for good", this::refuse);
    played("other number of slots", () -> otherSlots("fleet.slots: 129, allowed 128"));
    played("rolling restart", this::rollingRestart);
    played("server of 20,000 feeds dies and returns", this::storm);
  }

  private void clockJumps() throws Exception {
    plainFeeds();
    server.look();
    clockJumps(LEASE);
  }

  private void cutPeers() throws Exception {
    cutPeersFromEachOther();
    pass(LEASE.plusSeconds(2));
    FeedServer.Seen seen = server.look();
    heal();
    figure("%d feeds opened", seen.opened);
    require(seen.opened == 0, "something moved");
  }

  private void cutStore() throws Exception {
    NodeProcess node = oldest();
    cutFromStore(node);
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
    NodeProcess node = oldest();
    node.signal("STOP");
    pass(LEASE.plusSeconds(4));
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
    store.stop();
    long began = System.nanoTime();
    await("no feeds", 15, () -> server.openFeeds() == 0);
    double closed = seconds(began);
    figure("all closed after %.1f s", closed);
    atMost("closing", closed, LEASE.toSeconds());
    for (NodeProcess node : nodes.values()) {
      require(node.told("StoreFailed") > 0, node.name + " does not tell that the store has failed");
    }
    store.start();
    began = System.nanoTime();
    await("all feeds", 30, () -> server.openFeeds() == FEEDS);
    figure("all back %.1f s after the store", seconds(began));
    await("balance", 30, this::isBalanced);
    noneDoubled(server.look());
  }
}
