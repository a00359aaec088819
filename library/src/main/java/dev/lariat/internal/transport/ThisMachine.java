package dev.lariat.internal.transport;

import dev.lariat.option.ConnectionOptions;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** The machine that this program runs on. */
public final class ThisMachine implements Machine {
  /** The one that there is. */
  public static final Machine THIS = new ThisMachine();

  private static final RandomGenerator RANDOM = () -> ThreadLocalRandom.current().nextLong();

  private static final Rounds ROUNDS = new Rounds(Duration.ofMillis(500).toNanos());

  private ThisMachine() {}

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public Instant now() {
    return Instant.now();
  }

  @Override
  public void park(Object blocker, long nanos) {
    if (nanos == Long.MAX_VALUE) {
      LockSupport.park(blocker);
    } else {
      ROUNDS.park(blocker, nanos);
    }
  }

  @Override
  public void unpark(@Nullable Thread thread) {
    LockSupport.unpark(thread);
  }

  @Override
  public Loop nextLoop() {
    return Loops.SHARED.next();
  }

  @Override
  public Dialer dialer(Place place, Optional<TlsContext> tls, ConnectionOptions options) {
    return new NetworkDialer(place, tls, options);
  }

  @Override
  public CompletableFuture<List<InetAddress>> lookup(String host) {
    return SystemLookup.THE_SYSTEM.of(host);
  }

  /**
   * Waits until no connection is left, ends the threads of this machine's loops and lookups, and
   * waits for that.
   *
   * @return whether all have ended within that time
   */
  public static boolean awaitEnd(long nanos) throws InterruptedException {
    long start = System.nanoTime();
    return Loops.SHARED.awaitEnd(nanos)
        && SystemLookup.awaitEnd(nanos - (System.nanoTime() - start));
  }

  @Override
  public RandomGenerator random() {
    return RANDOM;
  }

  @Override
  public Thread start(String name, Runnable task) {
    return Thread.ofVirtual().name(name).start(task);
  }

  @Override
  public Thread startApart(String name, Runnable task) {
    return Thread.ofPlatform().daemon().name(name).start(task);
  }

  @Override
  public boolean isLoop() {
    return Loops.isLoop(Thread.currentThread());
  }

  /** For messages. */
  @Override
  public String toString() {
    return "this machine";
  }
}
