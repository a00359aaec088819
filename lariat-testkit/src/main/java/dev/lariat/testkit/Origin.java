package dev.lariat.testkit;

import dev.lariat.internal.text.Durations;
import dev.lariat.internal.transport.Machine;
import dev.lariat.internal.transport.ThisMachine;
import dev.lariat.message.Protocol;
import dev.lariat.option.Tls;
import dev.lariat.testkit.internal.Guard;
import dev.lariat.testkit.internal.wire.Peer;
import dev.lariat.testkit.internal.wire.Wire;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.ClosedByInterruptException;
import java.security.KeyStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A server for tests that plays a {@link Script}: it answers, stays silent, breaks or misbehaves.
 * It runs on a port of 127.0.0.1, or in a {@link Simulation}, where the same script does the same
 * in simulated time.
 *
 * <pre>{@code
 * try (Origin origin = Origin.start(visit -> {
 *         WebSocketVisit socket = visit.acceptWebSocket();
 *         socket.send(new Text("hello"));
 *         socket.close(1012, "restart");
 *       });
 *     Connection connection = Lariat.open(origin.uri("ws", "/"))) {
 *   …
 * }
 * }</pre>
 *
 * <p>It speaks HTTP/1.1 or HTTP/2, as the client chooses: see {@link #protocols}. Its code for HTTP
 * and WebSocket is independent of Lariat's, so a mistake goes unnoticed only if both have it. Both
 * use Netty to compress the headers of HTTP/2.
 *
 * <p>You can call all methods from any thread, or in a simulation from any of its threads.
 */
public final class Origin implements AutoCloseable {
  static final String ORIGIN = "origin";
  private static final Duration PATIENCE = Duration.ofSeconds(10); // with scripts that should end

  private final String what; // for messages
  private final Ground ground;
  private final Machine machine;
  private final @Nullable Authority authority; // who vouches for it, where there is TLS

  private final Guard guard = new Guard(); // of all that follows

  /** The scripts, one for each connection to come; the last one for all further. */
  private List<Script> scripts;

  /** What is spoken on connections to come, by preference. */
  private List<Protocol> protocols = List.of(Protocol.HTTP_2, Protocol.HTTP_1_1);

  /** Which of the scripts is the next connection's. */
  private int next;

  /** How many connections were accepted. */
  private int visits;

  private boolean listening;
  private boolean closed;

  /** Who plays which script, until it has ended. */
  private final Map<Visit, Thread> playing = new LinkedHashMap<>();

  /** What scripts threw, and nobody has asked for yet. */
  private final List<AssertionError> failures = new ArrayList<>(0);

  /** The threads that wait for scripts to end. */
  private final List<Thread> waiting = new ArrayList<>(0);

  Origin(
      String what,
      Ground ground,
      Machine machine,
      @Nullable Authority authority,
      Script... scripts) {
    this.what = what;
    this.ground = ground;
    this.machine = machine;
    this.authority = authority;
    this.scripts = checked(scripts);
  }

  private static List<Script> checked(Script... scripts) {
    if (scripts.length == 0) {
      throw new IllegalArgumentException("scripts: none, allowed one or more");
    }
    return List.of(scripts);
  }

  // ---- how one is started

  /**
   * Starts an origin on a free port of 127.0.0.1.
   *
   * @param scripts one for the first connection, one for the second and so on; the last one is for
   *     all later connections
   * @return the running origin
   */
  public static Origin start(Script... scripts) {
    return start(0, scripts);
  }

  /**
   * Starts an origin on this port of 127.0.0.1.
   *
   * @param port 1 to 65535, or 0 for any free port
   * @param scripts as for {@link #start(Script...)}
   * @return the running origin
   * @throws IllegalArgumentException if the port is out of range
   * @throws UncheckedIOException if the port is taken
   */
  public static Origin start(int port, Script... scripts) {
    return local(ORIGIN, port, scripts);
  }

  /**
   * Starts an origin with TLS on a free port of 127.0.0.1. A client with the options {@link #tls}
   * trusts it.
   *
   * @param certificate the certificate that it shows
   * @param scripts as for {@link #start(Script...)}
   * @return the running origin
   */
  public static Origin startTls(ServerCertificate certificate, Script... scripts) {
    return localTls(ORIGIN, certificate, scripts);
  }

  static Origin local(String what, int port, Script... scripts) {
    Ground ground = new LocalGround(what, port, null);
    return new Origin(what, ground, ThisMachine.THIS, null, scripts).begun();
  }

  static Origin localTls(String what, ServerCertificate certificate, Script... scripts) {
    Authority authority = Authority.ofThisRun();
    Ground ground = new LocalGround(what, 0, authority.server(certificate));
    return new Origin(what, ground, ThisMachine.THIS, authority, scripts).begun();
  }

  Origin begun() {
    listen();
    return this;
  }

  // ---- where it is

  /** {@return the host by which clients find it: {@code 127.0.0.1}, or its name in a simulation} */
  public String host() {
    return ground.host();
  }

  /** {@return its port, even while it refuses connections: 1 to 65535} */
  public int port() {
    return ground.port();
  }

  /**
   * {@return a URI of this origin}
   *
   * @param scheme {@code http} or {@code ws}, or with TLS {@code https} or {@code wss}
   * @param path the path and query, percent-encoded; it begins with a slash
   */
  public URI uri(String scheme, String path) {
    String secure = authority == null ? "" : "s";
    if (!scheme.equals("http" + secure) && !scheme.equals("ws" + secure)) {
      throw new IllegalArgumentException(
          "scheme: " + scheme + ", allowed http" + secure + " and ws" + secure);
    }
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException(
          "path: " + path + ", allowed one that begins with a slash");
    }
    return URI.create(scheme + "://" + host() + ":" + port() + path);
  }

  /**
   * {@return a trust store with the authority that issued its certificate}
   *
   * @throws IllegalStateException if it has no TLS
   */
  public KeyStore trust() {
    if (authority == null) {
      throw new IllegalStateException("the " + what + " has no TLS, so there is nothing to trust");
    }
    return authority.trust();
  }

  /**
   * {@return TLS options that trust only the authority of {@link #trust}}
   *
   * @throws IllegalStateException if it has no TLS
   */
  public Tls tls() {
    return Tls.DEFAULT.trust(trust());
  }

  // ---- what it does

  /**
   * Changes the scripts of later connections: one for the next, one for the one after it, and so
   * on. The last script is for all further ones. Open connections keep their scripts.
   *
   * @param scripts the scripts, in turn
   */
  public void script(Script... scripts) {
    List<Script> all = checked(scripts);
    guard.run(
        () -> {
          this.scripts = all;
          next = 0;
        });
  }

  /**
   * Changes the protocols of later connections, by preference: {@code HTTP_2} and {@code HTTP_1_1}
   * at first. With TLS, the origin chooses the first of them that the client offers by ALPN (RFC
   * 7301), or HTTP/1.1 if the client offers none. Without TLS, the client chooses. If it begins
   * with HTTP/2 and HTTP/2 is not one of them, the origin reads an invalid HTTP/1.1 request.
   *
   * @param protocols one or both
   * @return this origin
   */
  public Origin protocols(Protocol... protocols) {
    List<Protocol> all = List.of(protocols);
    if (all.isEmpty() || !List.of(Protocol.HTTP_2, Protocol.HTTP_1_1).containsAll(all)) {
      throw new IllegalArgumentException("protocols: " + all + ", allowed HTTP_2 and HTTP_1_1");
    }
    guard.run(() -> this.protocols = all);
    return this;
  }

  Ground ground() {
    return ground;
  }

  Machine machine() {
    return machine;
  }

  boolean hasTls() {
    return authority != null;
  }

  /** {@return how many connections it has accepted} */
  public int visits() {
    return guard.get(() -> visits);
  }

  private void accepted(Wire wire) {
    String here = host() + ":" + port();
    guard.run(
        () -> {
          if (closed) {
            wire.close();
            return;
          }
          Visit visit = new Visit(++visits, new Peer(wire, protocols, machine), machine);
          Script script = scripts.get(Math.min(next++, scripts.size() - 1));
          Thread thread = ground.start(visit + " of " + here, () -> play(script, visit));
          playing.put(visit, thread); // before it can end, for which it wants the guard
        });
  }

  private void play(Script script, Visit visit) {
    try {
      script.play(visit);
    } catch (ClientGoneException e) {
      // clients go
    } catch (Throwable e) { // whatever a user's code throws
      failed(visit, e);
    }
    try {
      visit.peer().end();
    } finally {
      ended(visit);
    }
  }

  void failed(Visit visit, Throwable e) {
    guard.run(
        () -> {
          boolean cutShort = closed && tellsOfAnInterrupt(e);
          if (!cutShort) {
            failures.add(new AssertionError(theScriptOf(visit) + " failed: " + e, e));
          }
        });
  }

  private String theScriptOf(Visit visit) {
    return "The script of " + visit + " of " + this;
  }

  /** Whether an interrupt is what a script threw, or what it wrapped in something else. */
  private static boolean tellsOfAnInterrupt(Throwable thrown) {
    for (Throwable e = thrown; e != null; e = e.getCause()) {
      if (e instanceof InterruptedException || e instanceof ClosedByInterruptException) {
        return true;
      }
    }
    return false;
  }

  private void ended(Visit visit) {
    List<Thread> all =
        guard.get(
            () -> {
              playing.remove(visit);
              return List.copyOf(waiting);
            });
    all.forEach(machine::unpark);
  }

  private List<Visit> playing() {
    return guard.get(() -> List.copyOf(playing.keySet()));
  }

  /**
   * Throws what a script threw, if one did, once for each script. So a failed assertion in a script
   * fails the test.
   *
   * @throws AssertionError if a script threw; it names the visit, and its cause is what the script
   *     threw
   */
  public void check() {
    Verdict.on(failures());
  }

  /** Takes what scripts threw so far. */
  List<AssertionError> failures() {
    return guard.get(
        () -> {
          List<AssertionError> taken = List.copyOf(failures);
          failures.clear();
          return taken;
        });
  }

  // ---- faults of all

  /**
   * Refuses new connections: a client that connects sees {@code Refused}. Open connections
   * continue.
   */
  public void refuse() {
    guard.run(() -> listening = false);
    ground.refuse();
  }

  /**
   * Accepts connections again, on the same port. Does nothing if it already accepts them.
   *
   * @throws UncheckedIOException if another program uses the port for longer than a second
   * @throws IllegalStateException if it is closed
   */
  public void listen() {
    boolean listened =
        guard.get(
            () -> {
              if (closed) {
                throw new IllegalStateException("the " + what + " is closed");
              }
              boolean before = listening;
              listening = true;
              return before;
            });
    if (!listened) {
      ground.listen(this::accepted);
    }
  }

  /** Resets all open connections: see {@link Visit#reset}. */
  public void reset() {
    playing().forEach(Visit::reset);
  }

  /** Makes all open connections half-open: see {@link Visit#halfOpen}. */
  public void halfOpen() {
    playing().forEach(Visit::halfOpen);
  }

  /**
   * Ends all open connections at once, like the end of a server process. A client sees the end of
   * the input, without a close frame, or a reset if the origin has not read everything that
   * arrived.
   */
  public void drop() {
    playing().forEach(visit -> visit.peer().close());
  }

  /**
   * Ends this origin. It refuses new connections, ends open ones like {@link #drop}, interrupts the
   * scripts that still run, and waits for their end. Such an interrupt is not a failure of the
   * script, even in the middle of a long {@link Visit#pause}. A script that ignores the interrupt
   * and runs for 10 s more has failed. Does nothing if the origin is closed. Do not call it from a
   * script of this origin, which would wait for itself.
   *
   * @throws AssertionError as for {@link #check}
   */
  @Override
  public void close() {
    end();
    check();
  }

  /** Ends it, and throws nothing. */
  void end() {
    end(PATIENCE);
  }

  /** Ends it, with so much patience for its scripts. */
  void end(Duration patience) {
    List<Thread> threads =
        guard.get(
            () -> {
              if (closed) {
                return null;
              }
              closed = true;
              listening = false;
              return List.copyOf(playing.values());
            });
    if (threads == null) {
      return; // it was closed before
    }
    ground.refuse();
    drop();
    threads.forEach(Thread::interrupt); // those that wait for something else
    boolean interrupted = Thread.interrupted(); // the end is not left half done
    while (true) {
      try {
        awaitNobody(patience);
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    late(patience);
  }

  private void late(Duration patience) {
    guard.run(
        () ->
            playing.forEach(
                (visit, thread) -> {
                  Exception where = new IllegalStateException("it ignores the interrupt");
                  where.setStackTrace(thread.getStackTrace());
                  failures.add(
                      new AssertionError(
                          theScriptOf(visit)
                              + " has not ended in "
                              + Durations.words(patience)
                              + ".",
                          where));
                }));
  }

  /**
   * Waits until the scripts of all connections have ended, and throws what one threw. {@link
   * #close} interrupts a script that still runs, before its last checks. If you rely on these, wait
   * for the script with this method.
   *
   * @param timeout the longest time to wait, by the origin's clock: zero, which only checks, to 365
   *     days
   * @throws AssertionError if a script has not ended in time, or as for {@link #check}
   * @throws InterruptedException if the thread is interrupted while it waits
   */
  public void awaitScripts(Duration timeout) throws InterruptedException {
    Range.nanos("timeout", timeout);
    awaitNobody(timeout);
    check();
    List<Visit> left = playing();
    if (!left.isEmpty()) {
      throw new AssertionError(
          "The scripts of "
              + left
              + " of "
              + this
              + " have not ended in "
              + Durations.words(timeout)
              + ".");
    }
  }

  private void awaitNobody(Duration timeout) throws InterruptedException {
    long start = machine.nanos();
    Thread me = Thread.currentThread();
    guard.run(() -> waiting.add(me));
    try {
      while (!playing().isEmpty()) {
        long left = timeout.toNanos() - (machine.nanos() - start);
        if (left <= 0) {
          return;
        }
        machine.park("the end of the scripts", left);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    } finally {
      guard.run(() -> waiting.remove(me));
    }
  }

  /** For logs. */
  @Override
  public String toString() {
    return what + " " + ground;
  }
}
