package dev.lariat.option;

import dev.lariat.event.PoolListener;
import dev.lariat.internal.uri.Authority;
import dev.lariat.message.Protocol;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a {@code Client} pools its connections: how many there are, when they are closed, and how
 * many requests wait.
 */
public final class PoolOptions {

  /** The defaults of every option. */
  public static final PoolOptions DEFAULT = new PoolOptions(new Values());

  /** Which of the connections that have room takes the next request. */
  public enum Choice {
    /** The one that was used last: the others can become idle, and are closed. */
    RECENT,
    /** The one with the fewest requests; if several have as few, the one unused for longest. */
    SPREAD
  }

  private final Values values;

  private PoolOptions(Values values) {
    values.check();
    this.values = values;
  }

  /** {@return how many connections to one origin may be open at a time} */
  public int connections() {
    return values.connections;
  }

  /**
   * Sets how many connections to one origin may be open at a time: 1 to 1000000, 64 by default.
   * Connections that are being opened or closed count too.
   *
   * @param connections the number
   * @return a copy of these options with this value
   */
  public PoolOptions connections(int connections) {
    return with(draft -> draft.connections = connections);
  }

  /** {@return how many connections the pool may have in all} */
  public int total() {
    return values.total;
  }

  /**
   * Sets how many connections the pool may have in all: 1 to 1000000, 1024 by default. If the pool
   * is full and a request needs another connection, the idle connection that was unused for longest
   * is closed, whatever its origin. The options of one origin cannot change it.
   *
   * @param total the number
   * @return a copy of these options with this value
   */
  public PoolOptions total(int total) {
    return with(draft -> draft.total = total);
  }

  /** {@return how many requests to one origin may wait for a connection} */
  public int waiting() {
    return values.waiting;
  }

  /**
   * Sets how many requests to one origin may wait for a connection, beyond those for which one is
   * or can be opened: 0 to 1000000, 1024 by default. One more fails at once with {@code Limit}.
   *
   * @param waiting the number
   * @return a copy of these options with this value
   */
  public PoolOptions waiting(int waiting) {
    return with(draft -> draft.waiting = waiting);
  }

  /** {@return how many requests one HTTP/2 connection carries at a time} */
  public int streams() {
    return values.streams;
  }

  /**
   * Sets how many requests one HTTP/2 connection carries at a time: 1 to 1000000, 100 by default.
   * It never carries more than the server and {@code http2.maxStreams} allow. Over HTTP/1.1, a
   * connection carries one.
   *
   * @param streams the number
   * @return a copy of these options with this value
   */
  public PoolOptions streams(int streams) {
    return with(draft -> draft.streams = streams);
  }

  /** {@return how many connections to one origin are being opened at a time} */
  public int openings() {
    return values.openings;
  }

  /**
   * Sets how many connections to one origin are being opened at a time: 1 to 10000, 8 by default.
   * It is one until the origin's protocol is known.
   *
   * @param openings the number
   * @return a copy of these options with this value
   */
  public PoolOptions openings(int openings) {
    return with(draft -> draft.openings = openings);
  }

  /** {@return the budget of openings, which others can share} */
  public Optional<Budget> budget() {
    return values.budget;
  }

  /**
   * Sets a budget: each connection that is opened takes one from it, and waits until it may begin.
   * Others can share it, such as other origins, other clients or live connections. None by default.
   * {@code AttemptBudget} of {@code dev.lariat.live} is an implementation.
   *
   * @param budget the budget, which must not block
   * @return a copy of these options with this value
   */
  public PoolOptions budget(Budget budget) {
    return with(draft -> draft.budget = Range.some("budget", budget));
  }

  /** {@return how many requests one connection carries in all} */
  public long uses() {
    return values.uses;
  }

  /**
   * Sets how many requests one connection carries in all: 1 or more. After that it is closed. No
   * limit by default.
   *
   * @param uses the number
   * @return a copy of these options with this value
   */
  public PoolOptions uses(long uses) {
    return with(draft -> draft.uses = uses);
  }

  /**
   * {@return how many connections to an origin are kept open while the origin is in use, even if
   * they are idle}
   */
  public int least() {
    return values.least;
  }

