package dev.lariat.internal.connection;

import dev.lariat.event.ConnectionInfo;
import dev.lariat.event.ConnectionInfo.State;
import dev.lariat.event.StreamInfo;
import dev.lariat.internal.http1.Http1Engine;
import dev.lariat.internal.pipeline.Host;
import dev.lariat.internal.pipeline.Pipelines;
import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.CookieHeaders;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Observer;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Standing;
import dev.lariat.internal.raw.RawEngine;
import dev.lariat.internal.retry.Backoff;
import dev.lariat.internal.transport.Dialer;
import dev.lariat.internal.transport.Failures;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.Wire;
import dev.lariat.internal.websocket.WebSocketEngine;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Down;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Terminated;
import dev.lariat.message.Up;
import dev.lariat.option.ConnectionOptions;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The connection itself: an actor that is confined to one event loop. It dials, hosts the engine of
 * the protocol that is spoken, carries out what the engine asks for, retries, and tells its owner.
 *
 * <p>Its states:
 *
 * <pre>
 *              ┌────────────── retry ──────────────┐
 *              ▼                                   │
 *   start ─► DIALING ──── connected ──► UP ── lost ─┤
 *              │                        │          │
 *              │                     farewell      │
 *              │                        ▼          │
 *              └── failed ──┐        CLOSING ─ gone ┤
 *                           ▼                      │
 *                        WAITING ◄─────────────────┘
 *
 *   every state ── close, or the policy gives up ──► TERMINATED
 * </pre>
 *
 * <p>Everything happens in turns. A turn begins with what comes from outside (a command, bytes, a
 * timer, the end of an attempt), runs the engine, then settles: it carries out the change that the
 * engine asked for, hands the messages over, and flushes. Nothing that a turn causes runs inside
 * the engine, so an engine is never entered twice.
 */
public final class Actor implements Out, Host, Dialer.Outcome {
  private static final Logger LOG = System.getLogger("dev.lariat");
  private static final String CLOSING = "the connection is closing";

  /** For what the peer had said before it stopped taking anything: it is here, or never will be. */
  private static final long LAST_WORDS = Duration.ofSeconds(1).toNanos();

  private final ConnectionRef ref;
  private final String authority;
  private final ConnectionOptions options;
  private final Dialer dialer;
  private final Loop loop;
  private final Backoff backoff;
  private final Runnable carryOutPosted;
  private final Consumer<Reason> onTerminated;
  private final Observer observer;
  private final boolean observed;

  private Inbox owner;
  private State state = State.WAITING;
  private boolean
      farewell; // the owner has shut the connection down: what ends now is not tried again
  private long stateAt; // when it was entered
  private long stateDeadline =
      Engine.NEVER; // the end of WAITING, CLOSING, the farewell or the last words
  private long now;

  private final Held held; // what has not begun, on this link or on the next

  // while dialing or waiting
  private Dialer.@Nullable Attempt attempt;
  private final Outcomes outcomes = new Outcomes();
  private long dueAt; // when the policy's next attempt is due
  private boolean failing; // the newest attempt failed, and there was no connection since
  private Reason lastReason = new Reason.OwnerClosed();
  private boolean unharmed; // HTTP's last connection ended and took no request with it

  // while there is a channel: always in UP and CLOSING, never in the other states
  private @Nullable Channel channel;
  private @Nullable Outlet outlet; // its sending side
  private Duration writeTimeout;
  private @Nullable Engine engine; // null once it has ended
  private Protocol protocol = Protocol.HTTP_1_1; // what was spoken last
  private long upSince;
  private Engine.Casualties casualties = Engine.Casualties.NONE;
  private boolean inGoodOrder; // the connection that has ended
  private @Nullable Reason deaf; // why the socket takes nothing any more, once it does not

  // of the turn
  private boolean turning; // from its beginning to its end
  private boolean settling;
  private @Nullable Change change;
  private @Nullable Inbox told; // whose messages are in the batch
  private int batched;

