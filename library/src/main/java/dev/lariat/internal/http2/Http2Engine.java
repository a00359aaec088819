package dev.lariat.internal.http2;

import static dev.lariat.internal.codec.Http2Frames.*;

import dev.lariat.event.StreamInfo.State;
import dev.lariat.internal.codec.Hpack;
import dev.lariat.internal.codec.Violation;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.PendingUpgrade.ToWebSocket;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.Standing;
import dev.lariat.internal.text.Priority;
import dev.lariat.message.Bytes;
import dev.lariat.message.Headers;
import dev.lariat.message.Notice;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import dev.lariat.option.Http2;
import dev.lariat.option.Limits;
import dev.lariat.option.Timeouts;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 (RFC 9113) on one connection: many streams at a time, each with a request and its
 * response, or with another engine, such as a WebSocket's (RFC 8441).
 *
 * <p>{@link Admission} says what begins and what waits, {@link Requests} begins streams, {@link
 * Sending} writes frames, and {@link Incoming} reads them. {@link Ending} says how far the end of
 * the connection has come. The engine's own are the ends of streams.
 */
public final class Http2Engine implements Engine {
  /** Decode at least this many bytes in a turn, or half of the input if it is larger. */
  private static final int TURN = 8 << 10;

  private final Http2 options;
  private final Limits limits;
  private final Timeouts timeouts;
  private final Streams streams = new Streams();
  private final Ending ending;
  private final Admission admission;
  private final Requests requests;
  private final Sending sending;
  private final ReceiveWindows windows;
  private final Downloads downloads;
  private final Upgrades upgrades;
  private final Pushes pushes;
  private final Losses losses;
  private final Incoming incoming;
  private final Deadlines deadlines;
  private final Liveness liveness;

  /** Who goes on when other connections had their turn. */
  private final Deque<Runnable> resuming = new ArrayDeque<>(0);

  /** What the server has said of itself. */
  private ServerSettings server = ServerSettings.INITIAL;

  @SuppressWarnings("NullAway.Init") // nothing is asked of it before begin
  private Out out;

  /**
   * An engine for a connection that was just made.
   *
   * @param authority for {@code :authority}: the host, and the port unless it is the scheme's own
   * @param secure whether the connection has TLS
   * @param mayFallBack whether the next connection may speak HTTP/1.1
   * @param held what has not begun; it outlives this engine
   */
  public Http2Engine(
      String authority,
      boolean secure,
      boolean mayFallBack,
      Http2 options,
      Limits limits,
      Timeouts timeouts,
      CookieHeaders cookies,
      Held held) {
    Hpack hpack = new Hpack(limits.headerBlock());
    this.ending = new Ending(mayFallBack);
    this.options = options;
    this.limits = limits;
    this.timeouts = timeouts;
    this.admission = new Admission(this, streams, held, options.maxStreams());
    this.sending = new Sending(this, hpack);
    this.requests = new Requests(this, authority, secure, cookies, hpack, sending);
    this.windows = new ReceiveWindows(this, sending, limits.unread());
    this.downloads = new Downloads(this, windows, limits);
    this.upgrades = new Upgrades(this, streams, sending);
    this.losses = new Losses(this, streams, ending, sending, upgrades);
    this.incoming =
        new Incoming(
            this,
            hpack,
            limits.headerBlock(),
            windows,
            downloads,
            requests,
            upgrades,
            losses,
            cookies);
    this.pushes = new Pushes(this, streams, requests, hpack, options);
    this.deadlines = new Deadlines(this, streams, sending, timeouts);
    this.liveness = new Liveness(options.keepalive(), timeouts.settings());
  }

  @Override
  public Protocol protocol() {
    return Protocol.HTTP_2;
  }

  @Override
  public void begin(Out out) {
    this.out = out;
    ending.begin(out);
    admission.begin(out);
    requests.begin(out);
    sending.begin(out);
    windows.begin(out);
    downloads.begin(out);
    upgrades.begin(out);
    incoming.begin(out);
    deadlines.begin(out);
    losses.begin(out);
    pushes.begin(out);
    sending.preface(options, limits.headerBlock(), windows.size());
    liveness.began(out.now());
    admission.letOut();
  }

  @Override
  public boolean holdsBack() {
    return true;
  }

  // ---- what the parts of the engine ask of it

  Sending sending() {
    return sending;
  }

  Pushes pushes() {
    return pushes;
  }

  /** So much DATA may still come on a stream that was refused. */
  void mayStillCome(int octets) {
    incoming.mayStillCome(octets);
  }

  /** The round trip to the server in nanoseconds; 0 if it is not known. */
  long roundTrip() {
    return liveness.roundTrip();
  }

  ServerSettings server() {
    return server;
  }

