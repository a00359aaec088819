package dev.lariat.testkit;

import dev.lariat.option.Platform;
import dev.lariat.testkit.internal.simulation.Failure;
import dev.lariat.testkit.internal.simulation.HostState;
import dev.lariat.testkit.internal.simulation.Scheduler;
import dev.lariat.testkit.internal.simulation.SimulatedMachine;
import dev.lariat.testkit.internal.wire.Wire;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A simulated environment for connections of Lariat. Its time passes only while all threads wait,
 * and its network does what the test says. The order of everything that happens depends only on a
 * number, the seed. So you can test a day of reconnects in milliseconds, and a failure can be
 * repeated.
 *
 * <pre>{@code
 * try (Simulation simulation = Simulation.seeded(42)) {
 *   Origin origin = simulation.origin("feed.example", 80, Script.echo());
 *   ConnectionOptions options = ConnectionOptions.DEFAULT.platform(simulation.platform());
 *   Connection connection = Lariat.open("feed.example", 80, options);
 *   origin.refuse();
 *   Message message = connection.mailbox().take(Duration.ofHours(24)); // returns at once
 * }
 * }</pre>
 *
 * <p><b>Time.</b> It begins at 2030-01-01T00:00Z and stands still while a thread runs. When all
 * threads wait, it jumps to the next moment at which a thread continues, a timer ends or something
 * arrives.
 *
 * <p><b>Threads.</b> One thread runs at a time. The thread that makes the simulation is its driver.
 * The others run while the driver waits in a method of Lariat such as {@code mailbox.take}, {@code
 * awaitUp} or {@code send}, or in {@link #advance}, {@link #settle}, {@link #pause} or {@link
 * #await}. Each script of an origin has its own thread, and {@link #start} makes more. If a thread
 * waits in another way, for example for a lock, the simulation notices it after some milliseconds
 * of real time and continues without it. Then the order can differ the next time, and also if
 * threads that were not started here use the simulation. The driver must not wait in another way at
 * all. If it waits without a timeout and nothing more can happen, or for 30 days, its wait ends
 * with an {@link IllegalStateException} that says which thread waits for what.
 *
 * <p><b>Network.</b> A name resolves after you make a {@link #host} or an {@link #origin} with it.
 * At first, everything takes 1 ms in each direction. Each direction of a connection holds up to 64
 * KiB of unread bytes. There is no TLS: {@code Lariat.open} rejects a connection with it.
 *
 * <p>If the simulation itself fails, the exception contains the seed and the end of the {@link
 * #trace}. {@link #run} adds them to everything that a test throws.
 */
public final class Simulation implements AutoCloseable {
  private static final Duration GRACE = Duration.ofMinutes(1); // for goodbyes, in the end
  private static final Duration STEP = Duration.ofSeconds(1);

  private final long seed;
  private final SimulatedMachine machine;
  private final Scheduler scheduler;
  private final List<Origin> origins = new ArrayList<>();
  private boolean finished;

  /** The code of a test in a simulation. */
  @FunctionalInterface
  public interface Body {

    /**
     * Runs the test.
     *
     * @param simulation the simulation
     * @throws Exception if it fails
     */
    void run(Simulation simulation) throws Exception;
  }

  private Simulation(long seed) {
    this.seed = seed;
    this.machine = new SimulatedMachine(seed);
    this.scheduler = machine.scheduler();
  }

  /**
   * {@return a new simulation, whose driver is the calling thread} Every seed is as good as any
   * other.
   *
   * @param seed the seed of everything that is random
   */
  public static Simulation seeded(long seed) {
    return new Simulation(seed);
  }

  /**
   * Runs a test in a new simulation and closes the simulation. The test runs on a virtual thread,
   * because switching to the other threads of the simulation is faster from there than from a
   * platform thread.
   *
   * @param seed the seed of everything that is random
   * @param body the test
   * @throws AssertionError if the test throws one, which is its cause; its message has the seed
   * @throws Exception if the test or {@link #close} throws it. A suppressed exception of what the
   *     test threw has the seed and the end of the trace
   */
  public static void run(long seed, Body body) throws Exception {
    CompletableFuture<@Nullable Void> done = new CompletableFuture<>();
    Thread driver =
        Thread.ofVirtual()
            .name("simulation " + seed)
            .start(
                () -> {
                  try {
                    play(seed, body);
                    done.complete(null);
                  } catch (Throwable e) { // told to whoever waits
                    done.completeExceptionally(e);
                  }
                });
    try {
      done.get();
    } catch (InterruptedException e) {
      driver.interrupt();
      throw e;
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case Error error -> throw error;
        case Exception exception -> throw exception;
        case null, default -> throw e;
      }
    }
  }

  private static void play(long seed, Body body) throws Exception {
    try (Simulation simulation = seeded(seed)) {
      try {
        body.run(simulation);
      } catch (Throwable e) {
        e.addSuppressed(new Circumstances(simulation.scheduler.whereItStands()));
        if (e instanceof AssertionError) { // what reports show of a test is often this line alone
          throw new AssertionError("Seed " + seed + ": " + e.getMessage(), e);
        }
        throw e;
      }
    }
  }

  /** Tells where a simulation stood when something was thrown. */
  private static final class Circumstances extends Exception {
    private static final long serialVersionUID = 1;

    Circumstances(String where) {
      super(where, null, false, false); // it was thrown nowhere
    }
  }

  // ---- what it is

  /** {@return the seed} */
  public long seed() {
    return seed;
  }

  /** {@return the platform for connections in this simulation: {@code options.platform(…)}} */
  public Platform platform() {
    return machine;
  }

  /** {@return the current date and time of the simulation} */
  public Instant now() {
    return machine.now();
  }

  /** {@return how much time has passed since the beginning} */
  public Duration elapsed() {
    return scheduler.elapsed();
  }

  /**
   * {@return what has happened, the oldest first, each with its time in seconds since the
   * beginning} It shows which threads run and wait, what is sent, what arrives, and how the test
   * changed the network. It keeps the newest 10,000 lines. The same seed gives the same lines.
   */
  public List<String> trace() {
    return scheduler.trace();
  }

  // ---- its network

  /**
   * {@return the host with this name, which resolves from now on}
   *
   * @param name a name, or an address as in a URI
   */
  public Host host(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("host: \"\", allowed a name or an address");
    }
    return new Host(name, machine.network().host(name));
  }

  /**
   * Starts an origin on this host.
   *
   * @param host a name, or an address as in a URI
   * @param port 1 to 65535
   * @param scripts one for the first connection, one for the second and so on; the last one is for
   *     all later connections
   * @return the running origin
   * @throws IllegalStateException if another origin has this port of this host
   */
  public Origin origin(String host, int port, Script... scripts) {
    return origin(Origin.ORIGIN, host, port, scripts);
  }

  private Origin origin(String what, String host, int port, Script... scripts) {
    Range.within("port", port, 1, 65535);
    Ground ground = new SimulatedGround(host(host), port);
    Origin origin = new Origin(what, ground, machine, null, scripts).begun();
    origins.add(origin);
    return origin;
  }

  /**
   * Starts a proxy on this host. It connects to the hosts of this simulation, by their names or
   * addresses.
   *
   * @param host a name, or an address as in a URI
   * @param port 1 to 65535
   * @return the running proxy
   * @throws IllegalStateException if another server has this port of this host
   */
  public ProxyServer proxy(String host, int port) {
    return new ProxyServer(script -> origin(ProxyServer.PROXY, host, port, script));
  }

  /** A port of a simulated host. */
  private final class SimulatedGround implements Ground {
    private final Host host;
    private final HostState state;
    private final int port;

    SimulatedGround(Host host, int port) {
      this.host = host;
      this.state = host.state();
      this.port = port;
    }

    @Override
    public String host() {
      return host.name();
    }

    @Override
    public int port() {
      return port;
    }

    @Override
    public void listen(Consumer<Wire> accepted) {
      state.listen(port, accepted);
    }

    @Override
    public void refuse() {
      state.ignore(port);
    }

    @Override
    public Wire connect(String host, int port, Duration patience) throws IOException {
      return machine.network().connect(host, port, patience.toNanos());
    }

    @Override
    public Thread start(String name, Runnable task) {
      return scheduler.serve(name, task);
    }

    @Override
    public String toString() {
      return host + ":" + port + " in " + machine;
    }
  }

  // ---- threads and time

  /**
   * Starts a virtual thread of the simulation. {@link #check} and {@link #close} throw what it
   * throws.
   *
   * @param name its name in the trace
   * @param task the task of the thread
   * @return the thread
   */
  public Thread start(String name, Runnable task) {
    return scheduler.start(name, task);
  }

  /**
   * Lets this much time pass, with everything that happens in it. Call it on the driver's thread.
   *
   * @param time zero to 365 days
   */
  public void advance(Duration time) {
    Range.nanos("time", time);
    scheduler.note("driver lets pass", time);
    scheduler.advance(time);
  }

  /**
   * Lets everything happen that can happen without time passing. Data on its way through the
   * network needs time, so it does not arrive. Call it on the driver's thread.
   */
  public void settle() {
    scheduler.settle();
  }

  /**
   * Waits for this long. Call it on any thread of the simulation. On the driver's thread it is like
   * {@link #advance}, except that an interrupt ends it.
   *
   * @param time zero to 365 days
   * @throws InterruptedException if the thread is interrupted
   */
  public void pause(Duration time) throws InterruptedException {
    Range.nanos("time", time);
    machine.pause(time);
  }

  /**
   * Waits for a future, such as those of {@code connection.info()} or {@code socket.written(…)}.
   * Call it on any thread of the simulation. The methods of the future itself would wait in real
   * time, during which nothing happens in the simulation.
   *
   * @param <T> the type of the value
   * @param future the future
   * @return the value of the future
   * @throws ExecutionException if the future failed; its cause is the exception of the future
   * @throws InterruptedException if the thread is interrupted
   */
  public <T extends @Nullable Object> T await(CompletableFuture<T> future)
      throws ExecutionException, InterruptedException {
    Thread waiter = Thread.currentThread();
    future.whenComplete((value, failure) -> machine.unpark(waiter));
    while (!future.isDone()) {
      machine.park(future, Long.MAX_VALUE);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
    return future.get();
  }

  // ---- the end

  /**
   * Throws what a thread or a script threw, if one did, once for each.
   *
   * @throws AssertionError if one threw; it has its name and the seed, and its cause is what was
   *     thrown
   */
  public void check() {
    Verdict.on(failures());
  }

  private List<AssertionError> failures() {
    List<AssertionError> all = new ArrayList<>();
    for (Origin origin : origins) {
      all.addAll(origin.failures());
    }
    for (Failure failure : scheduler.failures()) {
      Throwable thrown = failure.thrown();
      all.add(new AssertionError(failure.who() + " in " + machine + " failed: " + thrown, thrown));
    }
    return all;
  }

  /**
   * Ends the simulation and returns what is left over: open connections, waiting threads, timers,
   * and buffers that were not released. What has begun to end gets a minute of simulated time for
   * that. Then the simulation closes the origins and interrupts the threads. Call it on the
   * driver's thread. Does nothing if the simulation has ended.
   *
   * @return a phrase for each; empty if nothing is left
   */
  public List<String> finish() {
    scheduler.refuseOthers("finish");
    if (finished) {
      return List.of();
    }
    finished = true;
    try {
      scheduler.settle();
      for (Duration passed = Duration.ZERO;
          passed.compareTo(GRACE) < 0 && !machine.leftovers().isEmpty();
          passed = passed.plus(STEP)) {
        scheduler.advance(STEP);
      }
      List<String> left = machine.leftovers();
      origins.forEach(Origin::end);
      scheduler.settle();
      return left;
    } finally {
      machine.end();
    }
  }

  /**
   * Ends the simulation like {@link #finish}, and fails if something is left over or was thrown.
   *
   * @throws AssertionError as for {@link #check}
   * @throws IllegalStateException if something is left over; it says what
   */
  @Override
  public void close() {
    if (finished) {
      return;
    }
    List<String> left = finish();
    List<AssertionError> all = failures();
    if (!left.isEmpty()) {
      IllegalStateException leaves =
          new IllegalStateException(
              "Left behind: " + String.join("; ", left) + ".\n" + scheduler.whereItStands());
      if (all.isEmpty()) {
        throw leaves;
      }
      all.getFirst().addSuppressed(leaves);
    }
    Verdict.on(all);
  }

  /** For logs. */
  @Override
  public String toString() {
    return machine.toString();
  }
}
