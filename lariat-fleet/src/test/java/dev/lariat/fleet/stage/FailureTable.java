package dev.lariat.fleet.stage;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * What happens to a fleet of three processes when something fails: the rows that every engine has,
 * by their names in the guide. An engine says in which order it plays them, adds its own, and says
 * how long it may take.
 */
public abstract class FailureTable extends Stage {

  private static final int REFUSED = 17;
  private static final Duration STAYS = Duration.ofSeconds(2);
  private static final int MOST = 20_000; // idle feeds
  private static final int OTHERS = 500; // descriptors of a process for other things

  protected FailureTable(EventStore store) throws Exception {
    super(store);
    store.execute(
        "create table event"
            + " (id bigserial, slot integer, epoch bigint, feed varchar, number bigint)");
  }

  /** Within how many seconds all feeds are back when processes were killed. */
  protected abstract double back();

  /** How many seconds a feed may be away in a planned move. */
  protected abstract double plannedGap();

  /** Within how many seconds all nodes have their share when one has come. */
  protected abstract int balance();

  /** A row with the look at the sink's table that ends each of them. */
  protected final void played(String name, Row row) {
    row(
        name,
        () -> {
          server.look();
          row.play();
          ledger();
        });
  }

  // ---- the rows

  protected final void threeNodesStart() throws Exception {
    start();
    start();
    start();
    long began = System.nanoTime();
    await("balance", 2 * balance(), this::isBalanced);
    figure("balanced after %.1f s", seconds(began));
    server.look();
  }

  protected final void killOne() throws Exception {
    kill(oldest());
    backAfterKill();
  }

  protected final void killTwo() throws Exception {
    NodeProcess first = oldest();
    kill(first);
    kill(oldest());
    backAfterKill();
  }

  private void backAfterKill() throws Exception {
    long began = System.nanoTime();
    await("a gap", 5, () -> server.openFeeds() < FEEDS);
    await("all feeds", 30, () -> server.openFeeds() == FEEDS);
    double back = seconds(began);
    figure("all back after %.1f s", back);
    atMost("back", back, back());
    noneDoubled(server.look());
  }

  protected final void join() throws Exception {
    long began = System.nanoTime();
    start();
    balances(began);
  }

  protected final void joinTwo() throws Exception {
    long began = System.nanoTime();
    start();
    start();
    balances(began);
  }

  private void balances(long began) throws InterruptedException {
    await("balance", balance(), this::isBalanced);
    figure("balanced after %.1f s", seconds(began));
    FeedServer.Seen seen = server.look();
    gapAtMost(seen, plannedGap());
    noneDoubled(seen);
  }

  /** All feeds overlap, and a node joins. */
  protected final void joinWithOverlap() throws Exception {
    configure("overlap");
    server.look();
    long began = System.nanoTime();
    start().say("feeds overlap");
    await("balance", balance(), this::isBalancedOnce);
    figure("balanced after %.1f s", seconds(began));
    FeedServer.Seen seen = server.look();
    gapAtMost(seen, 0);
    figure("never fewer than %d feeds open", seen.fewestOpen);
    require(seen.fewestOpen == FEEDS, "feeds were not open");
  }

  private boolean isBalancedOnce() {
    return isBalanced() && server.doubledNow() == 0;
  }

  /** All feeds have a stand-by, the server cannot resume them, and a node dies. */
  protected final void killOneWithStandBys() throws Exception {
    configure("standby");
    // None is being moved, and each feed has an event since it was opened.
    await(
        "stand-bys that stay",
        balance(),
        () -> server.doubledNow() == FEEDS && server.sinceOpened().compareTo(STAYS) > 0);
    store.execute(FORGET); // there was a hole as the configuration changed
    await("a sink that goes on", 10, this::hasCaughtUp);
    server.look();
    kill(oldest());
    long began = System.nanoTime();
    await("slots that lack events, and others", 10, () -> difference() > 3);
    await("all events", 30, this::hasCaughtUp);
    double back = seconds(began);
    figure("all events are in the sink after %.1f s", back);
    atMost("back", back, back());
    FeedServer.Seen seen = server.look();
    gapAtMost(seen, 0);
    figure("never fewer than %d feeds open", seen.fewestOpen);
    require(seen.fewestOpen == FEEDS, "feeds were not open");
  }

  /** Feeds are as in the other rows again. */
  protected final void plainFeeds() throws Exception {
    configure("plain");
    await("feeds as before", 30, () -> server.doubledNow() == 0);
  }

  /** All feeds are opened again in this way. */
  private void configure(String how) throws Exception {
    server.look();
    for (NodeProcess node : nodes.values()) {
      node.say("feeds " + how);
    }
    AtomicInteger opened = new AtomicInteger();
    await(
        "feeds in another way",
        30,
        () -> opened.addAndGet(server.look().opened) >= FEEDS && server.openFeeds() == FEEDS);
  }