  // reading stops while an inbox is full, and while the engine wants nothing
  private boolean hasRoom = true;
  private boolean needsNoRoom; // what the engine waits for
  private boolean wanted = true;
  private long unreadUntil; // when it last went on; what came before may wait in the socket

  private Loop.@Nullable Timer timer;
  private long timerAt = Engine.NEVER;

  /**
   * A connection that has not begun.
   *
   * @param ref what messages call it
   * @param authority for the {@code Host} header
   * @param carryOutPosted brings the commands that were posted so far, in a turn of their own;
   *     called when frames that arrived were told, so that answers to them go out before more of
   *     them are read
   * @param onTerminated called on the loop just before {@code Terminated} is told: it lets no
   *     further command in
   */
  public Actor(
      ConnectionRef ref,
      String authority,
      ConnectionOptions options,
      Dialer dialer,
      Loop loop,
      RandomGenerator random,
      Inbox owner,
      Runnable carryOutPosted,
      Consumer<Reason> onTerminated) {
    this.ref = ref;
    this.authority = authority;
    this.options = options;
    this.dialer = dialer;
    this.loop = loop;
    this.backoff = new Backoff(options.retry(), random);
    this.held = new Held(options.limits());
    this.owner = owner;
    this.carryOutPosted = carryOutPosted;
    this.onTerminated = onTerminated;
    this.observer = Observer.of(ref, options.listeners(), loop::now, loop, this::listenerThrew);
    this.observed = observer.listens();
    this.writeTimeout = options.timeouts().write();
  }

  /** Begins; on the loop. */
  public void start() {
    turn(
        () -> {
          observer.opened();
          dial();
        });
  }

  // ---- commands

  /** Begins a turn in which any number of commands is carried out; {@link #settle} ends it. */
  public void begin() {
    turning = true;
    now = loop.now();
  }

  /** Carries out a command, within a turn. */
  public void command(Command command) {
    turning = true; // the command before it may have been settled
    try {
      switch (command) {
        case Command.OfStream ofStream -> ofStream(ofStream);
        case Command.SetOwner(var inbox) -> own(inbox);
        case Command.AwaitUp asked -> awaitUp(asked);
        case Command.SetWriteTimeout(var limit) -> writeTimeout(limit);
        case Command.Shutdown shutdown -> shutdown();
        case Command.Close close -> close();
      }
    } catch (Throwable e) {
      fault(e);
    }
    if (change != null) {
      settle(); // what the next command meets is the new state
    }
  }

  private void ofStream(Command.OfStream command) {
    switch (state) {
      case UP -> {
        if (deaf != null && (command.begins() || held.has(command.stream()))) {
          holdOrRefuse(command);
        } else if (engine != null) {
          engine.command(command, now, this);
        }
      }
      case DIALING, CLOSING -> holdOrRefuse(command);
      case WAITING -> {
        holdOrRefuse(command);
        if (command instanceof Command.Request request
            && isUrgent(request)
            && held.has(command.stream())) {
          dialOutOfTurn();
        }
      }
      case TERMINATED -> refuse(command);
    }
  }

  private void holdOrRefuse(Command.OfStream command) {
    if (farewell) {
      refuse(command);
    } else {
      hold(command);
    }
  }

  /**
   * Keeps what begins a stream, and what is for a stream that was kept, until the connection is
   * established.
   */
  private void hold(Command.OfStream command) {
    if (!command.begins() && !held.has(command.stream())) {
      String ended = command instanceof Command.OfBody ? "the request" : "the WebSocket";
      Engine.refuse(command, new Reason.BadState(command.operation(), ended + " has ended"), this);
    } else if (command instanceof Command.Cancel(var stream, var reason)) {
      held.giveUp(stream, reason, this);
    } else {
      held.add(command, this);
    }
  }

  private void refuse(Command.OfStream command) {
    Reason reason =
        command.begins()
            ? new Reason.Unprocessed(whyUnsent())
            : new Reason.BadState(command.operation(), CLOSING);
    Engine.refuse(
        command, reason, state == State.TERMINATED ? lastFailure(lastReason) : reason, this);
  }

