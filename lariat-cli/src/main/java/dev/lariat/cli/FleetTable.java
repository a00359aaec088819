package dev.lariat.cli;

import dev.lariat.Connection;
import dev.lariat.Lariat;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "status",
    description = {
      "Shows how a fleet stands that runs with --status.",
      "It writes a table of its feeds, or with --json what the fleet says."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    addMethodSubcommands = false)
final class FleetTable implements Callable<Integer> {
  /** Where it looks without a URL. */
  static final int PORT = 4280;

  private static final List<String> COLUMNS =
      List.of("FEED", "STATE", "OWNER", "SLOT", "POSITION", "LAST EVENT", "GAPS", "REASON");

  private final Io io;

  @Parameters(
      paramLabel = "URL",
      arity = "0..1",
      description = "Where its status is. The default is http://127.0.0.1:" + PORT + "/.")
  private String url = "http://127.0.0.1:" + PORT + "/";

  @Option(names = "--json", description = "Write the status as one JSON object.")
  private boolean json;

  @Option(
      names = {"-m", "--max-time", "--timeout"},
      paramLabel = "SECONDS",
      converter = Value.PositiveSeconds.class,
      description = "The timeout for everything. The default is 10.")
  private Duration timeout = Duration.ofSeconds(10);

  FleetTable(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() {
    String status = status();
    io.out().println(json ? status.strip() : text(status));
    return Exit.OK;
  }

  private String status() {
    URI uri;
    try {
      uri = URI.create(url).resolve("status.json");
    } catch (IllegalArgumentException e) {
      throw new UsageException(Line.plain(url) + " is not a URL.");
    }
    ConnectionOptions once = ConnectionOptions.DEFAULT.retry(Backoff.NEVER);
    try (Connection connection = Lariat.open(uri.resolve("/"), once)) {
      return connection.get(uri.getRawPath()).text(timeout);
    } catch (IllegalArgumentException e) {
      throw new UsageException(Line.plain(String.valueOf(e.getMessage())) + ".");
    }
  }

  /** The answer as a table. */
  static String text(String status) {
    if (one(status, ".node").isEmpty()) {
      throw new UsageException("That is no status of a fleet.");
    }
    List<List<String>> rows = new ArrayList<>();
    rows.add(COLUMNS);
    Instant now = Instant.parse(one(status, ".at").orElseThrow());
    for (String feed : Selection.of(".feeds[]").from(status)) {
      rows.add(row(feed, now));
    }
    return "Node "
        + one(status, ".node").orElseThrow()
        + one(status, ".ended").map(why -> " has ended: " + why).orElse("")
        + ", one of "
        + one(status, ".members").orElse("?")
        + ". It has "
        + one(status, ".owned").orElse("?")
        + " of "
        + one(status, ".slots").orElse("?")
        + " slots, and has written "
        + one(status, ".written").orElse("?")
        + " events.\n"
        + table(rows);
  }

  private static List<String> row(String feed, Instant now) {
    Optional<String> lost = one(feed, ".lost");
    return List.of(
        one(feed, ".id").orElse("?"),
        one(feed, ".state").orElse("?")
            + one(feed, ".pair.open").map(n -> " " + n + "/2").orElse(""),
        one(feed, ".owner").orElse("-"),
        one(feed, ".slot").orElse("?"),
        one(feed, ".position").orElse("-"),
        one(feed, ".lastEvent").map(at -> since(at, now) + " ago").orElse("-"),
        one(feed, ".gaps").orElse("?") + lost.map(at -> ", now " + since(at, now)).orElse(""),
        one(feed, ".reason").orElse("-"));
  }

  private static Optional<String> one(String json, String path) {
    return Selection.of(path).from(json).stream().map(Line::plain).findFirst();
  }

  private static String since(String at, Instant now) {
    Duration time = Duration.between(Instant.parse(at), now);
    return time.toSeconds() < 120 ? time.toSeconds() + " s" : time.toMinutes() + " min";
  }

  private static String table(List<List<String>> rows) {
    int[] widths = new int[COLUMNS.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    StringBuilder table = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.size(); i++) {
        line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 2);
      }
      table.append(line.toString().stripTrailing()).append('\n');
    }
    return table.toString().stripTrailing();
  }
}
