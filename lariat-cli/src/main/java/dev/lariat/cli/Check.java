package dev.lariat.cli;

import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "check",
    description = {
      "Tries a URL and reports what it finds: names, addresses, proxies, TLS and its certificates,"
          + " versions of HTTP, and for ws and wss the upgrade, its extensions, pings and the"
          + " close. Each finding is ok, a note or a problem, with advice; what could not be tried"
          + " is listed, too.",
      "It opens a connection to each address, and sends a GET by HTTP/1.1 and by HTTP/2. It sends"
          + " no WebSocket message. The exit code is 12 if there is a problem."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    addMethodSubcommands = false)
final class Check implements Callable<Integer> {
  private final Io io;

  @Mixin private Target target = new Target();

  @Option(names = "--json", description = "Write the findings as one JSON object.")
  private boolean json;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description =
          "Also write the page as HTML, with the timeline of the connection as a picture. The file"
              + " is replaced if it exists.")
  private @Nullable Path html;

  @Option(
      names = "--ping-timeout",
      paramLabel = "SECONDS",
      converter = Value.PositiveSeconds.class,
      description =
          "How long to wait for the answer to a ping or a close frame. The default is 10.")
  private Duration timeout = Duration.ofSeconds(10);

  Check(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() throws InterruptedException {
    Endpoint endpoint = target.endpoint(io);
    ConnectionOptions options = target.options();
    options = options.timeouts(options.timeouts().closing(timeout));
    Checkup.warmUp();
    Page page = new Checkup(new Destination(endpoint, options, timeout)).run(Instant.now());
    if (html != null) {
      HtmlPage.write(page, html);
    }
    io.out().println(json ? page.json().toString() : page.text().stripTrailing());
    return page.hasProblem() ? Exit.PROBLEM : Exit.OK;
  }
}
