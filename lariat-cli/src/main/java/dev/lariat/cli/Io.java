package dev.lariat.cli;

import java.io.InputStream;
import java.io.PrintStream;

/**
 * The streams that a command works on.
 *
 * @param terminal whether a person sits at both ends
 */
record Io(InputStream in, Output out, PrintStream err, boolean terminal) {

  /** Says on standard error why a command failed. */
  void complain(String sentence) {
    err.println("lariat: " + sentence);
  }
}