  /** The stream of this number; null if it is closed or has not begun. */
  @Nullable Http2Stream stream(int id) {
    return streams.of(id);
  }

  /** Whether no stream of this number has begun. */
  boolean isIdle(int id) {
    return streams.isIdle(id);
  }

  /** Whether something new may begin. */
  boolean isOpen() {
    return ending.isOpen();
  }

  boolean isOver() {
    return ending.isOver();
  }

  // ---- commands

  @Override
  public void command(Command.OfStream command, Out out) {
    if (!admission.takes(command)) {
      carryOut(command);
    }
  }

  void begin(Command.Begin begin) {
    requests.begin(begin, streams.next());
    if (streams.areUsedUp()) {
      ending.drain(new Reason.Closed());
    }
  }

  /** A window for a stream that begins. */
  ReceiveWindow window() {
    return new ReceiveWindow(options.streamWindow(), options.maxStreamWindow(), out.now());
  }

  /** A stream begins: its HEADERS follow. */
  void add(Http2Stream stream) {
    if (streams.isEmpty()) {
      liveness.busy(out.now());
    }
    streams.add(stream);
    deadlines.began(stream);
  }

  /** Carries out a command for a stream that does not wait. */
  void carryOut(Command.OfStream command) {
    if (command instanceof Command.Cancel(var its, var reason)) {
      pushes.cancelled(its.ref(), reason);
    }
    Http2Stream stream = streams.of(command.stream().ref());
    if (stream == null) {
      upgrades.refuse(command);
    } else if (command instanceof Command.Cancel(var its, var reason)) {
      cancel(stream, reason);
    } else if (command instanceof Command.SetPriority(var its, var priority)) {
      prioritize(stream, priority);
    } else if (command instanceof Command.Credit(var its, var messages)
        && !(stream.upgrade instanceof ToWebSocket)) {
      downloads.credit(stream, messages);
    } else if (command instanceof Command.OfBody part && stream.sender instanceof Upload upload) {
      if (!upload.add(part)) {
        upgrades.refuse(part);
      }
    } else {
      upgrades.early(command, stream);
    }
  }

  /** The response is wanted more or less than before (RFC 9218 section 7.1). */
  private void prioritize(Http2Stream stream, Priority priority) {
    sending.prioritize(stream, priority);
    if (!stream.gotEnd && (!server.known() || server.priorities())) { // section 2.1.1
      sending.priorityUpdate(stream.id, priority);
    }
  }

  // ---- the ends of streams

  /** Gives a stream up that nobody wants any more. */
  void cancel(Http2Stream stream, Reason reason) {
    if (reason instanceof Reason.Cancelled // and not late: that may come as a surprise
        && !stream.over) { // or only its body is still being sent
      out.drop(stream.stream.inbox(), stream.stream.ref());
    }
    fail(stream, reason, CANCEL);
  }

  /** Gives a stream up, and tells the server. */
  void fail(Http2Stream stream, Reason reason, int code) {
    if (!stream.isClosed()) {
      sending.reset(stream.id, code);
    }
    lose(stream, reason);
  }

  /** A stream has ended for this reason, and the server knows. */
  void lose(Http2Stream stream, Reason reason) {
    remove(stream);
    if (stream.lane != null) {
      stream.lane.failed(reason);
    } else if (!stream.over) {
      stream.over = true;
      upgrades.fail(stream, reason);
    }
    dropBody(stream, reason);
    streamEnded();
  }

  /** The file of a request's body cannot be read. */
  void unreadable(Http2Stream stream, IOException e) {
    fail(stream, Refusals.unreadable(e), CANCEL);
  }

  /**
   * Sends nothing more of the request's body. The server learns of it when the response has ended:
   * a reset would end that, too.
   */
  void dropBody(Http2Stream stream, Reason reason) {
    if (stream.sender instanceof Upload upload) {
      sending.forget(stream);
      upload.drop(reason);
    }
  }

  /** The last message of a stream was told. */
  void ended(Http2Stream stream) {
    stream.over = true;
    downloads.release(stream);
    if (!stream.sentEnd && stream.sender instanceof Upload upload && !upload.isDropped()) {
      deadlines.hurry(upload);
      return;
    }
    if (!stream.sentEnd) {
      sending.reset(stream.id, CANCEL);
    }
    remove(stream);
    streamEnded();
  }

  /** Writes the trailers that end a request's body. */
  void trailers(Http2Stream stream, Headers trailers) {
    requests.trailers(stream, trailers);
  }

  /** All of a request's body is in frames. */
  void sent(Http2Stream stream) {
    out.observer().requestEnd(stream.stream.ref());
    closes(stream);
  }

