package dev.lariat.it.fuzzing;

/**
 * What a case says of a client.
 *
 * @param behavior of what it did while the connection was open
 * @param behaviorClose of how it closed
 * @param why for people
 */
record Verdict(Mark behavior, Mark behaviorClose, String why) {

  /** The answer to {@code getCaseStatus}: as the suite's, it does not tell of the close. */
  String status() {
    return "{\"behavior\": \"%s\"}".formatted(behavior);
  }

  /** What the index of the reports has of it, in the suite's words. */
  String reported() {
    return "{\"behavior\": \"%s\", \"behaviorClose\": \"%s\"}".formatted(behavior, behaviorClose);
  }
}
