package dev.lariat.fleet.stage;

import dev.lariat.fleet.Batch;
import dev.lariat.fleet.Feed;
import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetBudget;
import dev.lariat.fleet.FleetEvent;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.PositionFinder;
import dev.lariat.fleet.PositionStore;
import dev.lariat.fleet.Resume;
import dev.lariat.fleet.Sink;
import dev.lariat.live.AttemptBudget;
import dev.lariat.option.Backoff;
import dev.lariat.option.Budget;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What all programs of {@link NodeProcess} do, whatever places their slots. A line of the input
 * says what the sink does from then on: {@code throw} or {@code block} and a slot, or {@code
 * write}. After {@code idle}, a port and a number, the fleet has that many feeds at that port in
 * place of the others, whose attempts have the budget of the fleet. {@code feeds} and {@code
 * plain}, {@code overlap} or {@code standby} says how feeds move; the server cannot resume those
 * that have a stand-by. {@code again} and a number configures a feed anew, and {@code time} asks
 * for the time of day. The process ends with its input.
 */
public final class FleetNode {
  /** Of all feeds of a node that has been told to have idle ones. */
  static final FleetBudget BUDGET = FleetBudget.perSecond(1000, 100);

  private final Task task;
  private final List<String> its;
  private volatile String fault = "write";

  /**
   * What a process is to run.
   *
   * @param name by which the server knows it
   * @param address of its own
   * @param port of the feeds' server
   */
  public record Task(String name, String address, int port, int feeds, int slots) {
    private static final int LENGTH = 5;

    List<String> arguments() {
      return List.of(
          name, address, Integer.toString(port), Integer.toString(feeds), Integer.toString(slots));
    }

    static Task of(String... arguments) {
      return new Task(
          arguments[0],
          arguments[1],
          Integer.parseInt(arguments[2]),
          Integer.parseInt(arguments[3]),
          Integer.parseInt(arguments[4]));
    }
  }

  /** Of the arguments of the process. */
  public FleetNode(String... arguments) {
    this.task = Task.of(arguments);
    this.its = Arrays.asList(arguments).subList(Task.LENGTH, arguments.length);
  }

  /** What it is to run. */
  public Task task() {
    return task;
  }

  /** What the engine's program is told besides. */
  public List<String> its() {
    return its;
  }

  /**
   * Runs the fleet until the process ends.
   *
   * @param sink which obeys the input
   * @param options to which the number of slots and a listener are added
   */
  public void run(PositionStore positions, Sink sink, FleetOptions options) throws Exception {
    Fleet fleet =
        Fleet.open(
            positions,
            batch -> write(batch, sink),
            options.slots(task.slots()).budget(BUDGET).listener(FleetNode::tell));
    Budget free = AttemptBudget.perSecond(1_000_000, 1_000_000);
    List<Feed> feeds = feeds(task.feeds(), task.port(), Healing.DEFAULT.budget(free));
    fleet.feeds(feeds);
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(fleet)));
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String[] words = line.split(" ");
      switch (words[0]) {
        case "idle" ->
            fleet.feeds(
                feeds(Integer.parseInt(words[2]), Integer.parseInt(words[1]), Healing.DEFAULT));
        case "feeds" -> fleet.feeds(feeds.stream().map(feed -> moving(feed, words[1])).toList());
        case "again" -> fleet.put(feeds.get(Integer.parseInt(words[1])));
        case "time" -> System.out.println("it is " + Instant.now().getEpochSecond());
        default -> fault = line;
      }
    }
    Runtime.getRuntime().halt(1); // the test has ended
  }

  private void write(Batch batch, Sink sink) throws Exception {
    while (fault.equals("block " + batch.slot())) {
      Thread.sleep(20);
    }
    if (fault.equals("throw " + batch.slot())) {
      throw new IOException("no room");
    }
    sink.write(batch);
  }

  private static void end(Fleet fleet) {
    try {
      fleet.close();
      Runtime.getRuntime().halt(0);
    } catch (IOException e) {
      Runtime.getRuntime().halt(2);
    }
  }

  /** The id of a feed. */
  static String id(int number) {
    return "feed-" + number;
  }

  private List<Feed> feeds(int count, int port, Healing healing) {
    Backoff backoff = Backoff.DEFAULT.delays(Duration.ofMillis(100), Duration.ofSeconds(1));
    LiveOptions options = LiveOptions.DEFAULT.healing(healing.retry(backoff).spread(Duration.ZERO));
    String node = "?node=" + task.name();
    return IntStream.range(0, count)
        .mapToObj(
            number ->
                Feed.webSocket(id(number), "ws://127.0.0.1:" + port + "/" + id(number) + node)
                    .options(options)
                    .position(PositionFinder.json("/seq"))
                    .resume(Resume.query("from")))
        .toList();
  }

  private Feed moving(Feed feed, String how) {
    String uri = "ws://127.0.0.1:%d/%s?now&node=%s".formatted(task.port(), feed.id(), task.name());
    return switch (how) {
      case "plain" -> feed;
      case "overlap" -> feed.overlap(true);
      case "standby" ->
          Feed.webSocket(feed.id(), uri).position(PositionFinder.json("/seq")).standBy(true);
      default -> throw new IllegalArgumentException(how);
    };
  }

  private static void tell(FleetEvent event) {
    switch (event) {
      case FleetEvent.FeedOpen open -> {}
      case FleetEvent.SlotTaken taken -> {}
      case FleetEvent.SlotComing coming -> {}
      case FleetEvent.SlotStandBy standBy -> {}
      default -> System.out.println(Instant.now() + " " + event.toString().replace('\n', ' '));
    }
  }
}