  /**
   * The newest node has a clock that can jump; it joins for this.
   *
   * @param noticed within which others would have noticed that it is away
   */
  protected final void clockJumps(Duration noticed) throws Exception {
    Optional<Clock> clock = Clock.create();
    NodeProcess node = clock.isEmpty() ? start() : start(clock.get());
    await("balance", balance(), this::isBalanced);
    noneDoubled(server.look());
    if (clock.isEmpty()) {
      figure("not played, since there is no compiler of C");
      return;
    }
    for (Duration later : List.of(Duration.ofHours(1), Duration.ofHours(-1))) {
      clock.get().set(later);
      pass(noticed.plusSeconds(1));
      node.say("time");
      await(
          "its time",
          5,
          () -> node.lastWith("it is ").map(its -> isLater(its, later)).orElse(false));
    }
    FeedServer.Seen seen = server.look();
    figure("%d feeds opened", seen.opened);
    require(seen.opened == 0, "something moved");
    require(node.told("SlotLost") == 0, "it has lost slots");
  }

  private static boolean isLater(String told, Duration later) {
    long its = Long.parseLong(told.substring("it is ".length()));
    long off = its - Instant.now().plus(later).getEpochSecond();
    return Math.abs(off) < 60;
  }

  /** One of three nodes ends in good order, and another one takes its place. */
  protected final void terminate() throws Exception {
    terminateOne();
    start();
    await("balance", balance(), this::isBalanced);
    server.look();
  }

  protected final void terminateOne() throws Exception {
    NodeProcess node = oldest();
    nodes.remove(node.name);
    node.signal("TERM");
    exitsWithZero(node);
    await("all feeds", 30, () -> server.openFeeds() == FEEDS);
    FeedServer.Seen seen = server.look();
    figure("%d feeds moved", seen.opened);
    gapAtMost(seen, plannedGap());
    noneDoubled(seen);
  }

  private void exitsWithZero(NodeProcess node) throws InterruptedException {
    require(hasEnded(node, 20), "it does not end");
    require(node.process.exitValue() == 0, "it ends with " + node.process.exitValue());
  }

  /** Of the nodes among each other; the server and the store can be reached. */
  protected final void cutPeersFromEachOther() throws Exception {
    List<String> addresses = nodes.values().stream().map(node -> node.address).toList();
    String all = "{ " + String.join(", ", addresses) + " }";
    cut("ip saddr " + all + " ip daddr " + all + " drop");
  }

  /** One node from all others. */
  protected final void cutFromPeers(NodeProcess node) throws Exception {
    String others =
        nodes.values().stream()
            .filter(any -> any != node)
            .map(any -> any.address)
            .collect(Collectors.joining(", ", "{ ", " }"));
    cut(
        "ip saddr %s ip daddr %s drop".formatted(node.address, others),
        "ip saddr %s ip daddr %s drop".formatted(others, node.address));
  }

  /** The way of one node to the store. */
  protected final void cutFromStore(NodeProcess node) throws Exception {
    cut(
        "ip saddr %s tcp dport %d drop".formatted(node.address, store.port()),
        "ip daddr %s tcp sport %d drop".formatted(node.address, store.port()));
  }

  protected final void sinkThrows() throws Exception {
    sink("throw");
  }

  protected final void sinkBlocks() throws Exception {
    sink("block");
  }

  private void sink(String fault) throws Exception {
    NodeProcess node = oldest();
    int slot = server.slotsByNode().get(node.name).iterator().next();
    node.say(fault + " " + slot);
    await("a sink that does not write", 10, () -> behind(slot) > 3);
    pass(Duration.ofSeconds(2));
    double others = behindExcept(slot);
    figure("slot %d is %.0f events behind, the others at most %.0f", slot, behind(slot), others);
    atMost("others behind", others, 3);
    require(fault.equals("block") || node.told("SinkFailed") > 0, "it is not told");
    node.say("write");
    await("the sink to catch up", 20, () -> behind(slot) < 3);
    FeedServer.Seen seen = server.look();
    require(seen.opened == 0, seen.opened + " feeds were opened again");
  }

  protected final void refuse() throws Exception {
    String feed = FleetNode.id(REFUSED);
    server.refuse(feed);
    await("an end", 10, () -> nodes.values().stream().anyMatch(node -> node.told("FeedGone") > 0));
    pass(Duration.ofSeconds(3));
    FeedServer.Seen seen = server.look();
    figure("%d attempt, and %d other feeds opened", seen.attemptsRefused, seen.opened);
    require(seen.attemptsRefused == 1, "it is tried again");
    require(seen.opened == 0, "others are touched");
    server.serve(feed);
    for (NodeProcess node : nodes.values()) {
      node.say("again " + REFUSED);
    }
    await("the feed that is configured anew", 10, () -> server.openFeeds() == FEEDS);
    require(server.look().opened == 1, "others are touched by its new configuration");
  }

  /**
   * A node with another number of slots does not start.
   *
   * @param complaint what it tells
   */
  protected final void otherSlots(String complaint) throws Exception {
    NodeProcess node = start(SLOTS + 1, List.of());
    require(hasEnded(node, 20), "it does not end");
    await("its complaint", 5, () -> node.told(complaint) > 0);
    figure("refused");
  }

