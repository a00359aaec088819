package dev.lariat.cli;

import dev.lariat.FailedException;
import dev.lariat.Lariat;
import dev.lariat.message.Reason;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program {@code lariat}. */
@Command(
    name = "lariat",
    description = {
      "A long-lived HTTP and WebSocket client.",
      "lariat URL decides by the scheme: http and https send a request and write the body of the"
          + " response, ws and wss open a WebSocket to type into."
    },
    customSynopsis = {
      "lariat URL [OPTIONS] [ITEM...]",
      "       lariat COMMAND [OPTIONS] [ARGUMENT...]"
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    addMethodSubcommands = false, // there are none, and the search takes time
    footer = {"", "New here? Try: lariat demo"})
public final class Main implements Callable<Integer> {
  private static final String UNEXPECTED = "The text that --expect waits for did not come.";
  private static final String DIFFERS = "The other side differs from the recording (--strict).";

  @Spec
  @SuppressWarnings("NullAway.Init") // picocli sets it
  private CommandSpec spec;

  private Main() {}

  /** Runs the program and ends the process with its exit code. */
  public static void main(String[] args) throws InterruptedException {
    Logs.useHere();
    Footprint.keepSmall();
    Output out = new Output(new FileOutputStream(FileDescriptor.out));
    PrintStream err =
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8);
    int exit = run(new Io(System.in, out, err, terminal(), Tty.is(1), Tty.is(2)), args);
    if (!isVersion(args)) { // which opens nothing, so that there is nothing to wait for
      // The JVM's exit waits 300 ms for threads that wait for the network.
      Lariat.awaitTermination(Duration.ofMillis(200));
    }
    System.exit(exit);
  }

  private static boolean terminal() {
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }

  /** Runs the program on these streams and gives its exit code. */
  static int run(Io io, String... args) {
    if (isVersion(args)) {
      return version(io);
    }
    Map<String, Supplier<CommandLine>> commands = commands(io);
    String[] words = Grammar.of(args, commands.keySet());
    String name = words.length == 0 ? "" : words[0].toLowerCase(Locale.ROOT);
    String misread = Grammar.misread(name, words);
    if (misread != null) {
      io.complain(misread);
      return Exit.USAGE;
    }
    Supplier<CommandLine> one = commands.get(name);
    CommandLine main = one == null ? program(io) : Factory.command(new Main());
    if (one != null) {
      main.addSubcommand(one.get()); // the others would take time to make
    }
    Help.look(main, io.outTerminal());
    int exit =
        main.setOut(io.out().writer())
            .setErr(new PrintWriter(io.err(), true, StandardCharsets.UTF_8))
            .setExecutionStrategy(Main::execute)
            .setParameterExceptionHandler((e, given) -> badUsage(io, e))
            .setExecutionExceptionHandler((e, command, parsed) -> failed(io, e))
            .setSubcommandsCaseInsensitive(true)
            .setExpandAtFiles(false) // a value may begin with an at sign
            .setOverwrittenOptionsAllowed(true) // the last one counts
            .execute(words);
    try {
      io.out().check(); // picocli, which prints the help, does not look
      return exit;
    } catch (OutputException e) {
      return exit == Exit.OK ? failed(io, e) : exit;
    }
  }

  /** The program with all commands. */
  static CommandLine program(Io io) {
    CommandLine main = Factory.command(new Main());
    commands(io).values().forEach(command -> main.addSubcommand(command.get()));
    return main.addSubcommand(new CommandLine.HelpCommand());
  }

  private static boolean isVersion(String[] args) {
    return args.length == 1 && (args[0].equals("--version") || args[0].equals("-V"));
  }

  /** What {@code --version} alone prints, without picocli, which takes longer than the rest. */
  private static int version(Io io) {
    try {
      io.out().println(Version.line());
      return Exit.OK;
    } catch (OutputException e) {
      return failed(io, e);
    }
  }

  /** How each command is made, in the order of the help. */
  private static Map<String, Supplier<CommandLine>> commands(Io io) {
    Map<String, Supplier<CommandLine>> commands = new LinkedHashMap<>();
    commands.put("request", () -> Http.command(io, null));
    for (String method : Http.METHODS) {
      commands.put(method.toLowerCase(Locale.ROOT), () -> Http.command(io, method));
    }
    commands.put("sse", () -> documented(new Sse(io), false));
    commands.put("ws", () -> documented(new Ws(io), true, UNEXPECTED));
    commands.put("fleet", () -> fleet(io));
    commands.put("record", () -> documented(new RecordSession(io), true));
    commands.put("replay", () -> documented(new Replay(io), true, DIFFERS));
    commands.put("serve", () -> documented(new Serve(io), false, DIFFERS));
    commands.put("check", () -> documented(new Check(io), false, "There is a problem."));
    commands.put("report", () -> documented(new Report(io), false, "There is a problem."));
    commands.put("bench", () -> documented(new Bench(io), true, "There were errors."));
    commands.put("echo", () -> Factory.command(new Echo(io)));
    commands.put("demo", () -> Factory.command(new Demo(io)));
    commands.put("completion", () -> Factory.command(new Completion(io, () -> program(io))));
    commands.put("manual", () -> Factory.command(new Manual(io, () -> program(io))));
    return commands;
  }

  private static CommandLine fleet(Io io) {
    return Factory.command(new FleetRun(io)).addSubcommand(Factory.command(new FleetTable(io)));
  }

  private static CommandLine documented(Object command, boolean webSocket) {
    return documented(command, webSocket, null);
  }

  private static CommandLine documented(
      Object command, boolean webSocket, @Nullable String problem) {
    CommandLine line = Factory.command(command);
    Exit.document(line, webSocket, problem);
    line.getCommandSpec().usageMessage().abbreviateSynopsis(true); // the options have their list
    Help.group(line);
    return line;
  }

  /** picocli forgives everything beside a {@code --help}. */
  private static int execute(ParseResult parsed) {
    ParseResult command = parsed;
    while (command.hasSubcommand()) {
      command = command.subcommand();
    }
    List<String> unknown = command.unmatched();
    if (!unknown.isEmpty()) {
      throw new UnmatchedArgumentException(command.commandSpec().commandLine(), unknown);
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  @Override
  public Integer call() {
    throw new ParameterException(spec.commandLine(), "No command and no URL");
  }

  private static int badUsage(Io io, ParameterException e) {
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    String what =
        e instanceof UnmatchedArgumentException unknown
            ? unknown(unknown)
            : Objects.requireNonNullElse(e.getMessage(), "Wrong usage").lines().findFirst().get();
    String clause = what.endsWith(".") ? what.substring(0, what.length() - 1) : what;
    io.complain(Line.plain(clause) + " (see " + command + " --help).");
    return Exit.USAGE;
  }

  private static String unknown(UnmatchedArgumentException e) {
    String word = e.getUnmatched().getFirst(); // the others may be its values
    if (e.isUnknownOption()) {
      return "Unknown option: '" + word + "'";
    }
    return e.getSuggestions().stream()
        .findFirst()
        .map(like -> "Unknown command " + word + ": did you mean " + like + "?")
        .orElse("Unknown command or argument: '" + word + "'");
  }

  static int failed(Io io, Exception e) {
    return switch (e) {
      case OutputException output when output.closedPipe() -> Exit.PIPE;
      case OutputException output -> complain(io, output, Exit.OUTPUT);
      case FailedException failed -> {
        Reason why = Words.why(failed);
        io.complain(Words.of(why));
        yield Exit.of(why);
      }
      case UsageException usage -> complain(io, usage, Exit.USAGE);
      case FleetException fleet -> complain(io, fleet, fleet.exit());
      case UncheckedIOException taken -> complain(io, taken, Exit.USAGE); // a port of echo's
      default -> {
        io.complain("Unexpected failure (a bug worth reporting): " + e);
        yield Exit.BUG;
      }
    };
  }

  private static int complain(Io io, Exception e, int exit) {
    io.complain(String.valueOf(e.getMessage()));
    return exit;
  }

  /** What {@code --version} prints. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {line()};
    }

    static String line() {
      String version = Main.class.getPackage().getImplementationVersion();
      return "lariat " + (version == null ? "(not packaged)" : version);
    }
  }
}
