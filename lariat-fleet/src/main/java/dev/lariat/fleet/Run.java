package dev.lariat.fleet;

import dev.lariat.fleet.FeedInfo.State;
import dev.lariat.fleet.internal.core.Holding;
import dev.lariat.fleet.internal.core.Pairing;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Binary;
import dev.lariat.message.Frame;
import dev.lariat.message.Headers;
import dev.lariat.message.LiveRef;
import dev.lariat.message.Reason;
import dev.lariat.message.Receiver;
import dev.lariat.message.Text;
import dev.lariat.option.Budget;
import dev.lariat.option.Endpoint;
import dev.lariat.option.Endpoints;
import dev.lariat.option.EventOptions;
import dev.lariat.option.Healing;
import dev.lariat.option.LiveOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One run of a feed: a live connection, or two of a pair, from its opening until all are gone.
 *
 * <p>A new session must ask for what comes after the last event that was read. Events of the
 * session before may still wait in the mailbox when the next attempt begins. So the attempt waits
 * until the slot's thread has read as far as the {@code Connecting} that belongs to it.
 */
final class Run {
  private static final int LONGEST_POSITION = 4096; // characters: a server could fill the store
  private static final int MOST_HELD = 1000; // events of a pair
  private static final long MOST_HELD_BYTES = 1 << 20;
  private static final int MOST_OVERLAPPING = 5000; // events of a feed that is opened early
  private static final Duration GOODBYE = Duration.ofSeconds(1); // for a close frame to be answered
  private static final long PATIENCE = Duration.ofSeconds(1).toNanos(); // if this node is behind

  final long number;
  final Feed feed;
  final List<Line> lines; // one, or two of a pair
  private final @Nullable Pairing<FeedEvent> pairing; // null if there is one line

  private volatile @Nullable String position; // up to here, the slot's thread has all
  private boolean tried; // on the slot's thread
  private @Nullable Holding<FeedEvent> holding; // on the slot's thread; null if it is over
  private boolean settling; // on the slot's thread
  @Nullable Outlet outlet; // since another node has sent a frame; of Dispatch

  /** One that is opened by the node that has its slot. */
  Run(long number, Feed feed, @Nullable String position) {
    this(number, feed, position, null);
  }

  /**
   * One that is opened before its node has its slot.
   *
   * @param longest how old what it holds may be, in nanoseconds
   */
  static Run early(long number, Feed feed, @Nullable String position, long longest) {
    Holding<FeedEvent> holding =
        new Holding<>(PATIENCE, MOST_OVERLAPPING, MOST_HELD_BYTES, longest);
    if (position != null && feed.resumes()) { // others begin where they like
      holding.begins(position);
    }
    return new Run(number, feed, position, holding);
  }

  private Run(
      long number, Feed feed, @Nullable String position, @Nullable Holding<FeedEvent> holding) {
    this.holding = holding;
    this.number = number;
    this.feed = feed;
    this.position = position;
    Pair pair = feed.pair();
    Line first = new Line(this, 1, feed.endpoint());
    if (pair == null) {
      this.lines = List.of(first);
      this.pairing = null;
    } else {
      Line second = new Line(this, 2, pair.second().orElse(feed.endpoint()));
      this.lines = List.of(first, second);
      this.pairing =
          new Pairing<>(pair.window(), pair.patience().toNanos(), MOST_HELD, MOST_HELD_BYTES);
    }
  }

