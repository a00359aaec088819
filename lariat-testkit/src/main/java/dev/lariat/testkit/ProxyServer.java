package dev.lariat.testkit;

import dev.lariat.message.Protocol;
import dev.lariat.option.Proxy;
import dev.lariat.option.Tls;
import dev.lariat.testkit.internal.Guard;
import java.io.UncheckedIOException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A proxy for tests, with faults. It opens tunnels for clients of HTTP (by {@code CONNECT}, over
 * HTTP/1.1 and HTTP/2), SOCKS 5, SOCKS 4 and SOCKS 4A, all on the same port: the client's first
 * bytes tell what it speaks. It connects to the destination that a client asks for, resolves its
 * name, and carries bytes in both directions until both have ended. It reads no more than the other
 * side takes, and passes on the end of each direction. It runs on a port of 127.0.0.1, or in a
 * {@link Simulation}.
 *
 * <pre>{@code
 * try (Origin origin = Origin.start(Script.status(200));
 *     ProxyServer proxy = ProxyServer.start();
 *     Connection connection =
 *         Lariat.open(
 *             origin.uri("http", "/"),
 *             ConnectionOptions.DEFAULT.via(proxy.proxy("socks5h")))) {
 *   …
 *   proxy.kill();
 * }
 * }</pre>
 *
 * <p>It is strict: if a client breaks a rule of HTTP or SOCKS, {@link #check} and {@link #close}
 * throw. Its code shares nothing with the proxies' side of Lariat.
 *
 * <p>You can call all methods from any thread, or in a simulation from any of its threads.
 */
public final class ProxyServer implements AutoCloseable {
  static final String PROXY = "proxy";

  private final Origin door; // accepts its clients

  private final Guard guard = new Guard(); // of all that follows

  /** What is wrong, one for each connection to come; the last one for all further. */
  private List<ProxyFault> faults = List.of(new ProxyFault.None());

  /** Which of the faults is the next connection's. */
  private int next;

  private Optional<Login> login = Optional.empty();

  /** What was asked for, the oldest first. */
  private final List<AskedTunnel> asked = new ArrayList<>();

  private int tunnels; // that are open

  /** Who may use it. */
  record Login(String user, String password) {}

  ProxyServer(Function<Script, Origin> door) {
    this.door = door.apply(this::serve);
  }

  private void serve(Visit visit) throws Exception {
    ProxyFault fault = guard.get(() -> faults.get(Math.min(next++, faults.size() - 1)));
    new ProxyVisit(this, door, visit, fault).play();
  }

  // ---- how one is started

  /**
   * Starts a proxy on a free port of 127.0.0.1.
   *
   * @return the running proxy
   */
  public static ProxyServer start() {
    return start(0);
  }

  /**
   * Starts a proxy on this port of 127.0.0.1.
   *
   * @param port 1 to 65535, or 0 for any free port
   * @return the running proxy
   * @throws IllegalArgumentException if the port is out of range
   * @throws UncheckedIOException if the port is taken
   */
  public static ProxyServer start(int port) {
    return new ProxyServer(script -> Origin.local(PROXY, port, script));
  }

  /**
   * Starts a proxy on a free port of 127.0.0.1, to which clients connect by TLS, whatever they
   * speak inside it.
   *
   * @param certificate the certificate that it shows
   * @return the running proxy
   */
  public static ProxyServer startTls(ServerCertificate certificate) {
    return new ProxyServer(script -> Origin.localTls(PROXY, certificate, script));
  }

  // ---- where it is

  /** {@return the host by which clients find it: {@code 127.0.0.1}, or its name in a simulation} */
  public String host() {
    return door.host();
  }

  /** {@return its port, even while it refuses connections: 1 to 65535} */
  public int port() {
    return door.port();
  }

  /**
   * Returns it as a hop for {@code ConnectionOptions.via}, without credentials. If it has TLS, the
   * hop has the options {@link #tls}, for SOCKS too.
   *
   * @param scheme a scheme of {@link Proxy#of}: {@code https} if it has TLS, {@code http} if it has
   *     none, or one of SOCKS
   * @return the hop
   */
  public Proxy proxy(String scheme) {
    if (scheme.equals(door.hasTls() ? "http" : "https")) {
      throw new IllegalArgumentException(
          "scheme: "
              + scheme
              + ", allowed "
              + (door.hasTls() ? "https" : "http")
              + ", socks5, socks5h, socks4 and socks4a");
    }
    Proxy hop = Proxy.of(scheme + "://" + host() + ":" + port());
    return door.hasTls() ? hop.tls(tls()) : hop;
  }

  /**
   * {@return a trust store with the authority that issued its certificate}
   *
   * @throws IllegalStateException if it has no TLS
   */
  public KeyStore trust() {
    return door.trust();
  }

  /**
   * {@return TLS options that trust only the authority of {@link #trust}}
   *
   * @throws IllegalStateException if it has no TLS
   */
  public Tls tls() {
    return door.tls();
  }

  // ---- what it does

  /**
   * Changes the protocols of HTTP on later connections, like {@link Origin#protocols}.
   *
   * @param protocols {@code HTTP_2}, {@code HTTP_1_1} or both, by preference
   * @return this proxy
   */
  public ProxyServer protocols(Protocol... protocols) {
    door.protocols(protocols);
    return this;
  }

  /**
   * Opens tunnels only for this user from now on; for everybody at first. A client of HTTP shows
   * Basic credentials, and gets a 407 without them. A client of SOCKS 5 shows the user and the
   * password (RFC 1929). A client of SOCKS 4 shows the user.
   *
   * @param user the user
   * @param password the password
   * @return this proxy
   */
  public ProxyServer login(String user, String password) {
    guard.run(() -> login = Optional.of(new Login(user, password)));
    return this;
  }

  Optional<Login> login() {
    return guard.get(() -> login);
  }

  /**
   * Changes what is wrong on later connections: one fault for the next, one for the one after it,
   * and so on. The last fault is for all further ones. Open connections keep theirs. At first,
   * nothing is wrong.
   *
   * @param faults the faults, in turn
   * @return this proxy
   */
  public ProxyServer faults(ProxyFault... faults) {
    if (faults.length == 0) {
      throw new IllegalArgumentException("faults: none, allowed one or more");
    }
    List<ProxyFault> all = List.of(faults);
    guard.run(
        () -> {
          this.faults = all;
          next = 0;
        });
    return this;
  }

  // ---- what it has seen

  /** {@return what clients have asked it for, the oldest first} */
  public List<AskedTunnel> asked() {
    return guard.get(() -> List.copyOf(asked));
  }

  void asked(AskedTunnel tunnel) {
    guard.run(() -> asked.add(tunnel));
  }

  /** {@return how many connections it has accepted} */
  public int connections() {
    return door.visits();
  }

  /** {@return how many tunnels are open} */
  public int tunnels() {
    return guard.get(() -> tunnels);
  }

  void tunnels(int more) {
    guard.run(() -> tunnels += more);
  }

  /**
   * Throws if a client has broken a rule, once for each.
   *
   * @throws AssertionError if a client has; it names the connection and the rule
   */
  public void check() {
    door.check();
  }

  // ---- faults of all

  /**
   * Refuses new connections: a client that connects sees {@code Refused}. Open connections and
   * tunnels continue.
   */
  public void refuse() {
    door.refuse();
  }

  /**
   * Accepts connections again, on the same port. Does nothing if it already accepts them.
   *
   * @throws UncheckedIOException if another program uses the port for longer than a second
   * @throws IllegalStateException if it is closed
   */
  public void listen() {
    door.listen();
  }

  /** Ends all connections and tunnels at once, on both sides, like the end of a process. */
  public void drop() {
    door.drop();
  }

  /** Resets all connections of clients, with a RST. Their tunnels end on both sides. */
  public void reset() {
    door.reset();
  }

  /**
   * Makes all connections of clients half-open, like {@link Visit#halfOpen}: nothing passes through
   * their tunnels any more, and nobody is told.
   */
  public void halfOpen() {
    door.halfOpen();
  }

  /** Refuses new connections and ends all others, like a crash. */
  public void kill() {
    refuse();
    drop();
  }

  /**
   * Accepts connections again after a {@link #kill}. If it still accepts them, kills it first.
   *
   * @throws UncheckedIOException if another program uses the port for longer than a second
   * @throws IllegalStateException if it is closed
   */
  public void restart() {
    kill();
    listen();
  }

  /**
   * Ends it for good, like {@link #kill}. Does nothing if it is closed.
   *
   * @throws AssertionError as for {@link #check}
   */
  @Override
  public void close() {
    door.close();
  }

  /** For logs. */
  @Override
  public String toString() {
    return door.toString();
  }
}
