package dev.lariat.cli;

import dev.lariat.live.LiveEvents;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Request;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "sse",
    description = {
      "Reads a stream of server-sent events, and continues it when it is lost. The data of each"
          + " event are written to standard output, with a line feed after them; everything else"
          + " goes to standard error.",
      "The command ends when the server says so (status 204), after --count events, or when it"
          + " gives up."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    addMethodSubcommands = false)
@SuppressWarnings("UnusedMethod") // picocli calls them
final class Sse implements Callable<Integer> {
  private static final int NO_CONTENT = 204;
  private static final int COLUMNS =
      80; // within which JSON is folded: it does not ask the terminal

  private final Io io;
  private final DataOptions body = new DataOptions(); // of which it has some

  @Mixin private Target target = new Target();

  @Mixin private StayOptions stay = new StayOptions();

  @Option(
      names = "--json",
      description =
          "Write each event as a JSON object on one line: {\"event\":\"…\",\"id\":\"…\","
              + "\"data\":\"…\"}.")
  private boolean json;

  @Option(
      names = "--select",
      paramLabel = "PATH",
      converter = Value.Path.class,
      description =
          "Of data that are JSON, write only what this path selects, as in .data[0].price or"
              + " .items[].name. Events without it are not written.")
  private @Nullable Selection selection;

  @Option(
      names = {"-n", "--count"},
      paramLabel = "N",
      converter = Value.Count.class,
      description = "End after this many events. 0, the default, means never.")
  private int count;

  @Option(
      names = "--last-event-id",
      paramLabel = "ID",
      description = "Continue after the event with this id.")
  private String lastEventId = "";

  @Option(
      names = "--answer-timeout",
      paramLabel = "SECONDS",
      converter = Value.PositiveSeconds.class,
      description =
          "How long each attempt waits for the server to answer the request. The default is 30.")
  private Duration answer = EventOptions.DEFAULT.answer();

  @Option(
      names = {"-X", "--request"},
      paramLabel = "METHOD",
      description = "Ask for the stream by this method. The default is GET, with a body POST.")
  private @Nullable String method;

  @Option(
      names = {"-d", "--data"},
      paramLabel = "DATA",
      description =
          "Send this with each request, as a form if no header says otherwise. @FILE sends a file"
              + " without its line ends, and @- standard input. Several of these options are joined"
              + " by &.")
  private void data(@Nullable String value) {
    body.data(value);
  }

  @Option(
      names = "--data-raw",
      paramLabel = "DATA",
      description = "As --data, but @ has no meaning.")
  private void dataRaw(@Nullable String value) {
    body.dataRaw(value);
  }

  @Option(
      names = "--data-binary",
      paramLabel = "DATA",
      description = "As --data, but a file is sent with its line ends.")
  private void dataBinary(@Nullable String value) {
    body.dataBinary(value);
  }

  @Option(
      names = {"-v", "--verbose"},
      description =
          "Show connections (*), and the headers that are sent (>) and received (<), on standard"
              + " error, without passwords, tokens and cookies.")
  private boolean verbose;

  @Option(names = "--show-secrets", description = "With --verbose: show those, too.")
  private boolean secrets;

  Sse(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() throws InterruptedException {
    Payload payload = body.payload(io.in());
    Endpoint endpoint = endpoint(payload);
    LiveEvents.Plan plan =
        LiveEvents.to(endpoint).request(request(payload)).options(options(endpoint));
    try {
      plan = plan.lastEventId(lastEventId);
    } catch (IllegalArgumentException e) {
      throw UsageException.of("--last-event-id", e);
    }
    int left = count;
    Optional<Transcript> transcript =
        io.outTerminal() ? Optional.of(Transcript.of(COLUMNS)) : Optional.empty();
    long start = System.nanoTime();
    try (LiveEvents live = plan.open()) {
      while (true) {
        Message message = next(live, start);
        switch (message) {
          case null -> {
            io.complain("It took longer than --max-time.");
            return Exit.TIMEOUT;
          }
          case ServerSentEvent event -> {
            show(event, transcript);
            if (--left == 0) {
              return Exit.OK;
            }
          }
          case Gone(_, Reason.Status(var status, _, _, _)) when status == NO_CONTENT -> {
            return Exit.OK;
          }
          case Gone(_, var reason) -> {
            io.complain(Words.of(reason));
            return Exit.of(reason);
          }
          case Open _, Waiting _ -> {
            if (!stay.quiet()) {
              io.err().println(Line.of(message));
            }
          }
          case Message _ -> {} // what the two above tell, in other words
        }
      }
    }
  }

  /** What happens next; null if the time is over before. */
  private @Nullable Message next(LiveEvents live, long start) throws InterruptedException {
    Duration maxTime = stay.maxTime();
    if (maxTime == null) {
      return live.mailbox().take();
    }
    Duration left = maxTime.minusNanos(System.nanoTime() - start);
    return left.isPositive() ? live.mailbox().take(left) : null;
  }

  private Endpoint endpoint(Payload payload) {
    Endpoint endpoint =
        target.endpoint(
            io,
            lines -> {
              if (payload.type() != null) {
                lines.setIfAbsent("content-type", payload.type());
              }
            });
    return stay.reached(endpoint, target.options());
  }

  /** What is asked for in each session; the endpoint has the rest of it. */
  private Request request(Payload payload) {
    String its = method != null ? method : payload.isNone() ? "GET" : "POST";
    try {
      Request request = Request.of(its, "/");
      return payload.isNone() ? request : request.body(payload.held());
    } catch (IllegalArgumentException e) {
      throw UsageException.of("--request", e);
    }
  }

  private EventOptions options(Endpoint endpoint) {
    ConnectionOptions connection = target.options();
    if (verbose) {
      String authorization = Asking.authorization(endpoint.credentials(), endpoint.headers());
      connection = connection.listener(new Trace(io, secrets, authorization));
    }
    return EventOptions.DEFAULT.connection(connection).answer(answer).healing(stay.healing(io));
  }

  private void show(ServerSentEvent event, Optional<Transcript> transcript) {
    List<String> shown = selection == null ? List.of(event.data()) : selection.from(event.data());
    for (String data : shown) {
      io.out().println(line(event, data, transcript));
    }
  }

  private String line(ServerSentEvent event, String data, Optional<Transcript> transcript) {
    if (json) {
      return "{\"event\":"
          + Json.quoted(event.type())
          + ",\"id\":"
          + Json.quoted(event.id())
          + ",\"data\":"
          + Json.quoted(data)
          + "}";
    }
    return transcript
        .map(form -> form.received(new Text(data), Moment.now(), Optional.empty()).toAnsi())
        .orElse(data);
  }
}
