package dev.lariat.internal.connection;

import dev.lariat.internal.protocol.Change;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Engine;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.Host;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Lane;
import dev.lariat.internal.protocol.Observer;
import dev.lariat.internal.protocol.Out;
import dev.lariat.internal.protocol.Refusals;
import dev.lariat.internal.protocol.SentFile;
import dev.lariat.internal.protocol.Standing;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.transport.Failures;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Protocol;
import dev.lariat.message.Reason;
import dev.lariat.message.StreamRef;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One engine on one lane. It is the engine's {@link Out}, and the {@link Host} that the lane calls.
 * It carries out what the engine asks to become. When another engine takes the lane over, the
 * hosting stays.
 *
 * <p>How far its end has come is its {@link Phase}.
 *
 * <p>A connection has one hosting for each channel that it made, its root, whose lane is the
 * socket. Others are nested: their lanes are streams of the root's engine. What a nested engine
 * asks for happens as soon as its call has returned; what the root's asks for happens when the turn
 * settles.
 */
final class Hosting implements Out, Host {

  /** After a failed write, how long to keep reading what the peer has already sent. */
  private static final long LAST_WORDS = Duration.ofSeconds(1).toNanos();

  private final Actor connection;
  private Lane lane;

  /** What is hosted on streams of the root's engine. */
  private final Nested nested;

  /** Where the messages of that stream go; null if the lane is the connection's. */
  private final @Nullable Inbox inbox;

  /** How far the end has come; Phase.OVER until the first engine speaks. */
  private Phase phase = Phase.OVER;

  /** What was spoken last. */
  private Protocol protocol = Protocol.HTTP_1_1;

  /** What the engine asked for, until that is carried out. */
  private @Nullable Change change;

  /** Whether the engine wants what the peer sends. */
  private boolean wanted = true;

  /** Whether the engine goes on when there is room, after other connections' turn. */
  private boolean again;

  /** Whether no inbox needs room for what the engine waits for. */
  private boolean needsNoRoom;

  /** When the lane must have ended; NEVER unless it is closing, deaf or shut down. */
  private long endBy = Engine.NEVER;

  /** When the connection is to call a nested one; {@link Engine#NEVER} if no time is noted. */
  private long due = Engine.NEVER;

  /** The streams that the end of the engine took with it. */
  private Engine.Casualties casualties = Engine.Casualties.NONE;

  /** Whether the engine that has ended was in good order. */
  private boolean inGoodOrder;

  /** A hosting on this lane, which is open. */
  Hosting(Actor connection, Lane lane) {
    this(connection, lane, new Nested(), null);
  }

  /** A hosting on a stream whose messages go to this inbox. */
  private Hosting(Actor connection, Lane lane, Nested nested, @Nullable Inbox inbox) {
    this.connection = connection;
    this.lane = lane;
    this.nested = nested;
    this.inbox = inbox;
  }

  // ---- how it stands

  private @Nullable Engine engine() {
    return switch (phase) {
      case Phase.Speaking(var engine) -> engine;
      case Phase.Deaf(var engine, var why) -> engine;
      case Phase.Lingering(var engine, var why) -> engine;
      case Phase.Closing closing -> null;
      case Phase.Over over -> null;
    };
  }

  /** What is spoken, or was last. */
  Protocol protocol() {
    return protocol;
  }

  /** Why a write has failed; empty if none has. */
  Optional<Reason> deaf() {
    return phase instanceof Phase.Deaf(var engine, var why) ? Optional.of(why) : Optional.empty();
  }

  /** Whether the lane is a stream of another engine. */
  private boolean isNested() {
    return inbox != null;
  }

  /** What is hosted on streams of the root's engine. */
  Nested nested() {
    return nested;
  }

  /** The hosting that has this stream: one on it, or the root. */
  Hosting at(Stream stream) {
    Hosting on = nested.of(stream);
    return on == null ? this : on;
  }

  /** Whether its lane has ended, and its engine tells what came before. */
  boolean lingers() {
    return phase instanceof Phase.Lingering;
  }

  /** Whether a write has failed, so that nothing more can be written. */
  boolean isDeaf() {
    return phase instanceof Phase.Deaf;
  }

  /** Whether the engine has asked for something that is not carried out yet. */
  boolean asks() {
    return change != null;
  }

  /** What the end of its engine took with it. */
  Engine.Casualties casualties() {
    return casualties;
  }

  /** Whether its engine had come to its end in good order. */
  boolean inGoodOrder() {
    return inGoodOrder;
  }

