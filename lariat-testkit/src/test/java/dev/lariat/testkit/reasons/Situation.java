package dev.lariat.testkit.reasons;

import dev.lariat.message.Reason;

/**
 * What may happen to a user, and the sentence that he reads then.
 *
 * @param of what it is an example of: a variant of {@link Reason}, a step or a bound
 * @param when what happens, as a sentence
 * @param sentence the whole of what the user reads, as a regular expression where {@code pattern}
 * @param pattern whether numbers or words in it are the machine's
 * @param play makes it happen, and gives what the user is told
 */
record Situation(Object of, String when, String sentence, boolean pattern, Play play) {

  /** Makes something happen. */
  @FunctionalInterface
  interface Play {

    /** Plays it on this stage. */
    Reason on(Stage stage) throws Exception;
  }

  /** One whose sentence is known word for word. */
  static Situation of(Object of, String when, String sentence, Play play) {
    return new Situation(of, when, sentence, false, play);
  }

  /** One in whose sentence the machine has its share. */
  static Situation like(Object of, String when, String sentence, Play play) {
    return new Situation(of, when, sentence, true, play);
  }

  @Override
  public String toString() {
    String name = of instanceof Class<?> variant ? variant.getSimpleName() : of.toString();
    return name + ": " + when;
  }
}
