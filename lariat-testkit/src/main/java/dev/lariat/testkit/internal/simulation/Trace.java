package dev.lariat.testkit.internal.simulation;

import dev.lariat.testkit.internal.Guard;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/**
 * What has happened in a simulation: the newest of it, since a long one has no end of events. Any
 * thread may note something: one that the simulation does not know may start another.
 */
final class Trace {
  private static final int KEPT = 10_000;
  private static final int SHOWN = 60; // lines in a message

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

  private final Seed seed;
  private final Agenda agenda;
  private final Guard guard = new Guard();

  /** The newest events, the oldest of them first; used under the guard. */
  private final Deque<Event> events = new ArrayDeque<>(64);

  /** How many older events are not kept; used under the guard. */
  private long dropped;

  Trace(Seed seed, Agenda agenda) {
    this.seed = seed;
    this.agenda = agenda;
  }

  /** Adds what happens now. The words do not change any more. */
  void note(Object... words) {
    Event event = new Event(agenda.now(), List.of(words));
    guard.run(
        () -> {
          if (events.size() == KEPT) {
            events.removeFirst();
            dropped++;
          }
          events.addLast(event);
        });
  }

  /** All that is kept, the oldest first. */
  List<String> lines() {
    return guard.get(() -> events.stream().map(Event::toString).toList());
  }

  /** Where the simulation stands, as the end of a message. */
  String whereItStands() {
    List<String> all = lines();
    int from = Math.max(0, all.size() - SHOWN);
    List<String> shown = new ArrayList<>();
    long before = from + guard.get(() -> dropped);
    if (before > 0) {
      shown.add("(" + before + " lines before)");
    }
    shown.addAll(all.subList(from, all.size()));
    return "Seed "
        + seed
        + ", after "
        + Duration.ofNanos(agenda.now())
        + ". The end of the trace:\n"
        + String.join("\n", shown);
  }
}
