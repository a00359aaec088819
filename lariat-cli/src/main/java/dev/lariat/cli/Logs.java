package dev.lariat.cli;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.LogManager;

/**
 * What the library and Netty log, for a person who did not ask for it: errors as one line each. How
 * a command went is told by the command, and a warning, such as that of a busy machine's event
 * loop, is about nothing that its user could change. No stack trace is shown.
 *
 * <p>{@code java.util.logging} makes one when something is logged for the first time.
 */
public final class Logs {
  private static final String CLASS = "java.util.logging.config.class";
  private static final String FILE = "java.util.logging.config.file";
  private static final String CONFIGURATION =
      """
      handlers = java.util.logging.ConsoleHandler
      java.util.logging.ConsoleHandler.level = SEVERE
      java.util.logging.SimpleFormatter.format = lariat: %5$s%n
      """;

  /** Configures the logs of this process. */
  public Logs() throws IOException {
    LogManager.getLogManager()
        .readConfiguration(
            new ByteArrayInputStream(CONFIGURATION.getBytes(StandardCharsets.UTF_8)));
  }

  /**
   * Has this class configure the logs, unless the user of the JVM says how. What ends a thread is
   * one line, too.
   */
  static void useHere() {
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, bug) ->
            System.err.println("lariat: Unexpected failure (a bug worth reporting): " + bug));
    if (System.getProperty(CLASS) == null && System.getProperty(FILE) == null) {
      System.setProperty(CLASS, Logs.class.getName());
    }
  }
}
