package dev.lariat.it.conformance;

import java.time.Duration;
import java.util.Set;

/**
 * What a server says of one case.
 *
 * @param id the case, as {@code 9.1.3}
 * @param behavior its verdict, in the suite's words, or {@link #LATE}
 * @param behaviorClose its verdict on the close; empty where the server tells none
 * @param duration how long the case took
 */
record Score(String id, String behavior, String behaviorClose, Duration duration) {

  /** The verdict on a case that was not over in time. */
  static final String LATE = "LATE";

  private static final Set<String> GOOD = Set.of("OK", "INFORMATIONAL");

  boolean passes() {
    return GOOD.contains(behavior) && (behaviorClose.isEmpty() || GOOD.contains(behaviorClose));
  }

  /** A row of the table. */
  String row() {
    return "%-10s %-14s %-14s %8d ms".formatted(id, behavior, behaviorClose, duration.toMillis());
  }

  /** The head of the table. */
  static String head() {
    return "%-10s %-14s %-14s %11s".formatted("case", "verdict", "on the close", "duration");
  }
}
