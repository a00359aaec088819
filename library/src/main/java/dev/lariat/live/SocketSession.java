package dev.lariat.live;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.internal.connection.Actor;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.entrance.Weight;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.transport.Machine;
import dev.lariat.live.LiveOutbox.Posted;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.Notice;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Terminated;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Endpoint;
import dev.lariat.option.WebSocketOptions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One session of a live WebSocket: a connection of its own, with one WebSocket on it, both on the
 * live one's loop. What arrives goes, by its phase:
 *
 * <ul>
 *   <li><b>CONNECTING</b>: nowhere, until the upgrade is accepted;
 *   <li><b>OPENING</b>: into a mailbox that the user's step reads;
 *   <li><b>HELD</b>: into a list, until the session before has ended;
 *   <li><b>CARRYING</b>: to the owner;
 *   <li><b>ENDED</b>: nowhere.
 * </ul>
 *
 * <p>A session that ends in CONNECTING, OPENING or HELD goes to ENDED at once; what it holds is
 * told only if the life lets it carry traffic after all.
 *
 * <p>What is sent is a <b>flight</b> each, until its end is known: it was written, it was not, or
 * nobody knows. Written ones leave from the front, in order. When all have landed, {@link #settle}
 * says which of the rest the next session must send.
 */
final class SocketSession implements Inbox {
  // While the session before is drained, a busy server answers on this one. With more than this in
  // "held" the session counts as full and is not read, so that a rotation takes little memory.
  private static final int HOLDS = 1 << 16; // messages
  private static final long HOLDS_WEIGHT = 16L << 20; // bytes and characters in the messages

  private enum Phase {
    CONNECTING,
    OPENING,
    HELD,
    CARRYING,
    ENDED
  }

  /** A message that was given to this session. */
  private final class Flight implements Fate {
    final Posted posted;
    boolean landed; // whether its end is known
    @Nullable Reason unwritten; // why nothing of it was written, if so
    @Nullable Reason unknown; // why nobody knows whether it was written, if so

    Flight(Posted posted) {
      this.posted = posted;
    }

    @Override
    public void written() {
      if (!landed) {
        landed = true;
        if (posted.delivery != null && posted.identity == null) {
          posted.delivery.written();
        }
        land();
      }
    }

    @Override
    public void lost(Reason reason) {
      if (!landed) {
        landed = true;
        unknown = reason;
        land();
      }
    }

    @Override
    public void refused(Reason reason) {
      if (!landed) {
        landed = true;
        unwritten = reason;
        land();
      }
    }
  }

  private final LiveSocket live;
  private final Approach approach;
  private final Connection connection;
  private final WebSocket socket;
  private Phase phase = Phase.CONNECTING;
  private @Nullable Upgraded upgraded; // the server's acceptance; null before it
  private @Nullable Refusal refusal; // reads the server's refusal; null unless it has refused
  private @Nullable Mailbox opening; // what the user's step reads; null if it does not run
  private @Nullable Thread step; // the thread of the user's step; null if it does not run
  private final List<Message> held = new ArrayList<>(0); // what has come in HELD, for the owner
  private long heldWeight; // the bytes and characters in "held"
  private @Nullable Runnable whenRoom; // lets the connection read on when "held" is handed over
  private final List<Message> aside = // what the step did not want; the step's until it returns
      new ArrayList<>(0);
  private final Deque<Flight> flights = new ArrayDeque<>(2); // in the order of sending
  private int airborne; // how many flights have not landed
  private boolean sent; // whether it was given any message of the owner's
  private final Set<Posted> unacknowledged = // written, and not acknowledged; in their order
      new LinkedHashSet<>(0);

  /** Begins to connect. */
  @SuppressWarnings("ThisEscape") // its methods are called from the loop's next task on
  SocketSession(LiveSocket live, Approach approach, WebSocketOptions webSocket) {
    this.live = live;
    this.approach = approach;
    this.connection = approach.open(this::told);
    this.socket =
        Core.get()
            .webSocket(
                connection,
                approach.request().target(),
                webSocket,
                approach.authorization(),
                live.ref,
                this);
  }

  Endpoint endpoint() {
    return approach.endpoint();
  }

  Machine machine() {
    return live.machine;
  }

  WebSocket socket() {
    return socket;
  }

  Connection connection() {
    return connection;
  }

  Upgraded upgraded() {
    return Objects.requireNonNull(upgraded);
  }

  // ---- the user's step, on a thread of its own

  /** Lets the step run, or goes on without one. */
  void open(@Nullable Mailbox arrivals) {
    if (arrivals == null) {
      phase = Phase.HELD;
    } else {
      opening = arrivals;
    }
  }

  void runs(Thread thread) {
    step = thread;
  }

  /** What the step reads. */
  Mailbox opening() {
    Mailbox arrivals = opening;
    if (arrivals == null) {
      throw new IllegalStateException("the opening step has returned");
    }
    return arrivals;
  }

  /** Keeps for the owner what the step does not want. */
  void putAside(Message message) {
    aside.add(message);
  }

  /** Throws the reason if this message ends the session. */
  void refuseEnded(Message message) {
    Reason reason = end(message);
    if (reason != null) {
      throw new FailedException(reason);
    }
  }

  void send(Frame... frames) {
    socket.send(frames);
  }

  /** The step has returned: what it left is the owner's. */
  void stepDone() {
    Mailbox arrivals = opening;
    if (phase == Phase.OPENING && arrivals != null) {
      opening = null;
      step = null;
      phase = Phase.HELD;
      aside.forEach(this::hold);
      Core.get().drain(arrivals).forEach(this::hold);
    }
  }

  // ---- what the life decides, on the loop

  /** Lets everything through, beginning with what is held; this may have ended meanwhile. */
  void carry() {
    if (phase != Phase.ENDED) {
      phase = Phase.CARRYING;
    }
    live.deliver(held.toArray(Message[]::new), held.size());
    held.clear();
    heldWeight = 0;
    Runnable action = whenRoom;
    if (action != null) {
      whenRoom = null;
      action.run();
    }
  }

  /** Ends the session at once. */
  void end() {
    phase = Phase.ENDED;
    if (refusal != null) {
      refusal.forget();
    }
    Thread running = step;
    if (running != null) {
      step = null;
      running.interrupt();
    }
    connection.close();
  }

  // ---- what arrives, on the loop

  @Override
  public void put(Message[] batch, int count) {
    int next = 0;
    while (next < count && phase != Phase.CARRYING) {
      arrived(batch[next++]);
    }
    if (next == count) {
      return;
    }
    Message[] rest = batch;
    if (next > 0) {
      rest = new Message[count - next];
      System.arraycopy(batch, next, rest, 0, rest.length);
    }
    carried(rest, count - next);
  }

  /** Nothing follows a message that ends the stream, so it is the last of a batch. */
  private void carried(Message[] batch, int count) {
    Reason reason = end(batch[count - 1]);
    int told = reason == null ? count : count - 1;
    if (told > 0 && isClose(batch[told - 1])) {
      told--; // the close frame is in the reason of the end
    }
    Reason threw = live.acknowledged(batch, told);
    threw = threw == null ? live.listen(batch, told) : threw;
    live.deliver(batch, told);
    if (reason != null) {
      lost(reason);
    } else if (threw != null) {
      lost(threw);
      connection.close();
    }
  }

  private static boolean isClose(Message message) {
    return message instanceof WebSocketFrame(var stream, var frame) && frame instanceof Close;
  }

  private void arrived(Message message) {
    if (isClose(message)) {
      return;
    }
    Reason reason = end(message);
    Reason threw = live.acknowledged(new Message[] {message}, 1);
    if (threw != null && phase != Phase.ENDED) {
      refused(threw);
    }
    switch (phase) {
      case CONNECTING -> {
        if (message instanceof Upgraded accepted) {
          upgraded = accepted;
          phase = Phase.OPENING;
          live.turn(() -> live.life.connected(this, live.now()));
        } else if (refusal != null) {
          refusal.received(message);
        } else if (message instanceof Response answer) {
          live.turn(() -> refused(answer));
        } else if (reason != null && !(reason instanceof Reason.Unprocessed)) {
          lost(reason); // otherwise the end of the connection, which follows, tells why
        }
      }
      case OPENING -> {
        Mailbox arrivals = opening;
        if (arrivals != null) {
          arrivals.receive(message); // its end too, for a step that waits
        } else if (reason == null) {
          hold(message);
        }
        if (reason != null) {
          lost(reason);
        }
      }
      case HELD -> {
        if (reason == null) {
          hold(message);
        } else {
          lost(reason);
        }
      }
      case CARRYING, ENDED -> {}
    }
  }

  private void hold(Message message) {
    held.add(message);
    heldWeight += Weight.of(message);
  }

  private void refused(Response answer) {
    try {
      if (!live.goesOn(this, approach, answer)) {
        refusal = new Refusal(live, answer, this::refused);
      }
    } catch (FailedException e) {
      refused(e.reason());
    }
  }

  private void refused(Reason reason) {
    lost(reason);
    connection.close();
  }

  private static @Nullable Reason end(Message message) {
    if (message instanceof StreamFailed(var stream, var reason)) {
      return reason;
    }
    return message instanceof WebSocketClosed(var stream, var handshake) ? handshake : null;
  }

  private void lost(Reason reason) {
    phase = Phase.ENDED;
    Thread running = step;
    if (running != null) {
      step = null;
      running.interrupt();
    }
    live.turn(() -> live.lost(this, reason));
  }

  /** What the connection tells its owner. Of the rest the stream's own messages say more. */
  private void told(Message message) {
    if (message instanceof Terminated(var ref, var reason)) {
      if (refusal != null) {
        refusal.complete();
      }
      if (phase != Phase.ENDED) {
        lost(Actor.lastFailure(reason));
      }
      live.terminated(this);
    } else if (message instanceof Notice(var ref, var detail) && phase == Phase.CARRYING) {
      live.tell(new Notice(live.ref, detail));
    }
  }

  @Override
  public boolean sleeps() {
    return switch (phase) {
      case OPENING -> opening != null && Core.get().inbox(opening, live.machine).sleeps();
      case CARRYING -> live.owner.sleeps();
      case CONNECTING, HELD, ENDED -> false;
    };
  }

  @Override
  public void wake() {
    Mailbox arrivals = opening;
    if (arrivals != null) {
      Core.get().inbox(arrivals, live.machine).wake();
    }
    live.owner.wake();
  }

  @Override
  public boolean full() {
    return switch (phase) {
      case OPENING -> opening != null && Core.get().inbox(opening, live.machine).full();
      case HELD -> held.size() >= HOLDS || heldWeight >= HOLDS_WEIGHT;
      case CARRYING -> live.owner.full();
      case CONNECTING, ENDED -> false;
    };
  }

  @Override
  public void whenRoom(Runnable action) {
    switch (phase) {
      case OPENING -> {
        if (opening == null) {
          action.run();
        } else {
          Core.get().inbox(opening, live.machine).whenRoom(action);
        }
      }
      case HELD -> whenRoom = action;
      case CARRYING -> live.whenRoom(action);
      case CONNECTING, ENDED -> action.run();
    }
  }

  // ---- what is sent, on the loop

  /** Sends what the gate has let in. */
  void send(Posted posted) {
    Flight flight = new Flight(posted);
    sent = true;
    flights.add(flight);
    airborne++;
    Command.Send send =
        new Command.Send(
            Core.get().stream(socket), posted.frame, posted.payload.duplicate(), flight);
    if (!Core.get().door(connection).post(send)) {
      Core.get().gate(socket).left(send.bytes());
      flight.refused(Core.get().door(connection).terminated("send").reason());
    }
  }

  private void land() {
    airborne--;
    while (!flights.isEmpty() && flights.element().landed && isWritten(flights.element())) {
      Posted written = flights.remove().posted;
      if (written.isAwaited()) {
        unacknowledged.add(written);
      }
    }
    if (airborne == 0) {
      live.landed(this);
    }
  }

  private static boolean isWritten(Flight flight) {
    return flight.unwritten == null && flight.unknown == null;
  }

  /** The server has this message, which may be one of this session. */
  void acknowledged(Posted posted) {
    unacknowledged.remove(posted);
  }

  /** Whether the end of everything that was given to it is known. */
  boolean hasLanded() {
    return airborne == 0;
  }

  /** Whether anything was given to it. */
  boolean hasSent() {
    return sent;
  }

  boolean hasEnded() {
    return phase == Phase.ENDED;
  }

  /**
   * Adds the messages that this session was given and the next one must send; called when all have
   * landed. A written message is among them only if the server has yet to acknowledge it.
   */
  void settle(boolean replay, List<Posted> again) {
    unacknowledged.forEach(posted -> sendAgain(posted, again));
    unacknowledged.clear();
    for (Flight flight : flights) {
      Posted posted = flight.posted;
      Reason unknown = flight.unknown;
      if (flight.unwritten != null) {
        again.add(posted);
      } else if (posted.isAwaited() || replay && unknown != null) {
        sendAgain(posted, again);
      } else if (unknown != null && posted.identity == null) {
        live.unknown(posted, unknown);
      }
    }
    flights.clear();
  }

  private static void sendAgain(Posted posted, List<Posted> again) {
    posted.doubtful = true;
    again.add(posted);
  }
}
