package dev.lariat.live;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.event.StreamInfo;
import dev.lariat.internal.connection.Actor;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Fallback;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Headers;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamRef;
import dev.lariat.message.Terminated;
import dev.lariat.message.Up;
import dev.lariat.option.Endpoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One session of a live connection: a connection of its own, with one stream on it, or one stream
 * of a {@link SharedConnection}, on the live one's loop, or one stream of a client's connection, on
 * any loop ({@link Lodging}). What arrives goes, by its phase:
 *
 * <ul>
 *   <li><b>CONNECTING</b>: nowhere, until the server has accepted the stream;
 *   <li><b>OPENING</b>: to the user's step, if there is one;
 *   <li><b>HELD</b>: into a list, until the session before has ended;
 *   <li><b>CARRYING</b>: to the owner;
 *   <li><b>ENDED</b>: nowhere.
 * </ul>
 *
 * <p>A session that ends before it carries goes to ENDED at once; what it holds is told only if the
 * life lets it carry traffic after all.
 *
 * <p>A session lives for days, and there may be thousands. So it lets go of what only its opening
 * needs: the {@link Approach} when the server has accepted it, and the server's answer when that
 * was told.
 *
 * @param <S> the session's own class
 * @param <H> what is held
 */
abstract class LiveSession<S extends LiveSession<S, H>, H> implements Inbox {
  /** How far a session has come. */
  enum Phase {
    CONNECTING,
    OPENING,
    HELD,
    CARRYING,
    ENDED
  }

  /**
   * The server's answer that accepts the stream.
   *
   * @param subprotocol that the server chose; empty if it chose none
   */
  record Acceptance(Headers headers, Optional<String> subprotocol) {}

  private final LiveLoop<S> live;
  private final Endpoint endpoint;
  private @Nullable Connection connection; // null while it waits for one of a client's
  private @Nullable SharedConnection shared; // that connection; null if it is another
  private @Nullable Lodging lodging; // how it has one of a client's; null if it is another
  private Phase phase = Phase.CONNECTING;
  private @Nullable Approach approach; // the way to the session; null when it has led there
  private @Nullable Acceptance acceptance; // null before it has come, and when it was told
  private @Nullable Refusal refusal; // reads the server's refusal; null unless it has refused
  private List<H> held = List.of(); // what has come in HELD; a constant before that
  private @Nullable Runnable whenRoom; // lets the connection read on when "held" is handed over

  LiveSession(LiveLoop<S> live, Approach approach) {
    this.live = live;
    this.endpoint = approach.endpoint();
    this.approach = approach;
  }

  /** Opens the connection, or finds one, and asks for the stream; nothing is told before later. */
  final void begin() {
    Approach its = Objects.requireNonNull(approach);
    if (its.isAtUnixSocket()) {
      begin(its.open(this::told), this);
    } else if (live.pooling != null) {
      Lodging guest = new Lodging(live.pooling, this, live.loop, its.uri(), its.spoken());
      lodging = guest;
      guest.want();
    } else if (live.neighbours != null) {
      SharedConnection found = its.connection(live.neighbours);
      shared = found;
      begin(found.connection(), this);
      found.join(this);
    } else {
      begin(its.open(this::told), this);
    }
  }

  /** A client's connection has room for the stream, which begins there. */
  final void begin(Connection its, Inbox inbox) {
    connection = its;
    live.isNamedBy(its);
    ask(its, Objects.requireNonNull(approach), inbox);
    if (lodging != null) {
      asks(); // it is established
      looksElsewhere(); // what the server allows may have become less
    }
  }

  /** Asks for the stream on this connection, whose messages go to that inbox. */
  abstract void ask(Connection connection, Approach approach, Inbox inbox);

  /** This. */
  abstract S self();

  /** Its stream, once it has asked for that. */
  abstract Stream stream();

  final Endpoint endpoint() {
    return endpoint;
  }

  /** Its connection, once it has one. */
  final Connection connection() {
    return Objects.requireNonNull(connection);
  }

  /** Why it is not open, as far as its connection knows. */
  final CompletableFuture<Optional<Reason>> soFar() {
    Connection its = connection;
    return its == null
        ? CompletableFuture.completedFuture(Optional.of(Lodging.NO_ROOM))
        : Core.get().door(its).ask(actor -> actor.inspect().whyNotSent(live.ref));
  }

  /** Whether its connection carries other streams, too. */
  final boolean isShared() {
    return shared != null || lodging != null;
  }

  /** Whether it is on this connection, and has not ended. */
  final boolean isOn(ConnectionRef other) {
    return connection == other && phase != Phase.ENDED;
  }

