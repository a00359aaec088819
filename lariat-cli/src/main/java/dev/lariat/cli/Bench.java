package dev.lariat.cli;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "bench",
    description = {
      "Measures the latency of a server under load: of WebSocket messages that it echoes (ws, wss),"
          + " or of GET requests (http, https). Each connection has one request at a time.",
      "With --rate, requests have intended times, and a latency counts from there (open model), so"
          + " the percentiles show what stalls of the server do to everyone. Without it, each"
          + " answer is followed by the next request (closed model): a server that stalls is asked"
          + " less, and the percentiles look better than what users meet.",
      "With two URLs, both are measured in turn, in rounds, and compared. The exit code is 12 if"
          + " there were errors. Measure only servers that are yours."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    addMethodSubcommands = false)
final class Bench implements Callable<Integer> {
  private static final Duration LENGTH = Duration.ofSeconds(10);

  private final Io io;

  @Parameters(
      arity = "1..2",
      paramLabel = "URL",
      description = "http, https, ws or wss; a second one to compare it with.")
  private List<String> urls = new ArrayList<>();

  @Mixin private Access access = new Access();

  @Option(
      names = {"-c", "--connections"},
      paramLabel = "N",
      converter = Value.Connections.class,
      description = "How many connections: 1 to 10000. The default is 10.")
  private int connections = 10;

  @Option(
      names = {"-r", "--rate"},
      paramLabel = "N",
      converter = Value.Rate.class,
      description = "Requests per second on all connections: 0.1 to 1000000 (open model).")
  private @Nullable Double rate;

  @Option(
      names = {"-s", "--size"},
      paramLabel = "SIZE",
      converter = Value.MessageSize.class,
      description =
          "The size of a WebSocket message: bytes, or with k or M, up to 16M. The default is 32.")
  private int size = 32;

  @Option(
      names = {"-d", "--duration"},
      paramLabel = "SECONDS",
      converter = Value.Length.class,
      description = "How long to measure each URL: 0.1 to 86400. The default is 10.")
  private @Nullable Duration duration;

  @Option(
      names = {"-n", "--requests"},
      paramLabel = "N",
      converter = Value.Requests.class,
      description =
          "How many requests to measure for each URL: 1 to 1000000000. With --duration, whichever"
              + " ends first.")
  private @Nullable Integer requests;

  @Option(
      names = "--warm-up",
      paramLabel = "SECONDS",
      converter = Value.WarmUp.class,
      description =
          "How long to ask before the measurement, and before each round: 0 to 600. The default is"
              + " 1.")
  private Duration warmUp = Duration.ofSeconds(1);

  @Option(
      names = "--rounds",
      paramLabel = "N",
      converter = Value.Rounds.class,
      description = "With two URLs: how many rounds, 1 to 100. The default is 5.")
  private int rounds = 5;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      converter = Value.PositiveSeconds.class,
      description = "How long to wait for an answer. The default is 30.")
  private Duration timeout = Duration.ofSeconds(30);

  @Option(names = "--json", description = "Write the result as one JSON object.")
  private boolean json;

  Bench(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (urls.size() > 2) {
      throw new UsageException(
          "bench takes one URL, or two to compare them: there are " + urls.size() + ".");
    }
    List<Destination> destinations = urls.stream().map(this::destination).toList();
    Duration length = duration == null && requests == null ? LENGTH : duration;
    Load.Plan plan =
        new Load.Plan(
            requests == null ? connections : Math.min(connections, requests),
            rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate),
            size,
            warmUp,
            length,
            requests == null ? OptionalLong.empty() : OptionalLong.of(requests));
    Contest contest = new Contest(destinations, plan, rounds);
    int failure;
    try (Interrupt _ = new Interrupt()) {
      try (Ticker _ = new Ticker(io, contest)) {
        failure = contest.run();
      } catch (InterruptedException e) {
        failure = -1;
      }
      io.out().println(json ? contest.json().toString() : contest.text());
    }
    if (contest.answers() == 0 && failure >= 0) {
      io.complain("Nothing was answered.");
      return failure;
    }
    return contest.failures() > 0 ? Exit.PROBLEM : Exit.OK;
  }

  private Destination destination(String url) {
    URI uri = Url.of(url, "http");
    return new Destination(Target.endpoint(uri, access, io), access.options(uri), timeout);
  }
}
