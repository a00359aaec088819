package dev.lariat.cli;

import dev.lariat.message.Frame;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code ws} for scripts: what is sent, what is waited for, and for how long. */
final class ScriptOptions {
  private static final Duration EXPECTED_WITHIN = Duration.ofSeconds(30);

  @Option(
      names = {"-x", "--execute"},
      paramLabel = "MESSAGE",
      description =
          "Send this message when the WebSocket is open, in place of the input. You can repeat the"
              + " option; the messages are sent in their order.")
  private List<String> messages = new ArrayList<>();

  @Option(
      names = "--expect",
      paramLabel = "PATTERN",
      converter = Value.Expression.class,
      description =
          "Wait for a text message in which this regular expression finds something, and end with"
              + " exit code 0. If none comes within --max-time (30 s by default), the exit code is"
              + " 12.")
  private @Nullable Pattern expected;

  @Option(
      names = "--select",
      paramLabel = "PATH",
      converter = Value.Path.class,
      description =
          "Of each JSON text, show only what this path selects, as in .data[0].price or"
              + " .items[].name. Messages without it are not shown.")
  private @Nullable Selection selection;

  @Option(
      names = {"-m", "--max-time", "--timeout"},
      paramLabel = "SECONDS",
      converter = Value.PositiveSeconds.class,
      description = "End the command after this time, with exit code 6.")
  private @Nullable Duration maxTime;

  @Option(
      names = "--on-open",
      paramLabel = "FILE",
      description =
          "Send each line of this file as a text message in every new session, before all others.")
  private @Nullable Path onOpen;

  @Option(
      names = "--token-command",
      paramLabel = "COMMAND",
      description =
          "Before each attempt, run this command with the shell, and use its output for Bearer"
              + " authentication. The output is not shown.")
  private @Nullable String tokenCommand;

  @Option(
      names = "--jsonl",
      description =
          "Write a recording to standard output: each message, sent and received, and each event of"
              + " the connection as a JSON object on one line.")
  private boolean jsonl;

  @Option(
      names = {"-q", "--quiet"},
      description = "Do not tell of sessions and losses.")
  private boolean quiet;

  /** Whether the messages are given, and the input is not read. */
  boolean hasMessages() {
    return !messages.isEmpty();
  }

  List<String> messages() {
    return messages;
  }

  @Nullable Pattern expected() {
    return expected;
  }

  @Nullable Selection selection() {
    return selection;
  }

  /** How long the command may take; null for as long as it likes. */
  @Nullable Duration maxTime() {
    return maxTime == null && expected != null ? EXPECTED_WITHIN : maxTime;
  }

  /** What each session begins with. */
  List<Frame> opening(int limit) {
    return onOpen == null ? List.of() : Messages.lines("--on-open", onOpen, limit);
  }

  @Nullable TokenCommand token() {
    return tokenCommand == null ? null : new TokenCommand(tokenCommand);
  }

  boolean jsonl() {
    return jsonl;
  }

  boolean quiet() {
    return quiet;
  }
}
