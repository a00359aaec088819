package dev.lariat.cli;

import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Frame;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Endpoints;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Outbox;
import dev.lariat.option.WebSocketOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jline.terminal.Terminal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "ws",
    description = {
      "Opens a WebSocket that reconnects when it is lost. Each line of the input is sent as a text"
          + " message, and each message that arrives is shown. The end of the input (Ctrl-D)"
          + " closes the WebSocket.",
      "At a terminal there is a prompt: /help lists its commands, and Ctrl-C clears the line or, at"
          + " an empty one, closes the WebSocket.",
      "If the input or the output is a pipe, messages go to standard output and everything else"
          + " goes to standard error. Each message, text or binary, is written as it is, and a line"
          + " feed follows it. If messages can contain line feeds, use --null or --json.",
      "Standard error lists, by number, the messages of the input that were not delivered."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    addMethodSubcommands = false)
final class Ws implements Callable<Integer> {
  private static final Duration FAREWELL = Duration.ofSeconds(2); // which a person may wait for it
  private static final Duration EVER = Duration.ofDays(365); // the longest that an option may be

  private final Io io;
  private final Callable<Terminal> terminal;

  @Mixin private Target target = new Target();

  @Mixin private StayOptions stay = new StayOptions();

  @Mixin private ScriptOptions script = new ScriptOptions();

  @Mixin private PromptOptions prompt = new PromptOptions();

  @Option(
      names = "--subprotocol",
      paramLabel = "NAME",
      description = "Offer this subprotocol. You can repeat the option.")
  private List<String> subprotocols = new ArrayList<>();

  @Option(names = "--compress", description = "Offer permessage-deflate.")
  private boolean compress;

  @Option(
      names = "--ping-interval",
      paramLabel = "SECONDS",
      converter = Value.Seconds.class,
      description = "Send a ping after this much silence. 0 means never. The default is 30.")
  private Duration pingInterval = Duration.ofSeconds(30);

  @Option(
      names = "--pong-deadline",
      paramLabel = "SECONDS",
      converter = Value.PositiveSeconds.class,
      description = "The timeout for the answer to a ping. The default is 10.")
  private Duration pongDeadline = Duration.ofSeconds(10);

  @Option(
      names = "--linger",
      paramLabel = "SECONDS",
      converter = Value.Seconds.class,
      description =
          "With a pipe: after the end of the input, wait for answers until the server has been"
              + " silent for this long. The default is 1.")
  private Duration linger = Duration.ofSeconds(1);

  @Option(
      names = "--retry-all-errors",
      description =
          "Retry after any failure. Without this option, these end the command: statuses such as"
              + " 404, close codes other than 1001 and 1011 to 1014, a message that is too large, a"
              + " protocol error, and on the first attempt also a name that does not resolve and a"
              + " TLS failure.")
  private boolean retryAllErrors;

  @Option(
      names = "--max-message",
      paramLabel = "SIZE",
      converter = Value.Size.class,
      description =
          "The largest message, sent or received: bytes, or with k, M or G. The default is 16M.")
  private int maxMessage = 16 << 20;

  @Option(
      names = {"-b", "--binary"},
      description =
          "Send binary messages: the bytes of the input as they arrive, in messages of up to 64"
              + " KiB, or at a terminal one message for each line. With a pipe: write the bytes of"
              + " each message, and nothing after them.")
  private boolean binary;

  @Option(
      names = {"-0", "--null"},
      description =
          "With a pipe: messages end with a zero byte instead of a line feed, in both directions.")
  private boolean nulls;

  @Option(
      names = "--json",
      description =
          "With a pipe: write each message as a JSON object on one line, {\"type\":\"text\","
              + "\"text\":…} or {\"type\":\"binary\",\"base64\":…}.")
  private boolean json;

  @Option(
      names = {"-v", "--verbose"},
      description = "Also show attempts, pings and pongs.")
  private boolean verbose;

  Ws(Io io) {
    this(io, Prompt::terminal);
  }

