package dev.lariat.cli;

import dev.lariat.FailedException;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Frame;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.ServerSentEvent;
import dev.lariat.message.Text;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Endpoint;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.WebSocketOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "replay",
    description = {
      "Plays the client of a recording to a server: the messages that the client sent, at the"
          + " recorded times. Each recorded session is a new connection, which is not retried.",
      "What the server sends goes to standard output, a line for each message. A line on standard"
          + " error counts the messages of each session. The client of an event stream sends only"
          + " its request, with the last event id of the recording."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    addMethodSubcommands = false)
final class Replay implements Callable<Integer> {
  private static final int MAX_MESSAGE = 16 << 20;

  private final Io io;

  @Parameters(
      index = "0",
      paramLabel = "FILE",
      description = "A file that lariat record has written.")
  private Path file = Path.of("");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "URL",
      description = "The server. The default is the one that was recorded.")
  private @Nullable String url;

  @Mixin private Access access = new Access();

  @Option(
      names = "--speed",
      paramLabel = "N",
      converter = Value.Speed.class,
      description =
          "How many times as fast as recorded: 0.01 to 1000, or 0 for at once. The default is 1.")
  private double speed = 1;

  @Option(
      names = "--linger",
      paramLabel = "SECONDS",
      converter = Value.PositiveSeconds.class,
      description =
          "After the last message of a session, wait for the recorded number of answers until the"
              + " server has been silent for this long. The default is 1.")
  private Duration linger = Duration.ofSeconds(1);

  @Option(
      names = "--strict",
      description =
          "Compare what the server sends with the recording. The exit code is 12 if it differs.")
  private boolean strict;

  @Option(
      names = "--json",
      description = "Write each message as a JSON object on one line, as in lariat ws.")
  private boolean json;

  private boolean differs;

  Replay(Io io) {
    this.io = io;
  }

  @Override
  public Integer call() throws InterruptedException {
    Recording recording = Recording.read(file);
    recording.tellIfTruncated(io, file);
    if (recording.sessions().isEmpty()) {
      throw new UsageException(
          Line.plain(file.toString()) + " has no open session, so there is nothing to replay.");
    }
    boolean events = recording.head().kind() == Recording.Kind.EVENTS;
    URI uri = Url.of(url == null ? recording.head().url() : url, recording.head().kind().scheme);
    Endpoint endpoint = Target.endpoint(uri, access, io);
    ConnectionOptions connection = access.options(uri);
    connection = connection.limits(connection.limits().message(MAX_MESSAGE));
    boolean webSocket = String.valueOf(endpoint.uri().getScheme()).startsWith("ws");
    if (events == webSocket) {
      throw new UsageException(
          "The recording is of "
              + (events ? "an event stream: use http or https." : "a WebSocket: use ws or wss."));
    }
    Pace pace = new Pace(speed);
    Duration start = recording.sessions().getFirst().open().at();
    String lastId = "";
    for (Recording.Session session : recording.sessions()) {
      Thread.sleep(pace.until(session.open().at().minus(start)));
      Reason failure =
          events
              ? events(endpoint, connection, session, lastId)
              : socket(endpoint, connection, session);
      if (failure != null) {
        io.complain(Words.of(failure));
        return Exit.of(failure);
      }
      pace.reached(session.open().at().plus(session.length()).minus(start));
      lastId = lastId(session).orElse(lastId);
    }
    return differs ? Exit.PROBLEM : Exit.OK;
  }

  private static Healing once() {
    return Healing.DEFAULT.retry(Backoff.NEVER);
  }

  // ---- a WebSocket

  /** Plays one session; why it failed, or null. */
  private @Nullable Reason socket(
      Endpoint endpoint, ConnectionOptions connection, Recording.Session session)
      throws InterruptedException {
    List<Frame> recorded =
        frames(session, entry -> entry instanceof Entry.Received r ? r.frame() : null);
    List<Frame> sent = frames(session, entry -> entry instanceof Entry.Sent s ? s.frame() : null);
    WebSocketOptions webSocket =
        session.open().extensions().isPresent()
            ? WebSocketOptions.compressed()
            : WebSocketOptions.DEFAULT;
    webSocket = session.open().subprotocol().map(webSocket::subprotocols).orElse(webSocket);
    LiveOptions options =
        LiveOptions.DEFAULT.connection(connection).webSocket(webSocket).healing(once());
    Comparison comparison = new Comparison(recorded, this::show);
    try (LiveWebSocket live =
        LiveWebSocket.to(endpoint).options(options).owner(comparison).open()) {
      live.awaitOpen(options.opening().plus(Duration.ofMinutes(1)));
      send(live, session);
      comparison.awaitAnswers(linger);
      live.shutdown();
      Reason reason = comparison.awaitGone();
      tell(session, sent.size(), comparison);
      return Exit.of(reason) == Exit.OK ? null : reason;
    } catch (FailedException e) {
      Reason gone = comparison.gone();
      tell(session, sent.size(), comparison);
      return gone == null ? Words.why(e) : Exit.of(gone) == Exit.OK ? null : gone;
    }
  }

  private static List<Frame> frames(
      Recording.Session session, Function<Entry, @Nullable Frame> side) {
    return session.passed().stream()
        .map(side)
        .flatMap(frame -> Stream.ofNullable(frame))
        .filter(Messages::isMessage)
        .toList();
  }

  private void send(LiveWebSocket live, Recording.Session session) throws InterruptedException {
    Pace pace = new Pace(speed);
    for (Entry entry : session.passed()) {
      if (entry instanceof Entry.Sent(_, var frame) && Messages.isMessage(frame)) {
        Thread.sleep(pace.until(session.since(entry)));
        live.send(frame);
      }
    }
    Thread.sleep(pace.until(session.length()));
  }

  private void tell(Recording.Session session, int sent, Comparison comparison) {
    String received = comparison.count() + " (recorded " + comparison.recorded() + ")";
    String line =
        "session " + session.open().session() + ": sent " + sent + ", received " + received;
    io.err().println(Line.line("Replayed", line));
    Optional<String> difference = comparison.difference();
    if (strict && difference.isPresent()) {
      differs = true;
      io.err().println(Line.line("Different", difference.get()));
    }
  }

  private void show(Frame frame) {
    io.out().write((json ? Format.JSON : Format.LINES).of(frame));
  }

  // ---- an event stream

  private static Optional<String> lastId(Recording.Session session) {
    return session.passed().stream()
        .flatMap(entry -> entry instanceof Entry.Event event ? Stream.of(event.id()) : Stream.of())
        .reduce((_, last) -> last);
  }

  private @Nullable Reason events(
      Endpoint endpoint, ConnectionOptions connection, Recording.Session session, String lastId)
      throws InterruptedException {
    List<Frame> recorded =
        frames(session, entry -> entry instanceof Entry.Event event ? text(event) : null);
    EventOptions options = EventOptions.DEFAULT.connection(connection).healing(once());
    Comparison comparison = new Comparison(recorded, this::show);
    Pace pace = new Pace(speed);
    try (LiveEvents live =
        LiveEvents.to(endpoint).lastEventId(lastId).options(options).owner(comparison).open()) {
      live.awaitOpen(Duration.ofMinutes(1));
      comparison.awaitAnswers(linger.plus(pace.until(session.length())));
    } catch (FailedException e) {
      tell(session, 0, comparison);
      return Words.why(e);
    }
    comparison.awaitGone(); // the end of the block above has closed it
    tell(session, 0, comparison);
    return null;
  }

  private static Text text(Entry.Event event) {
    return new Text(event.data());
  }

  // ---- what the server says

  /** Shows what arrives, and compares it with what was recorded. It is told on the event loop. */
  private static final class Comparison implements Receiver {
    private final List<Frame> recorded;
    private final Consumer<Frame> show;

    // under the lock
    private int count;
    private long heardAt = System.nanoTime();
    private @Nullable String difference;
    private @Nullable Reason gone;
    private @Nullable OutputException unwritten;

    Comparison(List<Frame> recorded, Consumer<Frame> show) {
      this.recorded = recorded;
      this.show = show;
    }

    @Override
    public synchronized void receive(Message message) {
      switch (message) {
        case WebSocketFrame(_, var frame) when Messages.isMessage(frame) -> heard(frame);
        case ServerSentEvent(_, _, _, var data, _) -> heard(new Text(data));
        case Gone(_, var reason) -> {
          gone = reason;
          notifyAll();
        }
        case Message _ -> {} // states, which the counts need not
      }
    }

    private void heard(Frame frame) {
      if (difference == null && (count >= recorded.size() || !recorded.get(count).equals(frame))) {
        String wanted =
            count < recorded.size() ? Line.of(recorded.get(count)).strip() : "nothing more";
        difference =
            "message " + (count + 1) + " is: " + Line.of(frame).strip() + "; recorded: " + wanted;
      }
      count++;
      heardAt = System.nanoTime();
      try {
        show.accept(frame);
      } catch (OutputException e) {
        unwritten = e;
      }
      notifyAll();
    }

    /** Waits for as many messages as were recorded, or until there was silence for this long. */
    synchronized void awaitAnswers(Duration silence) throws InterruptedException {
      heardAt = System.nanoTime();
      long left = silence.toMillis();
      while (count < recorded.size() && gone == null && unwritten == null && left > 0) {
        wait(left);
        left = silence.toMillis() - (System.nanoTime() - heardAt) / 1_000_000;
      }
    }

    synchronized Reason awaitGone() throws InterruptedException {
      while (gone == null) {
        wait();
      }
      if (unwritten != null) {
        throw unwritten;
      }
      return gone;
    }

    synchronized @Nullable Reason gone() {
      return gone;
    }

    synchronized int count() {
      return count;
    }

    int recorded() {
      return recorded.size();
    }

    synchronized Optional<String> difference() {
      if (difference == null && count < recorded.size()) {
        return Optional.of(
            "message " + (count + 1) + " is missing: " + Line.of(recorded.get(count)).strip());
      }
      return Optional.ofNullable(difference);
    }
  }
}
