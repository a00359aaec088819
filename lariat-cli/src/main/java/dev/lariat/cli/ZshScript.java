package dev.lariat.cli;

import dev.lariat.cli.Vocabulary.Command;
import dev.lariat.cli.Vocabulary.Option;
import dev.lariat.cli.Vocabulary.Value;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The completion of zsh. */
final class ZshScript {
  private ZshScript() {}

  static String of(Vocabulary words) {
    StringBuilder functions = new StringBuilder();
    Map<String, String> known = new HashMap<>(); // the first command with these options
    for (Command command : words.commands()) {
      for (Command further : command.further()) {
        functions.append(
            "_lariat_"
                + command.name()
                + "_"
                + further.name()
                + "() {\n"
                + body(further)
                + "}\n\n");
      }
      String body = body(command);
      String first = known.putIfAbsent(body, command.name());
      functions.append(
          "_lariat_"
              + command.name()
              + "() {\n"
              + (first == null ? body : "  _lariat_" + first + "\n")
              + "}\n\n");
    }
    String commands =
        words.commands().stream()
            .map(command -> "    " + quoted(command.name() + ":" + command.summary()) + "\n")
            .collect(Collectors.joining());
    return """
    #compdef lariat

    %s_lariat() {
      local -a commands state line
      local curcontext=$curcontext
      commands=(
    %s  )
      _arguments -C -s -S \\
    %s    '1: :->command' \\
        '*:: :->rest'
      case $state in
        command) _describe -t commands 'command or URL' commands ;;
        rest)
          local command=$words[1]
          case $command in
            http://* | https://*) command=request ;;
            ws://* | wss://*) command=ws ;;
          esac
          (( $+functions[_lariat_$command] )) && _lariat_$command
          ;;
      esac
    }

    if [[ $funcstack[1] = _lariat ]]; then
      _lariat "$@"
    else
      compdef _lariat lariat
    fi
    """
        .formatted(functions, commands, specifications(words.options()));
  }

  private static String body(Command command) {
    String names = command.further().stream().map(Command::name).collect(Collectors.joining(" "));
    String first = names.isEmpty() ? "" : "    '1: :{ compadd " + names + "; _files }' \\\n";
    String arguments =
        switch (command.argument()) {
          case NONE -> "";
          case FILE -> "    '*:file:_files'";
          case WORD -> "    " + quoted("*:word:(" + String.join(" ", command.words()) + ")");
          case OTHER -> "    '*:URL:_urls'";
        };
    return further(command)
        + "  _arguments -s -S \\\n"
        + specifications(command.options())
        + first
        + arguments
        + "\n";
  }

  /** Leaves it to another command if that follows. */
  private static String further(Command command) {
    return command.further().stream()
        .map(
            its ->
                """
                  if [[ $words[2] = %2$s ]] && (( CURRENT > 2 )); then
                    shift words
                    (( CURRENT-- ))
                    _lariat_%1$s_%2$s
                    return
                  fi
                """
                    .formatted(command.name(), its.name()))
        .collect(Collectors.joining());
  }

  private static String specifications(List<Option> options) {
    StringBuilder all = new StringBuilder();
    for (Option option : options) {
      for (String name : option.names()) {
        all.append("    ").append(quoted(specification(option, name))).append(" \\\n");
      }
    }
    return all.toString();
  }

  /** The name, with how its value may follow, what it means, and what the value is. */
  private static String specification(Option option, String name) {
    String follows = option.value() == Value.NONE ? "" : name.startsWith("--") ? "=" : "+";
    String value =
        switch (option.value()) {
          case NONE -> "";
          case FILE -> ":" + escaped(option.label()) + ":_files";
          case WORD, OTHER -> ":" + escaped(option.label()) + ": ";
        };
    return "*" + name + follows + "[" + escaped(option.summary()) + "]" + value;
  }

  private static String escaped(String text) {
    return text.replaceAll("[\\\\\\[\\]:]", "\\\\$0");
  }

  private static String quoted(String text) {
    return "'" + text.replace("'", "'\\''") + "'";
  }
}
