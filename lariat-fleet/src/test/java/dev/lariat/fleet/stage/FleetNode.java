package dev.lariat.fleet.stage;

import dev.lariat.fleet.Batch;
import dev.lariat.fleet.Feed;
import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetEvent;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.PositionFinder;
import dev.lariat.fleet.PositionStore;
import dev.lariat.fleet.Resume;
import dev.lariat.fleet.Sink;
import dev.lariat.option.Backoff;
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
 * write}. The process ends with its input.
 */
public final class FleetNode {
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
            options.slots(task.slots()).listener(FleetNode::tell));
    fleet.feeds(IntStream.range(0, task.feeds()).mapToObj(this::feed).toList());
    Runtime.getRuntime().addShutdownHook(new Thread(() -> end(fleet)));
    BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      fault = line;
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

  private Feed feed(int number) {
    Backoff backoff = Backoff.DEFAULT.delays(Duration.ofMillis(100), Duration.ofSeconds(1));
    String uri = "ws://127.0.0.1:" + task.port() + "/" + id(number) + "?node=" + task.name();
    return Feed.webSocket(id(number), uri)
        .options(LiveOptions.DEFAULT.healing(Healing.DEFAULT.retry(backoff).spread(Duration.ZERO)))
        .position(PositionFinder.json("/seq"))
        .resume(Resume.query("from"));
  }

  private static void tell(FleetEvent event) {
    switch (event) {
      case FleetEvent.FeedOpen open -> {}
      case FleetEvent.SlotTaken taken -> {}
      default -> System.out.println(Instant.now() + " " + event.toString().replace('\n', ' '));
    }
  }
}
