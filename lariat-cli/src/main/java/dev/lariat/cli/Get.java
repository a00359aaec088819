package dev.lariat.cli;

import dev.lariat.Connection;
import dev.lariat.Exchange;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.message.Data;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Request;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "get",
    description = "Gets a URL and writes the body to standard output. Follows no redirects.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class)
final class Get implements Callable<Integer> {
  private static final Duration UP = Duration.ofMinutes(1); // past the sum of all steps' deadlines
  private static final Duration SILENCE = Duration.ofMinutes(1);

  private final Io io;

  @Mixin private Target target = new Target();

  @Option(
      names = {"-i", "--include"},
      description = "Write the protocol, the status and the headers before the body.")
  private boolean include;

  @Option(
      names = "--timeout",
      paramLabel = "SECONDS",
      converter = Value.PositiveSeconds.class,
      description =
          "The timeout for everything, from the name lookup to the end of the body."
              + " Without it, a silence of 60 s ends the command.")
  private @Nullable Duration timeout;

  Get(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() throws InterruptedException {
    long start = System.nanoTime();
    Endpoint endpoint = target.endpoint(io);
    ConnectionOptions options = target.options().retry(Backoff.NEVER);
    try (Mailbox mailbox = Mailbox.create();
        Connection connection = Lariat.open(Target.origin(endpoint), options, mailbox)) {
      Request request =
          Request.of("GET", endpoint.target())
              .headers(endpoint.headers())
              .credentials(endpoint.credentials());
      Protocol protocol;
      try {
        protocol = connection.awaitUp(left(start, UP));
      } catch (FailedException e) {
        if (e.reason() instanceof Reason.Timeout timeout
            && timeout.step() == Reason.Step.AWAIT_UP) {
          return late(timeout.last().map(Words::of).orElse("There is no connection yet."));
        }
        throw e;
      }
      return read(mailbox, connection.request(request), protocol, start);
    }
  }

  /** How long may be waited now. */
  private Duration left(long start, Duration otherwise) {
    if (timeout == null) {
      return otherwise;
    }
    Duration left = timeout.minusNanos(System.nanoTime() - start);
    return left.isNegative() ? Duration.ZERO : left;
  }

  /** The time is over; the state is a sentence. */
  private int late(String state) {
    io.complain(
        timeout == null
            ? "The server was silent for " + SILENCE.toSeconds() + " s: " + state
            : "It took longer than --timeout: " + state);
    return Exit.TIMEOUT;
  }

  private int read(Mailbox mailbox, Exchange exchange, Protocol protocol, long start)
      throws InterruptedException {
    int status = 0;
    Message.OfStream message;
    do {
      message = mailbox.await(exchange, left(start, SILENCE));
      switch (message) {
        case null -> {
          return late(status == 0 ? "There is no response yet." : "The response is incomplete.");
        }
        case Response(_, _, var answered, var headers) -> {
          status = answered;
          if (include) {
            head(protocol, status, headers);
          }
        }
        case Data(_, _, var bytes) -> io.out().write(bytes.toArray());
        case StreamFailed(_, var reason) -> {
          io.complain(Words.of(reason));
          return Exit.of(reason);
        }
        case Message.OfStream _ -> {} // interim responses and trailers
      }
    } while (!message.ends());
    return status >= 100 && status < 400 ? Exit.OK : Exit.STATUS;
  }

  private void head(Protocol protocol, int status, Headers headers) {
    String version = protocol == Protocol.HTTP_2 ? "HTTP/2 " : "HTTP/1.1 ";
    StringBuilder head = new StringBuilder(version + status + "\n");
    for (Headers.Field field : headers) {
      head.append(field.name()).append(": ").append(field.value()).append('\n');
    }
    io.out().println(head.toString());
  }
}
