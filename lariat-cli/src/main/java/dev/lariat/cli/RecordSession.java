package dev.lariat.cli;

import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Frame;
import dev.lariat.message.Reason;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.Keepalive;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.WebSocketOptions;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "record",
    description = {
      "Records a WebSocket (ws, wss) or an event stream (http, https) in a file: a line of JSON for"
          + " each message, each change of state and each step of each attempt, with the time. The"
          + " connection reconnects when it is lost, and the recording goes on.",
      "It ends with the server's last word, after --for or --messages, or with Ctrl-C. A recording"
          + " holds all messages and the URL as they are, secrets included, but no headers.",
      "replay, serve and report use the file."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    addMethodSubcommands = false)
final class RecordSession implements Callable<Integer> {
  private static final int MAX_MESSAGE = 16 << 20;

  private final Io io;

  @Mixin private Target target = new Target();

  @Parameters(
      index = "1",
      paramLabel = "FILE",
      description = "The file to write. - is standard output.")
  private String file = "";

  @Option(names = "--force", description = "Replace the file if it exists.")
  private boolean force;

  @Option(
      names = "--for",
      paramLabel = "SECONDS",
      converter = Value.PositiveSeconds.class,
      description = "End the recording after this time.")
  private @Nullable Duration length;

  @Option(
      names = "--messages",
      paramLabel = "N",
      converter = Value.Positive.class,
      description = "End the recording after this many messages from the server.")
  private @Nullable Integer messages;

  @Option(
      names = "--on-open",
      paramLabel = "FILE",
      description =
          "Send each line of this file as a text message in every new session, as to subscribe.")
  private @Nullable Path onOpen;

