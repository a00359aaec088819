package dev.lariat.fleet;

import dev.lariat.live.LiveEvents;
import dev.lariat.live.Session;
import dev.lariat.message.Close;
import dev.lariat.message.Frame;
import dev.lariat.option.Endpoint;
import dev.lariat.option.EventOptions;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.Request;
import dev.lariat.option.Rotation;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One feed of a {@link Fleet}: a {@code LiveWebSocket} or a {@code LiveEvents}, what it sends when
 * it opens, and how it continues where it was. It is an immutable value. Two feeds are equal if
 * they have equal parts; code, such as a lambda, is equal to itself only.
 *
 * <p>A <em>position</em> says how far a feed has been read. It is text that only your server
 * understands: a sequence number, a cursor, the id of an event. By {@link #position} you say where
 * it stands in an event, and by {@link #resume} or {@link #onOpen(Opening)} how a session asks for
 * what comes after it. A server-sent event has its position in its id, and needs neither.
 */
public final class Feed {
  private static final Request GET = Request.of("GET", "/"); // one for all

  private static final int LONGEST_ID = 200; // characters: it is in every stored position

  private final Parts parts;

  /** What it is made of. Nothing writes to the parts that a feed keeps. */
  private static final class Parts implements Cloneable {
    final String id;
    final Endpoint endpoint;
    @Nullable LiveOptions webSocket; // null for server-sent events
    @Nullable EventOptions events; // null for a WebSocket
    Request request = GET;
    @Nullable Opening opening;
    @Nullable PositionFinder finder;
    @Nullable Resume resume;
    @Nullable String positionHeader;
    @Nullable Pair pair;
    boolean overlap;
    boolean standBy;
    Close goodbye = Close.GOING_AWAY;

    Parts(String id, Endpoint endpoint) {
      this.id = id;
      this.endpoint = endpoint;
    }

    private List<@Nullable Object> all() {
      return Arrays.asList(
          id,
          endpoint,
          webSocket,
          events,
          request,
          opening,
          finder,
          resume,
          positionHeader,
          pair,
          overlap,
          standBy,
          goodbye);
    }

    boolean isSame(Parts other) {
      return all().equals(other.all());
    }

    @Override
    public Parts clone() {
      try {
        return (Parts) super.clone();
      } catch (CloneNotSupportedException e) {
        throw new AssertionError(e); // it is Cloneable
      }
    }
  }

  /** What a WebSocket does in every new session, before its messages count as events. */
  @FunctionalInterface
  public interface Opening {

    /**
     * Opens a session: logs in, subscribes, asks for what comes after the position. It runs on a
     * separate virtual thread, so it may block, as the opening step of a {@code LiveWebSocket}
     * does.
     *
     * @param session the session
     * @param position how far the feed has been read; empty if nothing is known
     * @throws Exception if the session cannot be opened; another attempt follows
     */
    void run(Session session, Optional<String> position) throws Exception;
  }

  private record Frames(List<Frame> frames) implements Opening {
    @Override
    public void run(Session session, Optional<String> position) {
      session.send(frames.toArray(Frame[]::new));
    }
  }

  private Feed(Parts parts) {
    this.parts = parts;
  }

  private Feed with(Consumer<Parts> change) {
    Parts copy = parts.clone();
    change.accept(copy);
    return new Feed(copy);
  }

  // ---- how one is made

  /**
   * {@return a feed from a WebSocket}
   *
   * @param id its name in the fleet: 1 to 200 characters
   * @param uri a {@code ws} or {@code wss} URI
   * @throws IllegalArgumentException if one of them is not allowed
   */
  public static Feed webSocket(String id, String uri) {
    return webSocket(id, Endpoint.of(uri));
  }

  /**
   * {@return a feed from a WebSocket}
   *
   * @param id its name in the fleet: 1 to 200 characters
   * @param endpoint the server
   * @throws IllegalArgumentException if the id is not allowed
   */
  public static Feed webSocket(String id, Endpoint endpoint) {
    return of(id, endpoint, LiveOptions.DEFAULT, null);
  }

  /**
   * {@return a feed from a stream of server-sent events} The id of an event is its position.
   *
   * @param id its name in the fleet: 1 to 200 characters
   * @param uri an {@code http} or {@code https} URI
   * @throws IllegalArgumentException if one of them is not allowed
   */
  public static Feed events(String id, String uri) {
    return events(id, Endpoint.of(uri));
  }

  /**
   * {@return a feed from a stream of server-sent events} The id of an event is its position.
   *
   * @param id its name in the fleet: 1 to 200 characters
   * @param endpoint the server
   * @throws IllegalArgumentException if the id is not allowed, or if the endpoint has a {@code
   *     Last-Event-ID}
   */
  public static Feed events(String id, Endpoint endpoint) {
    LiveEvents.to(endpoint); // checks it
    return of(id, endpoint, null, EventOptions.DEFAULT);
  }

  private static Feed of(
      String id,
      Endpoint endpoint,
      @Nullable LiveOptions webSocket,
      @Nullable EventOptions events) {
    Allowed.present("feed.id", id);
    Allowed.present("feed.endpoint", endpoint);
    if (id.isEmpty() || id.length() > LONGEST_ID) {
      throw Allowed.refused("feed.id", id.length() + " characters", "1 to " + LONGEST_ID);
    }
    Parts parts = new Parts(id, endpoint);
    parts.webSocket = webSocket;
    parts.events = events;
    return new Feed(parts);
  }

  // ---- what it is

  /** {@return its name in the fleet} */
  public String id() {
    return parts.id;
  }

  /** {@return its server} */
  public Endpoint endpoint() {
    return parts.endpoint;
  }

  /**
   * Sends frames in every new session, such as a subscription.
   *
   * @param frames the frames, in their order
   * @return a copy of this feed with this value
   * @throws IllegalArgumentException if this is not a WebSocket
   */
  public Feed onOpen(Frame... frames) {
    return onOpen(new Frames(List.of(frames)));
  }

  /**
   * Runs code in every new session, which knows the position.
   *
   * @param opening the code
   * @return a copy of this feed with this value
   * @throws IllegalArgumentException if this is not a WebSocket
   */
  public Feed onOpen(Opening opening) {
    if (parts.webSocket == null) {
      throw Allowed.refused("feed.onOpen", "one of server-sent events", "one of a WebSocket");
    }
    Allowed.present("feed.onOpen", opening);
    return with(its -> its.opening = opening);
  }

  /**
   * Sets where the position stands in an event; by default, a message of a WebSocket has none, and
   * that of a server-sent event is its id.
   *
   * @param finder finds the position, such as {@link PositionFinder#json}
   * @return a copy of this feed with this value
   */
  public Feed position(PositionFinder finder) {
    Allowed.present("feed.position", finder);
    return with(its -> its.finder = finder);
  }

  /**
   * Sets how a new session asks for what comes after the position; by default, only server-sent
   * events do so, by {@code Last-Event-ID}.
   *
   * @param resume makes the endpoint of the next session, such as {@link Resume#query}
   * @return a copy of this feed with this value
   */
  public Feed resume(Resume resume) {
    Allowed.present("feed.resume", resume);
    return with(its -> its.resume = resume);
  }

  /**
   * Sets the header of the response that opens a session by which the server says after which
   * position the session begins; by default, there is none. A feed without a position gets its
   * first one there, even if no event follows. If the server begins elsewhere than it was asked to,
   * listeners receive {@link FleetEvent.PositionSkipped}. Of a {@link #pair}, only a session counts
   * that begins while the other connection has none.
   *
   * @param name the name of the header, such as {@code Last-Event-ID}
   * @return a copy of this feed with this value
   * @throws IllegalArgumentException if no header can have this name
   */
  public Feed positionHeader(String name) {
    Allowed.present("feed.positionHeader", name);
    Resume.header(name); // checks it
    return with(its -> its.positionHeader = name);
  }

  /**
   * Collects this feed twice at once, over two live connections, and writes each event once. So the
   * loss of one connection, or of one of two servers, leaves no gap, even if the server cannot
   * resume. By default, a feed has one connection.
   *
   * <p>Both connections are on the node that has the feed: if the node dies, another one opens both
   * again, and continues at the position as it does with one. A message that has no position, and
   * no identity of its own, is written from both. A frame of {@link Fleet#send} goes to the first
   * connection that has a session.
   *
   * @param pair how, such as {@link Pair#DEFAULT}
   * @return a copy of this feed with this value
   * @throws IllegalArgumentException if the second server is of another kind than the first
   */
  public Feed pair(Pair pair) {
    Allowed.present("feed.pair", pair);
    pair.second().ifPresent(this::refuseOtherKind);
    return with(its -> its.pair = pair);
  }

  private void refuseOtherKind(Endpoint second) {
    String scheme = second.uri().getScheme().toLowerCase(Locale.ROOT);
    if (scheme.startsWith("ws") != (parts.webSocket != null)) {
      throw Allowed.refused(
          "feed.pair.second",
          second.uri(),
          parts.webSocket != null ? "ws or wss" : "http or https");
    }
    if (parts.events != null) {
      LiveEvents.to(second); // checks it
    }
  }

  /**
   * Sets whether the feed may be open on two nodes while it moves as planned, as when a node joins
   * or leaves: then the next node opens it before the last one closes it, and leaves out what the
   * last one has written, which it recognizes by the position. So the move leaves no gap. By
   * default, the last node closes it first, since many servers allow one connection for each
   * account: this is only for servers that allow a second one.
   *
   * <p>Only one node writes at any time. The move of a slot waits for its feeds that overlap, but
   * not for longer than some seconds. Events without a position can be written by both nodes.
   *
   * <p>It needs a placement that can announce moves, as that over a database does, and a store that
   * can read positions.
   *
   * @param overlap whether it may
   * @return a copy of this feed with this value
   */
  public Feed overlap(boolean overlap) {
    return with(its -> its.overlap = overlap);
  }

  /**
   * Sets whether another node stands by for the feed: it has the feed open all the time, too, holds
   * what it receives, and takes the feed if its node dies. So the death of a node leaves no hole,
   * even if the server cannot send again what was missed. A feed with a stand-by may also {@link
   * #overlap}, whatever was said of that: the stand-by is the next owner when its node leaves. By
   * default, a feed has no stand-by, since it needs twice the sessions.
   *
   * <p>Only one node writes at any time. Events without a position can be written by both nodes.
   * What is held is that of some seconds, which the placement and {@code saveInterval} say, and at
   * most 5,000 events or 1 MiB. The sink must not be further behind than that when its node dies.
   *
   * <p>It needs a fleet of two nodes at least, a placement that has stand-bys, as that over a
   * database has, and a store that can read positions. Otherwise the feed has none, as {@link
   * FeedInfo#standBy} shows.
   *
   * @param standBy whether it has one
   * @return a copy of this feed with this value
   */
  public Feed standBy(boolean standBy) {
    return with(its -> its.standBy = standBy);
  }

  /**
   * Sets the close frame that the server of a WebSocket receives when the feed moves to another
   * node, changes or is removed; {@link Close#GOING_AWAY}, 1001, by default. Some servers forget
   * what could be resumed when they receive 1000 or 1001. For those, choose another code, such as
   * one of 4000 to 4999, or {@link Close#EMPTY}.
   *
   * @param goodbye the close frame
   * @return a copy of this feed with this value
   * @throws IllegalArgumentException if this is not a WebSocket
   */
  public Feed goodbye(Close goodbye) {
    Allowed.present("feed.goodbye", goodbye);
    if (parts.webSocket == null) {
      throw Allowed.refused("feed.goodbye", "one of server-sent events", "one of a WebSocket");
    }
    return with(its -> its.goodbye = goodbye);
  }

  /** Refuses what can only be seen when all parts are there. */
  void refuseIncomplete() {
    if (parts.pair != null
        && parts.pair.identity().isEmpty()
        && parts.webSocket != null
        && parts.finder == null) {
      throw Allowed.refused(
          "feed.pair",
          "one of " + parts.id + ", whose events have no position",
          "one with a position or an identity");
    }
    if (parts.overlap && parts.webSocket != null && parts.finder == null) {
      throw Allowed.refused(
          "feed.overlap",
          "one of " + parts.id + ", whose events have no position",
          "one with a position");
    }
    if (parts.standBy && parts.webSocket != null && parts.finder == null) {
      throw Allowed.refused(
          "feed.standBy",
          "one of " + parts.id + ", whose events have no position",
          "one with a position");
    }
    if (parts.positionHeader != null && parts.resume == null && parts.opening == null) {
      throw Allowed.refused(
          "feed.positionHeader",
          "one of " + parts.id + ", which never asks for its position",
          "one with resume, or with onOpen of a WebSocket");
    }
  }

  /**
   * Sets the options of a WebSocket.
   *
   * @param options the options. {@code rotation.maxAge} must be the default, since two sessions of
   *     a rotation would both receive events; {@code webSocket.parts} must be false
   * @return a copy of this feed with this value
   * @throws IllegalArgumentException if this is not a WebSocket, or an option is not allowed
   */
  public Feed options(LiveOptions options) {
    if (parts.webSocket == null) {
      throw Allowed.refused(
          "feed.options", "LiveOptions", "EventOptions for a feed of server-sent events");
    }
    refuseRotation(options.rotation());
    if (options.webSocket().parts()) {
      throw Allowed.refused("feed.options.webSocket.parts", true, "false");
    }
    return with(its -> its.webSocket = options);
  }

  /**
   * Sets the options of a stream of server-sent events.
   *
   * @param options the options. {@code rotation.maxAge} must be the default
   * @return a copy of this feed with this value
   * @throws IllegalArgumentException if this is a WebSocket, or an option is not allowed
   */
  public Feed options(EventOptions options) {
    if (parts.events == null) {
      throw Allowed.refused("feed.options", "EventOptions", "LiveOptions for a WebSocket");
    }
    refuseRotation(options.rotation());
    return with(its -> its.events = options);
  }

  private static void refuseRotation(Rotation rotation) {
    if (!rotation.maxAge().equals(Rotation.DEFAULT.maxAge())) {
      throw Allowed.refused("feed.options.rotation.maxAge", rotation.maxAge(), "the default");
    }
  }

  /**
   * Sets the method, headers, body and credentials of the request for server-sent events.
   *
   * @param request the request, as for {@code LiveEvents.Plan.request}
   * @return a copy of this feed with this value
   * @throws IllegalArgumentException if this is a WebSocket, or the request is not allowed
   */
  public Feed request(Request request) {
    if (parts.events == null) {
      throw Allowed.refused("feed.request", "one of a WebSocket", "one of server-sent events");
    }
    LiveEvents.to(parts.endpoint).request(request); // checks it
    return with(its -> its.request = request);
  }

  // ---- for the fleet

  @Nullable LiveOptions webSocketOptions() {
    return parts.webSocket;
  }

  @Nullable EventOptions eventOptions() {
    return parts.events;
  }

  Request request() {
    return parts.request;
  }

  @Nullable Opening opening() {
    return parts.opening;
  }

  @Nullable PositionFinder finder() {
    return parts.finder;
  }

  @Nullable Resume resume() {
    return parts.resume;
  }

  @Nullable String positionHeader() {
    return parts.positionHeader;
  }

  @Nullable Pair pair() {
    return parts.pair;
  }

  Close goodbye() {
    return parts.goodbye;
  }

  boolean overlaps() {
    return parts.overlap || parts.standBy;
  }

  boolean standsBy() {
    return parts.standBy;
  }

  /** Whether a new session can begin where it is asked to, as far as this says. */
  boolean resumes() {
    boolean itself = parts.events != null && parts.finder == null;
    boolean code = parts.opening != null && !(parts.opening instanceof Frames);
    return itself || code || parts.resume != null;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Feed its && parts.isSame(its.parts);
  }

  @Override
  public int hashCode() {
    return parts.all().hashCode();
  }

  /** Its id and its server, for logs. */
  @Override
  public String toString() {
    return parts.id + " from " + parts.endpoint.uri().getRawAuthority();
  }
}
