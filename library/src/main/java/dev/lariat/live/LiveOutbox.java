package dev.lariat.live;

import dev.lariat.FailedException;
import dev.lariat.internal.codec.FrameEncoder;
import dev.lariat.internal.codec.Payload;
import dev.lariat.internal.entrance.SendGate;
import dev.lariat.internal.entrance.WaitingLine;
import dev.lariat.internal.protocol.SparseQueue;
import dev.lariat.internal.transport.Machine;
import dev.lariat.message.Frame;
import dev.lariat.message.Reason;
import dev.lariat.message.Reason.Bound;
import dev.lariat.option.Outbox;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What was sent on a live WebSocket and has not been given to a session: many senders, one {@link
 * Taker}.
 *
 * <p>A message is in one of these places:
 *
 * <ul>
 *   <li><b>the line</b>: there is no room, and its sender is blocked;
 *   <li><b>letIn</b>: the gate of the session has counted it, and the loop is about to take it. It
 *       takes no room here, and goes before all that wait;
 *   <li><b>waiting</b>: no session carries traffic, or its gate has no room. It takes room by the
 *       rules of the {@link Outbox}: how many messages, how many bytes, what is dropped;
 *   <li><b>given</b>: it was given to a session, and the server has yet to acknowledge it. It keeps
 *       its room until then. Other messages leave the outbox when they are taken.
 * </ul>
 *
 * <p>One lock guards all of it. The taker is called when the lock is free, so the user's code that
 * it calls may send again. The gate is asked under the lock; that is safe, since {@code tryEnter}
 * takes no lock.
 */
final class LiveOutbox {

  /** Takes the messages, on one loop. It is called on any thread. */
  interface Taker {

    /** Calls {@link #take} soon. */
    void wake();

    /** This message is dropped, and why. */
    void dropped(Posted posted, Reason reason);

    /** What keeps the messages, if that is known. */
    Optional<Reason> whyNotSent();
  }

  /** One message that was sent. */
  static final class Posted {
    final Frame frame;
    final ByteBuffer payload;
    final @Nullable Delivery delivery;
    final @Nullable Object identity; // what the server acknowledges it by; null if it does not
    private final @Nullable Object key; // what it is about; null if it is not conflated
    private @Nullable Posted newer; // the message of the same key that took its place
    boolean acknowledged; // whether the server has acknowledged it; only the loop touches it
    boolean doubtful; // whether it may have arrived unnoticed; only the loop touches it

    private Posted(
        Frame frame, @Nullable Object key, @Nullable Object identity, @Nullable Delivery delivery) {
      this.frame = frame;
      this.payload = Payload.of(frame);
      this.key = key;
      this.identity = identity;
      this.delivery = delivery;
    }

    /** Whether the server has yet to acknowledge it. */
    boolean isAwaited() {
      return identity != null && !acknowledged;
    }

    /** How many bytes it counts for, here and at a gate. */
    long bytes() {
      return FrameEncoder.size(payload.remaining());
    }

    private Posted newest() {
      Posted newest = this;
      while (newest.newer != null) {
        newest = newest.newer;
      }
      return newest;
    }
  }

  private static final Reason ENDED = new Reason.BadState("send", "the live connection has ended");

  private final Outbox options;
  private final Machine machine;
  private final Taker taker;
  private final Lock lock = new ReentrantLock();

  // Under the lock.
  private final SparseQueue<Posted> letIn =
      new SparseQueue<>(); // counted by the gate, not yet taken
  private final SparseQueue<Posted> waiting = new SparseQueue<>(); // what takes room here
  private final Map<Object, Posted> keyed; // the newest message of each key
  private long waitingBytes; // the bytes of "waiting"
  private final Unacknowledged given = new Unacknowledged(); // keeps room until acknowledged
  private @Nullable SendGate gate; // the gate of the session that sends; null without one
  private boolean woken; // whether the loop was woken, and has not found the outbox empty since
  private boolean closed; // whether senders are refused
  private boolean ended; // whether what a session gives back is dropped, too
  private final WaitingLine<Posted> line; // senders that are blocked

  /** An empty outbox. */
  LiveOutbox(Outbox options, Machine machine, Taker taker) {
    this.options = options;
    this.machine = machine;
    this.taker = taker;
    this.keyed = options.key().isPresent() ? new HashMap<>(0) : Map.of();
    this.line = new WaitingLine<>(lock, machine);
  }

  // ---- the senders' side

  /** Sends a message, by the rule for when there is no room. */
  void send(Frame frame, @Nullable Delivery delivery) {
    boolean blocks = options.overflow() == Outbox.Overflow.BLOCK;
    Offered offered = offer(posted(frame, delivery), blocks && !machine.isLoop());
    if (offered.full == null) {
      return;
    }
    if (!blocks) {
      throw new FailedException(offered.full);
    }
    if (offered.place == null) {
      machine.refuseToBlock("send", "use trySend");
    } else {
      await(offered.place);
    }
  }

