package dev.lariat.testkit.internal.simulation;

import dev.lariat.testkit.internal.Guard;
import java.util.SplittableRandom;

/**
 * The number that everything in a simulation depends on, and the random numbers that come from it.
 * Each user has a stream for itself, so a number more for one does not change the others'.
 */
final class Seed {
  private final long number;

  /** Chooses who runs next; only the driver uses it. */
  private final SplittableRandom choices;

  /** For the network's delays and pieces; only the thread that has the turn uses it. */
  private final SplittableRandom network;

  /** For the library, on any thread: used under the guard. */
  private final SplittableRandom library;

  private final Guard guard = new Guard();

  Seed(long number) {
    SplittableRandom root = new SplittableRandom(number);
    this.number = number;
    this.choices = root.split();
    this.network = root.split();
    this.library = root.split();
  }

  /** Chooses one of so many. */
  int choice(int count) {
    return count == 1 ? 0 : choices.nextInt(count);
  }

  /** A number for the network, from 0 to one less than the bound. */
  long forNetwork(long bound) {
    return bound <= 1 ? 0 : network.nextLong(bound);
  }

  /** A number for the library; from any thread. */
  long forLibrary() {
    return guard.get(library::nextLong);
  }

  /** The number. */
  @Override
  public String toString() {
    return Long.toString(number);
  }
}
