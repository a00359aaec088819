package dev.lariat.it.conformance;

import java.time.Duration;
import java.util.Set;

/**
 * What a server says of one case.
 *
 * @param id the case, as {@code 9.1.3}
 * @param behavior its verdict, in the suite's words, or {@link #LATE}
 * @param behaviorClose its verdict on the close, or {@link #UNTOLD}; empty if no report was asked
 * @param duration how long the case took
 */
record Score(String id, String behavior, String behaviorClose, Duration duration) {

  /** The verdict on a case that was not over in time. */
  static final String LATE = "LATE";

  /** The verdict on the close of a case that the report does not have. */
  static final String UNTOLD = "NOT IN THE REPORT";

  private static final Set<String> GOOD = Set.of("OK", "INFORMATIONAL");

  boolean passes() {
    return GOOD.contains(behavior) && (behaviorClose.isEmpty() || GOOD.contains(behaviorClose));
  }

  /** With what the report says. */
  Score closed(Report report) {
    return new Score(id, behavior, report.closes().getOrDefault(id, UNTOLD), duration);
  }

  /** The group of cases that it belongs to: the first number of its name. */
  int section() {
    return Integer.parseInt(id.replaceAll("\\..*", ""));
  }

  /** A row of the table. */
  String row() {
    return "%-10s %-14s %8d ms   %s"
        .formatted(id, behavior, duration.toMillis(), behaviorClose)
        .stripTrailing();
  }

  /** The head of the table. */
  static String head() {
    return "%-10s %-14s %11s".formatted("case", "verdict", "duration");
  }
}
