package dev.lariat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lariat.internal.codec.Sent;
import dev.lariat.internal.connection.Scene;
import dev.lariat.internal.transport.Dialer;
import dev.lariat.internal.transport.Loop;
import dev.lariat.internal.transport.Machine;
import dev.lariat.internal.transport.Place;
import dev.lariat.internal.transport.StillLoop;
import dev.lariat.internal.transport.TlsContext;
import dev.lariat.message.Message;
import dev.lariat.message.Reason;
import dev.lariat.option.ConnectionOptions;
import dev.lariat.option.Tls;
import io.netty.buffer.Unpooled;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A machine whose one loop has no thread and whose clock stands still: everything on the loop
 * happens when the test says {@link #run}, on the test's thread. Its network does what the test
 * says, and threads that are started wait until it says so.
 */
public final class World implements Machine {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  public final Deque<Attempt> attempts = new ArrayDeque<>();
  public final List<Thread> started = new ArrayList<>();
  private final MockTicker ticker = Ticker.newMockTicker();
  private final StillLoop still = new StillLoop(ticker);

  /** An attempt to connect. */
  public final class Attempt implements Dialer.Attempt {
    public final Place place;
    public final Optional<Tls> tls; // that of the options
    private final Dialer.Outcome outcome;
    public boolean cancelled;
    public @Nullable Reason soFar;

    private Attempt(Place place, Optional<Tls> tls, Dialer.Outcome outcome) {
      this.place = place;
      this.tls = tls;
      this.outcome = outcome;
    }

    /** It succeeds. */
    public Line up() {
      Scene.Socket channel = new Scene.Socket(ticker);
      outcome.connected(channel);
      World.this.run();
      return new Line(channel);
    }

    public void fails(Reason reason) {
      outcome.failed(reason);
      World.this.run();
    }

    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    public Optional<Reason> soFar() {
      return Optional.ofNullable(soFar);
    }
  }

  /** The server's end of a connection. */
  public final class Line {
    public final Scene.Socket channel;

    private Line(Scene.Socket channel) {
      this.channel = channel;
    }

    /** What has come since the last look, as text. */
    public String text() {
      return Scene.sent(channel);
    }

    /** What has come since the last look; whole frames. */
    public List<Sent> frames() {
      return Sent.all(Scene.sentBytes(channel));
    }

    /** The texts of those. */
    public List<String> texts() {
      return frames().stream().map(frame -> frame.payload().utf8()).toList();
    }

    public void receive(byte[] octets) {
      channel.writeInbound(Unpooled.wrappedBuffer(octets));
      World.this.run();
    }

    public void receive(String text) {
      receive(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Accepts the upgrade. */
    public Line accept() {
      receive(Scene.accepting(text()));
      return this;
    }

    public void hangUp() {
      channel.close();
      World.this.run();
    }

    public boolean isOpen() {
      return channel.isOpen();
    }
  }

  /** The attempt that runs; there is exactly one. */
  public Attempt attempt() {
    run();
    assertThat(attempts).hasSize(1);
    return attempts.remove();
  }

  /** Carries out everything that is due now. */
  public void run() {
    still.run();
  }

  public void advance(Duration time) {
    ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
    run();
  }

  /** Lets time pass and nothing else; from any thread. */
  public void advanceClock(Duration time) {
    ticker.advance(time.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Lets the threads that were started run to their ends. */
  public void runThreads() throws InterruptedException {
    startThreads();
    for (Thread thread : started) {
      assertThat(thread.join(PATIENCE)).as(thread + " ends").isTrue();
    }
    started.clear();
    run();
  }

  /** Lets the threads that were started run. */
  public void startThreads() {
    run();
    for (Thread thread : started) {
      if (thread.getState() == Thread.State.NEW) {
        thread.start();
      }
    }
  }

  /** What is in this mailbox now. */
  public List<Message> told(Mailbox mailbox) {
    run();
    return mailbox.drain();
  }

  public ConnectionOptions options() {
    return ConnectionOptions.DEFAULT.platform(this);
  }

  // ---- as a machine

  @Override
  public Loop nextLoop() {
    return still.loop();
  }

  @Override
  public Dialer dialer(Place place, Optional<TlsContext> tls, ConnectionOptions options) {
    return (on, outcome) -> {
      Attempt attempt = new Attempt(place, options.tls(), outcome);
      attempts.add(attempt);
      return attempt;
    };
  }

  /** The largest numbers below one: jitter gives nearly the full delay. */
  @Override
  public CompletableFuture<List<InetAddress>> lookup(String host) {
    return CompletableFuture.failedFuture(new UnknownHostException(host));
  }

  @Override
  public RandomGenerator random() {
    return () -> -1L;
  }

  @Override
  public Thread start(String name, Runnable task) {
    Thread thread = Thread.ofVirtual().name(name).unstarted(task);
    started.add(thread);
    return thread;
  }

  @Override
  public Thread startApart(String name, Runnable task) {
    return start(name, task);
  }

  @Override
  public boolean isLoop() {
    return false;
  }

  @Override
  public long nanos() {
    return ticker.nanoTime();
  }

  @Override
  public Instant now() {
    return Instant.parse("2026-11-26T12:00:00Z").plusNanos(nanos());
  }

  @Override
  public void park(Object blocker, long nanos) {
    LockSupport.parkNanos(blocker, TimeUnit.MILLISECONDS.toNanos(10));
  }

  @Override
  public void unpark(@Nullable Thread thread) {
    LockSupport.unpark(thread);
  }
}