  private void await(WaitingLine.Place<Posted> place) {
    try {
      line.await(place, options.sendTimeout(), taker::whyNotSent);
    } catch (FailedException e) {
      moveOn(); // there may be room for the next in line
      throw e;
    }
  }

  /** Sends a message if that is possible without blocking. */
  boolean trySend(Frame frame) {
    return offer(posted(frame, null), false).full == null;
  }

  private Posted posted(Frame frame, @Nullable Delivery delivery) {
    Object key = options.key().map(about -> about.apply(frame)).orElse(null);
    Object identity = options.acknowledgement().map(rule -> rule.sent().apply(frame)).orElse(null);
    return new Posted(frame, key, identity, delivery);
  }

  private Reason full() {
    return messages() >= options.messages()
        ? new Reason.Limit(Bound.OUTBOX, options.messages())
        : new Reason.Limit(Bound.OUTBOX_BYTES, options.bytes());
  }

  /** How many messages take room. */
  private int messages() {
    return waiting.size() + given.messages();
  }

  private long bytes() {
    return waitingBytes + given.bytes();
  }

  /**
   * What came of an offer.
   *
   * @param full why the message was neither taken nor dropped, if so
   * @param place where its sender waits, if it is to
   */
  private record Offered(@Nullable Reason full, WaitingLine.@Nullable Place<Posted> place) {
    static final Offered DONE = new Offered(null, null);
  }

  /** Takes the message in, or drops it or others for it; or does neither, and says why. */
  private Offered offer(Posted posted, boolean waits) {
    List<Dropped> dropped = new ArrayList<>(0);
    Offered offered = Offered.DONE;
    boolean wakes;
    lock.lock();
    try {
      if (closed) {
        throw new FailedException(ENDED);
      }
      if (!line.isEmpty() || !accept(posted, dropped)) {
        offered = new Offered(full(), waits ? line.join(posted) : null);
      }
      wakes = offered.full == null && mustWake();
    } finally {
      lock.unlock();
    }
    tell(dropped);
    if (wakes) {
      taker.wake();
    }
    return offered;
  }

  /** Whether the taker must be woken for what has come; it is from then on. Under the lock. */
  private boolean mustWake() {
    boolean wakes = gate != null && !woken;
    woken |= wakes;
    return wakes;
  }

  /** A message that is to be dropped when the lock is free. */
  private record Dropped(Posted posted, Reason reason) {}

  private void tell(List<Dropped> dropped) {
    for (Dropped each : dropped) {
      taker.dropped(each.posted, each.reason);
    }
  }

  /** Takes the message in, or drops it or others for it; false if the rules allow neither. */
  private boolean accept(Posted posted, List<Dropped> dropped) {
    Posted older = posted.key == null ? null : keyed.get(posted.key);
    boolean mayPass = posted.identity == null || hasRoom(posted);
    if (waiting.isEmpty() && mayPass && gate != null && gate.tryEnter(posted.bytes())) {
      letIn.add(posted);
      given.gave(posted);
    } else if (older != null) {
      supersede(older, posted);
      dropped.add(new Dropped(older, new Reason.Superseded()));
    } else {
      return enqueue(posted, dropped);
    }
    return true;
  }

  /** Lets senders that wait go on, once half of what may wait has gone. */
  private void moveOn() {
    List<Dropped> dropped = new ArrayList<>(0);
    lock.lock();
    try {
      moveOn(dropped);
    } finally {
      lock.unlock();
    }
    tell(dropped);
  }

  private void moveOn(List<Dropped> dropped) {
    if (messages() <= options.messages() / 2 && bytes() <= options.bytes() / 2) {
      line.admit(posted -> accept(posted, dropped));
    }
  }

  private boolean hasRoom(Posted posted) {
    return messages() < options.messages()
        && (messages() == 0 || bytes() + posted.bytes() <= options.bytes());
  }

  private boolean enqueue(Posted posted, List<Dropped> dropped) {
    Reason full = full();
    boolean makesRoom =
        switch (options.overflow()) {
          case DROP_OLDEST, CONFLATE -> true;
          case BLOCK, FAIL, DROP_NEWEST -> false;
        };
    while (makesRoom && !hasRoom(posted) && !waiting.isEmpty()) {
      dropped.add(new Dropped(removeFirst(), full));
    }
    if (hasRoom(posted)) {
      addLast(posted);
      return true;
    }
    boolean drops = makesRoom || options.overflow() == Outbox.Overflow.DROP_NEWEST;
    if (drops) {
      dropped.add(new Dropped(posted, full));
    }
    return drops;
  }

  private void addLast(Posted posted) {
    waiting.add(posted);
    count(posted);
  }

