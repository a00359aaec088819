package dev.lariat.fleet.simulator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.PriorityQueue;
import java.util.Random;

/** Simulated time: what is to happen, in its order. The seed decides everything. */
final class Timeline {
  static final long MS = 1_000_000;
  static final long SECOND = 1000 * MS;
  private static final int TRACE = 120; // lines

  final Random random;
  private final PriorityQueue<Due> due = new PriorityQueue<>();
  private final Deque<String> trace = new ArrayDeque<>();
  private long now;
  private long sequence;

  private record Due(long at, long sequence, Runnable task) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      return at == other.at ? Long.compare(sequence, other.sequence) : Long.compare(at, other.at);
    }
  }

  Timeline(long seed) {
    this.random = new Random(seed);
  }

  long now() {
    return now;
  }

  void at(long time, Runnable task) {
    due.add(new Due(Math.max(now, time), sequence++, task));
  }

  void after(long delay, Runnable task) {
    at(now + delay, task);
  }

  /** A random time, at least the first and less than the second. */
  long between(long from, long to) {
    return from + (long) (random.nextDouble() * (to - from));
  }

  boolean chance(double probability) {
    return random.nextDouble() < probability;
  }

  void runUntil(long end) {
    while (!due.isEmpty() && due.peek().at() <= end) {
      Due next = due.poll();
      now = next.at();
      next.task().run();
    }
    now = end;
  }

  void trace(String what) {
    if (trace.size() == TRACE) {
      trace.removeFirst();
    }
    trace.addLast(now / MS + " ms " + what);
  }

  AssertionError broken(String law) {
    return new AssertionError(
        "At " + now / MS + " ms: " + law + "\n  " + String.join("\n  ", trace));
  }
}
