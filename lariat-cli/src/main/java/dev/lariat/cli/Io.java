package dev.lariat.cli;

import java.io.Console;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The streams that a command works on.
 *
 * @param terminal whether a person sits at both ends
 * @param outTerminal whether standard output is a terminal
 * @param errTerminal whether standard error is one
 */
record Io(
    InputStream in,
    Output out,
    PrintStream err,
    boolean terminal,
    boolean outTerminal,
    boolean errTerminal) {

  /** Streams of which a person sits at both ends, or at none. */
  Io(InputStream in, Output out, PrintStream err, boolean terminal) {
    this(in, out, err, terminal, terminal, terminal);
  }

  /** The same without standard error. */
  Io mute() {
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8);
    return new Io(in, out, nowhere, terminal, outTerminal, false);
  }

  /** Says on standard error why a command failed. */
  void complain(String sentence) {
    if (outTerminal && errTerminal && out.isWithinLine()) {
      err.println();
    }
    err.println("lariat: " + sentence);
  }

  /**
   * Asks the person at the terminal for a password, and does not show what is typed.
   *
   * @param option the option that lacks it
   */
  String password(String option, String prompt) {
    return Optional.ofNullable(System.console())
        .filter(Console::isTerminal)
        .map(console -> console.readPassword("%s", prompt))
        .map(String::new)
        .orElseThrow(
            () ->
                new UsageException(
                    option + ": the password is missing, and there is no terminal to ask at."));
  }
}