  /** One side of a stream has ended it, so that it may be closed. */
  void closes(Http2Stream stream) {
    if (stream.isClosed() && stream.over) {
      remove(stream);
      streamEnded();
    }
  }

  /** The engine on a stream has ended it. */
  void laneEnded(Http2Stream stream) {
    stream.over = true;
    if (streams.has(stream) && !isOver()) {
      if (!stream.isClosed()) {
        sending.reset(stream.id, CANCEL); // unless both sides have ended it
      }
      remove(stream);
      streamEnded();
    }
  }

  /** Ends a stream whose request is sent once more, on another. */
  void replace(Http2Stream stream, Command.Begin again, List<Command.OfStream> early) {
    if (!stream.isClosed()) {
      sending.reset(stream.id, CANCEL);
    }
    remove(stream);
    admission.askAgain(again, early);
    streamEnded();
  }

  void remove(Http2Stream stream) {
    if (streams.remove(stream)) {
      sending.forget(stream);
      incoming.gone(stream);
      pushes.gone(stream);
    }
  }

  /** There is one stream less. */
  void streamEnded() {
    if (!streams.isEmpty() || !ending.drained()) {
      admission.letOut();
    }
  }

  // ---- what arrives

  @Override
  public void received(ByteBuf bytes, Out out) {
    liveness.heard(out.now());
    int rest = bytes.readableBytes() - Math.max(TURN, bytes.readableBytes() / 2);
    try {
      while (bytes.isReadable() && bytes.readableBytes() > rest && !isOver()) {
        incoming.decode(bytes);
      }
    } catch (Violation v) {
      broken(v);
    }
    if (isOver()) {
      bytes.skipBytes(bytes.readableBytes());
    }
  }

  /** The server broke a rule with which the connection cannot go on (RFC 9113 section 5.4.1). */
  private void broken(Violation v) {
    ending.harmed();
    boolean flood = v.reason() instanceof Reason.Limit;
    goAway(flood ? ENHANCE_YOUR_CALM : v.code(), v.reason().sentence());
    ending.over(v.reason());
  }

  void goAway(int code, String why) {
    sending.goAway(streams.lastPromised(), code, why);
  }

  void settings(ByteBuf parameters) throws Violation {
    ServerSettings before = server;
    server = before.with(parameters);
    if (server.initialWindow() != before.initialWindow()
        && !sending.initialWindow(server.initialWindow(), streams.each())) {
      throw Violation.protocol(
          "the server's INITIAL_WINDOW_SIZE opens a stream's window past 2^31-1",
          "RFC 9113 section 6.9.2",
          FLOW_CONTROL_ERROR);
    }
    requests.tableSize(server.headerTable());
    sending.acknowledgeSettings();
    liveness.settings();
    if (!server.shown().equals(before.shown())) {
      out.notice(server.shown());
    }
    sending.pump();
    if (!server.extendedConnect()) {
      admission.refuseExtended();
    }
    admission.letOut();
  }

  void settingsAcknowledged() throws Violation {
    if (!liveness.settingsAcknowledged(out.now())) {
      throw Violation.protocol(
          "the server acknowledges SETTINGS that were not sent",
          "RFC 9113 section 6.5.3",
          PROTOCOL_ERROR);
    }
  }

  boolean pong(long data) {
    return liveness.pong(data, out.now());
  }

  /** The server begins no further stream (RFC 9113 section 6.8). */
  void goesAway(int last, long code, Bytes debug) throws Violation {
    if (last > server.lastStream()) {
      throw Violation.protocol(
          "a second GOAWAY names a later stream than the first",
          "RFC 9113 section 6.8",
          PROTOCOL_ERROR);
    }
    server = server.lastStream(last);
    if (code != NO_ERROR && !ending.fallsBack(code)) {
      ending.harmed();
    }
    ending.drain(code == NO_ERROR ? new Reason.Closed() : Reason.GoAway.of(code, debug));
    losses.after(last);
    if (!isOver() && !(streams.isEmpty() && ending.drained())) { // or those were all
      out.notice(new Notice.GoingAway(streams()));
    }
  }

  @Override
  public void ping(Command.Ping ping, Out out) {
    if (isOver()) {
      ping.failed(new Reason.BadState("ping", "the connection is closing"));
    } else {
      liveness.ping(ping, out.now(), sending);
    }
  }

  @Override
  public void writable(Out out) {
    incoming.writable();
    sending.pump();
    admission.letOut();
  }

  @Override
  public void flushing(Out out) {
    sending.flushing();
  }

  @Override
  public void roomAgain(Out out) {
    for (Http2Stream stream : streams.all()) {
      if (streams.has(stream) && stream.lane == null) {
        downloads.readOn(stream);
      }
    }
  }

