package dev.lariat.testkit.simulator;

import dev.lariat.testkit.Visit;
import java.io.IOException;
import java.time.Duration;

/** What a server does to its visitors by chance. */
final class Mischief {
  private final Chance chance;
  private boolean garbled;

  Mischief(Chance chance) {
    this.chance = chance;
  }

  /**
   * Receives a visitor badly, or makes what is to come bad, or does nothing.
   *
   * @return whether that was all
   */
  boolean atTheDoor(Visit visit) throws IOException {
    switch (chance.number(0, 19)) {
      case 0 -> visit.awaitEnd();
      case 1 -> {
        visit.request();
        visit.unavailable(503, Duration.ofSeconds(chance.number(0, 30)));
      }
      case 2 -> {
        visit.request();
        visit.respond(chance.oneOf(204, 401, 404, 429, 500));
      }
      case 3 -> {
        visit.request();
        garbled = true;
        visit.garbage();
      }
      case 4 -> visit.reset();
      case 5 -> {
        visit.cutAfter(chance.number(0, 300));
        return false;
      }
      case 6 -> {
        visit.slow(chance.millis(1, 100));
        return false;
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Whether anybody was ever told what is no HTTP. */
  boolean hasGarbled() {
    return garbled;
  }
}
