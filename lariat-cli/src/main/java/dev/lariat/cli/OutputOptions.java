package dev.lariat.cli;

import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say where a response goes, and in what form. */
final class OutputOptions {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FILE",
      description =
          "Write the body to this file, which gets its name when it is complete; - is standard"
              + " output.")
  private @Nullable String output;

  @Option(
      names = {"-O", "--remote-name"},
      description = "Write the body to a file with the last part of the URL's path as its name.")
  private boolean remoteName;

  @Option(
      names = {"-J", "--remote-header-name"},
      description =
          "With --remote-name: if the response has a Content-Disposition with a name, write to a"
              + " new file with that name.")
  private boolean headerName;

  @Option(
      names = "--create-dirs",
      description = "With --output: make the directories of the file that do not exist.")
  private boolean createDirectories;

  @Option(
      names = {"-C", "--continue-at"},
      paramLabel = "-",
      hidden = true,
      description = "As --resume.")
  private @Nullable String continueAt;

  @Option(
      names = "--resume",
      description =
          "Continue the file of --output or --remote-name where it ends, and keep what comes of it;"
              + " -C - is the same. Give it from the start: without it, an interruption drops all.")
  private boolean resume;

  @Option(names = "--pretty", description = "Fold JSON even if standard output is not a terminal.")
  private boolean pretty;

  @Option(names = "--raw", description = "Show JSON as it comes, even at a terminal.")
  private boolean raw;

  /** Whether the file is continued. */
  boolean resumes() {
    if (continueAt != null && !continueAt.equals("-")) {
      throw new UsageException(
          "--continue-at: \"" + Line.plain(continueAt) + "\", allowed is -, which is --resume.");
    }
    return resume || continueAt != null;
  }

  /** Whether the body goes to standard output. */
  boolean toStandardOutput() {
    return !remoteName && (output == null || output.equals("-"));
  }

  /** Where the body goes. */
  Sink sink(Io io, URI url) {
    if (remoteName && output != null) {
      throw new UsageException("--output does not go with --remote-name.");
    }
    if (pretty && raw) {
      throw new UsageException("--pretty does not go with --raw.");
    }
    if (headerName && !remoteName) {
      throw new UsageException("--remote-header-name needs --remote-name.");
    }
    if (headerName && resumes()) {
      throw new UsageException("--remote-header-name does not go with --resume.");
    }
    if (headerName) {
      return new Named(Path.of(""), name -> new Saved(io, name, false, false), () -> file(url));
    }
    if (!toStandardOutput()) {
      return new Saved(io, file(url), resumes(), createDirectories);
    }
    if (resumes()) {
      throw new UsageException("--resume needs --output or --remote-name.");
    }
    boolean terminal = io.outTerminal() && output == null;
    boolean colours = terminal && Tty.hasColours();
    return terminal || pretty ? new Pretty(io.out(), !raw, colours) : new Sink.Plain(io.out());
  }

  private Path file(URI url) {
    if (output == null) {
      return Path.of(name(url));
    }
    try {
      return Path.of(output);
    } catch (InvalidPathException e) {
      throw new UsageException("--output: \"" + Line.plain(output) + "\" is no path.");
    }
  }

  /** The last part of the path, which is a name in this directory and nothing else. */
  private static String name(URI url) {
    String path = url.getRawPath() == null ? "" : url.getRawPath();
    String last = path.substring(path.lastIndexOf('/') + 1);
    String name = decoded(last);
    if (!isSafe(name)) {
      throw new UsageException(
          "--remote-name: the URL ends in \""
              + Line.plain(last)
              + "\", which is no safe name of a"
              + " file: see --output.");
    }
    return name;
  }

  /** This without its percent-encoding. */
  static String decoded(String encoded) {
    return URLDecoder.decode(encoded.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  /** Whether this is a name in a directory and nothing else, and is not hidden. */
  static boolean isSafe(String name) {
    return !name.isEmpty()
        && !name.startsWith(".")
        && name.chars().noneMatch(c -> c < 0x20 || "/\\:*?\"<>|\u007f".indexOf(c) >= 0);
  }
}