  /** Who asked for something should learn why it came to nothing, be it not the owner. */
  private String whyUnsent() {
    return state == State.TERMINATED && !(lastReason instanceof Reason.OwnerClosed)
        ? "the connection ended before it was sent: " + lastFailure(lastReason).sentence()
        : CLOSING;
  }

  private void awaitUp(Command.AwaitUp asked) {
    if (state == State.UP) {
      asked.complete(new Command.Established(protocol));
    } else if (state == State.TERMINATED) {
      asked.complete(new Command.NotEstablished(lastFailure(lastReason)));
    } else {
      outcomes.await(asked);
    }
  }

  /** Why a connection that ended for this reason was not established in the end. */
  public static Reason lastFailure(Reason end) {
    return end instanceof Reason.GaveUp(int retries, Reason last) ? last : end;
  }

  /**
   * Tells the owner of a receiver that threw, unless it was the owner's own. May be called in any
   * turn of this loop.
   */
  public void receiverThrew(Inbox culprit, Message message, Throwable thrown) {
    loop.execute(
        () -> {
          if (culprit != owner && state != State.TERMINATED) {
            turn(() -> notice(new Notice.ReceiverThrew(message, thrown)));
          }
        });
  }

  private void listenerThrew(Notice.Detail detail) {
    loop.execute(
        () -> {
          if (state != State.TERMINATED) {
            turn(() -> notice(detail));
          }
        });
  }

  private void own(Inbox inbox) {
    owner = inbox;
    if (!hasRoom) {
      readOn(); // for the old owner's sake it stopped; the new one may have room
    }
  }

  private void writeTimeout(Duration limit) {
    writeTimeout = limit;
    if (outlet != null) {
      outlet.watch().limit(limit, now);
    }
  }

  private void shutdown() {
    if (farewell || state == State.TERMINATED) {
      return;
    }
    farewell = true;
    switch (state) {
      case UP -> {
        stateDeadline = Math.min(stateDeadline, now + options.timeouts().closing().toNanos());
        if (engine != null) {
          engine.shutdown(now, this);
        }
      }
      case CLOSING -> {} // ends by itself, and soon
      case DIALING, WAITING, TERMINATED -> terminate(new Reason.OwnerClosed());
    }
  }

  private void close() {
    farewell = true;
    endChannel(new Reason.OwnerClosed());
    terminate(new Reason.OwnerClosed());
  }

  // ---- dialing

  private void enter(State next) {
    state = next;
    stateAt = now;
  }

  private void dial() {
    unharmed = false;
    enter(State.DIALING);
    stateDeadline = Engine.NEVER;
    observer.dialed();
    attempt = dialer.dial(loop, this);
  }

  @Override
  public void connected(Channel made) {
    if (state != State.DIALING) {
      Wire.abort(made);
      return;
    }
    turn(() -> establish(made));
  }

  private void establish(Channel made) {
    attempt = null;
    failing = false;
    channel = made;
    outlet = new Outlet(made, loop, writeTimeout, this::broke);
    enter(State.UP);
    upSince = now;
    casualties = Engine.Casualties.NONE;
    inGoodOrder = false;
    Engine first = first();
    host(first);
    Pipelines.end(made, this);
    Wire.lendReadBuffer(made, loop);
    if (first.protocol() == Protocol.RAW) {
      Wire.allowHalfClose(made);
    }
    Wire.remote(made).ifPresent(remote -> observer.established(protocol, remote));
    tell(owner, new Up(ref, protocol));
    outcomes.settled(new Command.Established(protocol));
    first.established(now, this);
    made.config().setAutoRead(reading());
  }

  private Engine first() {
    return options.protocols().getFirst() == Protocol.RAW
        ? new RawEngine(held)
        : new Http1Engine(
            authority,
            options.http1(),
            options.limits(),
            options.timeouts(),
            CookieHeaders.of(options),
            held,
            now);
  }