  int streams() {
    Engine hosted = engine();
    return hosted == null ? 0 : hosted.streams();
  }

  OptionalLong maxStreams() {
    Engine hosted = engine();
    return hosted == null ? OptionalLong.empty() : hosted.maxStreams();
  }

  /** Whether no more streams begin here. */
  boolean draining() {
    Engine hosted = engine();
    return hosted == null || hosted.draining();
  }

  /** How many further streams its engine takes now. */
  int room() {
    Engine hosted = engine();
    return hosted == null || isDeaf() || asks() ? 0 : hosted.room();
  }

  /** How many streams have not left its engine, or wait to begin. */
  int occupied() {
    Engine hosted = engine();
    return hosted == null ? 0 : hosted.occupied();
  }

  /** For how many nanoseconds without a stream it may be used. */
  long idleLimit() {
    Engine hosted = engine();
    return hosted == null ? Engine.NEVER : hosted.idleLimit();
  }

  @Nullable Standing standing(StreamRef stream) {
    Engine hosted = engine();
    return hosted == null ? null : hosted.standing(stream);
  }

  /** What a stream waits for that has not begun, though there is a connection. */
  Optional<Reason> whyWaiting(StreamRef stream) {
    Engine hosted = engine();
    return hosted == null ? Optional.empty() : hosted.whyWaiting(stream);
  }

  /** Whether a stream has not begun because others leave no room for it. */
  boolean hasNoRoomFor(StreamRef stream) {
    Engine hosted = engine();
    return hosted != null && hosted.hasNoRoomFor(stream);
  }

  /** Why nothing can be sent yet on a stream that has begun. */
  Optional<Reason> whyNotOpen(StreamRef stream, long now) {
    Engine hosted = engine();
    return hosted == null ? Optional.empty() : hosted.whyNotOpen(stream, now);
  }

  // ---- what the connection asks of it

  /** Lets this engine speak, from the next byte on. */
  void speak(Engine next) {
    phase = new Phase.Speaking(next);
    wanted = true;
    again = false;
    protocol = next.protocol();
    next.begin(this);
    applyReading();
  }

  /** Gives the engine a command; within a turn. */
  void command(Command.OfStream command) {
    Engine hosted = engine();
    if (hosted == null) { // it has ended, and its lane has not yet
      Reason state = new Reason.BadState(command.operation(), "the stream is closing");
      Refusals.refuse(command, state, this);
      return;
    }
    try {
      hosted.command(command, this);
    } catch (Throwable e) {
      fault(e);
    }
    returned();
  }

  /** Asks the peer to answer; within a turn. */
  void ping(Command.Ping ping) {
    Engine hosted = engine();
    if (hosted == null) {
      ping.failed(new Reason.BadState("ping", "the connection is closing"));
    } else {
      enter(its -> its.ping(ping, this));
    }
  }

  /** Lets the engine say goodbye, within this many nanoseconds; within a turn. */
  void shutdown(long closing) {
    endWithin(closing);
    enter(hosted -> hosted.shutdown(this));
  }

  /** Gives it this many nanoseconds at most, which may be less than it had; within a turn. */
  void endWithin(long closing) {
    endBy = Math.min(endBy, now() + closing);
  }

  /** Ends it for this reason, unless another came first; within a turn. */
  void fail(Reason reason) {
    Reason first =
        switch (phase) {
          case Phase.Deaf(var engine, var why) -> why;
          case Phase.Closing(var why) -> why;
          case Phase.Lingering(var engine, var why) -> why;
          case Phase.Speaking speaking -> reason;
          case Phase.Over over -> reason;
        };
    become(new Change.Close(first));
    returned();
  }

  /** An unexpected exception ends this lane, and nothing else. */
  void fault(Throwable e) {
    connection.log(e);
    become(new Change.Close(new Reason.Fault(e)));
  }

  /** When to call {@link #elapsed}. */
  long deadline() {
    Engine hosted = engine();
    if (hosted == null) {
      return endBy;
    }
    return Math.min(endBy, goesOn() ? now() : hosted.deadline());
  }

  /** The time has come, or an earlier one; within a turn. */
  void elapsed() {
    if (now() >= endBy) {
      endBy = Engine.NEVER;
      fail(new Reason.Timeout(Reason.Step.CLOSE, connection.closingTimeout()));
    } else {
      enter(this::elapsed);
    }
  }

  private void elapsed(Engine hosted) {
    if (goesOn()) {
      again = false;
      hosted.goOn(this);
    }
    hosted.elapsed(this);
  }