  private void addFirst(Posted posted) {
    waiting.addFirst(posted);
    count(posted);
  }

  private void count(Posted posted) {
    waitingBytes += posted.bytes();
    if (posted.key != null) {
      keyed.put(posted.key, posted);
    }
  }

  private void supersede(Posted older, Posted posted) {
    older.newer = posted;
    waitingBytes += posted.bytes() - older.bytes();
    keyed.replace(posted.key, posted);
  }

  private Posted removeFirst() {
    Posted first = waiting.remove().newest();
    waitingBytes -= first.bytes();
    if (first.key != null) {
      keyed.remove(first.key, first);
    }
    return first;
  }

  // ---- the loop's side

  /** Lets messages in through this gate from now on. */
  void attach(SendGate open) {
    lock.lock();
    try {
      gate = open;
      woken = true; // the loop takes what there is after this call
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next message, which the gate has let in; null if it lets none in for now. Senders that wait
   * for room get what this makes.
   */
  @Nullable Posted take() {
    Posted next;
    List<Dropped> dropped = new ArrayList<>(0);
    lock.lock();
    try {
      next = letIn.poll();
      Posted first = next == null ? waiting.peek() : null;
      if (first != null && gate != null && gate.tryEnter(first.newest().bytes())) {
        next = removeFirst();
        given.gave(next);
      }
      if (!line.isEmpty()) {
        moveOn(dropped);
        next = next == null ? letIn.poll() : next;
      }
      woken = next != null;
    } finally {
      lock.unlock();
    }
    tell(dropped);
    return next;
  }

  /** Whether something waits for the gate, and not for room that an acknowledgement makes. */
  boolean awaitsGate() {
    lock.lock();
    try {
      boolean senders = !line.isEmpty() && given.messages() == 0;
      return !letIn.isEmpty() || !waiting.isEmpty() || senders;
    } finally {
      lock.unlock();
    }
  }

  /** Whether all was sent, and acknowledged if it is to be. */
  boolean isEmpty() {
    lock.lock();
    try {
      return letIn.isEmpty() && line.isEmpty() && messages() == 0;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The server has the oldest message of this identity: it takes no room any more, and is not sent
   * again.
   *
   * @return the message; null if none was given to a session
   */
  @Nullable Posted acknowledge(Object identity) {
    Posted posted;
    List<Dropped> dropped = new ArrayList<>(0);
    boolean wakes;
    lock.lock();
    try {
      posted = given.acknowledge(identity);
      if (posted != null && waiting.remove(posted)) {
        waitingBytes -= posted.bytes();
      }
      moveOn(dropped);
      wakes = (!letIn.isEmpty() || !waiting.isEmpty() || closed) && mustWake();
    } finally {
      lock.unlock();
    }
    tell(dropped);
    if (wakes) {
      taker.wake();
    }
    return posted;
  }

  /** No session carries traffic: what the gate had let in waits for the next one. */
  void detach() {
    List<Posted> back;
    lock.lock();
    try {
      gate = null;
      back = List.copyOf(letIn);
      letIn.clear();
    } finally {
      lock.unlock();
    }
    putBack(back);
  }

  /**
   * Takes messages back that were taken and are to be sent by the next session. They wait before
   * all others, even if there is no room. If the outbox may hold nothing, or has ended, they are
   * dropped.
   */
  void putBack(List<Posted> unsent) {
    List<Posted> superseded = new ArrayList<>(0);
    boolean keeps;
    lock.lock();
    try {
      keeps = options.messages() > 0 && !ended;
      for (int i = unsent.size() - 1; i >= 0 && keeps; i--) {
        Posted posted = unsent.get(i);
        given.tookBack(posted);
        if (posted.key != null && keyed.containsKey(posted.key)) {
          superseded.add(posted); // a message of the same key was sent meanwhile
        } else {
          addFirst(posted);
        }
      }
    } finally {
      lock.unlock();
    }
    superseded.forEach(posted -> taker.dropped(posted, new Reason.Superseded()));
    if (!keeps) {
      unsent.forEach(posted -> taker.dropped(posted, new Reason.Limit(Bound.OUTBOX, 0)));
    }
  }

  /** Refuses senders from now on; what waits is still sent. */
  void close() {
    lock.lock();
    try {
      closed = true;
      line.refuse(ENDED);
    } finally {
      lock.unlock();
    }
  }

  /** Refuses senders from now on, and drops what waits. */
  void end(Reason reason) {
    close();
    List<Posted> all = new ArrayList<>();
    lock.lock();
    try {
      ended = true;
      gate = null;
      given.clear();
      all.addAll(letIn);
      letIn.clear();
      while (!waiting.isEmpty()) {
        all.add(removeFirst());
      }
    } finally {
      lock.unlock();
    }
    all.forEach(posted -> taker.dropped(posted, reason));
  }
}
