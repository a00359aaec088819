package dev.lariat.fleet;

import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Frame;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.option.Budget;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Endpoints;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One run of a feed: a live connection, from its opening until it is gone.
 *
 * <p>A new session must ask for what comes after the last event of the session before. Events of
 * that session may still wait in the mailbox when the next attempt begins. So the attempt waits
 * until the slot's thread has read as far as the {@code Connecting} that belongs to it.
 */
final class Run {
  private static final int LONGEST_POSITION = 4096; // characters: a server could fill the store

  final long number;
  final Feed feed;

  private final Lock lock = new ReentrantLock();
  private final Condition read = lock.newCondition();
  private @Nullable String position; // of the last event that was read
  private int begun; // how many attempts have begun
  private int seen; // how many of them the slot's thread has seen

  Run(long number, Feed feed, @Nullable String position) {
    this.number = number;
    this.feed = feed;
    this.position = position;
  }

  /** Opens it. All messages go to this owner. */
  LiveRef open(Receiver owner, Optional<Budget> budget) {
    boolean positioned = feed.finder() != null;
    Endpoints next = (attempt, last) -> endpoint();
    LiveOptions webSocket = feed.webSocketOptions();
    if (webSocket != null) {
      LiveWebSocket.Plan plan =
          positioned ? LiveWebSocket.to(next) : LiveWebSocket.to(feed.endpoint());
      Feed.Opening opening = feed.opening();
      if (opening != null) {
        plan = plan.onOpen(session -> opening.run(session, position()));
      }
      Healing healing = with(budget, webSocket.healing());
      return plan.options(webSocket.healing(healing)).owner(owner).open();
    }
    LiveEvents.Plan plan = positioned ? LiveEvents.to(next) : LiveEvents.to(feed.endpoint());
    if (!positioned) {
      plan = plan.lastEventId(position().orElse(""));
    }
    EventOptions events = feed.eventOptions();
    if (events == null) {
      throw new IllegalStateException("a feed is of one kind or the other");
    }
    Healing healing = with(budget, events.healing());
    return plan.options(events.healing(healing)).request(feed.request()).owner(owner).open();
  }

  private static Healing with(Optional<Budget> budget, Healing healing) {
    return budget.filter(any -> healing.budget().isEmpty()).map(healing::budget).orElse(healing);
  }

  private Optional<String> position() {
    lock.lock();
    try {
      return Optional.ofNullable(position);
    } finally {
      lock.unlock();
    }
  }

  /** The endpoint of the next session, when all that the last one received is read. */
  private Endpoint endpoint() throws Exception {
    String from;
    lock.lock();
    try {
      begun++;
      while (seen < begun) {
        read.await();
      }
      from = position;
    } finally {
      lock.unlock();
    }
    Resume resume = feed.resume();
    return from == null || resume == null ? feed.endpoint() : resume.after(feed.endpoint(), from);
  }

  // ---- on the slot's thread

  /** An attempt has begun, as the messages say. */
  void connecting() {
    lock.lock();
    try {
      seen++;
      read.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The position of an event, by the finder if the feed has one.
   *
   * @param id of a server-sent event; empty if there is none
   * @throws Exception if there is one that cannot be read
   */
  Optional<String> received(Frame data, String id) throws Exception {
    PositionFinder finder = feed.finder();
    Optional<String> found =
        finder != null ? finder.find(data) : Optional.of(id).filter(its -> !its.isEmpty());
    if (found.isPresent() && found.get().length() > LONGEST_POSITION) {
      throw new IllegalArgumentException(
          "position: " + found.get().length() + " characters, allowed 0 to " + LONGEST_POSITION);
    }
    if (found.isPresent()) {
      lock.lock();
      try {
        position = found.get();
      } finally {
        lock.unlock();
      }
    }
    return found;
  }

  /** Closes the live connection of a run. */
  static void close(LiveRef live) {
    switch (live) {
      case LiveWebSocket socket -> socket.close();
      case LiveEvents events -> events.close();
      default -> throw new IllegalStateException("no run opens " + live);
    }
  }

  /** Why it ended before it had a connection. */
  static Reason notOpened(RuntimeException e) {
    return new Reason.EndpointThrew(e);
  }
}
