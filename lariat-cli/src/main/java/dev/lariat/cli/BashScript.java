package dev.lariat.cli;

import dev.lariat.cli.Vocabulary.Command;
import dev.lariat.cli.Vocabulary.Option;
import dev.lariat.cli.Vocabulary.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The completion of bash, also of version 3.2, which macOS has. */
final class BashScript {
  private BashScript() {}

  static String of(Vocabulary words) {
    Map<String, List<String>> cases = new LinkedHashMap<>(); // the commands, by what follows them
    for (Command command : words.commands()) {
      cases.computeIfAbsent(branch(command), its -> new ArrayList<>()).add(command.name());
    }
    StringBuilder branches = new StringBuilder();
    cases.forEach(
        (branch, names) ->
            branches.append("    " + String.join(" | ", names) + ")\n" + branch + "      ;;\n"));
    return """
    # bash completion for lariat
    _lariat() {
      local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
      local command= further= options= files= others= argument= words= i
      COMPREPLY=()
      # bash makes three words of --name=value.
      if [ "$current" = = ]; then
        current=
      elif [ "$before" = = ]; then
        before=${COMP_WORDS[COMP_CWORD - 2]}
      fi
      for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
          -*) ;;
          http | https) command=request; break ;; # bash makes words of a URL
          ws | wss) command=ws; break ;;
          *) command=${COMP_WORDS[i]}; break ;;
        esac
      done
      ((i + 1 >= COMP_CWORD)) || further=${COMP_WORDS[i + 1]}
      case $command in
        '')
          options="%s"
          words="%s"
          ;;
    %s  esac
      case " $others " in *" $before "*) return ;; esac
      case " $files " in *" $before "*) argument=file words= options= ;; esac
      case $current in -*) words=$options argument= ;; esac
      if [ "$argument" = file ]; then
        compopt -o filenames 2>/dev/null
        local IFS=$'\\n'
        COMPREPLY=($(compgen -f -- "$current"))
        [ -z "$words" ] || COMPREPLY+=($(IFS=' '; compgen -W "$words" -- "$current"))
      else
        COMPREPLY=($(compgen -W "$words" -- "$current"))
      fi
    }
    complete -F _lariat lariat
    """
        .formatted(names(words.options().stream()), names(words.commands()), branches);
  }

  private static String branch(Command command) {
    return assignment("options", names(command.options().stream()))
        + assignment("files", names(taking(command, Value.FILE)))
        + assignment("others", names(taking(command, Value.OTHER)))
        + assignment("argument", command.argument() == Value.FILE ? "file" : "")
        + assignment("words", String.join(" ", command.words()))
        + further(command.further());
  }

  /** What is different if another command follows, or could. */
  private static String further(List<Command> commands) {
    if (commands.isEmpty()) {
      return "";
    }
    StringBuilder branches = new StringBuilder("      case $further in\n");
    branches.append("        '') words=\"" + names(commands) + "\" ;;\n");
    for (Command command : commands) {
      branches.append("        " + command.name() + ")\n");
      branches.append("      options= files= others= argument= words=\n");
      branches.append(branch(command)).append("          ;;\n");
    }
    return branches.append("      esac\n").toString();
  }

  private static String names(List<Command> commands) {
    return commands.stream().map(Command::name).collect(Collectors.joining(" "));
  }

  private static Stream<Option> taking(Command command, Value value) {
    return command.options().stream().filter(option -> option.value() == value);
  }

  private static String names(Stream<Option> options) {
    return options.map(Option::names).flatMap(List::stream).collect(Collectors.joining(" "));
  }

  private static String assignment(String variable, String value) {
    return value.isEmpty() ? "" : "      " + variable + "=\"" + value + "\"\n";
  }
}