  /**
   * Opens a line. All messages go to this owner.
   *
   * @param lock that of the slot
   * @param held whether this node has the slot. A process that wakes after a long sleep must not
   *     open a session before it learns what it has lost
   */
  LiveRef open(
      Line line, Receiver owner, Optional<Budget> budget, Lock lock, BooleanSupplier held) {
    boolean positioned = feed.finder() != null || feed.positionHeader() != null;
    Endpoints next =
        (attempt, last) -> {
          Endpoint its = positioned ? endpoint(line, lock) : line.endpoint;
          if (!held.getAsBoolean()) {
            throw new IllegalStateException("this node does not have the feed any more");
          }
          return its;
        };
    LiveOptions webSocket = feed.webSocketOptions();
    if (webSocket != null) {
      LiveWebSocket.Plan plan = LiveWebSocket.to(next);
      Feed.Opening opening = feed.opening();
      if (opening != null) {
        plan = plan.onOpen(session -> opening.run(session, position()));
      }
      Healing healing = with(budget, webSocket.healing());
      return plan.options(webSocket.healing(healing)).owner(owner).open();
    }
    LiveEvents.Plan plan = LiveEvents.to(next);
    if (feed.finder() == null) {
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

  Optional<String> position() {
    return Optional.ofNullable(position);
  }

  private void reached(String its) {
    position = its;
  }

  /** The endpoint of the next session, when all that the last one received is read. */
  private Endpoint endpoint(Line line, Lock lock) throws Exception {
    line.begins(lock);
    String from = position;
    Resume resume = feed.resume();
    return from == null || resume == null ? line.endpoint : resume.after(line.endpoint, from);
  }

  // ---- on the slot's thread

  /** It has a session, a failure or its end, and this is whether that is the first of them. */
  boolean tried() {
    boolean first = !tried;
    tried = true;
    return first;
  }

  /** Whether one of its lines, or another than this, has a session. */
  boolean isOpen(@Nullable Line butThis) {
    return lines.stream().anyMatch(its -> its != butThis && its.state == State.OPEN);
  }

  /** Whether all lines have ended. */
  boolean isGone() {
    return lines.stream().allMatch(its -> its.state == State.GONE);
  }

  /**
   * A line has a session.
   *
   * @return the position after which the server says that it begins, if that is not where this run
   *     is and no other line has a session
   */
  Optional<String> opened(Line line, Headers headers) {
    String name = feed.positionHeader();
    Optional<String> begins = Optional.empty();
    if (name != null && !isOpen(line)) {
      begins = headers.first(name).filter(its -> !its.isEmpty() && fits(its));
      begins = begins.filter(its -> !its.equals(position().orElse("")));
      begins.ifPresent(this::reached);
      begins = withheld(begins);
    }
    line.now(State.OPEN, Optional.empty());
    if (pairing != null) {
      pairing.opened(line.number);
    }
    return begins;
  }

  /** A line has no session, or still none. Returns the events that are to be written now. */
  List<FeedEvent> without(Line line, State state, Optional<Reason> reason) {
    line.now(state, reason);
    return pairing == null ? List.of() : held(reached(pairing.lost(line.number)));
  }

  /** An event has arrived. Returns the events that are to be written now. */
  List<FeedEvent> received(Line line, FeedEvent event, Optional<String> identity) {
    return held(
        reached(
            pairing == null || identity.isEmpty()
                ? List.of(event)
                : pairing.arrived(
                    line.number, identity.get(), event, size(event.data()), System.nanoTime())));
  }

  private List<FeedEvent> reached(List<FeedEvent> events) {
    for (FeedEvent event : events) {
      event.position().ifPresent(this::reached);
    }
    return events;
  }

  private static long size(Frame data) {
    return switch (data) {
      case Text(var text) -> text.length();
      case Binary(var bytes) -> bytes.size();
      default -> 0; // nothing else is an event
    };
  }

  /** Returns the events that were held long enough. */
  List<FeedEvent> passed() {
    return pairing == null ? List.of() : held(reached(pairing.passed(System.nanoTime())));
  }

  /** How long until {@link #passed} has something to do; {@link Long#MAX_VALUE} for never. */
  long delay() {
    return pairing == null ? Long.MAX_VALUE : pairing.delay(System.nanoTime());
  }

  // ---- what it holds, if it was opened before its node had its slot; on the slot's thread

  /** Whether it holds what it receives. */
  boolean holds() {
    return holding != null;
  }

  /** Whether users are shown how it stands: not before this node has its slot. */
  boolean isShown() {
    return holding == null || settling;
  }

  /** Whether it is settled what it holds, as soon as the position arrives or is late. */
  boolean isSettling() {
    return holding != null && settling;
  }

  private Optional<String> withheld(Optional<String> begins) {
    if (holding == null) {
      return begins;
    }
    begins.ifPresent(holding::begins);
    return Optional.empty();
  }

  private List<FeedEvent> held(List<FeedEvent> events) {
    Holding<FeedEvent> its = holding;
    if (its == null) {
      return events;
    }
    List<FeedEvent> all = new ArrayList<>();
    for (FeedEvent event : events) {
      all.addAll(
          its.arrived(event.position().orElse(null), event, size(event.data()), System.nanoTime()));
    }
    return all;
  }

  /**
   * This node has the slot, and everything up to this position is written. Returns the events that
   * are to be written now.
   */
  List<FeedEvent> settle(@Nullable String written) {
    settling = true;
    return holding == null ? List.of() : holding.taken(written, System.nanoTime());
  }

  /** Whether it goes on after the position that is written; empty if that is not known yet. */
  Optional<Boolean> settled() {
    Holding<FeedEvent> its = holding;
    if (its == null || !settling) {
      return Optional.empty();
    }
    if (its.isOver()) {
      holding = null;
      return Optional.of(true);
    }
    return its.isMissed(System.nanoTime()) ? Optional.of(false) : Optional.empty();
  }

  /** Returns all that it holds, to be written: better twice than never. */
  List<FeedEvent> rest() {
    Holding<FeedEvent> its = holding;
    return its == null ? List.of() : its.rest();
  }

  /** How long until {@link #settled} may be known; {@link Long#MAX_VALUE} for never. */
  long settlingDelay() {
    return holding == null ? Long.MAX_VALUE : holding.delay(System.nanoTime());
  }

  /** How its lines stand; empty if it is no pair. */
  Optional<PairInfo> pairInfo() {
    return pairing == null
        ? Optional.empty()
        : Optional.of(new PairInfo(info(pairing, 0), info(pairing, 1), pairing.duplicates()));
  }

  private PairInfo.Connection info(Pairing<FeedEvent> its, int index) {
    Line line = lines.get(index);
    return new PairInfo.Connection(line.state, its.ahead(line.number), line.reason);
  }

  /**
   * The position of an event, by the finder if the feed has one.
   *
   * @param id of a server-sent event; empty if there is none
   * @throws Exception if there is one that cannot be read
   */
  Optional<String> position(Frame data, String id) throws Exception {
    PositionFinder finder = feed.finder();
    Optional<String> found =
        finder != null ? finder.find(data) : Optional.of(id).filter(its -> !its.isEmpty());
    if (found.isPresent() && !fits(found.get())) {
      throw new IllegalArgumentException(
          "position: " + found.get().length() + " characters, allowed 0 to " + LONGEST_POSITION);
    }
    return found;
  }

  /**
   * By what an event of a pair is recognized on the other connection.
   *
   * @throws Exception if there is something that cannot be read
   */
  Optional<String> identity(Frame data, Optional<String> position) throws Exception {
    Pair pair = feed.pair();
    return pair == null || pair.identity().isEmpty() ? position : pair.identity().get().find(data);
  }

  private static boolean fits(String position) {
    return position.length() <= LONGEST_POSITION;
  }

  /** Closes its live connections at once, whether or not their servers know. */
  void close() {
    lines.forEach(
        line -> {
          switch (line.live) {
            case LiveWebSocket socket -> socket.close();
            case LiveEvents events -> events.close();
            case null, default -> {} // it could not be opened
          }
        });
  }

  /**
   * Closes its live connections so that their servers know before it is gone: otherwise another
   * node may open the feed while a server has it open. Events have no handshake for that.
   */
  void leave() {
    for (Line line : lines) {
      if (line.live instanceof LiveWebSocket socket) {
        socket.shutdown(feed.goodbye());
      } else if (line.live instanceof LiveEvents events) {
        events.close();
      }
    }
    CompletableFuture.delayedExecutor(GOODBYE.toMillis(), TimeUnit.MILLISECONDS)
        .execute(this::close);
  }

  /** Why it ended before it had a connection. */
  static Reason notOpened(RuntimeException e) {
    return new Reason.EndpointThrew(e);
  }
}
