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
import org.jspecify.annotations.Nullable;

/**
 * One session of a live connection: a connection of its own, with one stream on it, or one stream
 * of a {@link SharedConnection}, on the live one's loop. What arrives goes, by its phase:
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
  private final Connection connection;
  private final @Nullable SharedConnection shared; // that connection; null if it is its own
  private Phase phase = Phase.CONNECTING;
  private @Nullable Approach approach; // the way to the session; null when it has led there
  private @Nullable Acceptance acceptance; // null before it has come, and when it was told
  private @Nullable Refusal refusal; // reads the server's refusal; null unless it has refused
  private List<H> held = List.of(); // what has come in HELD; a constant before that
  private @Nullable Runnable whenRoom; // lets the connection read on when "held" is handed over

  /** Opens the connection, or finds one; the stream is asked for by the subclass. */
  @SuppressWarnings("ThisEscape") // nothing is told before the loop's next task
  LiveSession(LiveLoop<S> live, Approach approach) {
    this.live = live;
    this.endpoint = approach.endpoint();
    this.approach = approach;
    Neighbours neighbours = live.neighbours;
    this.shared = neighbours == null ? null : approach.connection(neighbours);
    this.connection = shared == null ? approach.open(this::told) : shared.connection();
  }

  /** It has asked for its stream, and is one of those that share the connection. */
  final void joins() {
    if (shared != null) {
      shared.join(this);
    }
  }

  /** This. */
  abstract S self();

  /** Its stream, once it has asked for that. */
  abstract Stream stream();

  final Endpoint endpoint() {
    return endpoint;
  }

  final Connection connection() {
    return connection;
  }

  final boolean isShared() {
    return shared != null;
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
            if (!live.fallsBack(self(), Objects.requireNonNull(approach))) {
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
    live.loop.execute(
        () -> {
          if (Core.get().door(connection).actor().inspect().whyNotUp().isEmpty()) {
            ended(reason.last().filter(Fallback::isRequired).orElse(reason));
          }
        });
  }

  /** Whether its stream has not begun, for want of a connection or of room on that. */
  final boolean awaitsItsStream() {
    return phase == Phase.CONNECTING
        && Core.get().door(connection).actor().inspect().info(stream(), 0).state()
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
    if (shared == null) {
      connection.close();
    } else {
      Core.get().door(connection).post(new Command.Cancel(stream(), new Reason.OwnerClosed()));
      shared.leave(this, true);
    }
  }

  /** Ends the connection of a session that has ended by itself, unless it is others' too. */
  final void closeConnection() {
    if (shared == null) {
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
    if (shared != null) {
      live.terminated(self());
    }
  }

  /** It has ended by itself, for this reason; its connection goes on to an end in good order. */
  final void lost(Reason reason) {
    if (phase != Phase.ENDED) {
      phase = Phase.ENDED;
      ceased();
      if (shared == null) {
        connection.shutdown(); // that of HTTP/2 would stay, for other streams
      } else {
        shared.leave(this, false);
      }
      live.turn(() -> live.lost(self(), reason));
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