  @Override
  public void failed(Reason reason) {
    if (state != State.DIALING) {
      return;
    }
    attempt = null;
    failing = true;
    turn(
        () -> {
          held.giveUpImpatient(reason, this);
          if (now < dueAt) {
            waitFor(dueAt, reason); // it was out of turn, and the policy's own is yet to come
          } else {
            retry(reason);
          }
        });
  }

  private void retry(Reason reason) {
    Optional<Duration> policy = backoff.next(reason);
    if (policy.isEmpty()) {
      terminate(new Reason.GaveUp(backoff.attempt(), reason));
      return;
    }
    Duration delay = unharmed && held.hasPlain() ? Duration.ZERO : policy.get();
    waitFor(now + delay.toNanos(), reason);
    tell(owner, new Retrying(ref, backoff.attempt(), delay, reason));
  }

  private void waitFor(long due, Reason reason) {
    enter(State.WAITING);
    dueAt = due;
    stateDeadline = due;
    lastReason = reason;
    outcomes.failed(reason);
  }

  /**
   * Whether a request wants an attempt before its time: an impatient one, and any after an end that
   * took no request with it, since nobody is spared by waiting then.
   */
  private boolean isUrgent(Command.Request request) {
    return request.impatient() || unharmed && !request.upgrades();
  }

  /**
   * Makes an attempt before its time. If an impatient request asked for it, that pays with its own
   * failure, and what the policy counts stays as it is. Otherwise the attempt is the policy's own.
   */
  private void dialOutOfTurn() {
    if (!held.any(Command.Request::impatient)) {
      dueAt = now;
    }
    dial();
  }

  /** Why a stream that waits for the connection still waits; empty if it does not. */
  public Optional<Reason> whyWaiting(StreamRef stream) {
    return held.streamsBefore(stream) < 0 ? Optional.empty() : whyNotUp();
  }

  /** Why there is no connection; empty if there is one. */
  public Optional<Reason> whyNotUp() {
    return switch (state) {
      case UP -> Optional.ofNullable(deaf);
      case DIALING -> failing || attempt == null ? Optional.of(lastReason) : attempt.soFar();
      case WAITING, CLOSING -> Optional.of(lastReason);
      case TERMINATED -> Optional.of(lastFailure(lastReason));
    };
  }

  // ---- what the pipeline reports

  @Override
  public void received(ByteBuf bytes) {
    // else the end was asked for, and nothing that arrives matters
    while (engine != null && bytes.isReadable()) {
      Engine hosted = engine;
      begin();
      try {
        hosted.received(bytes, now, this);
      } catch (Throwable e) {
        fault(e);
      }
      settle();
      if (hosted.protocol() != Protocol.HTTP_1_1) {
        carryOutPosted.run(); // answers go out between parts of what was read
      }
    }
  }

  @Override
  public void writabilityChanged() {
    if (engine == null || !writable()) {
      return;
    }
    Engine hosted = engine;
    turn(() -> hosted.writable(now, this));
  }

  @Override
  public void inputCut() {
    if (engine != null) {
      Engine hosted = engine;
      turn(() -> hosted.inputCut(this));
    }
  }

  @Override
  public void inputClosed() {
    ended(hosted -> hosted.inputClosed(now, this));
  }

  @Override
  public void closed() {
    ended(hosted -> hosted.closed(now, this));
  }

  private void ended(Consumer<Engine> tell) {
    if (state == State.CLOSING) {
      turn(() -> become(new Change.Close(lastReason)));
    } else if (engine != null) {
      Engine hosted = engine;
      turn(
          () -> {
            tell.accept(hosted);
            if (deaf != null) {
              change = new Change.Close(deaf); // the end that came first
            }
          });
    }
  }

  @Override
  public void broke(Throwable cause) {
    Reason reason = Failures.broken(cause);
    if (reason instanceof Reason.Fault) {
      LOG.log(Level.ERROR, "The pipeline of " + ref.authority() + " failed.", cause);
    }
    if (turning) {
      broke(reason, cause); // a write failed at once: the engine that wrote it is still at work
    } else {
      turn(() -> broke(reason, cause));
    }
  }

