package dev.lariat.cli;

import dev.lariat.fleet.Fleet;
import dev.lariat.fleet.FleetEvent;
import dev.lariat.fleet.FleetOptions;
import dev.lariat.fleet.FleetStatus;
import dev.lariat.fleet.Sink;
import dev.lariat.fleet.yaml.FeedFile;
import dev.lariat.fleet.yaml.FeedFileEvent;
import dev.lariat.fleet.yaml.FeedWatch;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "fleet",
    description = {
      "Keeps many feeds alive, and writes their events: a line of JSON for each to standard output,"
          + " or to files. The feeds are in a file of YAML; a change of it takes effect while the"
          + " command runs.",
      "Positions are stored, so that after a restart each feed continues where it was. Everything"
          + " else goes to standard error. Ctrl-C and SIGTERM close the feeds and store the"
          + " positions; SIGHUP reads the file again."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    addMethodSubcommands = false)
final class FleetRun implements Callable<Integer> {
  private final Io io;

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  @Parameters(
      paramLabel = "FILE",
      arity = "0..1",
      description =
          "The file of feeds. A short one: feeds: [{id: ticks, uri: \"wss://feed.example/\"}]. One"
              + " that is called status is ./status.")
  private @Nullable Path file;

  @Option(
      names = "--sink",
      paramLabel = "FOLDER",
      description =
          "Write the events to files in this folder, forced to the disk, instead of to standard"
              + " output.")
  private @Nullable Path sink;

  @Option(
      names = "--positions",
      paramLabel = "FILE",
      description =
          "Where the positions are kept: a file, or the URI of a store that several nodes share."
              + " The default is the name of the file of feeds with .positions after it; with"
              + " --join, the store of that URI.")
  private @Nullable String positions;

  @Option(
      names = "--status",
      paramLabel = "PORT",
      converter = Value.Port.class,
      description =
          "Serve a page that shows the feeds and what happens, on this port of 127.0.0.1. 0 means"
              + " any free port. lariat fleet status looks at "
              + FleetTable.PORT
              + ".")
  private @Nullable Integer status;

  @Option(
      names = "--join",
      paramLabel = "URI",
      description =
          "Be one node of several, which share the feeds: jdbc:postgresql:… or jdbc:h2:… for leases"
              + " in a database, or pekko://SEED:PORT,…?at=HOST:PORT for a cluster.")
  private @Nullable String join;

  @Option(
      names = "--jar",
      paramLabel = "FILE",
      description =
          "Load this jar, or each jar of this folder, for --join and --positions: another driver of"
              + " the database, or a module for other URIs. You can repeat it.")
  private List<Path> jars = List.of();

  @Option(
      names = {"-q", "--quiet"},
      description = "Tell failures only, and not what changes.")
  private boolean quiet;

  private final CountDownLatch end = new CountDownLatch(1);
  private volatile int code = Exit.OK;

  FleetRun(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() {
    if (file == null) {
      throw new ParameterException(spec.commandLine(), "Missing required parameter: 'FILE'");
    }
    FeedFile feeds = read(file);
    FleetOutput lines = new FleetOutput(io.out(), end::countDown);
    try (FleetModules modules = new FleetModules(jars);
        Fleet fleet = open(feeds, FleetEnds.of(file, join, positions, modules), lines);
        FleetStatus page = serve(fleet);
        FeedWatch watch = follow(file, fleet);
        FleetSignals _ = new FleetSignals(end::countDown, watch::reread)) {
      if (page != null) {
        tell("The status is at " + page.uri());
      }
      end.await();
      lines.check();
      return code;
    } catch (InterruptedException e) {
      return Exit.OK; // who interrupts it wants its end
    } catch (IOException e) { // the sink or the store as they are closed
      throw OutputException.of(e);
    }
  }

  private FeedFile read(Path path) {
    try {
      return FeedFile.read(path);
    } catch (NoSuchFileException e) {
      throw new UsageException("There is no file " + Line.plain(path.toString()) + ".");
    } catch (IOException | IllegalArgumentException e) {
      throw new UsageException(Line.plain(String.valueOf(e.getMessage())) + ".");
    }
  }

  private Fleet open(FeedFile feeds, FleetEnds ends, FleetOutput lines) {
    FleetOptions options =
        FleetOptions.DEFAULT.placement(ends.placement()).listener(this::happened);
    options = feeds.budget().map(options::budget).orElse(options);
    Sink to = sink == null ? Sink.jsonLines(lines) : Sink.files(sink);
    try {
      return Fleet.open(ends.positions(), to, options);
    } catch (IOException e) {
      throw FleetException.of(e);
    } catch (IllegalArgumentException e) {
      throw new UsageException(Line.plain(String.valueOf(e.getMessage())) + ".");
    }
  }

  private @Nullable FleetStatus serve(Fleet fleet) {
    if (status == null) {
      return null;
    }
    try {
      return FleetStatus.serve(fleet, status);
    } catch (IOException e) {
      throw new UsageException("--status: port " + status + ": " + e.getMessage() + ".");
    }
  }

  private FeedWatch follow(Path path, Fleet fleet) {
    try {
      return FeedWatch.start(path, fleet, this::changed);
    } catch (IOException | IllegalArgumentException e) { // it has changed since it was read
      throw new UsageException(Line.plain(String.valueOf(e.getMessage())) + ".");
    }
  }

  // ---- what is told

  private void happened(FleetEvent event) {
    boolean tells =
        switch (event) {
          case FleetEvent.SlotComing _ -> !quiet;
          case FleetEvent.SlotStandBy _, FleetEvent.StandByEnded _ -> !quiet;
          case FleetEvent.SlotTaken _, FleetEvent.SlotLeft _ -> !quiet && join != null;
          case FleetEvent.FeedOpen _, FleetEvent.FeedWaiting _ -> !quiet;
          case FleetEvent.StoreRecovered _, FleetEvent.SinkRecovered _ -> !quiet;
          case FleetEvent.SlotLost _, FleetEvent.FeedGone _, FleetEvent.NodeEnded _ -> true;
          case FleetEvent.ConnectionOpen _, FleetEvent.ConnectionLost _ -> !quiet;
          case FleetEvent.StoreFailed _, FleetEvent.PositionUnreadable _ -> true;
          case FleetEvent.PositionSkipped _ -> true;
          case FleetEvent.SinkFailed _ -> end.getCount() > 0; // what the end says better
        };
    if (tells) {
      tell(event.sentence());
    }
    if (event instanceof FleetEvent.NodeEnded) {
      code = Exit.BROKEN; // so that whoever has started this process starts it again
      end.countDown();
    }
  }

  private void changed(FeedFileEvent event) {
    switch (event) {
      case FeedFileEvent.Applied(var added, var changed, var removed) -> {
        if (!quiet) {
          tell("Feeds: " + added + " new, " + changed + " changed, " + removed + " removed.");
        }
      }
      case FeedFileEvent.Refused(var cause) ->
          tell("The new file of feeds is not used: " + cause.getMessage() + ".");
      case FeedFileEvent.BudgetKept() -> tell("The budget of the file is for the next start.");
    }
  }

  private void tell(String sentence) {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    io.err().println(now + " " + Line.plain(sentence));
  }
}
