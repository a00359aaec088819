package dev.lariat.internal.connection;

import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Held;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Observer;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.Teller;
import dev.lariat.internal.transport.Alarm;
import dev.lariat.internal.transport.Dialer;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.Wire;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Down;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Terminated;
import dev.lariat.message.TunnelUp;
import dev.lariat.message.Up;
import dev.lariat.option.Backoff;
import dev.lariat.option.ConnectionOptions;
import io.netty.channel.Channel;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The connection itself: an actor that is confined to one event loop. It dials, hosts the engine of
 * the protocol that is spoken, retries, and tells its owner.
 *
 * <p>Its states, each with what it knows:
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
 *   every state ── close, or the policy gives up ──► FINISHING ──► TERMINATED
 * </pre>
 *
 * <p>Everything happens in turns. A turn begins with what comes from outside (a command, bytes, a
 * timer, the end of an attempt), runs the engine, then settles: it carries out the change that the
 * engine asked for, flushes, and hands the messages over. What a turn causes never leads back into
 * the engine that runs ({@link dev.lariat.internal.protocol.Out}).
 */
public final class Actor implements Teller {
  private static final Logger LOG = System.getLogger("dev.lariat");
  private static final String CLOSING = "the connection is closing";

  /** How far a turn has come. */
  private enum Turn {
    NONE,
    RUNNING,
    /** What happens meanwhile is settled with it. */
    SETTLING
  }

  private final ConnectionRef ref;
  private final ConnectionOptions options;
  private final Engines engines;
  private final Redial redial;
  private final Loop loop;
  private final Runnable carryOutPosted;
  private final Consumer<Reason> onTerminated;
  private final Observer observer;
  private final boolean observed;

  /** Streams that have not begun, with their commands. They outlive the link. */
  private final Held held;

  /** Who waits until the connection is established. */
  private final Outcomes outcomes = new Outcomes();

  private final Deliveries deliveries;

  /** What lost links still have to tell. */
  private final Remains remains = new Remains();

  private Inbox owner;
  private @Nullable Vacancies vacancies;
  private Duration writeTimeout;

  /** Whether the owner has closed the connection or shut it down: it does not reconnect. */
  private boolean farewell;

  private State state;

  /** When the state was entered. */
  private long stateAt;

  /** The time of the turn that runs, or ran last. */
  private long now;

  /** How far the turn has come that runs. */
  private Turn turn = Turn.NONE;

  /** Calls {@code elapsed} at the earliest deadline, or before it. */
  private final Alarm alarm;

  /**
   * A connection that has not begun.
   *
   * @param ref what messages call it
   * @param engines which engine speaks what
   * @param carryOutPosted carries out the commands that were posted so far, in their own turn. The
   *     actor calls it between two parts of what arrived, so that answers to the first part go out
   *     before the second is read
   * @param onTerminated called on the loop just before {@code Terminated} is told: it lets no
   *     further command in
   */
  public Actor(
      ConnectionRef ref,
      ConnectionOptions options,
      Engines engines,
      Dialer dialer,
      Loop loop,
      RandomGenerator random,
      Inbox owner,
      Runnable carryOutPosted,
      Consumer<Reason> onTerminated) {
    this.ref = ref;
    this.options = options;
    this.engines = engines;
    this.redial = new Redial(options, engines, dialer, random);
    this.loop = loop;
    this.held = new Held(options.limits(), !options.retry().equals(Backoff.NEVER));
    this.owner = owner;
    this.carryOutPosted = carryOutPosted;
    this.onTerminated = onTerminated;
    this.observer = Observer.of(ref, options, loop::now, loop, this::noticeSoon);
    this.observed = observer.listens();
    this.writeTimeout = options.timeouts().write();
    this.deliveries = new Deliveries(this, loop);
    this.alarm = new Alarm(loop, this::elapsed);
    this.state = new State.Dialing(this, 0, Optional.empty());
  }

  /** Begins; on the loop. */
  public void start() {
    turn(
        () -> {
          observer.opened();
          dial(0, Optional.empty());
        });
  }

  // ---- commands

  /**
   * Begins a turn, in which any number of commands is carried out; {@link #settle} ends it.
   *
   * @return whether no other turn runs, of which this is a part then
   */
  public boolean begin() {
    assert loop.isCurrent() : "a turn on a thread that is not its loop's";
    if (turn != Turn.NONE) {
      return false;
    }
    turn = Turn.RUNNING;
    now = loop.now();
    return true;
  }