  @Option(
      names = "--send",
      paramLabel = "FILE",
      description =
          "Send each line of this file, once, as a text message. - is standard input. The recording"
              + " goes on after its end.")
  private @Nullable String send;

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
      converter = Value.PositiveSeconds.class,
      description = "Send a ping after this much silence. The default is 30.")
  private Duration pingInterval = Duration.ofSeconds(30);

  @Option(
      names = "--retries",
      paramLabel = "N",
      converter = Value.Count.class,
      description = "How many retries in a row may fail. The default is no limit.")
  private int retries = Backoff.FOREVER;

  @Option(names = "--retry-all-errors", description = "Retry after any failure, as in lariat ws.")
  private boolean retryAllErrors;

  RecordSession(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() throws InterruptedException {
    Endpoint endpoint = target.endpoint(io);
    boolean webSocket = String.valueOf(endpoint.uri().getScheme()).startsWith("ws");
    if (!webSocket && (send != null || onOpen != null || compress || !subprotocols.isEmpty())) {
      throw new UsageException(
          "An event stream takes no messages: --send, --on-open, --subprotocol and --compress are"
              + " for ws and wss.");
    }
    List<Frame> opening =
        onOpen == null ? List.of() : Messages.lines("--on-open", onOpen, MAX_MESSAGE);
    Recording.Kind kind = webSocket ? Recording.Kind.WEBSOCKET : Recording.Kind.EVENTS;
    String url = target.uri().toString();
    Reason reason;
    long entries;
    try (InputStream input = input();
        Tape tape = Tape.begin(file, force, io.out(), kind, url)) {
      Recorder recorder = new Recorder(tape, limit());
      reason = webSocket ? socket(endpoint, recorder, opening, input) : events(endpoint, recorder);
      entries = tape.entries();
    } catch (IOException e) {
      throw new UsageException("--send: the file cannot be closed: " + e.getMessage() + ".");
    }
    tell(entries);
    return exit(reason);
  }

  private InputStream input() {
    if (send == null) {
      return InputStream.nullInputStream();
    }
    try {
      return send.equals("-") ? io.in() : Files.newInputStream(Path.of(send));
    } catch (NoSuchFileException e) {
      throw new UsageException("--send: there is no file " + Line.plain(send) + ".");
    } catch (IOException e) {
      throw new UsageException("--send: " + Line.plain(send) + " cannot be read: " + e + ".");
    }
  }

  private void tell(long entries) {
    String where = file.equals("-") ? "standard output" : Line.plain(file);
    io.err().println(Line.line("Recorded", entries + " lines in " + where));
  }

  private int exit(Reason reason) {
    int exit = Exit.of(reason);
    if (exit != Exit.OK) {
      io.complain(Words.of(reason));
    }
    return exit;
  }

  private OptionalLong limit() {
    return messages == null ? OptionalLong.empty() : OptionalLong.of(messages);
  }

  private Healing healing(Patience patience) {
    Healing healing = Healing.DEFAULT;
    return healing
        .retry(healing.retry().attempts(retries))
        .spread(Duration.ZERO)
        .classifier(patience);
  }

  // ---- a WebSocket

  private Reason socket(
      Endpoint endpoint, Recorder recorder, List<Frame> opening, InputStream input)
      throws InterruptedException {
    Patience patience = new Patience(retryAllErrors);
    ConnectionOptions connection = target.options().listener(patience).listener(recorder);
    LiveOptions options =
        LiveOptions.DEFAULT
            .connection(connection.limits(connection.limits().message(MAX_MESSAGE)))
            .webSocket(webSocket())
            .healing(healing(patience));
    LiveWebSocket.Plan plan = LiveWebSocket.to(endpoint).options(options).owner(recorder);
    recorder.opening(opening);
    try (Ending ending = new Ending(length)) {
      recorder.ending(ending::now);
      try (LiveWebSocket live = plan.open()) {
        recorder.live(live);
        ending.by(live::shutdown);
        Thread.ofVirtual().name("lariat-input").start(() -> send(recorder, input));
        return recorder.awaitGone();
      }
    }
  }

  private WebSocketOptions webSocket() {
    WebSocketOptions options = compress ? WebSocketOptions.compressed() : WebSocketOptions.DEFAULT;
    try {
      options = options.subprotocols(subprotocols.toArray(String[]::new));
    } catch (IllegalArgumentException e) {
      throw UsageException.of("--subprotocol", e);
    }
    return options.silencePings(false).keepalive(Keepalive.every(pingInterval));
  }

  private void send(Recorder recorder, InputStream input) {
    try {
      Source source = Source.ended(input, (byte) '\n', MAX_MESSAGE, false);
      boolean open = true;
      for (Frame next = source.next(); open && next != null; next = source.next()) {
        open = recorder.send(next);
      }
    } catch (UsageException e) {
      io.complain("--send: " + e.getMessage()); // the recording goes on
    } catch (ClosedChannelException e) { // the recording is over, and has closed the file
    } catch (IOException e) {
      io.complain("--send: the input cannot be read: " + e.getMessage() + ".");
    }
  }

  // ---- an event stream

  private Reason events(Endpoint endpoint, Recorder recorder) throws InterruptedException {
    Patience patience = new Patience(retryAllErrors);
    EventOptions options =
        EventOptions.DEFAULT
            .connection(target.options().listener(patience).listener(recorder))
            .healing(healing(patience));
    try (Ending ending = new Ending(length)) {
      recorder.ending(ending::now);
      try (LiveEvents live = LiveEvents.to(endpoint).options(options).owner(recorder).open()) {
        ending.by(live::close);
        return recorder.awaitGone();
      }
    }
  }

  // ---- how it ends

  /**
   * Ends the live connection after a time, or when the process is told to end. The process then
   * waits until the last lines are written.
   */
  private static final class Ending implements AutoCloseable {
    private final @Nullable Duration length;
    private final Interrupt interrupt = new Interrupt(this::now);

    // under the lock
    private @Nullable Runnable end;
    private @Nullable Thread timer;
    private boolean due;

    Ending(@Nullable Duration length) {
      this.length = length;
    }

    /** Sets what ends it, which may be due already. The time begins. */
    synchronized void by(Runnable end) {
      this.end = end;
      if (length != null) {
        timer = Thread.ofVirtual().name("lariat-timer").start(() -> after(length));
      }
      if (due) {
        end.run();
      }
    }

    private void after(Duration length) {
      try {
        Thread.sleep(length);
      } catch (InterruptedException e) {
        return; // it has ended before
      }
      now();
    }

    synchronized void now() {
      due = true;
      if (end != null) {
        end.run();
      }
    }

    @Override
    public synchronized void close() {
      if (timer != null) {
        timer.interrupt();
      }
      interrupt.close();
    }
  }
}