  protected final void rollingRestart() throws Exception {
    int others = FEEDS; // the fewest that the nodes had that were not restarted
    for (NodeProcess node : List.copyOf(nodes.values())) {
      others = Math.min(others, feedsOfOthers(node));
      nodes.remove(node.name);
      node.signal("TERM");
      exitsWithZero(node);
      await("all feeds", 30, () -> server.openFeeds() == FEEDS);
      NodeProcess next = start();
      await("balance", balance(), this::isBalanced);
      others = Math.min(others, feedsOfOthers(next));
    }
    FeedServer.Seen seen = server.look();
    figure("never fewer than %d feeds open", seen.fewestOpen);
    require(seen.fewestOpen >= others, "fewer are open than the %d of others".formatted(others));
    gapAtMost(seen, plannedGap());
    noneDoubled(seen);
  }

  /**
   * All feeds are replaced by idle ones, as many as the server may have descriptors for, and the
   * server is away for a while.
   */
  protected final void storm() throws Exception {
    long descriptors =
        ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class)
            .getMaxFileDescriptorCount();
    int feeds = (int) Math.min(MOST, descriptors - OTHERS);
    try (FeedServer idle = new FeedServer(SLOTS, false)) {
      for (NodeProcess node : nodes.values()) {
        node.say("idle %d %d".formatted(idle.port(), feeds));
      }
      int rate = (int) FleetNode.BUDGET.perSecond();
      await("all idle feeds", 2 * feeds / rate, () -> idle.openFeeds() == feeds);
      idle.die();
      pass(Duration.ofSeconds(3));
      idle.look();
      long back = System.nanoTime();
      idle.live();
      await("all feeds back", 2 * feeds / rate, () -> idle.openFeeds() == feeds);
      double took = seconds(back);
      List<Long> opened = idle.look().openedAt;
      int[] perSecond = new int[(int) took + 1];
      opened.forEach(at -> perSecond[(int) ((at - back) / 1_000_000_000)]++);
      int[] full = Arrays.copyOf(perSecond, Math.max(1, (int) took)); // the last one is not whole
      int most = Arrays.stream(full).max().orElseThrow();
      int least = Arrays.stream(full).min().orElseThrow();
      figure("%d feeds back after %.1f s", feeds, took);
      figure("%d to %d opened in a second", least, most);
      atMost("back", took, feeds / rate + 2);
      atMost("opened in a second", most, rate + FleetNode.BUDGET.burst());
      // A process that had to wait for the processor makes up for it, and never for more.
      int early = 0;
      for (int i = 0; i < opened.size(); i++) {
        double due = (opened.get(i) - back) / 1e9 * rate + FleetNode.BUDGET.burst();
        early = Math.max(early, (int) (i - due));
      }
      figure("at most %d before their time", early);
      atMost("before their time", early, rate / 4);
    }
  }

  // ---- the sink's table

  /** Whether an event is missing or there twice, or was written in an epoch that was over. */
  private void ledger() throws Exception {
    pass(Duration.ofMillis(500)); // what is on its way
    long lost =
        number("select coalesce(sum(max - min + 1 - held), 0) from (" + BY_FEED + ") as its");
    long twice = number("select coalesce(sum(written - held), 0) from (" + BY_FEED + ") as its");
    long late = number(LATE);
    figure("lost %d", lost);
    figure("twice %d", twice);
    require(lost == 0, "events are lost");
    require(twice == 0, "events are there twice");
    require(late == 0, late + " events of an epoch that was over");
    store.execute(FORGET);
  }

  private static final String BY_FEED =
      "select feed, max(number) as max, min(number) as min, count(*) as written,"
          + " count(distinct number) as held from event group by feed";
  private static final String LATE =
      "select count(*) from (select epoch, max(epoch) over (partition by slot order by id) as"
          + " newest from event) as its where epoch < newest";

  /** All but the newest event of each feed: the next row begins there, and looks at no more. */
  private static final String FORGET =
      """
      begin;
      lock table event in access exclusive mode;
      create temporary table newest on commit drop as
        select distinct on (feed) * from event order by feed, number desc;
      truncate event;
      insert into event select * from newest;
      commit
      """;

  /** How many events of each feed of a slot the sink's table lacks, at least. */
  private double behind(int slot) {
    return behind("select max(number) from event where slot = " + slot);
  }

  /** Whether all slots have about the newest events in the sink's table. */
  protected final boolean hasCaughtUp() {
    return behindExcept(-1) < 3;
  }

  /** How many events the slowest slot lacks that another one has. */
  private double difference() {
    return asked(
        "select max(newest) - min(newest) from"
            + " (select max(number) as newest from event group by slot) as its");
  }

  private double behindExcept(int slot) {
    return behind(
        "select min(newest) from (select max(number) as newest from event where slot <> "
            + slot
            + " group by slot) as its");
  }

  private double behind(String newest) {
    return Math.max(0, server.newest() - asked(newest));
  }

  private double asked(String sql) {
    try {
      return number(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(sql, e);
    }
  }

  private long number(String sql) throws SQLException {
    try (Connection connection = store.connect();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      return rows.getLong(1);
    }
  }
}