  /** Whether it is a session of this live connection. */
  final boolean isOf(LiveLoop<?> other) {
    return live == other;
  }

  final Phase phase() {
    return phase;
  }

  final boolean hasEnded() {
    return phase == Phase.ENDED;
  }

  /** The server's answer, until the session carries traffic. */
  final Acceptance acceptance() {
    return Objects.requireNonNull(acceptance);
  }

  /** A turn of its live connection. */
  final void turn(Runnable body) {
    live.turn(body);
  }

  /** Whether another session of its live connection is on this connection. */
  final boolean hasAnotherOn(Connection other) {
    return live.alive().stream().anyMatch(its -> its.isOn(other));
  }

  /** There is no connection for it. */
  final void unserved(Reason reason) {
    ended(reason);
    if (phase == Phase.ENDED) {
      live.terminated(self()); // it has no stream whose end could be told
    }
  }

  // ---- on the way

  /** The server has accepted the stream. */
  final void accepted(Acceptance answer, Phase next) {
    acceptance = answer;
    approach = null;
    phase = next;
    live.turn(() -> live.life.connected(self(), live.now()));
  }

  /** The server has answered otherwise: the way leads on by another session, or has failed. */
  final void refused(Response answer) {
    live.turn(
        () -> {
          try {
            if (!live.goesOn(self(), Objects.requireNonNull(approach), answer)) {
              refusal = new Refusal(live, answer, this::fail);
            }
          } catch (FailedException e) {
            fail(e.reason());
          }
        });
  }

  /** The server does not do this by HTTP/2: it is asked by HTTP/1.1, or has refused. */
  final void notOffered(Reason reason) {
    live.turn(
        () -> {
          try {
            if (!live.fallsBack(self(), Objects.requireNonNull(approach), reason)) {
              lost(reason);
            }
          } catch (FailedException e) {
            fail(e.reason());
          }
        });
  }

  /**
   * The server has not acted on the stream. If the connection ends, its own end, which follows,
   * tells why. Otherwise this is all that will be told.
   */
  final void notProcessed(Reason.Unprocessed reason) {
    if (lodging != null) {
      ended(reason.last().filter(Fallback::isRequired).orElse(reason));
      return;
    }
    live.loop.execute(
        () -> {
          if (Core.get().door(connection()).actor().inspect().whyNotUp().isEmpty()) {
            ended(reason.last().filter(Fallback::isRequired).orElse(reason));
          }
        });
  }

  /**
   * Begins anew at once, if a client's connection was used before and could not be used again: that
   * is no failure of the attempt. Each connection is an excuse once.
   *
   * @return whether it does; then this has ended
   */
  final boolean beginsAnew(Reason reason) {
    boolean untold = reason instanceof Reason.Unprocessed || reason instanceof Reason.Unanswered;
    Lodging guest = lodging;
    if (!untold || phase != Phase.CONNECTING || guest == null || !guest.isReused()) {
      return false;
    }
    boolean anew = Objects.requireNonNull(approach).isNews(connection());
    if (anew) {
      guest.repeats();
      movesOn();
    }
    return anew;
  }

  /** Whether its stream has not begun, for want of a connection or of room on that. */
  final boolean awaitsItsStream() {
    return phase == Phase.CONNECTING
        && Core.get().door(connection()).actor().inspect().info(stream(), 0).state()
            == StreamInfo.State.WAITING;
  }

  /** There is no room for it on the connection: the attempt goes on on another one. */
  final void movesOn() {
    live.turn(() -> live.goesOn(self(), Objects.requireNonNull(approach)));
  }

  /** Whether this message is a part of the server's refusal, which takes it. */
  final boolean isOfRefusal(Message message) {
    if (refusal == null) {
      return false;
    }
    refusal.received(message);
    return true;
  }

  /** The session before has not ended: this one holds what it receives, from now on. */
  final void beginToHold() {
    phase = Phase.HELD;
  }

  final void hold(H arrived) {
    if (held.isEmpty()) {
      held = new ArrayList<>();
    }
    held.add(arrived);
  }

  final int held() {
    return held.size();
  }

  // ---- what the life decides, on the loop

  /** Lets everything through, beginning with what is held; this may have ended meanwhile. */
  final void carry() {
    if (phase != Phase.ENDED) {
      phase = Phase.CARRYING;
    }
    acceptance = null;
    List<H> first = held;
    held = List.of();
    handOver(first);
    Runnable action = whenRoom;
    if (action != null) {
      whenRoom = null;
      action.run();
    }
  }

