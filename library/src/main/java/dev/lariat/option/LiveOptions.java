package dev.lariat.option;

import dev.lariat.message.Protocol;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** How a live connection is kept. */
public final class LiveOptions {

  /** The defaults of every option. */
  public static final LiveOptions DEFAULT = new LiveOptions(new Values());

  private final Values values;

  private LiveOptions(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return the options of the connection of each session} */
  public ConnectionOptions connection() {
    return values.connection;
  }

  /**
   * Sets the options of the connection of each session. Its {@code retry} does nothing: {@code
   * healing} says when to try again. Its protocols are HTTP/1.1, HTTP/2 or both. If a server takes
   * no WebSocket over HTTP/2 (RFC 8441) and both are listed, it is asked by HTTP/1.1 in the same
   * attempt and in all later ones.
   *
   * @param connection the connection
   * @return a copy of these options with this value
   */
  public LiveOptions connection(ConnectionOptions connection) {
    return with(draft -> draft.connection = connection);
  }

  /** {@return the options of the WebSocket of each session of a {@code LiveWebSocket}} */
  public WebSocketOptions webSocket() {
    return values.webSocket;
  }

  /**
   * Sets the options of the WebSocket of each session of a {@code LiveWebSocket}. Its {@code
   * credit} must be unlimited, since a full mailbox holds the server back, and its {@code replyTo}
   * empty.
   *
   * @param webSocket the options of its WebSockets
   * @return a copy of these options with this value
   */
  public LiveOptions webSocket(WebSocketOptions webSocket) {
    return with(draft -> draft.webSocket = webSocket);
  }

  /** {@return when to try again, and when to give up} */
  public Healing healing() {
    return values.healing;
  }

  /**
   * Sets when to try again, and when to give up; without end by default.
   *
   * @param healing how sessions are replaced when they are lost
   * @return a copy of these options with this value
   */
  public LiveOptions healing(Healing healing) {
    return with(draft -> draft.healing = healing);
  }

  /** {@return how one session takes over from another} */
  public Rotation rotation() {
    return values.rotation;
  }

  /**
   * Sets how one session takes over from another; by your signal only, by default.
   *
   * @param rotation when sessions are replaced
   * @return a copy of these options with this value
   */
  public LiveOptions rotation(Rotation rotation) {
    return with(draft -> draft.rotation = rotation);
  }

  /** {@return what waits to be sent, and what happens when it is full} */
  public Outbox outbox() {
    return values.outbox;
  }

  /**
   * Sets what waits to be sent, and what happens when it is full; {@link Outbox#DEFAULT} by
   * default.
   *
   * @param outbox the options of the outbox
   * @return a copy of these options with this value
   */
  public LiveOptions outbox(Outbox outbox) {
    return with(draft -> draft.outbox = outbox);
  }

  /** {@return after which silence a session ends} */
  public Optional<Silence> silence() {
    return values.silence;
  }

  /**
   * Sets after which silence a session ends; never by default.
   *
   * @param silence how long a silence may last
   * @return a copy of these options with this value
   */
  public LiveOptions silence(Silence silence) {
    return with(draft -> draft.silence = Optional.of(silence));
  }

  /** {@return how long the search for an endpoint may take} */
  public Duration endpoint() {
    return values.endpoint;
  }

  /**
   * Sets how long the search for an endpoint may take: 1 ms to 365 days, 30 s by default.
   *
   * @param endpoint the timeout
   * @return a copy of these options with this value
   */
  public LiveOptions endpoint(Duration endpoint) {
    return with(draft -> draft.endpoint = endpoint);
  }

  /** {@return how long the opening step of a session may take} */
  public Duration opening() {
    return values.opening;
  }

  /**
   * Sets how long the opening step of a session may take: 1 ms to 365 days, 30 s by default.
   *
   * @param opening the timeout
   * @return a copy of these options with this value
   */
  public LiveOptions opening(Duration opening) {
    return with(draft -> draft.opening = opening);
  }

  /** {@return which redirects an attempt follows} */
  public Redirects redirects() {
    return values.redirects;
  }

  /**
   * Sets which redirects an attempt follows, each to another {@code http}, {@code https}, {@code
   * ws} or {@code wss} URI; none by default, like a browser's WebSocket. The next attempt begins at
   * the endpoint again.
   *
   * @param redirects which redirects are followed
   * @return a copy of these options with this value
   */
  public LiveOptions redirects(Redirects redirects) {
    return with(draft -> draft.redirects = redirects);
  }

  private LiveOptions with(Consumer<Values> change) {
    return new LiveOptions(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LiveOptions its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "LiveOptions" + values;
  }

  private static final class Values extends Draft<Values> {
    ConnectionOptions connection = ConnectionOptions.DEFAULT;
    WebSocketOptions webSocket = WebSocketOptions.DEFAULT;
    Healing healing = Healing.DEFAULT;
    Rotation rotation = Rotation.DEFAULT;
    Outbox outbox = Outbox.DEFAULT;
    Optional<Silence> silence = Optional.empty();
    Duration endpoint = Duration.ofSeconds(30);
    Duration opening = Duration.ofSeconds(30);
    Redirects redirects = Redirects.NONE;

    @Override
    void check() {
      Range.check("live.endpoint", endpoint, Range.MIN);
      Range.check("live.opening", opening, Range.MIN);
      if (webSocket.credit() != WebSocketOptions.UNLIMITED) {
        throw Range.refused("live.webSocket.credit", webSocket.credit(), "unlimited");
      }
      if (connection.protocols().contains(Protocol.RAW)) {
        throw Range.refused("live.connection.protocols", connection.protocols(), "h2 and http/1.1");
      }
      if (connection.http1().version() == Http1.Version.HTTP_1_0) {
        throw Range.refused(
            "live.connection.http1.version",
            connection.http1().version(),
            Http1.Version.HTTP_1_1 + ", since HTTP/1.0 has no WebSocket");
      }
      if (webSocket.parts() && outbox.acknowledgement().isPresent()) {
        throw Range.refused(
            "live.webSocket.parts",
            true,
            "false with outbox.acknowledgement, which sees whole frames");
      }
      if (webSocket.replyTo().isPresent()) {
        throw Range.refused(
            "live.webSocket.replyTo", "a receiver", "none: the owner receives all messages");
      }
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "connection", connection,
        "webSocket", webSocket,
        "healing", healing,
        "rotation", rotation,
        "outbox", outbox,
        "silence", silence,
        "endpoint", endpoint,
        "opening", opening,
        "redirects", redirects
      };
    }
  }
}
