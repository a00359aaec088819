package dev.lariat.cli;

import java.util.EnumSet;
import java.util.Set;
import picocli.CommandLine.Option;

/** The options of {@code ws} for people: how its prompt looks and what it keeps. */
final class PromptOptions {
  @Option(
      names = "--show",
      paramLabel = "PARTS",
      converter = Value.Details.class,
      description =
          "At a terminal: before each message, show its time, its size, and of an answer the trip"
              + " since the last message that you sent: time,size,trip, or all.")
  private Set<Transcript.Detail> details = EnumSet.noneOf(Transcript.Detail.class);

  @Option(
      names = "--plain",
      description = "At a terminal: show JSON as it came, neither folded nor in colours.")
  private boolean plain;

  @Option(
      names = "--no-check",
      description = "At a terminal: send what looks like JSON without checking it.")
  private boolean unchecked;

  @Option(
      names = "--no-history",
      description = "At a terminal: neither read nor keep what was typed before.")
  private boolean forgetful;

  /** How messages look. */
  Transcript.Look look() {
    return new Transcript.Look(!plain, Tty.hasColours(), details);
  }

  boolean checks() {
    return !unchecked;
  }

  boolean remembers() {
    return !forgetful;
  }
}
