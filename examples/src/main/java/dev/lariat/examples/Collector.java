package dev.lariat.examples;

import dev.lariat.fleet.Feed;
import dev.lariat.fleet.FeedInfo;
import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetEvent;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.PositionFinder;
import dev.lariat.fleet.PositionStore;
import dev.lariat.fleet.Resume;
import dev.lariat.fleet.Sink;
import dev.lariat.live.AttemptBudget;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/**
 * Collects feeds into files, and continues where it was after every restart. Each line of its input
 * has the names of the feeds that are wanted from then on; the end of the input ends it.
 */
public final class Collector {
  private final String server;

  Collector(String server) {
    this.server = server;
  }

  public static void main(String[] args) throws IOException {
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    new Collector(args[1]).run(Path.of(args[0]), input);
  }

  void run(Path folder, BufferedReader input) throws IOException {
    FleetOptions options =
        FleetOptions.DEFAULT
            .budget(AttemptBudget.perSecond(50, 10)) // the server limits logins
            .listener(Collector::report);
    PositionStore positions = PositionStore.file(folder.resolve("positions"));
    Sink sink = Sink.files(folder.resolve("events"));
    try (Fleet fleet = Fleet.open(positions, sink, options)) {
      for (String line = input.readLine(); line != null; line = input.readLine()) {
        List<Feed> wanted = Arrays.stream(line.split(" ")).map(this::feed).toList();
        fleet.feeds(wanted);
      }
      show(fleet);
    }
  }

  private Feed feed(String name) {
    return Feed.webSocket(name, server + "/" + name)
        .position(PositionFinder.json("/seq")) // {"seq":41,"price":64000.5}
        .resume(Resume.query("after")); // wss://stream.example.com/BTC-USD?after=41
  }

  private static void report(FleetEvent event) {
    switch (event) {
      case FleetEvent.FeedWaiting waiting ->
          System.err.println(waiting.feed() + " waits: " + waiting.reason());
      case FleetEvent.FeedGone gone -> System.err.println(gone.feed() + " ends: " + gone.reason());
      case FleetEvent.SinkFailed failed -> System.err.println("The sink failed: " + failed.cause());
      case FleetEvent.StoreFailed failed ->
          System.err.println("The store failed: " + failed.cause());
      default -> {} // nothing is wrong
    }
  }

  private static void show(Fleet fleet) {
    for (FeedInfo feed : fleet.info().feeds()) {
      System.err.println(feed.id() + " " + feed.state() + " at " + feed.position().orElse("-"));
    }
  }
}
