package dev.lariat.cli;

/**
 * The command of {@code --token-command} gave no token; the message is a sentence that says why.
 */
final class TokenException extends Exception {
  private static final long serialVersionUID = 1;

  TokenException(String why) {
    super("The command of --token-command " + why);
  }
}
