package dev.lariat.testkit.internal.simulation;

import io.netty.util.concurrent.Ticker;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.TimeUnit;

/**
 * What time it is, and what the network brings at which time. The clock stands still while a thread
 * runs; the driver lets it jump when none can.
 *
 * <p>Only the thread that has the turn uses it. The clock may be read by any thread.
 */
final class Agenda {
  /** A time that does not come. */
  static final long NEVER = Long.MAX_VALUE;

  /**
   * What the network brings: events of the same time come in the order in which they were added.
   */
  private record Event(long at, long number, Runnable happens) implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(at, other.at);
      return byTime != 0 ? byTime : Long.compare(number, other.number);
    }
  }

  /** The time, in nanoseconds since the beginning. Only {@link #jump} changes it. */
  private volatile long now;

  /** What is still to happen, the earliest first. */
  private final Queue<Event> events = new PriorityQueue<>();

  /** How many events were ever added, which is the number of the next one. */
  private long added;

  /** The same clock as Netty reads it. */
  private final Ticker ticker = new SimulatedTicker();

  private final class SimulatedTicker implements Ticker {
    @Override
    public long initialNanoTime() {
      return 0;
    }

    @Override
    public long nanoTime() {
      return now;
    }

    @Override
    public void sleep(long delay, TimeUnit unit) {
      throw new UnsupportedOperationException("a simulated loop does not sleep");
    }
  }

  Ticker ticker() {
    return ticker;
  }

  /** Nanoseconds since the beginning. */
  long now() {
    return now;
  }

  /** The time that comes in so many nanoseconds; {@link #NEVER} if that is too far away. */
  long after(long nanos) {
    return nanos >= NEVER - now ? NEVER : now + nanos;
  }

  /** Lets this happen at that time, or now if that time has passed. */
  void at(long time, Runnable happens) {
    events.add(new Event(Math.max(now, time), added++, happens));
  }

  /** Lets everything happen whose time has come. */
  void happen() {
    while (!events.isEmpty() && events.element().at <= now) {
      events.remove().happens.run();
    }
  }

  /** When the next event happens, or {@link #NEVER}. */
  long next() {
    return events.isEmpty() ? NEVER : events.element().at;
  }

  /** Lets the clock show this time; it does not go back. */
  void jump(long time) {
    now = Math.max(now, time);
  }

  /** Forgets everything that is still to happen. */
  void clear() {
    events.clear();
  }
}