  /**
   * Sets how many connections to an origin are kept open while the origin is in use, even if they
   * are idle: 0 to 1000000, 0 by default. An origin is in use until {@code forget} after its last
   * request.
   *
   * @param least the number
   * @return a copy of these options with this value
   */
  public PoolOptions least(int least) {
    return with(draft -> draft.least = least);
  }

  /** {@return after which time an idle connection is closed} */
  public Duration idle() {
    return values.idle;
  }

  /**
   * Sets after which time an idle connection is closed: 1 ms to 365 days, 30 s by default. If the
   * server's {@code Keep-Alive} header announces less, the connection is closed a second before the
   * server closes it.
   *
   * @param idle the time
   * @return a copy of these options with this value
   */
  public PoolOptions idle(Duration idle) {
    return with(draft -> draft.idle = idle);
  }

  /** {@return after which time a connection takes no further request} */
  public Duration age() {
    return values.age;
  }

  /**
   * Sets after which time a connection takes no further request: 1 ms to 365 days, 10 minutes by
   * default. It is closed when its last response has ended. The real time differs by up to 10
   * percent, so that connections do not end together. The next connection looks the name up again.
   *
   * @param age the time
   * @return a copy of these options with this value
   */
  public PoolOptions age(Duration age) {
    return with(draft -> draft.age = age);
  }

  /** {@return after which time without a request an origin counts as unused} */
  public Duration forget() {
    return values.forget;
  }

  /**
   * Sets after which time without a request an origin counts as unused: 1 ms to 365 days, 5 minutes
   * by default. What the pool knows of the origin is then dropped.
   *
   * @param forget the time
   * @return a copy of these options with this value
   */
  public PoolOptions forget(Duration forget) {
    return with(draft -> draft.forget = forget);
  }

  /** {@return which of the connections that have room takes the next request} */
  public Choice choice() {
    return values.choice;
  }

  /**
   * Sets which of the connections that have room takes the next request; {@code RECENT} by default.
   *
   * @param choice the choice
   * @return a copy of these options with this value
   */
  public PoolOptions choice(Choice choice) {
    return with(draft -> draft.choice = choice);
  }

  /** {@return whether waiting requests fail as soon as no connection can be opened} */
  public boolean failFast() {
    return values.failFast;
  }

  /**
   * Sets whether the requests that wait for an origin fail when a connection cannot be opened and
   * no other one serves the origin; on by default. The next request then tries again. If off, they
   * wait until their deadlines, and the pool tries again after the delays of {@code
   * connection.retry}.
   *
   * @param failFast whether they fail
   * @return a copy of these options with this value
   */
  public PoolOptions failFast(boolean failFast) {
    return with(draft -> draft.failFast = failFast);
  }

  /** {@return whether one connection can carry requests for several origins} */
  public boolean coalesce() {
    return values.coalesce;
  }

  /**
   * Sets whether an HTTP/2 connection can carry requests for several origins (RFC 9113 section
   * 9.1.1); off by default. A request for an origin without a connection then uses a connection to
   * another origin if the name leads to the address of that connection, if the certificate of its
   * server is valid for the name, and if both origins have the same options for connections. The
   * request is sent again on a connection of its own if the server answers 421. A connection with a
   * client certificate, with a proxy, or whose server is not verified carries requests for its own
   * origin only.
   *
   * @param coalesce whether it can
   * @return a copy of these options with this value
   */
  public PoolOptions coalesce(boolean coalesce) {
    return with(draft -> draft.coalesce = coalesce);
  }

  /** {@return who receives the events of the pool, in their order} */
  public List<PoolListener> listeners() {
    return values.listeners;
  }

  /**
   * Adds a listener after the existing ones. It receives an event for each step of the pool. There
   * is none by default, and then events cost nothing. The options of one origin cannot change it.
   *
   * @param listener the listener
   * @return a copy of these options with this listener too
   */
  public PoolOptions listener(PoolListener listener) {
    return with(
        draft -> {
          List<PoolListener> more = new ArrayList<>(draft.listeners);
          more.add(Range.present("listener", listener, "null"));
          draft.listeners = List.copyOf(more);
        });
  }

  /** {@return the options of each connection} */
  public ConnectionOptions connection() {
    return values.connection;
  }

