package dev.lariat.testkit.reasons;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.fail;

import dev.lariat.Connection;
import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.Mailbox;
import dev.lariat.WebSocket;
import dev.lariat.live.LiveEvents;
import dev.lariat.live.LiveWebSocket;
import dev.lariat.message.Bytes;
import dev.lariat.message.Down;
import dev.lariat.message.Gone;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.message.Retrying;
import dev.lariat.message.StreamFailed;
import dev.lariat.message.Up;
import dev.lariat.message.Upgraded;
import dev.lariat.message.Waiting;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.EventOptions;
import dev.lariat.option.LiveOptions;
import dev.lariat.option.WebSocketOptions;
import dev.lariat.testkit.Host;
import dev.lariat.testkit.Origin;
import dev.lariat.testkit.Script;
import dev.lariat.testkit.Simulation;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * Where situations happen: a simulated world with one server, in which even a year passes at once,
 * or this machine where TLS or the system's own words are wanted. The options are the defaults.
 */
final class Stage implements AutoCloseable {
  static final String NAME = "server.example";

  /** For what must happen; where time is simulated it costs nothing. */
  static final Duration LONG = Duration.ofHours(1);

  /** For what must happen on this machine. */
  static final Duration PATIENCE = Duration.ofSeconds(10);

  final Simulation simulation = Simulation.seeded(1);
  final ConnectionOptions options = ConnectionOptions.DEFAULT.platform(simulation.platform());
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  // ---- the server

  Origin origin(Script... scripts) {
    return simulation.origin(NAME, 80, scripts);
  }

  Host host() {
    return simulation.host(NAME);
  }

  // ---- the client

  /** Closes this when the situation is over, before what was opened earlier. */
  <T extends AutoCloseable> T closing(T it) {
    opened.push(it);
    return it;
  }

  Connection open() {
    return open(options);
  }

  Connection open(ConnectionOptions options) {
    return closing(Lariat.open(NAME, 80, options));
  }

  /** A WebSocket that the server has accepted. */
  WebSocket webSocket(Connection connection, WebSocketOptions options) throws Exception {
    WebSocket socket = connection.webSocket("/", options);
    next(connection, Upgraded.class);
    return socket;
  }

  WebSocket webSocket() throws Exception {
    return webSocket(open(), WebSocketOptions.DEFAULT);
  }

  LiveWebSocket live(LiveOptions options) {
    return closing(LiveWebSocket.to("ws://" + NAME + "/").options(options).open());
  }

  LiveOptions liveOptions() {
    return LiveOptions.DEFAULT.connection(options);
  }

  LiveEvents events(EventOptions options) {
    return closing(LiveEvents.to("http://" + NAME + "/").options(options).open());
  }

  EventOptions eventOptions() {
    return EventOptions.DEFAULT.connection(options);
  }

  // ---- what it is told

  static void up(Connection connection) throws Exception {
    next(connection, Up.class);
  }

  static Reason streamFailed(Connection connection) throws Exception {
    return next(connection, StreamFailed.class).reason();
  }

  static Reason down(Connection connection) throws Exception {
    return next(connection, Down.class).reason();
  }

  /** Why the first attempt failed. */
  static Reason attempt(Connection connection) throws Exception {
    return next(connection, Retrying.class).reason();
  }

  static Reason waiting(LiveEvents events) throws Exception {
    return next(events.mailbox(), Waiting.class, LONG).reason();
  }

  static Reason waiting(LiveWebSocket live) throws Exception {
    return next(live.mailbox(), Waiting.class, LONG).reason();
  }

  static Reason gone(LiveWebSocket live) throws Exception {
    return next(live.mailbox(), Gone.class, LONG).reason();
  }

  static <T extends Message> T next(Connection connection, Class<T> kind) throws Exception {
    return next(connection.mailbox(), kind, LONG);
  }

  /** The next message of this kind, past all others. */
  static <T extends Message> T next(Mailbox mailbox, Class<T> kind, Duration timeout)
      throws Exception {
    for (int i = 0; i < 10_000; i++) {
      Message message = mailbox.take(timeout);
      assertThat(message).as("a message, %s awaited", kind.getSimpleName()).isNotNull();
      if (kind.isInstance(message)) {
        return kind.cast(message);
      }
    }
    return fail("no " + kind.getSimpleName());
  }

  /** These octets. */
  static Bytes octets(int... octets) {
    byte[] all = new byte[octets.length];
    for (int i = 0; i < all.length; i++) {
      all[i] = (byte) octets[i];
    }
    return Bytes.wrap(all);
  }

  /** Why this fails. */
  static Reason of(ThrowingCallable call) {
    FailedException failed = catchThrowableOfType(FailedException.class, call);
    assertThat(failed).as("what was thrown").isNotNull();
    assertThat(failed).hasMessage(failed.reason().sentence());
    return failed.reason();
  }

  @Override
  public void close() {
    try {
      while (!opened.isEmpty()) {
        opened.pop().close();
      }
    } catch (Exception e) {
      throw new AssertionError("what was opened could not be closed", e);
    }
    simulation.close();
  }
}
