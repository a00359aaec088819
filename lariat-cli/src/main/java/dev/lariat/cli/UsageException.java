package dev.lariat.cli;

/** What the user gave cannot be used; the message is a sentence that says so. */
final class UsageException extends RuntimeException {
  private static final long serialVersionUID = 1;

  UsageException(String sentence) {
    super(sentence);
  }

  /** The library's refusal of an option, under the name that the option has here. */
  static UsageException of(String option, IllegalArgumentException refusal) {
    String message = String.valueOf(refusal.getMessage()).replaceFirst("^[a-z][\\w.]*: ", "");
    return new UsageException(option + ": " + Line.plain(message) + ".");
  }
}
