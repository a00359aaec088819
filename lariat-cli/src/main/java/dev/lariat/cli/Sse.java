package dev.lariat.cli;

import dev.lariat.live.LiveEvents;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Open;
import dev.lariat.message.Reason;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Text;
import dev.lariat.message.Waiting;
import dev.lariat.option.EventOptions;
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
final class Sse implements Callable<Integer> {
  private static final int NO_CONTENT = 204;
  private static final int COLUMNS =
      80; // within which JSON is folded: it does not ask the terminal

  private final Io io;

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

  Sse(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() throws InterruptedException {
    LiveEvents.Plan plan = LiveEvents.to(target.endpoint(io)).options(options());
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

  private EventOptions options() {
    return EventOptions.DEFAULT
        .connection(target.options())
        .answer(answer)
        .healing(stay.healing(io));
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