  /**
   * The command with a prompt somewhere else.
   *
   * @param terminal gives the terminal of the prompt
   */
  Ws(Io io, Callable<Terminal> terminal) {
    this.io = io;
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws Exception {
    Endpoint endpoint = stay.reached(target.endpoint(io), target.options());
    if (json && script.jsonl()) {
      throw new UsageException("--json does not go with --jsonl.");
    }
    if (script.selection() != null && script.jsonl()) {
      throw new UsageException("--select does not go with --jsonl.");
    }
    if (!stay.quiet()) {
      script.doubt().ifPresent(doubt -> io.err().println(Line.line("Note", doubt)));
    }
    LiveWebSocket.Plan plan = LiveWebSocket.to(endpoints(endpoint));
    List<Frame> opening = script.opening(maxMessage);
    if (!opening.isEmpty()) {
      Frame[] frames = opening.toArray(Frame[]::new);
      plan = plan.onOpen(session -> session.send(frames));
    }
    Talk.Outcome outcome =
        script.jsonl()
            ? recorded(plan, opening)
            : io.terminal() && !script.hasMessages() ? atTerminal(plan, opening) : piped(plan);
    if (outcome.sentence() != null) {
      io.complain(outcome.sentence());
    }
    return outcome.exit();
  }

  private Endpoints endpoints(Endpoint endpoint) {
    TokenCommand token = script.token();
    if (token == null) {
      return (attempt, last) -> endpoint;
    }
    if (endpoint.credentials().isPresent()) {
      throw new UsageException("--token-command does not go with --bearer and --user.");
    }
    return (attempt, last) -> endpoint.credentials(token.run());
  }

  /** What passes is recorded in memory, so that it can be saved later. */
  private Talk.Outcome atTerminal(LiveWebSocket.Plan plan, List<Frame> opening) throws Exception {
    Reel reel = new Reel();
    Tape tape = Tape.to(reel, Recording.Kind.WEBSOCKET, target.uri().toString());
    Recorder recorder = new Recorder(tape, OptionalLong.empty());
    recorder.sentByStep(opening);
    Wire.Recorded wire = new Wire.Recorded(recorder, false);
    Prompt.Manner its =
        new Prompt.Manner(binary, maxMessage, script.selection(), verbose, stay.quiet(), prompt);
    try (Prompt screen = new Prompt(its, reel, terminal.call());
        LiveWebSocket live =
            plan.options(forPerson(target.options().listener(recorder).listener(screen)))
                .owner(wire)
                .open()) {
      recorder.live(live);
      screen.begin(live, wire);
      return new Talk(live, wire, screen, screen, manner(null)).run();
    }
  }

  /** A person wants to see each pong, to leave soon, and never to wait for room in the outbox. */
  private LiveOptions forPerson(ConnectionOptions reaching) {
    LiveOptions options = options(reaching.timeouts(reaching.timeouts().closing(FAREWELL)));
    return options
        .webSocket(options.webSocket().silencePings(false))
        .outbox(Outbox.DEFAULT.overflow(Outbox.Overflow.FAIL));
  }

  private Talk.Outcome piped(LiveWebSocket.Plan plan) throws InterruptedException {
    Screen screen = new Screen.Piped(io, format(), script.selection(), verbose);
    try (LiveWebSocket live = plan.options(options(target.options())).open()) {
      return new Talk(live, Wire.of(live), source(), screen, manner(linger)).run();
    }
  }

  /** Messages and events go to a tape, which is standard output. */
  private Talk.Outcome recorded(LiveWebSocket.Plan plan, List<Frame> opening)
      throws InterruptedException {
    String url = target.uri().toString();
    Screen screen = new Screen.Piped(io, null, null, verbose);
    try (Tape tape = Tape.begin("-", false, io.out(), Recording.Kind.WEBSOCKET, url)) {
      Recorder recorder = new Recorder(tape, OptionalLong.empty());
      recorder.sentByStep(opening);
      Wire.Recorded wire = new Wire.Recorded(recorder, true);
      CompletableFuture<LiveWebSocket> opened = new CompletableFuture<>();
      recorder.ending(() -> opened.thenAccept(LiveWebSocket::close));
      LiveOptions options = options(target.options().listener(recorder));
      try (LiveWebSocket live = plan.options(options).owner(wire).open()) {
        opened.complete(live);
        recorder.live(live);
        Talk.Outcome outcome = new Talk(live, wire, source(), screen, manner(linger)).run();
        tape.check();
        return outcome;
      }
    }
  }

  private Source source() {
    if (script.hasMessages()) {
      return Source.of(script.messages(), maxMessage, binary);
    }
    return binary && !nulls
        ? Source.blocks(io.in(), maxMessage)
        : Source.ended(io.in(), (byte) (nulls ? 0 : '\n'), maxMessage, binary);
  }

  /**
   * How the talk is done.
   *
   * @param silence the silence to wait for after the end of the input; null to leave at once
   */
  private Talk.Manner manner(@Nullable Duration silence) {
    return new Talk.Manner(
        silence,
        script.expected(),
        script.maxTime(stay.maxTime()),
        script.hasMessages(),
        verbose,
        stay.quiet());
  }

  private Format format() {
    return json ? Format.JSON : nulls ? Format.NULLS : binary ? Format.BYTES : Format.LINES;
  }

  private LiveOptions options(ConnectionOptions reaching) {
    Patience patience = new Patience(retryAllErrors);
    ConnectionOptions connection = reaching.listener(patience);
    return LiveOptions.DEFAULT
        .connection(connection.limits(connection.limits().message(maxMessage)))
        .webSocket(webSocket())
        .healing(stay.healing(io).classifier(patience))
        .outbox(Outbox.DEFAULT.sendTimeout(EVER)); // the input waits, for as long as it must
  }

  private WebSocketOptions webSocket() {
    Keepalive keepalive =
        pingInterval.isZero()
            ? Keepalive.OFF
            : Keepalive.every(pingInterval).deadline(pongDeadline);
    WebSocketOptions options = compress ? WebSocketOptions.compressed() : WebSocketOptions.DEFAULT;
    try {
      options = options.subprotocols(subprotocols.toArray(String[]::new));
    } catch (IllegalArgumentException e) {
      throw UsageException.of("--subprotocol", e);
    }
    return options.silencePings(!verbose).keepalive(keepalive);
  }
}
