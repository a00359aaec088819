package dev.lariat.testkit;

import java.util.List;

/** What becomes of failures that were collected. */
final class Verdict {
  private Verdict() {}

  /** Throws the first of them, with the others as its suppressed ones, if there is one. */
  static void on(List<AssertionError> failures) {
    if (!failures.isEmpty()) {
      AssertionError first = failures.getFirst();
      failures.subList(1, failures.size()).forEach(first::addSuppressed);
      throw first;
    }
  }
}
