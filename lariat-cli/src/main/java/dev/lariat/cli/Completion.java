package dev.lariat.cli;

import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "completion",
    description = {
      "Prints a script that makes a shell complete commands and options of lariat.",
      "For bash: source <(lariat completion bash). For zsh, after compinit: source <(lariat"
          + " completion zsh). For fish: lariat completion fish | source."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    addMethodSubcommands = false)
final class Completion implements Callable<Integer> {
  private final Io io;
  private final Supplier<CommandLine> program;

  @Parameters(
      paramLabel = "SHELL",
      converter = Value.ShellName.class,
      completionCandidates = ShellNames.class,
      description = "bash, zsh or fish.")
  private Shell shell = Shell.BASH;

  /**
   * The command.
   *
   * @param program with all its commands
   */
  Completion(Io io, Supplier<CommandLine> program) {
    this.io = io;
    this.program = program;
  }

  @Override
  public Integer call() {
    String script = shell.script(Vocabulary.of(program.get()));
    io.out().write(script.getBytes(StandardCharsets.UTF_8));
    return Exit.OK;
  }

  /** The names of the shells. */
  static final class ShellNames implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Stream.of(Shell.values()).map(Shell::toString).iterator();
    }
  }
}
