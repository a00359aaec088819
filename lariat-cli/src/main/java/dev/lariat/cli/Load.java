package dev.lariat.cli;

import dev.lariat.message.Bytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Puts a load on one server and measures. Each connection has a thread and one request at a time.
 *
 * <p>In the open model, the requests have intended times, which the server cannot delay: a latency
 * counts from there, even if the connection was still busy. So a stall of the server counts for
 * each request that it held up, and not only for the one that met it, which is known as coordinated
 * omission. In the closed model, each answer is followed by the next request, so there are no
 * intended times: a latency counts from the sending.
 */
final class Load {
  private static final long EVER = Duration.ofDays(365).toNanos();
  private static final long BETWEEN_ATTEMPTS = Duration.ofMillis(100).toNanos();

  /**
   * What to do.
   *
   * @param rate requests per second on all connections; empty for the closed model
   * @param duration how long to measure; null for as long as the count takes
   * @param count how many requests to measure; empty for as many as the duration holds
   */
  record Plan(
      int connections,
      OptionalDouble rate,
      int size,
      Duration warmUp,
      @Nullable Duration duration,
      OptionalLong count) {

    /** How many requests are planned: in the open model, those whose times are in the duration. */
    OptionalLong planned() {
      if (duration == null || rate.isEmpty()) {
        return count;
      }
      long fits = Math.max(1, (long) (rate.getAsDouble() * duration.toNanos() / 1e9));
      return OptionalLong.of(Math.min(fits, count.orElse(Long.MAX_VALUE)));
    }

    /** This plan for one of several rounds. */
    Plan part(int rounds) {
      OptionalLong its =
          count.isEmpty() ? count : OptionalLong.of(Math.max(1, count.getAsLong() / rounds));
      Duration length = duration == null ? null : duration.dividedBy(rounds);
      return new Plan(connections, rate, size, warmUp, length, its);
    }
  }

  private final Destination destination;
  private final Plan plan;
  private final Tally tally;
  private final Bytes message;
  private final AtomicLong taken = new AtomicLong(); // numbers of requests that are measured
  private final AtomicInteger exit = new AtomicInteger(-1);

  private long measureFrom; // nanoseconds, as the two below
  private long measureTo;
  private long limit; // the number of requests that are measured

  Load(Destination destination, Plan plan, Tally tally) {
    this.destination = destination;
    this.plan = plan;
    this.tally = tally;
    byte[] bytes = new byte[plan.size()];
    new Random(plan.size()).nextBytes(bytes); // so that no compression helps
    this.message = Bytes.wrap(bytes);
  }

  /**
   * Runs it to its end.
   *
   * @return the exit code of the first failure; negative if there was none
   */
  int run() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    CountDownLatch ready = new CountDownLatch(plan.connections());
    CountDownLatch go = new CountDownLatch(1);
    for (int i = 0; i < plan.connections(); i++) {
      threads.add(Thread.ofVirtual().name("lariat-bench-" + i).start(() -> connection(ready, go)));
    }
    try {
      ready.await();
      long now = System.nanoTime();
      measureFrom = now + plan.warmUp().toNanos();
      Duration length = plan.duration();
      measureTo = measureFrom + (length == null ? EVER : length.toNanos());
      limit = plan.planned().orElse(Long.MAX_VALUE);
      go.countDown();
      for (Thread thread : threads) {
        thread.join();
      }
      measured(length == null || plan.count().isPresent() ? Duration.ZERO : length);
    } catch (InterruptedException e) {
      if (go.getCount() == 0) {
        measured(Duration.ZERO); // until now
      }
      throw e;
    } finally {
      threads.forEach(Thread::interrupt); // where this one was interrupted
    }
    return exit.get();
  }

  private void measured(Duration least) {
    long passed = Math.max(1, System.nanoTime() - measureFrom);
    tally.measured(Duration.ofNanos(Math.max(least.toNanos(), passed)));
  }

  private void connection(CountDownLatch ready, CountDownLatch go) {
    try (Slot slot = new Slot()) {
      slot.connect();
      ready.countDown();
      go.await();
      warmUp(slot);
      slot.measured = true;
      if (plan.rate().isPresent()) {
        open(slot, plan.rate().getAsDouble());
      } else {
        closed(slot);
      }
    } catch (InterruptedException e) {
      // the command ends
    } finally {
      ready.countDown(); // which is no harm if it is counted already
    }
  }

  /** Asks without a measurement, at the rate of the measurement. */
  private void warmUp(Slot slot) throws InterruptedException {
    long pause =
        plan.rate().isPresent() ? (long) (1e9 * plan.connections() / plan.rate().getAsDouble()) : 0;
    long next = System.nanoTime();
    while (next - measureFrom < 0) {
      slot.ask();
      next = Math.max(next + pause, System.nanoTime());
      awaitTime(Math.min(next, measureFrom));
    }
    awaitTime(measureFrom);
  }

  private static void awaitTime(long nanos) throws InterruptedException {
    for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
      LockSupport.parkNanos(left);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  // ---- the two models

  private void closed(Slot slot) throws InterruptedException {
    while (taken.getAndIncrement() < limit && System.nanoTime() - measureTo < 0) {
      long start = System.nanoTime();
      if (slot.ask()) {
        tally.answered(Duration.ofNanos(System.nanoTime() - start));
      }
    }
  }

  private void open(Slot slot, double rate) throws InterruptedException {
    for (long number = taken.getAndIncrement(); number < limit; number = taken.getAndIncrement()) {
      long intended = measureFrom + (long) (number * 1e9 / rate);
      awaitTime(intended);
      long late = System.nanoTime() - measureTo;
      if (late > 0) {
        tally.unsent(Duration.ofNanos(measureTo - intended));
      } else if (slot.ask()) {
        tally.answered(Duration.ofNanos(System.nanoTime() - intended));
      }
    }
  }

  /** The place of one connection, which is opened again after a failure. */
  private final class Slot implements AutoCloseable {
    private @Nullable Pipe pipe;
    private boolean measured; // what fails before is not counted

    /** Opens it if it is not open; whether it is. */
    boolean connect() throws InterruptedException {
      Pipe before = pipe;
      if (before != null && before.isOver()) {
        close();
        if (measured) {
          tally.reconnected();
        }
      }
      if (pipe != null) {
        return true;
      }
      try {
        pipe = Pipe.open(destination, message);
        return true;
      } catch (Pipe.FailedRequestException e) {
        failed(e);
        awaitTime(System.nanoTime() + BETWEEN_ATTEMPTS); // no storm on who is down
        return false;
      }
    }

    /** Asks; whether there was an answer. */
    boolean ask() throws InterruptedException {
      if (!connect()) {
        return false;
      }
      Pipe its = Objects.requireNonNull(pipe);
      try {
        its.ask();
        return true;
      } catch (Pipe.FailedRequestException e) {
        failed(e);
        if (e.exit() != Exit.STATUS) { // which leaves the connection as it was
          close();
        }
        return false;
      }
    }

    private void failed(Pipe.FailedRequestException e) {
      if (measured) {
        tally.failed(String.valueOf(e.getMessage()));
      }
      exit.compareAndSet(-1, e.exit());
    }

    @Override
    public void close() {
      if (pipe != null) {
        pipe.close();
        pipe = null;
      }
    }
  }
}