  /** The stream goes on with what it keeps, when other connections had their turn. */
  void resumes(Http2Stream stream) {
    resuming.add(
        () -> {
          if (streams.has(stream) && !stream.over) {
            downloads.goOn(stream);
          }
        });
    out.again();
  }

  /** The engine on a stream goes on, when the call that runs has returned. */
  void resumes(Http2Stream stream, StreamLane lane) {
    resuming.add(() -> windows.giveBack(stream, lane.goOn()));
    out.again();
  }

  @Override
  public void goOn(Out out) {
    for (int i = resuming.size(); i > 0; i--) {
      resuming.remove().run();
    }
  }

  @Override
  public void inputClosed(Out out) {
    losses.inputClosed();
  }

  // ---- how it stands

  @Override
  public OptionalLong maxStreams() {
    return server.known() ? OptionalLong.of(admission.mostStreams()) : OptionalLong.empty();
  }

  @Override
  public boolean draining() {
    return !isOpen();
  }

  @Override
  public int streams() {
    int running = 0;
    for (Http2Stream stream : streams.each()) {
      running += stream.over ? 0 : 1;
    }
    return running;
  }

  @Override
  public int room() {
    return isOpen() ? admission.room() : 0;
  }

  @Override
  public int occupied() {
    return streams.size() + admission.waiting();
  }

  @Override
  public @Nullable Standing standing(StreamRef ref) {
    Http2Stream stream = streams.of(ref);
    if (stream != null && !stream.over) {
      State sent = isOpen() ? State.RUNNING : State.STOPPING;
      return new Standing(stream.upgrade == null ? sent : State.OPENING, 0);
    }
    int before = admission.streamsBefore(ref);
    return before < 0 ? null : new Standing(State.WAITING, before);
  }

  @Override
  public Optional<Reason> whyWaiting(StreamRef ref) {
    return admission.whyWaiting(ref);
  }

  @Override
  public boolean hasNoRoomFor(StreamRef ref) {
    return server.known() && admission.hasNoRoomFor(ref);
  }

  @Override
  public Optional<Reason> whyNotOpen(StreamRef ref, long now) {
    Http2Stream stream = streams.of(ref);
    if (stream == null || stream.upgrade == null) {
      return Optional.empty();
    }
    long since = stream.upgrade.deadline() - timeouts.upgrade().toNanos();
    return Optional.of(new Reason.Ongoing(Reason.Step.UPGRADE, Duration.ofNanos(now - since)));
  }

  // ---- time

  void noteDue(long at) {
    deadlines.note(at);
  }

  /** When the server's windows must let out a byte of what they stop now. */
  long stuckUntil() {
    return deadlines.stuckUntil();
  }

  /** The stream keeps so many bytes more, or less. */
  void keeps(Http2Stream stream, int bytes) {
    windows.keeps(stream, bytes);
  }

  @Override
  public long deadline() {
    return isOver() ? NEVER : Math.min(deadlines.next(), liveness.deadline(!streams.isEmpty()));
  }

  @Override
  public void elapsed(Out out) {
    deadlines.elapsed();
    if (isOver() || out.now() < liveness.deadline(!streams.isEmpty())) {
      return;
    }
    Reason dead = liveness.elapsed(out.now(), out.unreadUntil(), sending);
    if (dead != null) {
      ending.harmed();
      boolean settings = dead instanceof Reason.Timeout late && late.step() == Reason.Step.SETTINGS;
      goAway(settings ? SETTINGS_TIMEOUT : NO_ERROR, dead.sentence());
      ending.over(dead);
    }
  }

  // ---- the end

  @Override
  public void shutdown(Out out) {
    if (isOver()) {
      return;
    }
    ending.drain(new Reason.OwnerClosed());
    goAway(NO_ERROR, "");
    admission.close();
    for (Http2Stream stream : streams.all()) {
      if (streams.has(stream) && (stream.upgrade != null || stream.over)) {
        fail(stream, new Reason.OwnerClosed(), CANCEL);
      }
    }
    if (streams.isEmpty()) {
      ending.drained();
    }
  }

  @Override
  public boolean inGoodOrder() {
    return ending.inGoodOrder(incoming.answered());
  }

  @Override
  public Casualties end(Reason reason, Out out) {
    liveness.end(reason);
    Casualties casualties = losses.end(reason);
    sending.ended();
    incoming.release();
    ending.ended(reason, !streams.isEmpty());
    return casualties;
  }

  @Override
  public Reason cause(Reason end) {
    return losses.cause(end);
  }

  @Override
  public boolean lingers() {
    return !streams.isEmpty();
  }

  /** How many bodies hold what must be freed. */
  int bodies() {
    return downloads.bodies();
  }
}