  /**
   * A socket that takes nothing any more may still hold what the peer had said before, such as the
   * last response, or the alert that tells why.
   */
  private void broke(Reason reason, Throwable cause) {
    if (deaf != null && reason instanceof Reason.Reset) {
      return; // of another write, or of the reading, whose end follows
    }
    if (state == State.UP && reading() && Failures.isOfOutput(cause)) {
      deaf = reason;
      stateDeadline = Math.min(stateDeadline, now + LAST_WORDS);
    } else {
      become(new Change.Close(state == State.CLOSING ? lastReason : reason));
    }
  }

  private void turn(Runnable body) {
    begin();
    try {
      body.run();
    } catch (Throwable e) {
      fault(e);
    }
    settle();
  }

  /** What nobody foresaw ends the connection that met it, and nothing else. */
  private void fault(Throwable e) {
    LOG.log(Level.ERROR, "The connection to " + ref.authority() + " failed.", e);
    if (channel != null) {
      become(new Change.Close(new Reason.Fault(e)));
    } else {
      terminate(new Reason.Fault(e));
    }
  }

  // ---- what the engine does

  @Override
  public ByteBuf room(int bytes) {
    return outlet().room(bytes);
  }

  @Override
  public void write(ByteBuf bytes) {
    outlet().write(bytes);
  }

  @Override
  public void write(FileChannel file, long position, long size) throws IOException {
    outlet().write(file, position, size);
  }

  @Override
  public void follow(Fate fate) {
    outlet().follow(fate);
  }

  @Override
  public void endOutput() {
    Channel open = channel();
    follow(
        new Fate() {
          @Override
          public void written() {
            Wire.endOutput(open);
            loop.execute(() -> outputEnded(open));
          }

          @Override
          public void lost(Reason reason) {} // the whole of it ends
        });
  }

  private void outputEnded(Channel ended) {
    Engine hosted = engine;
    if (hosted != null && channel == ended) {
      turn(() -> hosted.outputEnded(now, this));
    }
  }

  @Override
  public boolean writable() {
    return deaf == null && change == null && outlet().writable();
  }

  private boolean reading() {
    return (hasRoom || needsNoRoom) && wanted;
  }

  @Override
  public long unreadUntil() {
    return reading() ? unreadUntil : Engine.NEVER;
  }

  @Override
  public void wanted(boolean wanted) {
    if (wanted && !this.wanted) {
      unreadUntil = now;
    }
    this.wanted = wanted;
    applyReading();
  }

  @Override
  public void tell(Inbox inbox, Message message) {
    if (observed) {
      observer.told(message);
    }
    if (told != inbox) {
      deliver();
      told = inbox;
    }
    Message[] batch = loop.batch();
    batch[batched++] = message;
    if (batched == batch.length) {
      deliver();
    }
  }

  @Override
  public void notice(Notice.Detail detail) {
    tell(owner, new Notice(ref, detail));
  }

  @Override
  public Observer observer() {
    return observer;
  }

  @Override
  public void become(Change next) {
    if (change == null) {
      change = next;
    }
  }

  private Channel channel() {
    Channel open = channel;
    if (open == null) {
      throw new IllegalStateException("no channel in state " + state);
    }
    return open;
  }

  private Outlet outlet() {
    Outlet open = outlet;
    if (open == null) {
      throw new IllegalStateException("no channel in state " + state);
    }
    return open;
  }

  // ---- settling

  /**
   * Ends a turn: carries out the change that was asked for, writes, hands over, and sets the timer.
   */
  public void settle() {
    if (settling) {
      return; // the turn that is being settled takes this along
    }
    settling = true;
    try {
      while (change != null || unflushed() || batched > 0) {
        try {
          if (change != null) {
            carryOut(change);
          } else if (unflushed()) {
            outlet().flush(now); // may make the transport writable, and the engine write more
          } else {
            deliver();
          }
        } catch (Throwable e) {
          fault(e); // an engine that could not even be ended is gone by now
        }
      }
      readAnyway(engine != null && engine.needsNoRoom());
      arm();
    } finally {
      settling = false;
      turning = false;
    }
  }