  /** Whether to call {@code goOn} now. The timer for it runs after the loop's other sockets. */
  private boolean goesOn() {
    return again && hasRoom();
  }

  long due() {
    return due;
  }

  void due(long at) {
    due = at;
  }

  /** Reads the lane, or leaves it unread, as the inboxes and the engine have it now. */
  void applyReading() {
    if (engine() != null) {
      lane.wanted(reading());
      if (isNested()) {
        nested.rearm(this); // it may go on
      }
    }
  }

  private boolean reading() {
    return hasRoom() && wanted;
  }

  private boolean hasRoom() {
    Engine hosted = engine();
    if (needsNoRoom || hosted != null && hosted.holdsBack()) {
      return true;
    }
    return inbox == null ? connection.hasRoom() : connection.hasRoom(inbox);
  }

  /** What was written is about to be flushed. */
  void flushing() {
    Engine hosted = engine();
    if (hosted != null) {
      hosted.flushing(this);
    }
  }

  /** An inbox that was full has room again. */
  void roomAgain() {
    enter(hosted -> hosted.roomAgain(this));
  }

  /** A turn has ended. */
  void settled() {
    Engine hosted = engine();
    boolean anyway = hosted != null && hosted.needsNoRoom();
    if (needsNoRoom != anyway) {
      needsNoRoom = anyway;
      applyReading();
    }
  }

  /** Carries out what the engine has asked for. */
  void carryOut() {
    for (Change asked = change; asked != null; asked = change) {
      change = null;
      switch (asked) {
        case Change.Close(var reason) -> close(reason);
        case Change.Closing(var reason) -> closing(reason);
        case Change.Speak start -> speak(connection.engine(start));
      }
    }
  }

  private void closing(Reason reason) {
    endEngine(reason);
    lane.wanted(true);
    endWithin(connection.closingTimeout().toNanos());
    if (isNested()) {
      lane.endOutput(); // RFC 8441 section 5
    } else {
      connection.closing(this, reason);
    }
  }

  /** Ends the lane, and the engine unless it lingers; within a turn. */
  void close(Reason reason) {
    endEngine(reason);
    boolean noTime = connection.isFarewell() && endBy == Engine.NEVER;
    if (lingers() && noTime) {
      endEngine(reason);
    }
    phase = lingers() ? phase : Phase.OVER;
    lane.end(reason);
    change = null; // the last flush may have failed and asked for the end again
    if (isNested()) {
      nested.remove(this);
      return;
    }
    if (lingers()) {
      lane = new EndedLane(reason);
      endBy = connection.isFarewell() ? endBy : Engine.NEVER;
    }
    connection.gone(this, reason);
  }

  private void endEngine(Reason reason) {
    Engine ended = engine();
    if (ended == null) {
      return;
    }
    boolean lingered = lingers();
    phase = new Phase.Closing(reason); // first, so that an exception below does not end it twice
    List<StreamRef> inside = isNested() ? List.of() : nested.end(ended.cause(reason), lingered);
    casualties = ended.end(reason, this).after(inside);
    inGoodOrder = ended.inGoodOrder();
    if (ended.lingers()) {
      phase = new Phase.Lingering(ended, reason);
    }
  }

  // ---- what the lane tells

  @Override
  public void received(ByteBuf bytes) {
    // after a Closing or a Close no engine listens, and the rest of the bytes is dropped
    for (Engine hosted = listening(); hosted != null && bytes.isReadable(); hosted = listening()) {
      boolean outermost = connection.begin();
      try {
        hosted.received(bytes, this);
      } catch (Throwable e) {
        fault(e);
      }
      end(outermost);
      if (outermost && hosted.protocol() != Protocol.HTTP_1_1) {
        connection.carryOutPosted(); // answers go out between parts of what was read
      }
    }
  }

  /** The engine that is given what comes; null if none is. */
  private @Nullable Engine listening() {
    return phase instanceof Phase.Lingering ? null : engine();
  }

  @Override
  public void writabilityChanged() {
    if (writable()) {
      turn(hosted -> hosted.writable(this));
    }
  }

  @Override
  public void inputCut() {
    if (phase instanceof Phase.Deaf(var engine, var why)) {
      turn(() -> become(new Change.Close(why))); // which explains the cut
    } else {
      turn(hosted -> hosted.inputCut(this));
    }
  }

  @Override
  public void inputClosed() {
    inputEnds(hosted -> hosted.inputClosed(this));
  }

  @Override
  public void closed() {
    inputEnds(hosted -> hosted.closed(this));
  }

