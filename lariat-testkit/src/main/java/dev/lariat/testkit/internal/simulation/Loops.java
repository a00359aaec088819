package dev.lariat.testkit.internal.simulation;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The event loops of a simulation. They have no thread: the driver runs their tasks, one at a time.
 */
final class Loops {
  private final Agenda agenda;
  private final Failures failures;
  private final Thread driver;

  /** All loops, the oldest first. */
  private final List<SimulatedLoop> all = new ArrayList<>(2);

  /** The loop whose task the driver runs; null while it runs none. Only the driver changes it. */
  private @Nullable SimulatedLoop current;

  Loops(Agenda agenda, Failures failures, Thread driver) {
    this.agenda = agenda;
    this.failures = failures;
    this.driver = driver;
  }

  void add(SimulatedLoop loop) {
    all.add(loop);
  }

  /** Whether this thread runs a task of any loop. */
  boolean isLoop(Thread thread) {
    return thread == driver && current != null;
  }

  /** Whether this thread runs a task of this loop. */
  boolean runs(SimulatedLoop loop, Thread thread) {
    return thread == driver && current == loop;
  }

  /** How many loops have a task that could run now. */
  int ready() {
    int ready = 0;
    for (SimulatedLoop loop : all) {
      ready += loop.isReady(agenda.now()) ? 1 : 0;
    }
    return ready;
  }

  /** When the first timer of a loop is due, or {@link Agenda#NEVER}. */
  long next() {
    long next = Agenda.NEVER;
    for (SimulatedLoop loop : all) {
      next = Math.min(next, loop.deadline());
    }
    return next;
  }

  /** Runs a task of one of the loops that are ready: the first is number 0. */
  void runOne(int chosen) {
    int left = chosen;
    for (SimulatedLoop loop : all) {
      if (loop.isReady(agenda.now()) && left-- == 0) {
        within(loop, loop::runOne);
        return;
      }
    }
  }

  private void within(SimulatedLoop loop, Runnable work) {
    current = loop;
    try {
      work.run();
    } catch (Throwable e) { // whatever a user's code throws
      failures.add("a task of an event loop", e);
    } finally {
      current = null;
    }
  }

  /** What each loop waits for, as phrases. */
  List<String> waits() {
    return all.stream()
        .map(loop -> loop.deadline() == Agenda.NEVER ? "nothing" : "its " + timer(loop))
        .toList();
  }

  /** What the loops still have to do, as phrases. */
  List<String> unfinished() {
    List<String> unfinished = new ArrayList<>();
    for (SimulatedLoop loop : all) {
      if (loop.deadline() != Agenda.NEVER) {
        unfinished.add("an event loop's " + timer(loop));
      } else if (loop.isReady(agenda.now())) {
        unfinished.add("a task of an event loop");
      }
    }
    return unfinished;
  }

  private static String timer(SimulatedLoop loop) {
    return "timer at " + Duration.ofNanos(loop.deadline());
  }

  /** Forgets what they still have to do. */
  void clear() {
    all.forEach(loop -> within(loop, loop::clear));
  }
}
