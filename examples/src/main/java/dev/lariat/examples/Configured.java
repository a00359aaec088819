package dev.lariat.examples;

import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.FleetStatus;
import dev.lariat.fleet.PositionStore;
import dev.lariat.fleet.Sink;
import dev.lariat.fleet.yaml.FeedFile;
import dev.lariat.fleet.yaml.FeedFileEvent;
import dev.lariat.fleet.yaml.FeedWatch;
import dev.lariat.micrometer.FleetMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Collects the feeds of a file, follows its changes, and shows how they stand. Each line of its
 * input reads the file again; the end of the input ends it.
 */
public final class Configured {
  private final MeterRegistry registry;

  Configured(MeterRegistry registry) {
    this.registry = registry;
  }

  public static void main(String[] args) throws IOException {
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    new Configured(new SimpleMeterRegistry()).run(Path.of(args[0]), Path.of(args[1]), 4280, input);
  }

  void run(Path file, Path folder, int port, BufferedReader input) throws IOException {
    FleetOptions options =
        FleetOptions.DEFAULT.listener(event -> System.err.println(event.sentence()));
    options = FeedFile.read(file).budget().map(options::budget).orElse(options);
    PositionStore positions = PositionStore.file(folder.resolve("positions"));
    Sink sink = Sink.files(folder.resolve("events"));
    try (Fleet fleet = Fleet.open(positions, sink, options);
        FleetStatus status = FleetStatus.serve(fleet, port);
        FeedWatch watch = FeedWatch.start(file, fleet, Configured::report)) {
      new FleetMetrics(fleet).bindTo(registry);
      System.err.println("See " + status.uri());
      while (input.readLine() != null) {
        watch.reread();
      }
    }
  }

  private static void report(FeedFileEvent event) {
    System.err.println(event);
  }
}