  /** Tells the owner what was held. */
  abstract void handOver(List<H> first);

  /** Ends the session at once. */
  final void end() {
    phase = Phase.ENDED;
    ceased();
    if (refusal != null) {
      refusal.forget();
    }
    Connection its = connection;
    if (its == null) { // it has no stream whose end could be told
      if (lodging != null) {
        lodging.cancel();
      }
      live.terminated(self());
    } else if (isShared()) {
      Core.get().door(its).post(new Command.Cancel(stream(), new Reason.OwnerClosed()));
      if (shared != null) {
        shared.leave(this, true);
      }
    } else {
      its.close();
    }
  }

  /** Ends the connection of a session that has ended by itself, unless it is others' too. */
  final void closeConnection() {
    if (!isShared() && connection != null) {
      connection.close();
    }
  }

  /** Ends what runs for this session, which has ended: a timer, or the user's step. */
  abstract void ceased();

  // ---- what ends it

  /** It cannot go on, for this reason. */
  final void fail(Reason reason) {
    if (phase != Phase.ENDED) {
      end();
      live.turn(() -> live.lost(self(), reason));
    }
  }

  /** Its last message has come: of a shared connection it has nothing more. */
  final void streamEnded() {
    if (isShared()) {
      live.terminated(self());
    }
  }

  /** Whether something that runs for it ends first; then {@link #lost} is called again. */
  boolean outlives(Reason reason) {
    return false;
  }

  /** It has ended by itself, for this reason; its connection goes on to an end in good order. */
  final void lost(Reason reason) {
    if (phase != Phase.ENDED && !outlives(reason)) {
      phase = Phase.ENDED;
      ceased();
      if (shared != null) {
        shared.leave(this, false);
      } else if (lodging == null) {
        connection().shutdown(); // that of HTTP/2 would stay, for other streams
      }
      Approach way = approach; // null once the server has accepted the stream
      Reason why = way == null ? reason : way.explained(reason);
      live.turn(() -> live.lost(self(), why));
    }
  }

  /**
   * Takes what the connection tells its owner. For the rest the stream's own messages are enough.
   */
  final void told(Message message) {
    if (message instanceof Up && phase == Phase.CONNECTING) {
      asks();
    } else if (message instanceof Terminated(var ref, var reason)) {
      if (refusal != null) {
        refusal.complete();
      }
      ended(Actor.lastFailure(reason));
      live.terminated(self());
    } else if (message instanceof Notice(var ref, var detail) && phase == Phase.CARRYING) {
      live.tell(new Notice(live.ref, detail));
    }
  }

  /** Takes what the connection tells of this stream. */
  final void toldOf(StreamRef stream, Message message) {
    if (stream == live.ref) {
      told(message);
    }
  }

  /** Takes what a client's connection tells, on which its stream is. */
  final void toldOfClient(Notice notice) {
    boolean none =
        notice.detail() instanceof Notice.SettingsChanged settings
            && settings.maxStreams().orElse(1) == 0;
    if (none && phase == Phase.CONNECTING) { // another connection would have none either
      fail(new Reason.Unprocessed("the server allows no streams"));
    } else {
      told(notice);
      looksElsewhere();
    }
  }

  /** Goes to another connection of a client if it has no stream here: that may take days. */
  private void looksElsewhere() {
    if (phase == Phase.CONNECTING) {
      Core.get()
          .door(connection())
          .ask(actor -> actor.inspect().hasNoRoomFor(live.ref))
          .thenAccept(
              waits ->
                  live.loop.execute(
                      () -> {
                        if (waits && phase == Phase.CONNECTING) {
                          movesOn();
                        }
                      }));
    }
  }

  /** The connection has ended, or will not serve this stream, for this reason. */
  private void ended(Reason reason) {
    if (phase == Phase.CONNECTING && refusal == null && Fallback.isRequired(reason)) {
      notOffered(reason);
    } else {
      lost(reason);
    }
  }

  /** The connection is established, and the server is asked for the stream. */
  void asks() {}

  // ---- room

  /** Whether so much is held that the connection is not read. */
  abstract boolean holdsMuch();

  @Override
  public boolean full() {
    return switch (phase) {
      case HELD -> holdsMuch();
      case CARRYING -> live.inbox.full();
      case CONNECTING, OPENING, ENDED -> false;
    };
  }

  @Override
  public void whenRoom(Runnable action) {
    switch (phase) {
      case HELD -> whenRoom = action;
      case CARRYING -> live.whenRoom(action);
      case CONNECTING, OPENING, ENDED -> action.run();
    }
  }
}