  private void inputEnds(Consumer<Engine> call) {
    switch (phase) {
      case Phase.Speaking speaking -> turn(call);
      case Phase.Deaf(var engine, var why) ->
          turn(
              hosted -> {
                call.accept(hosted);
                change = new Change.Close(why); // the end that came first
              });
      case Phase.Closing(var why) -> turn(() -> become(new Change.Close(why)));
      case Phase.Lingering lingering -> {}
      case Phase.Over over -> {}
    }
  }

  @Override
  public void outputEnded() {
    turn(hosted -> hosted.outputEnded(this));
  }

  @Override
  public void failed(Reason reason) {
    turn(() -> become(new Change.Close(phase instanceof Phase.Closing(var why) ? why : reason)));
  }

  @Override
  public void broke(Throwable cause) {
    Reason reason = Failures.broken(cause);
    if (reason instanceof Reason.Fault) {
      connection.log(cause);
    }
    turn(() -> broke(reason, Failures.isOfOutput(cause)));
  }

  /**
   * After a write has failed, the lane may still have what the peer sent before: its last response,
   * or the TLS alert that says why.
   */
  private void broke(Reason reason, boolean output) {
    if (phase instanceof Phase.Deaf(var engine, var why) && reason instanceof Reason.Reset) {
      if (!output) {
        become(new Change.Close(why)); // the reading failed too, so nothing more comes
      }
    } else if (phase instanceof Phase.Speaking(var engine) && reading() && output) {
      phase = new Phase.Deaf(engine, reason);
      endBy = Math.min(endBy, now() + LAST_WORDS);
    } else {
      become(new Change.Close(phase instanceof Phase.Closing(var why) ? why : reason));
    }
  }

  // ---- turns

  /** Calls the engine in a turn, or within the one that runs. */
  private void turn(Consumer<Engine> call) {
    if (engine() != null) {
      turn(() -> enter(call));
    }
  }

  private void turn(Runnable body) {
    if (phase == Phase.OVER) {
      return;
    }
    boolean outermost = connection.begin();
    body.run();
    end(outermost);
  }

  /** Calls the engine, if there is one still. */
  private void enter(Consumer<Engine> call) {
    Engine hosted = engine();
    if (hosted == null) {
      return;
    }
    try {
      call.accept(hosted);
    } catch (Throwable e) {
      fault(e);
    }
    returned();
  }

  private void end(boolean outermost) {
    returned();
    if (outermost) {
      connection.settle();
    }
  }

  /** The engine's call has returned. */
  private void returned() {
    if (isNested()) {
      carryOut();
      settled();
      nested.rearm(this);
    }
  }

  // ---- what the engine does

  @Override
  public ByteBuf room(int bytes) {
    return lane.room(bytes);
  }

  @Override
  public void write(ByteBuf bytes) {
    lane.write(bytes);
  }

  @Override
  public void write(SentFile file, long position, long size) throws IOException {
    lane.write(file, position, size);
  }

  @Override
  public void follow(Fate fate) {
    lane.follow(fate);
  }

  @Override
  public boolean writable() {
    return phase instanceof Phase.Speaking && change == null && lane.writable();
  }

  @Override
  public void wanted(boolean wanted) {
    this.wanted = wanted;
    applyReading();
  }

  @Override
  public long unreadUntil() {
    return lane.unreadUntil();
  }

  @Override
  public boolean keeps() {
    return lane.keeps();
  }

  @Override
  public void allowHalfClose() {
    lane.allowHalfClose();
  }

  @Override
  public void endOutput() {
    lane.endOutput();
  }

  @Override
  public long now() {
    return connection.now();
  }

  @Override
  public void tell(Inbox inbox, Message message) {
    connection.tell(inbox, message);
  }

  @Override
  public void drop(Inbox inbox, StreamRef stream) {
    connection.drop(inbox, stream);
  }

  @Override
  public void goodbye(Inbox inbox) {
    connection.goodbye(inbox);
  }

  @Override
  public void notice(Notice.Detail detail) {
    connection.notice(detail);
  }

  @Override
  public Observer observer() {
    return connection.observer();
  }

  @Override
  public void again() {
    again = true;
  }

  @Override
  public boolean full(Inbox inbox) {
    return connection.isFull(inbox);
  }

  @Override
  public void become(Change next) {
    if (change == null) {
      change = next;
    }
  }

  @Override
  public Host host(Change.Speak start, Lane stream) {
    Hosting hosting = new Hosting(connection, stream, nested, start.stream().inbox());
    nested.add(start.stream(), hosting);
    hosting.speak(connection.engine(start));
    hosting.returned();
    return hosting;
  }
}
