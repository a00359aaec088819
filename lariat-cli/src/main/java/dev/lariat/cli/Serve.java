package dev.lariat.cli;

import dev.lariat.testkit.Origin;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "serve",
    description = {
      "Serves a recording on 127.0.0.1, as the server of that session: its frames or events at the"
          + " recorded times.",
      "Each connection gets the next recorded session, at any path. A session that was lost is cut"
          + " off without a close frame, so the client sees the loss again. After the last session,"
          + " the command ends, or begins again with --loop."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    addMethodSubcommands = false)
final class Serve implements Callable<Integer> {
  private final Io io;

  @Parameters(paramLabel = "FILE", description = "A file that lariat record has written.")
  private Path file = Path.of("");

  @Option(
      names = "--port",
      paramLabel = "N",
      converter = Value.Port.class,
      description = "The port. 0, the default, means any free port.")
  private int port;

  @Option(
      names = "--speed",
      paramLabel = "N",
      converter = Value.Speed.class,
      description =
          "How many times as fast as recorded: 0.01 to 1000, or 0 for at once. The default is 1.")
  private double speed = 1;

  @Option(names = "--loop", description = "After the last session, begin again with the first.")
  private boolean loop;

  @Option(
      names = "--strict",
      description =
          "Wait for each recorded message of the client, and compare. At the first difference, the"
              + " WebSocket is closed with code 1008, and the exit code is 12.")
  private boolean strict;

  Serve(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() {
    Recording recording = Recording.read(file);
    recording.tellIfTruncated(io, file);
    if (recording.sessions().isEmpty()) {
      throw new UsageException(
          Line.plain(file.toString()) + " has no open session, so there is nothing to serve.");
    }
    Mock mock = new Mock(recording, speed, loop, strict, io.err()::println);
    try (Origin origin = Origin.start(port, mock)) {
      boolean events = recording.head().kind() == Recording.Kind.EVENTS;
      String where = origin.uri(events ? "http" : "ws", path(recording)).toString();
      io.out().println("Serving on " + where + " (Ctrl-C ends it)");
      mock.awaitEnd();
    } catch (InterruptedException e) {
      return Exit.OK; // who interrupts it wants its end
    }
    return mock.differs() ? Exit.PROBLEM : Exit.OK;
  }

  /** The recorded path, which is only shown: the mock answers at any. */
  private static String path(Recording recording) {
    try {
      String path = URI.create(recording.head().url()).getRawPath();
      return path == null || path.isEmpty() ? "/" : path;
    } catch (IllegalArgumentException e) {
      return "/";
    }
  }
}