  /** Carries out a command, within a turn. */
  public void command(Command command) {
    if (turn == Turn.NONE) {
      turn = Turn.RUNNING; // the command before this one has ended the turn, by settle() below
    }
    try {
      switch (command) {
        case Command.OfStream ofStream -> ofStream(ofStream);
        case Command.SetOwner(var inbox) -> own(inbox);
        case Command.SetSlots(var slots) -> vacancies = new Vacancies(slots);
        case Command.AwaitUp asked -> awaitUp(asked);
        case Command.Ping ping -> ping(ping);
        case Command.SetWriteTimeout(var limit) -> writeTimeout(limit);
        case Command.Shutdown shutdown -> shutdown();
        case Command.Close close -> close();
      }
    } catch (Throwable e) {
      fault(e);
    }
    if (state instanceof State.Linked its && its.link().root().asks()) {
      settle(); // what the next command meets is the new state
    }
  }

  private void ofStream(Command.OfStream command) {
    if (vacancies != null && command instanceof Command.Begin) {
      vacancies.begins();
    }
    Hosting remaining = remains.of(command.stream());
    if (remaining != null) {
      remaining.command(command);
      return;
    }
    switch (state) {
      case State.Up(var link) -> {
        if (link.root().isDeaf()
            && (command instanceof Command.Begin || held.has(command.stream()))) {
          holdOrRefuse(command);
        } else {
          link.root().at(command.stream()).command(command);
        }
      }
      case State.Dialing dialing -> holdOrRefuse(command);
      case State.Closing closing -> holdOrRefuse(command);
      case State.Waiting waiting -> {
        holdOrRefuse(command);
        if (held.isUrgent(command, waiting.unharmed())) {
          dialOutOfTurn(waiting);
        }
      }
      case State.Ended ended -> refuse(command);
    }
  }

  private void holdOrRefuse(Command.OfStream command) {
    if (farewell) {
      refuse(command);
    } else {
      held.take(command, this);
    }
  }

  private void refuse(Command.OfStream command) {
    Reason reason =
        command instanceof Command.Begin
            ? unsent()
            : new Reason.BadState(command.operation(), CLOSING);
    Reason why = state instanceof State.Ended ended ? lastFailure(ended.reason()) : reason;
    Refusals.refuse(command, reason, why, this);
  }

  /** Why a stream that has not begun never will. */
  private Reason unsent() {
    return state instanceof State.Ended ended
        ? new Reason.Unprocessed(
            "the connection ended before it was sent", Optional.of(lastFailure(ended.reason())))
        : new Reason.Unprocessed(CLOSING);
  }

