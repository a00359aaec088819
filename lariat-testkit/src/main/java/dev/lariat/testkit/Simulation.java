package dev.lariat.testkit;

import dev.lariat.option.Platform;
import dev.lariat.testkit.internal.simulation.Failure;
import dev.lariat.testkit.internal.simulation.HostState;
import dev.lariat.testkit.internal.simulation.Scheduler;
import dev.lariat.testkit.internal.simulation.SimulatedMachine;
import dev.lariat.testkit.internal.wire.Wire;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A simulated world for connections of Lariat: its time passes when somebody waits, its network
 * does what the test says, and everything in it happens in an order that depends on a number, the
 * seed, and on nothing else. So a day of reconnecting is tested in milliseconds, and what went
 * wrong once goes wrong again.
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
 * threads wait, it jumps to when the first of them continues, a timer ends or something arrives.
 *
 * <p><b>Threads.</b> One runs at a time. The thread that makes the simulation drives it: the others
 * run while it waits in a method of Lariat's ({@code mailbox.take}, {@code awaitUp}, {@code send}
 * and their like), in {@link #advance}, {@link #settle}, {@link #pause} or {@link #await}. Scripts
 * of origins have threads of their own, and {@link #start} makes more. A thread that waits by other
 * means, a lock or a queue of its own, is noticed after some milliseconds of real time, and the
 * rest goes on without it; then, and when threads that were not started here use the simulation,
 * the order may not be the same the next time. The driver must not wait by other means at all.
 * Where it waits without a deadline and nothing can happen any more, or for 30 days, its wait ends
 * with an {@link IllegalStateException} that tells who waits for what.
 *
 * <p><b>Network.</b> A name is known once a {@link #host} or an {@link #origin} has it. Everything
 * takes 1 ms each way at the beginning, and each direction of a connection holds 64 KiB that were
 * not read. There is no TLS: a connection that wants it is refused by {@code Lariat.open}.
 *
 * <p>In what throws because the simulation went wrong stand the seed and the end of the {@link
 * #trace}. {@link #run} adds them to whatever a test throws.
 */
public final class Simulation implements AutoCloseable {
  private static final Duration GRACE = Duration.ofMinutes(1); // for goodbyes, in the end
  private static final Duration STEP = Duration.ofSeconds(1);

  private final long seed;
  private final SimulatedMachine machine;
  private final Scheduler scheduler;
  private final List<Origin> origins = new ArrayList<>();
  private boolean finished;

  /** A test in a simulation. */
  @FunctionalInterface
  public interface Body {

    /**
     * Does what is to be tested.
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
   * {@return a new world, which the calling thread drives} Every seed is as good as any other.
   *
   * @param seed the seed of everything that is random
   */
  public static Simulation seeded(long seed) {
    return new Simulation(seed);
  }

  /**
   * Runs a test in a new simulation, on a virtual thread, between which and the simulation's other
   * threads it takes less time to change than from a thread of the platform's; and closes the
   * simulation.
   *
   * @param seed the seed of everything that is random
   * @param body the driver
   * @throws AssertionError if the test throws one, with the seed in its message and that one as its
   *     cause
   * @throws Exception what else the test throws, or {@link #close} does; a suppressed exception of
   *     what the test threw tells the seed and the end of the trace
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

  /** {@return the number that everything depends on} */
  public long seed() {
    return seed;
  }

  /**
   * {@return what connections live on that are to live in this simulation: {@code
   * options.platform(…)}}
   */
  public Platform platform() {
    return machine;
  }

  /** {@return what the clock on the wall shows} */
  public Instant now() {
    return machine.now();
  }

  /** {@return how much time has passed since the beginning} */
  public Duration elapsed() {
    return scheduler.elapsed();
  }

  /**
   * {@return what has happened, the oldest first, each with its time in seconds since the
   * beginning: threads that run and wait, what is sent, what arrives, what the test did to the
   * network} The newest 10,000 lines are kept. The same seed gives the same lines.
   */
  public List<String> trace() {
    return scheduler.trace();
  }

  // ---- its network

  /**
   * {@return a host of this name, and the way to it; known from now on}
   *
   * @param name a name, or an address as a URI has it
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
   * @param host a name, or an address as a URI has it
   * @param port 1 to 65535
   * @param scripts one for the first connection, one for the second and so on; the last one for all
   *     further
   * @return the running origin
   * @throws IllegalStateException if another origin has this port of this host
   */
  public Origin origin(String host, int port, Script... scripts) {
    Range.within("port", port, 1, 65535);
    Origin origin =
        new Origin(new SimulatedGround(host(host), port), machine, null, scripts).begun();
    origins.add(origin);
    return origin;
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
   * Starts a virtual thread of the simulation. What it throws, {@link #check} and {@link #close}
   * throw.
   *
   * @param name for the trace
   * @param task the task of the thread
   * @return the thread
   */
  public Thread start(String name, Runnable task) {
    return scheduler.start(name, task);
  }

  /**
   * Lets this much time pass, and everything happen that happens in it; on the driver's thread.
   *
   * @param time zero to 365 days
   */
  public void advance(Duration time) {
    Range.nanos("time", time);
    scheduler.note("driver lets pass", time);
    scheduler.advance(time);
  }

  /**
   * Lets everything happen that can happen without time passing, which what is on its way in the
   * network cannot; on the driver's thread.
   */
  public void settle() {
    scheduler.settle();
  }

  /**
   * Waits for this long; on any thread of the simulation. On the driver's it is {@link #advance},
   * but that an interrupt ends it.
   *
   * @param time zero to 365 days
   * @throws InterruptedException if the thread is interrupted
   */
  public void pause(Duration time) throws InterruptedException {
    Range.nanos("time", time);
    machine.pause(time);
  }

  /**
   * Waits for a future, such as those of {@code connection.info()} or {@code socket.written(…)}; on
   * any thread of the simulation. The future's own methods would wait by real time, in which
   * nothing happens here.
   *
   * @param <T> the type of the value
   * @param future the future
   * @return what it was completed with
   * @throws ExecutionException if it was completed with an exception, which is its cause
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
   * @throws AssertionError that says which one and the seed, with what was thrown as its cause
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
   * Ends the simulation and returns what is left over: connections that are open, threads that
   * wait, timers, buffers that were not released. What has begun to end is given a minute of
   * simulated time to do so. Then the origins are closed, the threads interrupted. On the driver's
   * thread; when the simulation has ended, it does nothing.
   *
   * @return each a phrase; empty if nothing was left
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
   * Ends the simulation as {@link #finish} does, and fails if something is left over or was thrown.
   *
   * @throws AssertionError as {@link #check}
   * @throws IllegalStateException that names what is left over
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
