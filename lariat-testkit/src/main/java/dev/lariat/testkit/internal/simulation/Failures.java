package dev.lariat.testkit.internal.simulation;

import dev.lariat.testkit.internal.Guard;
import java.util.ArrayList;
import java.util.List;

/**
 * What was thrown in a simulation and nobody caught, until somebody asks for it; from any thread.
 */
final class Failures {
  private final Trace trace;
  private final Guard guard = new Guard();

  /** What nobody has asked for yet, the oldest first; used under the guard. */
  private final List<Failure> untold = new ArrayList<>(0);

  Failures(Trace trace) {
    this.trace = trace;
  }

  void add(String who, Throwable thrown) {
    trace.note(who, "threw", thrown.getClass().getName());
    guard.run(() -> untold.add(new Failure(who, thrown)));
  }

  /** Each failure is taken once. */
  List<Failure> take() {
    return guard.get(
        () -> {
          List<Failure> taken = List.copyOf(untold);
          untold.clear();
          return taken;
        });
  }
}
