package dev.lariat.live;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.entrance.Core;
import dev.lariat.internal.entrance.Weight;
import dev.lariat.internal.protocol.Command;
import dev.lariat.internal.protocol.Fate;
import dev.lariat.internal.protocol.Gate;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.protocol.SparseQueue;
import dev.lariat.internal.protocol.Stream;
import dev.lariat.internal.transport.Machine;
import dev.lariat.live.LiveOutbox.Posted;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Response;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Upgraded;
import dev.lariat.message.WebSocketClosed;
import dev.lariat.message.WebSocketFrame;
import dev.lariat.option.Keepalive;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One session of a live WebSocket. In OPENING what arrives goes into a mailbox that the user's step
 * reads.
 *
 * <p>Each message that is sent is a <b>flight</b>. It has <b>landed</b> when its end is known: it
 * was written, it was not, or nobody can know. Flights that were written leave the queue at its
 * front, in order. When all have landed, {@link #settle} says which of the rest the next session
 * must send.
 */
final class SocketSession extends LiveSession<SocketSession, Message> {
  // While the session before is drained, a busy server answers on this one. With more than this
  // held the session counts as full and is not read, so that a rotation takes little memory.
  private static final int HOLDS = 1 << 16; // messages
  private static final long HOLDS_WEIGHT = 16L << 20; // bytes and characters in the messages

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
  private boolean crosses; // whether its connection is on another loop
  private @Nullable WebSocket socket; // null before it is asked for
  private @Nullable Mailbox opening; // what the user's step reads; null if it does not run
  private @Nullable Thread step; // the thread of the user's step; null if it does not run
  private @Nullable Reason lost; // why the stream has ended while the step runs; null if not
  private long heldWeight; // the bytes and characters in what is held
  private List<Message> aside = List.of(); // what the step did not want, until it returns
  private final SparseQueue<Flight> flights = new SparseQueue<>(); // in the order of sending
  private int airborne; // how many flights have not landed
  private boolean sent; // whether it was given any message of the owner's
  private Set<Posted> unacknowledged = Set.of(); // written, and not acknowledged; in their order

  SocketSession(LiveSocket live, Approach approach) {
    super(live, approach);
    this.live = live;
  }

  @Override
  void ask(Connection connection, Approach approach, Inbox inbox) {
    crosses = inbox != this;
    socket =
        Core.get()
            .webSocket(
                connection,
                approach.request().target(),
                live.webSocket(approach),
                approach.authorization(),
                live.ref,
                inbox);
  }

  @Override
  SocketSession self() {
    return this;
  }

  Machine machine() {
    return live.machine;
  }

  @Override
  Stream stream() {
    return Core.get().stream(socket());
  }

  /** Its WebSocket, once it has asked for that. */
  WebSocket socket() {
    return Objects.requireNonNull(socket);
  }

  /** Changes how a dead peer is detected, if it has asked for its stream. */
  void keepalive(Keepalive keepalive) {
    if (socket != null) {
      tell(new Command.SetKeepalive(stream(), keepalive));
    }
  }

  /** Changes how long the socket may take nothing. */
  void writeTimeout(Duration limit) {
    tell(new Command.SetWriteTimeout(limit));
  }

  /** Tells the connection, which may have ended meanwhile: that is told otherwise. */
  private void tell(Command command) {
    Core.get().door(connection()).post(command);
  }

  /** Ends the session with this close frame, after everything that was sent. */
  void goodbye(Close goodbye) {
    tell(new Command.Send(stream(), goodbye, Payload.of(goodbye), Fate.IGNORED, Gate.NONE));
  }

  // ---- the user's step, on a thread of its own

  /** Lets the step run, or goes on without one. */
  void open(@Nullable Mailbox arrivals) {
    if (arrivals == null) {
      beginToHold();
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
    if (aside.isEmpty()) {
      aside = new ArrayList<>();
    }
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
    socket().send(frames);
  }

  /** The step has returned: what it left is the owner's. */
  void stepDone() {
    step = null;
    Mailbox arrivals = opening;
    if (phase() == Phase.OPENING && arrivals != null) {
      opening = null;
      beginToHold();
      aside.forEach(this::keep);
      aside = List.of();
      for (Message message : Core.get().drain(arrivals)) {
        if (end(message) == null) {
          keep(message);
        }
      }
    }
  }

  /** The step has thrown: it leaves nothing. */
  void stepFailed() {
    step = null;
  }

  /** Whether the stream has ended while the step ran; then this ends, too. */
  boolean endsWithItsStream() {
    Reason reason = lost;
    if (reason != null) {
      lost(reason);
    }
    return reason != null;
  }

  /**
   * What the server said before the end is lost if the step, which has perhaps sent all, is cut.
   */
  @Override
  boolean outlives(Reason reason) {
    Thread running = step;
    if (phase() != Phase.OPENING || running == null) {
      return false;
    }
    if (lost == null) {
      lost = reason;
      running.interrupt();
    }
    return true;
  }

  // ---- what the life decides, on the loop

  @Override
  void handOver(List<Message> first) {
    live.deliver(first.toArray(Message[]::new), first.size());
    heldWeight = 0;
  }

  @Override
  void ceased() {
    Thread running = step;
    if (running != null) {
      step = null;
      running.interrupt();
    }
  }

  // ---- what arrives, on the loop

  @Override
  public void put(Message[] batch, int count) {
    boolean last = end(batch[count - 1]) != null;
    take(batch, count);
    if (last) {
      streamEnded();
    }
  }

  private void take(Message[] batch, int count) {
    int next = 0;
    while (next < count && phase() != Phase.CARRYING) {
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
    Reason threw = live.arrivals().apply(batch, told, true);
    live.deliver(batch, told);
    if (reason != null) {
      lost(reason);
    } else if (threw != null) {
      fail(threw);
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
    Reason threw = live.arrivals().apply(new Message[] {message}, 1, false);
    if (threw != null) {
      fail(threw);
    }
    switch (phase()) {
      case CONNECTING -> {
        if (message instanceof Upgraded accepted) {
          accepted(new Acceptance(accepted.headers(), accepted.subprotocol()), Phase.OPENING);
        } else if (isOfRefusal(message)) {
          return;
        } else if (message instanceof Response answer) {
          refused(answer);
        } else if (reason instanceof Reason.NotOffered) {
          notOffered(reason);
        } else if (reason != null && beginsAnew(reason)) {
          return;
        } else if (reason instanceof Reason.Unprocessed its) {
          notProcessed(its);
        } else if (reason != null) {
          lost(reason);
        }
      }
      case OPENING -> {
        Mailbox arrivals = opening;
        if (arrivals != null) {
          arrivals.receive(message); // its end too, for a step that waits
        } else if (reason == null) {
          keep(message);
        }
        if (reason != null) {
          lost(reason);
        }
      }
      case HELD -> {
        if (reason == null) {
          keep(message);
        } else {
          lost(reason);
        }
      }
      case CARRYING, ENDED -> {}
    }
  }

  private void keep(Message message) {
    hold(message);
    heldWeight += Weight.of(message);
  }

  private static @Nullable Reason end(Message message) {
    if (message instanceof StreamFailed(var stream, var reason)) {
      return reason;
    }
    return message instanceof WebSocketClosed(var stream, var handshake) ? handshake : null;
  }

  @Override
  public boolean sleeps() {
    return switch (phase()) {
      case OPENING -> opening != null && Core.get().inbox(opening, live.machine).sleeps();
      case CARRYING -> live.inbox.sleeps();
      case CONNECTING, HELD, ENDED -> false;
    };
  }

  @Override
  public void wake() {
    Mailbox arrivals = opening;
    if (arrivals != null) {
      Core.get().inbox(arrivals, live.machine).wake();
    }
    live.inbox.wake();
  }

  @Override
  boolean holdsMuch() {
    return held() >= HOLDS || heldWeight >= HOLDS_WEIGHT;
  }

  @Override
  public boolean full() {
    return phase() == Phase.OPENING && opening != null
        ? Core.get().inbox(opening, live.machine).full()
        : super.full();
  }

  @Override
  public void whenRoom(Runnable action) {
    if (phase() == Phase.OPENING && opening != null) {
      Core.get().inbox(opening, live.machine).whenRoom(action);
    } else {
      super.whenRoom(action);
    }
  }

  // ---- what is sent, on the loop

  /** Sends what the gate has let in. */
  void send(Posted posted) {
    Flight flight = new Flight(posted);
    sent = true;
    flights.add(flight);
    airborne++;
    Fate its = crosses ? Crossing.fate(live.loop, flight) : flight;
    Command.Send send = new Command.Send(stream(), posted.frame, posted.payload.duplicate(), its);
    if (!Core.get().door(connection()).post(send)) {
      Core.get().gate(socket()).left(send.bytes());
      flight.refused(Core.get().door(connection()).terminated("send").reason());
    }
  }

  private void land() {
    airborne--;
    Flight next = flights.peek();
    while (next != null && next.landed && isWritten(next)) {
      if (next.posted.isAwaited()) {
        if (unacknowledged.isEmpty()) {
          unacknowledged = new LinkedHashSet<>();
        }
        unacknowledged.add(next.posted);
      }
      flights.remove();
      next = flights.peek();
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
    if (!unacknowledged.isEmpty()) {
      unacknowledged.remove(posted);
    }
  }

  /** Whether the end of everything that was given to it is known. */
  boolean hasLanded() {
    return airborne == 0;
  }

  /** Whether anything was given to it. */
  boolean hasSent() {
    return sent;
  }

  /**
   * Adds the messages that this session was given and the next one must send; called when all have
   * landed. A written message is among them only if the server has yet to acknowledge it.
   */
  void settle(boolean replay, List<Posted> again) {
    unacknowledged.forEach(posted -> sendAgain(posted, again));
    unacknowledged = Set.of();
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