  private boolean unflushed() {
    return outlet != null && outlet.pending();
  }

  private void carryOut(Change asked) {
    change = null;
    switch (asked) {
      case Change.Close(var reason) -> {
        endChannel(reason);
        change = null; // what the last flush met no longer matters
        gone(reason);
      }
      case Change.Closing(var reason) -> {
        endEngine(reason);
        enter(State.CLOSING);
        lastReason = reason;
        channel().config().setAutoRead(true); // only the peer's end is of interest now
        stateDeadline = Math.min(stateDeadline, now + options.timeouts().closing().toNanos());
      }
      case Change.SpeakWebSocket start -> {
        WebSocketEngine socket =
            new WebSocketEngine(start, options.limits(), options.timeouts(), loop.shared());
        host(socket);
        socket.begin(start, now, this);
      }
      case Change.SpeakRaw start -> {
        RawEngine raw = new RawEngine(held);
        host(raw);
        Wire.allowHalfClose(channel());
        raw.begin(start, now, this);
      }
    }
  }

  private void host(Engine next) {
    engine = next;
    wanted = true;
    protocol = next.protocol();
  }

  private void endEngine(Reason reason) {
    Engine ended = engine;
    if (ended != null) {
      engine = null;
      casualties = ended.end(reason, this);
      inGoodOrder = ended.inGoodOrder();
    }
  }

  /** Ends what is hosted, and closes the channel behind what was counted as written. */
  private void endChannel(Reason reason) {
    endEngine(reason);
    Channel open = channel;
    Outlet its = outlet;
    if (open != null && its != null) {
      its.flush(now);
      channel = null;
      outlet = null;
      deaf = null;
      its.closes(reason);
      Pipelines.letGo(open);
      Wire.abort(open);
      observer.disconnected(protocol, reason);
    }
  }

  /** The channel is closed. */
  private void gone(Reason reason) {
    if (farewell) {
      terminate(new Reason.OwnerClosed());
      return;
    }
    tell(owner, new Down(ref, protocol, reason, casualties.killed(), casualties.unprocessed()));
    unharmed = protocol == Protocol.HTTP_1_1 && casualties.killed().isEmpty();
    boolean failed = !unharmed || !inGoodOrder;
    if (failed) {
      backoff.lostAfter(now - upSince);
    } else {
      backoff.restart(); // as HTTP has it, be every response the last of its connection
    }
    retry(reason);
    if (!failed) {
      outcomes.forget();
    }
    if (state == State.WAITING && now < dueAt && held.any(Command.Request::impatient)) {
      dialOutOfTurn(); // for what was asked for while the connection was closing
    }
  }

  private void terminate(Reason reason) {
    if (state == State.TERMINATED) {
      return;
    }
    enter(State.TERMINATED);
    stateDeadline = Engine.NEVER;
    lastReason = reason;
    if (attempt != null) {
      attempt.cancel();
      attempt = null;
    }
    if (timer != null) {
      timer.cancel();
      timer = null;
      timerAt = Engine.NEVER;
    }
    held.removeAll().forEach(this::refuse);
    onTerminated.accept(reason);
    outcomes.settled(new Command.NotEstablished(lastFailure(reason)));
    tell(owner, new Terminated(ref, reason));
  }

  private void deliver() {
    Inbox inbox = told;
    int count = batched;
    told = null;
    batched = 0;
    if (inbox == null || count == 0) {
      return;
    }
    Message[] batch = loop.batch();
    try {
      inbox.put(batch, count);
    } catch (Throwable e) { // which it never should; nothing may be lost in silence
      LOG.log(Level.ERROR, "An inbox of " + ref.authority() + " failed.", e);
      if (channel != null) {
        become(new Change.Close(new Reason.Fault(e)));
      }
    }
    Arrays.fill(batch, 0, count, null);
    if (inbox.sleeps()) {
      loop.wakeSoon(inbox);
    }
    if (hasRoom && inbox.full()) {
      pause(inbox);
    }
  }

