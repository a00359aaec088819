package dev.lariat.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** What can be typed on a command line: what the completions of all shells are made from. */
record Vocabulary(List<Command> commands, List<Option> options) {
  /** The labels of values that are files. */
  private static final Set<String> FILES = Set.of("FILE", "PEM");

  /** What follows an option or stands for an argument. */
  enum Value {
    /** Nothing: the option is a flag, or there is no argument. */
    NONE,
    /** A file. */
    FILE,
    /** One of some words. */
    WORD,
    /** Something that no shell can guess. */
    OTHER
  }

  /**
   * A command.
   *
   * @param argument what its arguments are: the first kind that can be completed
   * @param words what the argument can be, if it is a word
   * @param further the commands that may follow its name
   */
  record Command(
      String name,
      String summary,
      List<Option> options,
      Value argument,
      List<String> words,
      List<Command> further) {}

  /**
   * An option.
   *
   * @param names each with its hyphens
   * @param label of its value; empty if there is none
   */
  record Option(List<String> names, String label, Value value, String summary) {
    /** The names that begin with two hyphens. */
    List<String> longNames() {
      return names.stream().filter(name -> name.startsWith("--")).toList();
    }

    /** The names that are a hyphen and a letter. */
    List<String> letters() {
      return names.stream().filter(name -> !name.startsWith("--")).toList();
    }
  }

  /** The words of a program and its commands. */
  static Vocabulary of(CommandLine program) {
    List<Command> commands = new ArrayList<>();
    for (CommandLine command : program.getSubcommands().values()) {
      commands.add(command(command.getCommandSpec()));
    }
    return new Vocabulary(commands, options(program.getCommandSpec()));
  }

  private static Command command(CommandSpec command) {
    Value argument = Value.NONE;
    List<String> words = new ArrayList<>();
    for (ArgSpec parameter : command.positionalParameters()) {
      Value its = value(parameter);
      if (argument == Value.NONE || argument == Value.OTHER) {
        argument = its;
      }
      if (its == Value.WORD) {
        parameter.completionCandidates().forEach(words::add);
      }
    }
    return new Command(
        command.name(),
        Help.summary(command.usageMessage().description()),
        options(command),
        argument,
        words,
        command.subcommands().values().stream().map(its -> command(its.getCommandSpec())).toList());
  }

  private static List<Option> options(CommandSpec command) {
    return command.options().stream()
        .filter(option -> !option.hidden())
        .map(Vocabulary::option)
        .toList();
  }

  private static Option option(OptionSpec option) {
    Value value = option.arity().max() == 0 ? Value.NONE : value(option);
    String label = value == Value.NONE ? "" : option.paramLabel();
    return new Option(List.of(option.names()), label, value, Help.summary(option.description()));
  }

  private static Value value(ArgSpec argument) {
    if (argument.completionCandidates() != null) {
      return Value.WORD;
    }
    return FILES.contains(argument.paramLabel().toUpperCase(Locale.ROOT))
        ? Value.FILE
        : Value.OTHER;
  }
}
