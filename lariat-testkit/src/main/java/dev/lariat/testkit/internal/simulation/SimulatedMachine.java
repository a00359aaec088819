package dev.lariat.testkit.internal.simulation;

import dev.lariat.internal.transport.Dialer;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.Machine;
import dev.lariat.internal.transport.Place;
import dev.lariat.internal.transport.TlsContext;
import dev.lariat.option.ConnectionOptions;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A machine whose clocks, loops, threads and network are simulated. */
public final class SimulatedMachine implements Machine {
  /** What the clock on the wall shows at the beginning. */
  public static final Instant BEGINNING = Instant.parse("2030-01-01T00:00:00Z");

  private static final int LOOPS = 2; // that connections share, so that some do not

  private final long seed;
  private final Scheduler scheduler;
  private final Network network;
  private final List<Loop> loops = new ArrayList<>(LOOPS);
  private final List<SimulatedChannel> channels = new ArrayList<>(); // that are open
  private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
  private int nextLoop;

  /** A machine on which nothing has happened; the thread that makes it drives it. */
  public SimulatedMachine(long seed) {
    this.seed = seed;
    this.scheduler = new Scheduler(seed);
    this.network = new Network(scheduler);
  }

  /** Who runs, and when. */
  public Scheduler scheduler() {
    return scheduler;
  }

  /** What is connected to it. */
  public Network network() {
    return network;
  }

  @Override
  public long nanos() {
    return scheduler.now();
  }

  @Override
  public Instant now() {
    return BEGINNING.plusNanos(scheduler.now());
  }

  @Override
  public void park(Object blocker, long nanos) {
    scheduler.park(blocker == this ? "its time" : blocker, nanos); // as pause does
  }

  @Override
  public void unpark(@Nullable Thread thread) {
    scheduler.unpark(thread);
  }

  @Override
  public Loop nextLoop() {
    scheduler.enter();
    if (loops.size() < LOOPS) {
      loops.add(new Loop(scheduler.newLoop(), random()));
    }
    return loops.get(nextLoop++ % loops.size());
  }

  @Override
  public Dialer dialer(Place place, Optional<TlsContext> tls, ConnectionOptions options) {
    boolean secured = options.via().stream().anyMatch(proxy -> proxy.tls().isPresent());
    if (tls.isPresent() || secured) {
      throw new IllegalArgumentException(
          "tls: of a connection in a simulation, allowed none: its network needs no secrets");
    }
    if (place instanceof Place.Unix(var path, var authority)) {
      throw new IllegalArgumentException(
          "path: " + path + " in a simulation, allowed a host: it has no file system");
    }
    return Dialer.over(
        place, tls, options, network::lookup, () -> new SimulatedChannel(network, this));
  }

  @Override
  public CompletableFuture<List<InetAddress>> lookup(String host) {
    return network.lookup(host);
  }

  @Override
  public RandomGenerator random() {
    return scheduler::chance;
  }

  @Override
  public Thread start(String name, Runnable task) {
    return scheduler.start(name, task);
  }

  @Override
  public Thread startApart(String name, Runnable task) {
    return scheduler.start(name, task); // one thread runs at a time, by turns
  }

  @Override
  public boolean isLoop() {
    return scheduler.isLoop();
  }

  // ---- what is left in the end

  UnpooledByteBufAllocator allocator() {
    return allocator;
  }

  void made(SimulatedChannel channel) {
    channels.add(channel);
    channel.closeFuture().addListener(closed -> channels.remove(channel));
  }

  /** What a program that has ended would not leave behind. */
  public List<String> leftovers() {
    List<String> all = new ArrayList<>();
    for (SimulatedChannel channel : channels) {
      all.add("a connection to " + channel.remoteAddress() + " is open");
    }
    all.addAll(scheduler.unfinished());
    long bytes = allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
    if (bytes > 0) {
      all.add("buffers of " + bytes + " bytes were not released");
    }
    return all;
  }

  /** Ends everything. */
  public void end() {
    scheduler.end();
    loops.forEach(Loop::end);
  }

  /** How long it has run, by its own clock. */
  public Duration elapsed() {
    return scheduler.elapsed();
  }

  /** For messages. */
  @Override
  public String toString() {
    return "a simulation with seed " + seed;
  }
}