  /**
   * Sets the options of each connection. The pool opens connections, so a connection does not
   * reconnect by itself: {@code retry} says how long the pool waits after a connection could not be
   * opened, unless {@code failFast} is on. The scheme of each URL decides whether there is TLS, and
   * {@code tls} says how.
   *
   * @param connection the options, whose {@code protocols} are those of HTTP
   * @return a copy of these options with this value
   */
  public PoolOptions connection(ConnectionOptions connection) {
    return with(draft -> draft.connection = connection);
  }

  /** {@return the options of single origins, by origin: {@code https://example.com}} */
  public Map<String, PoolOptions> origins() {
    return values.origins;
  }

  /**
   * Sets the options for one origin.
   *
   * @param origin a URI with the scheme {@code http} or {@code https}, without a path
   * @param options its options, which replace all of these; {@code total} and those that it has for
   *     origins have no effect
   * @return a copy of these options with this value
   * @throws IllegalArgumentException if the URI is not valid, or has a path, a query or a fragment
   */
  public PoolOptions origin(URI origin, PoolOptions options) {
    String key = key(origin);
    Authority.alone("origin", origin);
    return with(
        draft -> {
          Map<String, PoolOptions> all = new HashMap<>(draft.origins);
          all.put(key, Range.present("origin", options, "null"));
          draft.origins = Map.copyOf(all);
        });
  }

  /**
   * {@return the options for one origin: its own, or these}
   *
   * @param origin a URI with the scheme {@code http} or {@code https}
   * @throws IllegalArgumentException if the URI is not valid
   */
  public PoolOptions origin(URI origin) {
    return values.origins.isEmpty() ? this : values.origins.getOrDefault(key(origin), this);
  }

  private static String key(URI origin) {
    boolean secure = Endpoint.of(origin).secure(); // checks it
    int port = secure ? 443 : 80;
    return (secure ? "https://" : "http://") + Authority.of(origin, port).uri(port);
  }

  private PoolOptions with(Consumer<Values> change) {
    return new PoolOptions(values.with(change));
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PoolOptions its && values.equals(its.values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return "PoolOptions" + values;
  }

  private static final class Values extends Draft<Values> {
    int connections = 64;
    int total = 1024;
    int waiting = 1024;
    int streams = 100;
    int openings = 8;
    Optional<Budget> budget = Optional.empty();
    long uses = Long.MAX_VALUE;
    int least = 0;
    Duration idle = Duration.ofSeconds(30);
    Duration age = Duration.ofMinutes(10);
    Duration forget = Duration.ofMinutes(5);
    Choice choice = Choice.RECENT;
    boolean failFast = true;
    boolean coalesce = false;
    List<PoolListener> listeners = List.of();
    ConnectionOptions connection = ConnectionOptions.DEFAULT;
    Map<String, PoolOptions> origins = Map.of();

    @Override
    void check() {
      Range.check("pool.connections", connections, 1, 1_000_000);
      Range.check("pool.total", total, 1, 1_000_000);
      Range.check("pool.waiting", waiting, 0, 1_000_000);
      Range.check("pool.streams", streams, 1, 1_000_000);
      Range.check("pool.openings", openings, 1, 10_000);
      Range.check("pool.uses", uses, 1, Long.MAX_VALUE);
      Range.check("pool.least", least, 0, 1_000_000);
      Range.check("pool.idle", idle, Range.MIN);
      Range.check("pool.age", age, Range.MIN);
      Range.check("pool.forget", forget, Range.MIN);
      if (connection.protocols().contains(Protocol.RAW)) {
        throw Range.refused("pool.connection", "protocols RAW", "protocols of HTTP");
      }
    }

    @Override
    Object[] parts() {
      return new Object[] {
        "connections", connections,
        "total", total,
        "waiting", waiting,
        "streams", streams,
        "openings", openings,
        "budget", budget,
        "uses", uses,
        "least", least,
        "idle", idle,
        "age", age,
        "forget", forget,
        "choice", choice,
        "failFast", failFast,
        "coalesce", coalesce,
        "listeners", listeners,
        "connection", connection,
        "origins", origins
      };
    }
  }
}
