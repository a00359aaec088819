package dev.lariat.examples;

import dev.lariat.fleet.Feed;
import dev.lariat.fleet.FeedInfo;
import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetEvent;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.Pair;
import dev.lariat.fleet.PositionFinder;
import dev.lariat.fleet.PositionStore;
import dev.lariat.fleet.Sink;
import dev.lariat.option.Endpoint;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Collects trades from two servers at once, and has each trade once. Each line of its input shows
 * how the two connections stand; the end of the input ends it.
 */
public final class Paired {
  private final String first;
  private final String second;

  Paired(String first, String second) {
    this.first = first;
    this.second = second;
  }

  public static void main(String[] args) throws IOException {
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    new Paired(args[1], args[2]).run(Path.of(args[0]), input);
  }

  void run(Path folder, BufferedReader input) throws IOException {
    Feed trades =
        Feed.webSocket("trades", first + "/trades")
            .position(PositionFinder.json("/seq")) // {"seq":41,"price":64000.5}
            .pair(Pair.DEFAULT.second(Endpoint.of(second + "/trades")));
    PositionStore positions = PositionStore.file(folder.resolve("positions"));
    Sink sink = Sink.files(folder.resolve("events"));
    FleetOptions options = FleetOptions.DEFAULT.listener(Paired::report);
    try (Fleet fleet = Fleet.open(positions, sink, options)) {
      fleet.put(trades);
      while (input.readLine() != null) {
        fleet.info().feeds().forEach(Paired::show);
      }
    }
  }

  private static void report(FleetEvent event) {
    switch (event) {
      case FleetEvent.ConnectionLost lost -> // the other one goes on
          System.err.println("Connection " + lost.connection() + ": " + lost.reason());
      case FleetEvent.FeedWaiting waiting -> // both are lost, and this is a gap
          System.err.println("A gap in " + waiting.feed() + ": " + waiting.reason());
      default -> {}
    }
  }

  private static void show(FeedInfo feed) {
    feed.pair()
        .ifPresent(
            pair ->
                System.err.println(
                    pair.open() + " of 2 are open, " + pair.duplicates() + " duplicates dropped"));
  }
}
