package dev.lariat.cli;

import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Healing;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of the commands that stay: how patiently, for how long, and what they tell. */
final class StayOptions {
  private static final int PIPED_RETRIES = 5; // nobody is there to see that it never connects

  @Option(
      names = "--retries",
      paramLabel = "N",
      converter = Value.Count.class,
      description =
          "How many retries in a row may fail. The default is no limit at a terminal, and "
              + PIPED_RETRIES
              + " with a pipe.")
  private @Nullable Integer retries;

  @Option(
      names = {"-m", "--max-time", "--timeout"},
      paramLabel = "SECONDS",
      converter = Value.PositiveSeconds.class,
      description = "End the command after this time, with exit code 6. The default is no limit.")
  private @Nullable Duration maxTime;

  @Option(
      names = {"-q", "--quiet"},
      description = "Do not tell of sessions and losses.")
  private boolean quiet;

  @Option(
      names = "--unix-socket",
      paramLabel = "FILE",
      description = "Connect to this Unix-domain socket.")
  private @Nullable Path socket;

  /** The way to this endpoint, which may be by another socket. */
  Endpoint reached(Endpoint endpoint, ConnectionOptions options) {
    if (socket == null) {
      return endpoint;
    }
    if (!options.via().isEmpty()) {
      throw new UsageException("--unix-socket does not go with --proxy.");
    }
    return endpoint.unixSocket(socket);
  }

  /** How a lost session is replaced. */
  Healing healing(Io io) {
    int attempts = retries != null ? retries : io.terminal() ? Backoff.FOREVER : PIPED_RETRIES;
    Healing healing = Healing.DEFAULT;
    return healing
        .retry(healing.retry().attempts(attempts))
        .spread(Duration.ZERO); // somebody waits for this one
  }

  /** How long the command may take; null for as long as it likes. */
  @Nullable Duration maxTime() {
    return maxTime;
  }

  boolean quiet() {
    return quiet;
  }
}
