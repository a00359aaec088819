package dev.lariat.option;

import dev.lariat.message.Protocol;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The options of a {@code LiveWebSocket}. */
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
   * Sets the options of the connection of each session. Its {@code retry} has no effect: {@code
   * healing} decides on attempts. Its protocols are HTTP/1.1, HTTP/2 or both. If you list both and
   * a server does not support WebSockets over HTTP/2 (RFC 8441), Lariat uses HTTP/1.1 in the same
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
   * credit} must be unlimited, since a full mailbox stops the reading. Its {@code replyTo} must be
   * empty.
   *
   * @param webSocket the options of its WebSockets
   * @return a copy of these options with this value
   */
  public LiveOptions webSocket(WebSocketOptions webSocket) {
    return with(draft -> draft.webSocket = webSocket);
  }

  /** {@return when to make another attempt, and when to give up} */
  public Healing healing() {
    return values.healing;
  }

  /**
   * Sets when to make another attempt, and when to give up; by default the number of attempts has
   * no limit.
   *
   * @param healing how sessions are replaced when they are lost
   * @return a copy of these options with this value
   */
  public LiveOptions healing(Healing healing) {
    return with(draft -> draft.healing = healing);
  }

  /** {@return how one session replaces another} */
  public Rotation rotation() {
    return values.rotation;
  }

  /**
   * Sets how one session replaces another; by default, only if you call {@code rotate}.
   *
   * @param rotation when sessions are replaced
   * @return a copy of these options with this value
   */
  public LiveOptions rotation(Rotation rotation) {
    return with(draft -> draft.rotation = rotation);
  }

  /** {@return how much may wait to be sent, and what happens to more} */
  public Outbox outbox() {
    return values.outbox;
  }

  /**
   * Sets how much may wait to be sent, and what happens to more; {@link Outbox#DEFAULT} by default.
   *
   * @param outbox the options of the outbox
   * @return a copy of these options with this value
   */
  public LiveOptions outbox(Outbox outbox) {
    return with(draft -> draft.outbox = outbox);
  }

  /** {@return the silence after which a session ends} */
  public Optional<Silence> silence() {
    return values.silence;
  }

  /**
   * Sets the silence after which a session ends; by default, silence does not end a session.
   *
   * @param silence how long a silence may last, and which messages count
   * @return a copy of these options with this value
   */
  public LiveOptions silence(Silence silence) {
    return with(draft -> draft.silence = Range.some("silence", silence));
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
   * ws} or {@code wss} URI; none by default, like a WebSocket in a browser. The next attempt begins
   * at the endpoint again.
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
