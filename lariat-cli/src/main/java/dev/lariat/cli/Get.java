package dev.lariat.cli;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Request;
import dev.lariat.option.Retry;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "get",
    description = "Gets a URL and writes the body to standard output. Follows no redirects.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      Exit.OK_HELP,
      Exit.BUG_HELP,
      Exit.USAGE_HELP,
      Exit.NAME_HELP,
      Exit.CONNECT_HELP,
      Exit.TLS_HELP,
      Exit.TIMEOUT_HELP,
      Exit.BROKEN_HELP,
      Exit.STATUS_HELP
    })
final class Get implements Callable<Integer> {
  private static final Duration UP = Duration.ofMinutes(1); // past the sum of all steps' deadlines

  private final Io io;

  @Mixin private Target target = new Target();

  @Option(
      names = {"-i", "--include"},
      description = "Write the status and the headers before the body.")
  private boolean include;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      description = "The longest silence of the server; ${DEFAULT-VALUE} by default.")
  private int timeout = 60;

  Get(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() throws InterruptedException {
    try (Mailbox mailbox = Mailbox.create();
        Connection connection =
            Lariat.open(target.origin(), target.options().retry(Retry.NEVER), mailbox)) {
      Request request = Request.of("GET", target.path()).headers(target.headers());
      connection.awaitUp(UP);
      return read(mailbox, connection.request(request));
    } finally {
      io.out().flush();
    }
  }

  private int read(Mailbox mailbox, Exchange exchange) throws InterruptedException {
    int status = 0;
    Message.OfStream message;
    do {
      message = mailbox.await(exchange, Duration.ofSeconds(timeout));
      switch (message) {
        case null -> {
          io.err().println("lariat: The server was silent for " + timeout + " s.");
          return Exit.TIMEOUT;
        }
        case Response(_, _, var answered, var headers) -> {
          status = answered;
          if (include) {
            head(status, headers);
          }
        }
        case Data(_, _, var bytes) -> io.out().writeBytes(bytes.toArray());
        case StreamFailed(_, var reason) -> {
          io.err().println("lariat: " + reason.sentence());
          return Exit.of(reason);
        }
        case Message.OfStream _ -> {} // interim responses and trailers
      }
    } while (!message.ends());
    return status < 400 ? Exit.OK : Exit.STATUS;
  }

  private void head(int status, Headers headers) {
    io.out().println("HTTP/1.1 " + status);
    for (Headers.Field field : headers) {
      io.out().println(field.name() + ": " + field.value());
    }
    io.out().println();
  }
}
