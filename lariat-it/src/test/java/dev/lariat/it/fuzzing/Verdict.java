package dev.lariat.it.fuzzing;

/**
 * What a case says of a client.
 *
 * @param behavior of what it did while the connection was open
 * @param behaviorClose of how it closed
 * @param why for people
 */
record Verdict(Mark behavior, Mark behaviorClose, String why) {

  /** The answer to {@code getCaseStatus}. */
  String json() {
    return "{\"behavior\": \"%s\", \"behaviorClose\": \"%s\", \"result\": \"%s\"}"
        .formatted(behavior, behaviorClose, why.replace('"', '\''));
  }
}
