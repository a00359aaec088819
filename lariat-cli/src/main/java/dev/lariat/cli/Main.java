package dev.lariat.cli;

import dev.lariat.FailedException;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program {@code lariat}. */
@Command(
    name = "lariat",
    description = "A long-lived HTTP and WebSocket client.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    footer = {"", "New here? Try: lariat demo"})
public final class Main implements Callable<Integer> {
  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  private Main() {}

  /** Runs the program and ends the process with its exit code. */
  public static void main(String[] args) {
    PrintStream out = stream(FileDescriptor.out);
    PrintStream err = stream(FileDescriptor.err);
    int exit = run(new Io(System.in, out, err, terminal()), args);
    out.flush();
    err.flush();
    System.exit(exit);
  }

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
  }

  private static boolean terminal() {
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }

  /** Runs the program on these streams and gives its exit code. */
  static int run(Io io, String... args) {
    return new CommandLine(new Main())
        .addSubcommand(new Demo(io))
        .addSubcommand(new Ws(io))
        .addSubcommand(new Get(io))
        .addSubcommand(new Echo(io))
        .setOut(writer(io.out()))
        .setErr(writer(io.err()))
        .setParameterExceptionHandler((e, given) -> badUsage(io, e))
        .setExecutionExceptionHandler((e, command, parsed) -> failed(io, e))
        .execute(args);
  }

  private static PrintWriter writer(PrintStream stream) {
    return new PrintWriter(stream, true, StandardCharsets.UTF_8);
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "A command is needed: demo, ws, get or echo");
  }

  private static int badUsage(Io io, ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    String what = Objects.requireNonNullElse(e.getMessage(), "Bad usage").lines().findFirst().get();
    io.err().println("lariat: " + what + " (see " + command + " --help).");
    return Exit.USAGE;
  }

  private static int failed(Io io, Exception e) {
    if (e instanceof FailedException failed) {
      io.err().println("lariat: " + failed.reason().sentence());
      return Exit.of(failed.reason());
    }
    if (e instanceof IllegalArgumentException || e instanceof UncheckedIOException) {
      io.err().println("lariat: " + e.getMessage());
      return Exit.USAGE;
    }
    io.err().println("lariat: Something unforeseen failed (a bug worth reporting): " + e);
    return Exit.BUG;
  }

  /** What {@code --version} prints. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"lariat " + (version == null ? "(not packaged)" : version)};
    }
  }
}