  private void awaitUp(Command.AwaitUp asked) {
    switch (state) {
      case State.Up(var link) -> asked.complete(new Command.Established(link.root().protocol()));
      case State.Ended ended ->
          asked.complete(new Command.NotEstablished(lastFailure(ended.reason())));
      case State.Dialing dialing -> outcomes.await(asked);
      case State.Closing closing -> outcomes.await(asked);
      case State.Waiting waiting -> outcomes.await(asked);
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
    if (culprit != owner) {
      noticeSoon(new Notice.ReceiverThrew(message, thrown));
    }
  }

  /** Tells the owner of this in a turn of its own, unless there is nothing more to tell. */
  private void noticeSoon(Notice.Detail detail) {
    loop.execute(
        () -> {
          if (!(state instanceof State.Terminated)) {
            turn(() -> notice(detail));
          }
        });
  }

  private void own(Inbox inbox) {
    owner = inbox;
    deliveries.resumeAll(); // it may have stopped for the old owner's sake
  }

  private void ping(Command.Ping ping) {
    if (state instanceof State.Up(var link)) {
      link.root().ping(ping);
    } else {
      Reason down = new Reason.BadState("ping", "there is no connection");
      ping.failed(inspect().whyNotUp().orElse(down));
    }
  }

  private void writeTimeout(Duration limit) {
    writeTimeout = limit;
    if (state instanceof State.Linked its) {
      its.link().outlet().watch().limit(limit, now);
    }
  }

  private void shutdown() {
    if (farewell) {
      return;
    }
    farewell = true;
    long time = closingTimeout().toNanos();
    remains.shutdown(time);
    switch (state) {
      case State.Up(var link) -> {
        link.root().nested().shutdown(time);
        link.root().shutdown(time);
      }
      case State.Closing its -> {} // ends by itself, and soon
      case State.Dialing dialing -> terminate(new Reason.OwnerClosed());
      case State.Waiting waiting -> terminate(new Reason.OwnerClosed());
      case State.Ended ended -> {}
    }
  }

  private void close() {
    farewell = true;
    if (state instanceof State.Linked its) {
      its.link().root().close(new Reason.OwnerClosed());
    }
    remains.end(new Reason.OwnerClosed());
    terminate(new Reason.OwnerClosed());
  }

  // ---- dialing

  private void enter(State next) {
    state = next;
    stateAt = now;
  }

  private void dial(long due, Optional<Reason> before) {
    State.Dialing dialing = new State.Dialing(this, due, before);
    enter(dialing);
    observer.dialed();
    dialing.began(redial.dial(loop, dialing));
  }

  void connected(State.Dialing dialing, Channel made) {
    if (state == dialing) {
      turn(() -> establish(made));
    } else {
      Wire.abort(made);
    }
  }

  void tunnelUp(State.Dialing dialing, TunnelUp opened) {
    if (state == dialing) {
      turn(() -> tell(owner, opened));
    }
  }

  void failed(State.Dialing dialing, Reason reason) {
    if (state == dialing) {
      turn(() -> attemptFailed(dialing.due(), reason));
    }
  }

  private void establish(Channel made) {
    Outlet outlet = new Outlet(made, loop, writeTimeout);
    Hosting root = new Hosting(this, outlet);
    Engine first = engines.first(Wire.chosen(made), held, loop.shared());
    Protocol protocol = first.protocol();
    enter(new State.Up(new State.Link(made, outlet, root, now)));
    outlet.open(root);
    Wire.remote(made).ifPresent(remote -> observer.established(protocol, remote));
    tell(owner, new Up(ref, protocol));
    outcomes.settled(new Command.Established(protocol));
    root.speak(first);
  }

  private void attemptFailed(long due, Reason reason) {
    held.giveUpImpatient(reason, this);
    if (now < due) { // an impatient request asked for it; the policy's attempt is still to come
      waitFor(new State.Waiting(due, reason, true, false));
    } else {
      retry(reason, true, false);
    }
  }

  private void retry(Reason reason, boolean failed, boolean unharmed) {
    Optional<Duration> policy = redial.delay(reason);
    if (policy.isEmpty()) {
      terminate(new Reason.GaveUp(redial.attempt(), reason));
      return;
    }
    Duration delay = unharmed && held.hasPlain() ? Duration.ZERO : policy.get();
    waitFor(new State.Waiting(now + delay.toNanos(), reason, failed, unharmed));
    tell(owner, new Retrying(ref, redial.attempt(), delay, reason));
  }

  private void waitFor(State.Waiting waiting) {
    enter(waiting);
    outcomes.failed(waiting.reason());
  }

  /**
   * Makes an attempt before its time. If an impatient request asked for it and the attempt fails,
   * that request fails, and the retry policy does not count it. Otherwise it is the policy's
   * attempt.
   */
  private void dialOutOfTurn(State.Waiting waiting) {
    dial(held.any(Command.Request::impatient) ? waiting.due() : now, waiting.failure());
  }

  // ---- the link

  /** The root's engine has ended. The connection waits until the peer closes its side. */
  void closing(Hosting root, Reason reason) {
    if (state instanceof State.Up(var link) && link.root() == root) {
      enter(new State.Closing(link, reason));
    }
  }

  /** The root's lane has ended; what its engine keeps may remain. */
  void gone(Hosting root, Reason reason) {
    remains.changed(root);
    lost(root, reason);
    if (state instanceof State.Finishing(var end) && remains.isEmpty()) {
      finish(end);
    }
  }

  private void lost(Hosting root, Reason reason) {
    if (!(state instanceof State.Linked its) || its.link().root() != root) {
      return;
    }
    enter(
        new State.Waiting(
            now, reason, false, false)); // first: if the rest throws, the link is gone
    Protocol protocol = root.protocol();
    observer.disconnected(protocol, reason);
    if (farewell) {
      terminate(new Reason.OwnerClosed());
      return;
    }
    Engine.Casualties casualties = root.casualties();
    tell(owner, new Down(ref, protocol, reason, casualties.killed(), casualties.unprocessed()));
    Redial.Loss loss = redial.lost(root, casualties, reason, now - its.link().since());
    retry(reason, loss.failed(), loss.unharmed());
    if (!loss.failed()) {
      outcomes.forget();
    }
    if (state instanceof State.Waiting waiting
        && now < waiting.due()
        && held.any(Command.Request::impatient)) {
      dialOutOfTurn(waiting); // for requests that came while the connection was closing
    }
  }

  private void terminate(Reason reason) {
    State before = state;
    if (before instanceof State.Ended) {
      return;
    }
    enter(new State.Finishing(reason));
    if (before instanceof State.Dialing dialing) {
      dialing.cancel();
    }
    held.removeAll().forEach(this::refuse);
    outcomes.settled(new Command.NotEstablished(lastFailure(reason)));
    if (remains.isEmpty()) {
      finish(reason);
    }
  }

  private void finish(Reason reason) {
    enter(new State.Terminated(reason));
    alarm.cancel();
    onTerminated.accept(reason);
    tell(owner, new Terminated(ref, reason));
  }

  // ---- what its hostings need

  @Override
  public long now() {
    return now;
  }

  @Override
  public Observer observer() {
    return observer;
  }

  boolean hasRoom() {
    return deliveries.hasRoom();
  }

  boolean hasRoom(Inbox inbox) {
    return deliveries.hasRoom(inbox);
  }

  /** Whether this inbox is full. If so, {@link Engine#roomAgain} follows. */
  boolean isFull(Inbox inbox) {
    return deliveries.isFull(inbox);
  }

  /** Whether the owner has closed it or shut it down. */
  boolean isFarewell() {
    return farewell;
  }

  Duration closingTimeout() {
    return options.timeouts().closing();
  }

  Engine engine(Change.Speak start) {
    return engines.speak(start, held, loop.shared());
  }

  void carryOutPosted() {
    carryOutPosted.run();
  }

  void log(Throwable e) {
    LOG.log(Level.ERROR, "The connection to " + ref.authority() + " failed.", e);
  }

  /** An inbox threw, and may have lost messages. So the link ends; the connection goes on. */
  void inboxFailed(Throwable e) {
    log(e);
    remains.fail(new Reason.Fault(e));
    if (state instanceof State.Linked its) {
      its.link().root().fail(new Reason.Fault(e));
    }
  }

  @Override
  public void notice(Notice.Detail detail) {
    tell(owner, new Notice(ref, detail));
  }

  @Override
  public void drop(Inbox inbox, StreamRef stream) {
    deliveries.handOver();
    inbox.drop(stream);
  }

  @Override
  public void goodbye(Inbox inbox) {
    deliveries.handOver();
    inbox.goodbye();
  }

  @Override
  public void tell(Inbox inbox, Message message) {
    if (observed) {
      observer.told(message);
    }
    deliveries.add(inbox, message);
  }

  // ---- turns

  void turn(Runnable body) {
    begin();
    try {
      body.run();
    } catch (Throwable e) {
      fault(e);
    }
    settle();
  }

  /** An unexpected exception ends the link, or the connection if there is no link. */
  void fault(Throwable e) {
    if (state instanceof State.Linked its) {
      its.link().root().fault(e);
    } else {
      log(e);
      terminate(new Reason.Fault(e));
    }
  }

  /**
   * Ends a turn: carries out the change that was asked for, writes, hands over, and sets the timer.
   */
  public void settle() {
    if (turn == Turn.SETTLING) {
      return; // the turn that is being settled takes this along
    }
    turn = Turn.SETTLING;
    try {
      while (step()) {}
      tellVacancies();
      if (state instanceof State.Linked its) {
        its.link().root().settled();
      }
      arm();
    } finally {
      turn = Turn.NONE;
    }
  }

  /** Does one of the things that are left to do in this turn; false if there is none. */
  private boolean step() {
    try {
      State.Link link = state instanceof State.Linked its ? its.link() : null;
      if (link != null) {
        link.root().flushing(); // what it adds goes along
      }
      if (link != null && link.root().asks()) {
        link.root().carryOut();
      } else if (remains.carryOut()) {
        return true;
      } else if (link != null && link.outlet().pending()) {
        link.outlet().flush(now); // may make the lane writable, and the engine write more
      } else if (deliveries.pending()) {
        deliveries.handOver();
      } else {
        return false;
      }
    } catch (Throwable e) {
      fault(e); // if the end of an engine threw, the hosting has no engine any more
    }
    return true;
  }

  /** Tells who listens how many further streams it takes. */
  void tellVacancies() {
    if (vacancies != null) {
      vacancies.tell(state instanceof State.Linked its ? its.link() : null);
    }
  }

  /** An inbox that was full has room again. */
  void roomAgain() {
    applyReading();
    remains.roomAgain();
    if (state instanceof State.Linked its) {
      its.link().root().roomAgain();
    }
  }

  /** Reads each lane if the inboxes have room and its engine wants bytes, and not otherwise. */
  void applyReading() {
    remains.applyReading();
    if (state instanceof State.Linked its) {
      its.link().root().applyReading();
      its.link().root().nested().applyReading();
    }
  }

  // ---- time

  private void arm() {
    long deadline = Math.min(held.deadline(), remains.deadline());
    if (state instanceof State.Waiting waiting) {
      deadline = Math.min(deadline, waiting.due());
    } else if (state instanceof State.Linked its) {
      deadline = Math.min(deadline, its.link().deadline());
    }
    alarm.set(deadline, now);
  }

  private void elapsed() {
    turn(
        () -> {
          remains.elapsed(now);
          held.giveUpLate(now, stream -> inspect().whyWaiting(stream), this);
          if (state instanceof State.Waiting waiting && now >= waiting.due()) {
            dial(waiting.due(), waiting.failure());
          } else if (state instanceof State.Linked its) {
            its.link().elapsed(now, writeTimeout);
          }
        });
  }

  /** How it stands now; on the loop. */
  public Inspection inspect() {
    return new Inspection(ref, options.via(), state, stateAt, held, remains, hasRoom(), loop.now());
  }
}
