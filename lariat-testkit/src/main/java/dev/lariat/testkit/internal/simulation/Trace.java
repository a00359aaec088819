package dev.lariat.testkit.internal.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;

/** What has happened in a simulation: the newest of it, since a long one has no end of events. */
final class Trace {
  private static final int KEPT = 10_000;

  /**
   * One event.
   *
   * @param at nanoseconds since the beginning
   * @param words what happened, joined when somebody reads it: most traces nobody ever reads
   */
  private record Event(long at, List<Object> words) {
    @Override
    public String toString() {
      StringBuilder line =
          new StringBuilder(
              String.format(
                  Locale.ROOT,
                  "%d.%09d",
                  TimeUnit.NANOSECONDS.toSeconds(at),
                  at % TimeUnit.SECONDS.toNanos(1)));
      for (Object word : words) {
        line.append(' ').append(word);
      }
      return line.toString();
    }
  }

  private final Lock lock = new ReentrantLock(); // a thread of nobody's may start one
  private final Deque<Event> events = new ArrayDeque<>(64);
  private long dropped;

  /** Adds an event. The words do not change any more. */
  void note(long at, Object... words) {
    lock.lock();
    try {
      if (events.size() == KEPT) {
        events.removeFirst();
        dropped++;
      }
      events.addLast(new Event(at, List.of(words)));
    } finally {
      lock.unlock();
    }
  }

  /** All that is kept, the oldest first. */
  List<String> lines() {
    lock.lock();
    try {
      return events.stream().map(Event::toString).toList();
    } finally {
      lock.unlock();
    }
  }

  /** The newest so many lines, and how many there were before. */
  String end(int count) {
    List<String> all = lines();
    int from = Math.max(0, all.size() - count);
    List<String> shown = new ArrayList<>();
    if (from + dropped > 0) {
      shown.add("(" + (from + dropped) + " lines before)");
    }
    shown.addAll(all.subList(from, all.size()));
    return String.join("\n", shown);
  }
}
