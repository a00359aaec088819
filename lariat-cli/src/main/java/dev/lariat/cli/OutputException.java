package dev.lariat.cli;

import java.io.IOException;
import java.util.Locale;

/** Standard output takes nothing any more, so the command ends. */
final class OutputException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final boolean closedPipe;

  OutputException(IOException cause) {
    super("The output cannot be written: " + cause.getMessage() + ".", cause);
    closedPipe = String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT).contains("pipe");
  }

  /** Whether its reader has left, as {@code head} does: no failure that anybody must be told of. */
  boolean closedPipe() {
    return closedPipe;
  }
}