  /** Leaves further messages with the peer until there is room for them. */
  private void pause(Inbox inbox) {
    hasRoom = false;
    applyReading();
    inbox.whenRoom(() -> loop.execute(() -> turn(this::readOn)));
  }

  private void readOn() {
    hasRoom = true;
    unreadUntil = now;
    applyReading();
  }

  /** Some things are read however full the inboxes are. */
  private void readAnyway(boolean anyway) {
    if (needsNoRoom != anyway) {
      needsNoRoom = anyway;
      if (!hasRoom) {
        unreadUntil = now;
        applyReading();
      }
    }
  }

  private void applyReading() {
    if (channel != null && state != State.CLOSING) {
      channel.config().setAutoRead(reading());
    }
  }

  // ---- time

  /**
   * One timer for all deadlines. A deadline that moves away, as keepalive's does all the time,
   * leaves it where it is.
   */
  private void arm() {
    long deadline = Math.min(stateDeadline, held.deadline());
    if (outlet != null) {
      deadline = Math.min(deadline, outlet.watch().deadline());
    }
    if (engine != null) {
      deadline = Math.min(deadline, engine.deadline());
    }
    if (deadline >= timerAt) {
      return;
    }
    if (timer != null) {
      timer.cancel();
    }
    timerAt = deadline;
    timer = loop.schedule(this::elapsed, Math.max(0, deadline - now));
  }

  private void elapsed() {
    timer = null;
    timerAt = Engine.NEVER;
    turn(
        () -> {
          held.giveUpLate(now, this::whyNotUp, this);
          if (now >= stateDeadline) {
            stateDeadline = Engine.NEVER;
            stateElapsed();
            return;
          }
          if (outlet != null && now >= outlet.watch().deadline()) {
            checkWrite(outlet.watch());
          }
          if (engine != null) {
            engine.elapsed(now, this);
          }
        });
  }

  // ---- how it stands

  /**
   * How the connection stands; on the loop.
   *
   * @param receiver who owns it
   */
  public ConnectionInfo info(Receiver receiver) {
    Optional<Channel> open = Optional.ofNullable(channel);
    return new ConnectionInfo(
        ref,
        receiver,
        state,
        Duration.ofNanos(loop.now() - stateAt),
        open.map(its -> protocol),
        open.flatMap(Wire::local),
        open.flatMap(Wire::remote),
        open.flatMap(Wire::tls),
        held.streams() + (engine == null ? 0 : engine.streams()),
        open.map(Wire::bytesWaiting).orElse(0L),
        List.of());
  }

  /** How a stream of this connection stands; on the loop. */
  public Standing standing(StreamRef stream) {
    Standing standing = engine == null ? null : engine.standing(stream);
    if (standing != null) {
      return standing;
    }
    boolean waits = held.streamsBefore(stream) >= 0;
    return new Standing(waits ? StreamInfo.State.WAITING : StreamInfo.State.ENDED, 0);
  }

  private void checkWrite(WriteWatch watch) {
    if (watch.isStuck(unreadUntil(), now)) {
      Reason stuck = new Reason.Timeout(Reason.Step.WRITE, writeTimeout);
      become(new Change.Close(state == State.CLOSING ? lastReason : stuck));
    }
  }

  private void stateElapsed() {
    switch (state) {
      case WAITING -> dial();
      case CLOSING -> become(new Change.Close(lastReason));
      case UP -> {
        Reason late = new Reason.Timeout(Reason.Step.CLOSE, options.timeouts().closing());
        become(new Change.Close(deaf == null ? late : deaf));
      }
      case DIALING, TERMINATED -> {}
    }
  }
}
