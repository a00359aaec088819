package dev.lariat;

import dev.lariat.internal.entrance.Await;
import dev.lariat.internal.entrance.Incoming;
import dev.lariat.internal.entrance.Taken;
import dev.lariat.internal.entrance.Wait;
import dev.lariat.internal.entrance.WeakSet;
import dev.lariat.internal.entrance.Weight;
import dev.lariat.internal.protocol.Inbox;
import dev.lariat.internal.transport.Machine;
import dev.lariat.internal.transport.ThisMachine;
import dev.lariat.message.ConnectionRef;
import dev.lariat.message.Message;
import dev.lariat.message.Receiver;
import dev.lariat.message.StreamRef;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A bounded queue of messages. Many connections write to it, and one thread reads it, preferably a
 * virtual thread that blocks.
 *
 * {@snippet file="dev/lariat/examples/JavadocTest.java" region="messages"}
 *
 * <p>You read the messages of one connection in the order in which it delivered them, unless {@link
 * #await} or {@link #flush} skip some.
 *
 * <p><b>When it is full</b> of messages or of bytes, no message is lost. Every connection that
 * writes to the mailbox stops reading from its server until the mailbox is half empty; an HTTP/2
 * connection stops only the streams whose messages go to it. Data that was read before still
 * arrives, so a mailbox can hold somewhat more than its capacity. While a reader waits in {@code
 * await} for a message that is not there, the connections continue to read, because the reader
 * would wait forever otherwise.
 *
 * <p>The messages of a connection itself ({@code Up}, {@code Down}, {@code Retrying}, {@code
 * Notice}) do not count toward the capacity. If you do not read them, the mailbox keeps only the
 * latest 10,000. So a connection that reconnects again and again does not fill a mailbox whose
 * owner reads only responses. Its {@code Terminated} and the messages of streams are never dropped.
 *
 * <p>One thread at a time can read. If another thread reads at the same time, it fails at once with
 * an {@link IllegalStateException} that names the first one. You can call {@link #close}, {@link
 * #size} and {@link #receive} from any thread.
 */
public final class Mailbox implements Receiver, AutoCloseable {
  /*
   * How it works. The writers append to "incoming", under the lock. The reader removes from "taken",
   * without the lock: only the thread that is in "reading" touches it. When "taken" holds nothing for
   * it, the reader takes the lock and takes over what is incoming (refill). So one lock serves a whole
   * batch, and taking a message mostly costs no lock at all.
   *
   * Three counters go from the reader to the writers without the lock; "Taken" has them. The writers
   * may see old values when they ask how much is held. So a connection stops reading a little too
   * early, or one message too late. Nothing else follows, since being full drops nothing.
   *
   * No wake-up for room is lost. A writer that finds the mailbox full adds its action to "whenRoom"
   * and sets "roomWanted", under the lock. The reader looks at "roomWanted" after each removal, and
   * may just miss it. It then sees it at the next removal; and before it waits, refill() looks at
   * "whenRoom" under the lock. So no reader sleeps while a connection waits for room that is there.
   *
   * No wake-up for messages is lost. The reader writes "waiter" under the lock, when it has seen
   * under the same lock that nothing is incoming. Writers put under that lock, and wake the waiter
   * that they find after it.
   *
   * "reading" keeps a second reader out. It is taken with compare-and-set and given back with
   * release, so the next reader, on another thread, sees "taken" as the one before left it.
   */
  private static final int CAPACITY = 1 << 16; // messages, by default
  private static final long BYTES = 64 << 20; // bytes in the messages, by default
  private static final int STATES = 10_000; // states of connections that are kept if nobody reads
  private static final VarHandle READER;

  static {
    try {
      READER = MethodHandles.lookup().findVarHandle(Mailbox.class, "reading", Thread.class);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the field stands in this class", e);
    }
  }

  private final int capacity; // how many messages make it full
  private final long bytes; // how many bytes in its messages make it full
  private final Inbox inbox = new Writers();
  private final Lock lock = new ReentrantLock();
  private volatile Machine machine = ThisMachine.THIS; // gives the time and parks the reader
  private boolean used; // whether connections of "machine" put messages; under the lock

  // Under the lock: the writers' side.
  private final Incoming incoming = new Incoming(); // what the reader has not taken over
  private volatile @Nullable Thread waiter; // the reader that waits; written under the lock
  private boolean selective; // whether the waiter waits for a message of one stream
  private boolean closed; // whether the owner has closed it
  private List<Runnable> whenRoom = List.of(); // let connections read on; a constant without any
  private Map<Object, Runnable> owned = Map.of(); // connections, each with what shuts it down
  private final Set<StreamRef> givenUp = // streams of whose messages in "taken" only the end counts
      new WeakSet<>();

  private volatile boolean roomWanted; // whether "whenRoom" has any; written under the lock

  private volatile @Nullable Thread reading; // the thread that is in a reading method
  private volatile boolean anyStale; // whether "taken" may hold messages that nobody wants

  private final Taken taken = new Taken(); // only the thread in "reading" changes it

  private Mailbox(int capacity, long bytes) {
    this.capacity = capacity;
    this.bytes = bytes;
  }

  /** {@return a mailbox for 65,536 messages or 64 MiB, whichever is reached first} */
  public static Mailbox create() {
    return bounded(CAPACITY);
  }

  /**
   * {@return a mailbox that is full with this many messages, or with 64 MiB}
   *
   * @param capacity 1 to 2^30
   * @throws IllegalArgumentException if the capacity is out of range
   */
  public static Mailbox bounded(int capacity) {
    return bounded(capacity, BYTES);
  }

  /**
   * {@return a mailbox that is full with this many messages, or with this many bytes} It counts the
   * bytes of what a server can send endlessly: bodies, text and binary frames, the data of events,
   * and the headers of informational responses. Each character of text counts as one byte. Values
   * that your handlers make count as messages only.
   *
   * @param capacity 1 to 2^30
   * @param bytes 1 to 2^50
   * @throws IllegalArgumentException if one is out of range
   */
  public static Mailbox bounded(int capacity, long bytes) {
    if (capacity < 1 || capacity > 1 << 30) {
      throw new IllegalArgumentException(
          "mailbox.capacity: " + capacity + ", allowed 1 to " + (1 << 30));
    }
    if (bytes < 1 || bytes > 1L << 50) {
      throw new IllegalArgumentException(
          "mailbox.bytes: " + bytes + ", allowed 1 to " + (1L << 50));
    }
    return new Mailbox(capacity, bytes);
  }

  /** {@return a mailbox that is never full} It grows without limit if its reader is too slow. */
  public static Mailbox unbounded() {
    return new Mailbox(Integer.MAX_VALUE, Long.MAX_VALUE);
  }

  /**
   * Takes the next message. Blocks until there is one.
   *
   * @return the message
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException if the mailbox is closed, while another thread reads it, or on an
   *     event loop of Lariat's
   */
  public Message take() throws InterruptedException {
    enter();
    try {
      while (taken.isEmpty()) {
        if (!refill(new Wait(Long.MAX_VALUE), false)) {
          throw new IllegalStateException("the wait has no end");
        }
      }
      return next();
    } finally {
      leave();
    }
  }

  /**
   * Takes the next message. Blocks until there is one, for at most this long.
   *
   * @param timeout the longest time to wait
   * @return the message, or null if the wait times out; a timeout of zero or less takes only a
   *     message that has already arrived
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException if the mailbox is closed, while another thread reads it, or on an
   *     event loop of Lariat's
   */
  public @Nullable Message take(Duration timeout) throws InterruptedException {
    enter();
    try {
      if (taken.isEmpty() && !refill(new Wait(Await.nanos(timeout)), false)) {
        return null;
      }
      return next();
    } finally {
      leave();
    }
  }

  /**
   * Takes the next message of this stream and leaves all others in the mailbox. Blocks until there
   * is one, for at most this long. Every stream ends with a message, so a lost connection ends the
   * wait.
   *
   * @param stream the stream
   * @param timeout the longest time to wait
   * @return the message, or null if the wait times out
   * @throws InterruptedException if the thread is interrupted while it waits
   * @throws IllegalStateException if the mailbox is closed, while another thread reads it, or on an
   *     event loop of Lariat's
   */
  public Message.@Nullable OfStream await(StreamRef stream, Duration timeout)
      throws InterruptedException {
    return await(stream, new Wait(Await.nanos(timeout)));
  }

  /** Takes the next message of this stream; null if the wait is over first. */
  Message.@Nullable OfStream await(StreamRef stream, Wait wait) throws InterruptedException {
    enter();
    try {
      return find(stream, wait);
    } finally {
      leave();
    }
  }

  private Message.@Nullable OfStream find(StreamRef stream, Wait wait) throws InterruptedException {
    int searched = 0;
    while (true) {
      Message.OfStream message = taken.next(stream, searched);
      if (message != null) {
        removed();
        return message;
      }
      searched = taken.left();
      if (!refill(wait, true)) {
        return null;
      }
    }
  }

  /**
   * Drops the messages of this stream that are in the mailbox now.
   *
   * @return how many they were
   * @param stream the stream
   * @throws IllegalStateException while another thread reads the mailbox
   */
  public int flush(StreamRef stream) {
    return dropEntered(
        message -> message instanceof Message.OfStream ofStream && ofStream.stream() == stream);
  }

  /**
   * Drops the messages of this connection and of its streams that are in the mailbox now.
   *
   * @return how many they were
   * @param connection the connection whose messages are removed
   * @throws IllegalStateException while another thread reads the mailbox
   */
  public int flush(ConnectionRef connection) {
    return dropEntered(message -> message.connection() == connection);
  }

  /**
   * Drops all messages that are in the mailbox now.
   *
   * @return how many they were
   * @throws IllegalStateException while another thread reads the mailbox
   */
  public int flush() {
    return dropEntered(message -> true);
  }

  /** {@return how many messages are in the mailbox} */
  public int size() {
    lock.lock();
    try {
      return held();
    } finally {
      lock.unlock();
    }
  }

  /** Adds a message, as a connection does. A closed mailbox drops it. */
  @Override
  public void receive(Message message) {
    inbox.put(new Message[] {message}, 1);
    inbox.wake();
  }

  /**
   * Closes the mailbox. The connections that it owns end as by {@code shutdown}, because their
   * owner has ended. A reader that waits gets an {@link IllegalStateException}.
   */
  @Override
  public void close() {
    List<Runnable> goodbyes;
    Thread reader;
    List<Runnable> actions;
    lock.lock();
    try {
      closed = true;
      goodbyes = List.copyOf(owned.values());
      owned = Map.of();
      reader = waiter;
      actions = roomActions();
    } finally {
      lock.unlock();
    }
    machine.unpark(reader);
    actions.forEach(Runnable::run);
    goodbyes.forEach(Runnable::run);
  }

  /** Drops the messages of this stream, those that are here and those to come. */
  void forget(StreamRef stream) {
    lock.lock();
    try {
      incoming.forget(stream);
    } finally {
      lock.unlock();
    }
    anyStale = true; // for whoever reads next, if somebody reads now
    if (READER.compareAndSet(this, null, Thread.currentThread())) {
      try {
        dropStale();
      } finally {
        leave();
      }
    }
  }

  /** Takes all that is here, without waiting; on any thread, while nobody reads. */
  List<Message> drain() {
    List<Message> all = new ArrayList<>();
    dropEntered(all::add);
    return all;
  }

  /**
   * Where the connections of a machine put their messages.
   *
   * @throws IllegalArgumentException if it is used by those of another one
   */
  Inbox inbox(Machine users) {
    lock.lock();
    try {
      if (machine != users && used) {
        throw new IllegalArgumentException(
            "mailbox: one of " + machine + ", allowed one of " + users + " or a new one");
      }
      machine = users;
      used = true;
    } finally {
      lock.unlock();
    }
    return inbox;
  }

  /** Waits for a message, which it leaves here, or until this is done, or for so long. */
  void await(long nanos, BooleanSupplier done) throws InterruptedException {
    enter();
    try {
      Wait wait = new Wait(nanos);
      while (taken.isEmpty() && !done.getAsBoolean()) {
        lock.lock();
        try {
          if (incoming.count() > 0) {
            return;
          }
          waiter = Thread.currentThread();
          selective = false;
        } finally {
          lock.unlock();
        }
        if (done.getAsBoolean()) { // it may have been since nobody could be woken
          stopWaiting();
        } else if (!park(wait)) {
          return;
        }
      }
    } finally {
      leave();
    }
  }

  /** Makes this the owner of a connection, which is shut down when the mailbox closes. */
  void own(Object connection, Runnable shutdown) {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("the mailbox is closed");
      }
      if (owned.isEmpty()) {
        owned = Map.of(connection, shutdown); // mostly the only one, and nothing is smaller
      } else {
        owned = owned.size() == 1 ? new LinkedHashMap<>(owned) : owned;
        owned.put(connection, shutdown);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Owns this connection no more. */
  void disown(Object connection) {
    lock.lock();
    try {
      if (owned.size() > 1) {
        owned.remove(connection);
      } else if (owned.containsKey(connection)) {
        owned = Map.of();
      }
    } finally {
      lock.unlock();
    }
  }

  // ---- reading

  /** Begins to read; refuses a second reader, which would take the first one's messages. */
  private void enter() {
    while (!READER.compareAndSet(this, null, Thread.currentThread())) {
      Thread other = reading;
      if (other != null) {
        throw new IllegalStateException(
            "another thread reads this mailbox: " + other + ", allowed one at a time");
      }
    }
    if (anyStale) {
      dropStale();
    }
  }

  /** Drops what was taken and is not wanted any more. */
  private void dropStale() {
    Set<StreamRef> streams;
    lock.lock();
    try {
      anyStale = false;
      streams = Set.copyOf(givenUp);
      givenUp.clear();
    } finally {
      lock.unlock();
    }
    drop(message -> incoming.isForgotten(message) || incoming.isLeft(message, streams));
  }

  private void leave() {
    READER.setRelease(this, null);
  }

  private Message next() {
    Message message = taken.next();
    removed();
    return message;
  }

  private void removed() {
    if (roomWanted && taken.left() <= capacity / 2) {
      makeRoom();
    }
  }

  private void makeRoom() {
    List<Runnable> actions;
    lock.lock();
    try {
      actions = roomActions();
    } finally {
      lock.unlock();
    }
    actions.forEach(Runnable::run);
  }

  /**
   * Takes over what the writers have put, after what was taken before. Waits until they have put
   * something.
   *
   * @return false when the time is over
   */
  private boolean refill(Wait wait, boolean choosy) throws InterruptedException {
    while (true) {
      List<Runnable> actions;
      boolean refilled;
      lock.lock();
      try {
        if (closed) {
          throw new IllegalStateException("the mailbox is closed");
        }
        refilled = incoming.count() > 0;
        if (refilled) {
          taken.takeOver(incoming);
        } else {
          machine.refuseToBlock("reading a mailbox", "be a Receiver");
          waiter = Thread.currentThread();
          selective = choosy;
        }
        actions = roomActions();
      } finally {
        lock.unlock();
      }
      actions.forEach(Runnable::run);
      if (refilled) {
        return true;
      }
      if (!park(wait)) {
        return false;
      }
    }
  }

  /** Waits until it is woken, or for no reason; false when the time is over. */
  private boolean park(Wait wait) throws InterruptedException {
    try {
      long left = wait.left(machine);
      if (left <= 0) {
        return false;
      }
      machine.park(this, left);
    } finally {
      stopWaiting();
    }
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    return true;
  }

  private void stopWaiting() {
    lock.lock();
    try {
      waiter = null;
    } finally {
      lock.unlock();
    }
  }

  private int dropEntered(Predicate<Message> which) {
    enter();
    try {
      return drop(which);
    } finally {
      leave();
    }
  }

  private int drop(Predicate<Message> which) {
    List<Runnable> actions;
    int dropped;
    lock.lock();
    try {
      if (incoming.count() > 0) {
        taken.takeOver(incoming);
      }
      dropped = taken.drop(which);
      actions = roomActions();
    } finally {
      lock.unlock();
    }
    actions.forEach(Runnable::run);
    return dropped;
  }

  /** The actions that wait for room, if there is room; under the lock. */
  private List<Runnable> roomActions() {
    if (whenRoom.isEmpty()) {
      return List.of();
    }
    boolean room = closed || lets() || !holdsMoreThan(capacity / 2) && heldBytes() <= bytes / 2;
    if (!room) {
      return List.of();
    }
    List<Runnable> actions = whenRoom;
    whenRoom = List.of();
    roomWanted = false;
    return actions;
  }

  /** Whether the reader waits for a message that is not here: then it must not count as full. */
  private boolean lets() {
    return waiter != null && selective;
  }

  /** Whether more messages than this are here that count for the capacity; under the lock. */
  private boolean holdsMoreThan(int messages) {
    return held() - heldStates() > messages;
  }

  private long heldStates() {
    return incoming.states() - taken.states();
  }

  private int held() {
    return incoming.count() + taken.count();
  }

  private long heldBytes() {
    return incoming.bytes() - taken.bytes();
  }

  // ---- writing

  /** The writers' side; not part of what the user sees. */
  private final class Writers implements Inbox {
    @Override
    public void put(Message[] batch, int count) {
      long more = Weight.of(batch, count);
      lock.lock();
      try {
        if (closed) {
          return;
        }
        if (incoming.mustGrowFor(count)) {
          incoming.dropStates(heldStates() - STATES);
        }
        incoming.add(batch, count, more);
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void drop(StreamRef stream) {
      List<Runnable> actions;
      lock.lock();
      try {
        incoming.drop(stream);
        if (taken.count() > 0) { // the reader's own
          givenUp.add(stream);
          anyStale = true;
        }
        actions = roomActions();
      } finally {
        lock.unlock();
      }
      actions.forEach(Runnable::run);
    }

    @Override
    public boolean sleeps() {
      return waiter != null;
    }

    @Override
    public void wake() {
      Thread reader;
      lock.lock();
      try {
        reader = waiter;
        waiter = null; // one wake-up serves all that comes until the reader looks
      } finally {
        lock.unlock();
      }
      machine.unpark(reader);
    }

    @Override
    public boolean full() {
      lock.lock();
      try {
        return isFull();
      } finally {
        lock.unlock();
      }
    }

    @Override
    public void whenRoom(Runnable action) {
      lock.lock();
      try {
        if (isFull()) {
          whenRoom = whenRoom.isEmpty() ? new ArrayList<>(1) : whenRoom;
          whenRoom.add(action);
          roomWanted = true;
          return;
        }
      } finally {
        lock.unlock();
      }
      action.run();
    }

    private boolean isFull() {
      return !closed && !lets() && (holdsMoreThan(capacity - 1) || heldBytes() >= bytes);
    }
  }
}
