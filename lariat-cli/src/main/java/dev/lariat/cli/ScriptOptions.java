package dev.lariat.cli;

import dev.lariat.message.Frame;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code ws} for scripts: what is sent, what is waited for, and for how long. */
final class ScriptOptions {
  private static final Pattern PROXY = Pattern.compile("(?i)(https?|socks[45][ah]?)://\\S+");
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

  /** Whether the messages are given, and the input is not read. */
  boolean hasMessages() {
    return !messages.isEmpty();
  }

  List<String> messages() {
    return messages;
  }

  /** What somebody should know who takes -x for curl's, which is a proxy; empty for nothing. */
  Optional<String> doubt() {
    return messages.stream()
        .filter(message -> PROXY.matcher(message).matches())
        .findFirst()
        .map(message -> "-x sends " + Line.plain(message) + " as a message; --proxy is the proxy");
  }

  @Nullable Pattern expected() {
    return expected;
  }

  @Nullable Selection selection() {
    return selection;
  }

  /**
   * How long the command may take; null for as long as it likes.
   *
   * @param given what its user says
   */
  @Nullable Duration maxTime(@Nullable Duration given) {
    return given == null && expected != null ? EXPECTED_WITHIN : given;
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
}
