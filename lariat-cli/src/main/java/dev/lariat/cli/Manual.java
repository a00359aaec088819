package dev.lariat.cli;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.Parameters;

@Command(
    name = "manual",
    description = {
      "Prints the manual page of lariat or of one of its commands, for man: lariat manual ws | man"
          + " -l -",
      "The page has the date of today, or that of the variable SOURCE_DATE_EPOCH."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    addMethodSubcommands = false)
final class Manual implements Callable<Integer> {
  private final Io io;
  private final Supplier<CommandLine> program;

  @Parameters(
      paramLabel = "COMMAND",
      arity = "0..1",
      description = "The command whose page is wanted. Without it, the page is that of lariat.")
  private @Nullable String name;

  /**
   * The command.
   *
   * @param program with all its commands
   */
  Manual(Io io, Supplier<CommandLine> program) {
    this.io = io;
    this.program = program;
  }

  @Override
  public Integer call() {
    io.out().write(page(program.get()).getBytes(StandardCharsets.UTF_8));
    return Exit.OK;
  }

  private String page(CommandLine whole) {
    if (name == null) {
      return page(whole, "lariat", others(whole.getSubcommands()));
    }
    CommandLine command = whole.getSubcommands().get(name);
    if (command == null) {
      throw new UsageException("There is no command " + Line.plain(name) + ".");
    }
    return page(command, "lariat-" + name, List.of("lariat(1)"));
  }

  private static List<String> others(Map<String, CommandLine> commands) {
    return commands.keySet().stream()
        .filter(command -> !command.equals("help"))
        .map(command -> "lariat-" + command + "(1)")
        .toList();
  }

  private static String page(CommandLine command, String title, List<String> others) {
    CommandSpec spec = command.getCommandSpec();
    UsageMessageSpec usage = spec.usageMessage();
    Roff page = new Roff(title, date(), Main.Version.line());
    page.section("Name");
    page.text(title + " - " + Help.summary(usage.description()));
    page.section("Synopsis");
    page.verbatim(synopsis(command));
    page.section("Description");
    page.paragraphs(Stream.of(usage.description()).map(Help::plain).toList());
    arguments(page, spec.positionalParameters());
    options(page, spec);
    commands(page, command.getSubcommands());
    if (!usage.exitCodeList().isEmpty()) {
      page.section("Exit status");
      usage.exitCodeList().forEach((code, meaning) -> page.item(code.strip(), meaning));
    }
    page.section("See also");
    page.text(String.join(", ", others));
    return page.toString();
  }

  private static String date() {
    String epoch = System.getenv("SOURCE_DATE_EPOCH");
    return epoch == null
        ? LocalDate.now(ZoneOffset.UTC).toString()
        : LocalDate.ofInstant(Instant.ofEpochSecond(Long.parseLong(epoch)), ZoneOffset.UTC)
            .toString();
  }

  private static String synopsis(CommandLine command) {
    CommandLine.Help help = command.getHelpFactory().create(command.getCommandSpec(), scheme());
    return help.synopsis(0).lines().map(String::strip).collect(Collectors.joining("\n"));
  }

  private static CommandLine.Help.ColorScheme scheme() {
    return CommandLine.Help.defaultColorScheme(Ansi.OFF);
  }

  private static void arguments(Roff page, List<PositionalParamSpec> parameters) {
    if (!parameters.isEmpty()) {
      page.section("Arguments");
      parameters.forEach(
          parameter -> page.item(parameter.paramLabel(), text(parameter.description())));
    }
  }

  private static void options(Roff page, CommandSpec spec) {
    page.section("Options");
    Help.groups(spec)
        .forEach(
            (heading, options) -> {
              if (!heading.equals("Options")) {
                page.subsection(heading);
              }
              options.forEach(option -> page.item(tag(option), text(option.description())));
            });
  }

  private static void commands(Roff page, Map<String, CommandLine> commands) {
    if (!commands.isEmpty()) {
      page.section("Commands");
      commands.forEach(
          (name, command) ->
              page.item(
                  name, Help.summary(command.getCommandSpec().usageMessage().description()) + "."));
    }
  }

  private static String tag(OptionSpec option) {
    List<String> names = new ArrayList<>(List.of(option.names()));
    String label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
    return String.join(", ", names) + label;
  }

  private static String text(String[] description) {
    return Stream.of(description).map(Help::plain).collect(Collectors.joining(" "));
  }
}
