package dev.lariat.cli;

import dev.lariat.cli.Vocabulary.Command;
import dev.lariat.cli.Vocabulary.Option;
import dev.lariat.cli.Vocabulary.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The completion of fish. */
final class FishScript {
  private FishScript() {}

  static String of(Vocabulary words) {
    StringBuilder lines = new StringBuilder();
    Map<Option, List<String>> uses = new LinkedHashMap<>();
    List<String> twoWords = new ArrayList<>();
    for (Option option : words.options()) {
      lines.append(line("not __lariat_command", option));
    }
    for (Command command : words.commands()) {
      lines.append(
          "complete -c lariat -n 'not __lariat_command' -a "
              + quoted(command.name())
              + " -d "
              + quoted(command.summary())
              + "\n");
      for (Command further : command.further()) {
        String both = command.name() + "-" + further.name();
        twoWords.add(both);
        lines.append(
            "complete -c lariat -n '__lariat_is "
                + command.name()
                + "' -a "
                + quoted(further.name())
                + " -d "
                + quoted(further.summary())
                + "\n");
        for (Option option : further.options()) {
          uses.computeIfAbsent(option, its -> new ArrayList<>()).add(both);
        }
      }
      if (command.argument() == Value.FILE) {
        lines.append("complete -c lariat -n '__lariat_is " + command.name() + "' -F\n");
      }
      if (command.argument() == Value.WORD) {
        lines.append(
            "complete -c lariat -n '__lariat_is "
                + command.name()
                + "' -a "
                + quoted(String.join(" ", command.words()))
                + "\n");
      }
      for (Option option : command.options()) {
        uses.computeIfAbsent(option, its -> new ArrayList<>()).add(command.name());
      }
    }
    uses.forEach(
        (option, commands) ->
            lines.append(line("__lariat_is " + String.join(" ", commands), option)));
    return """
    # fish completion for lariat
    function __lariat_command --description 'The command that was typed, of one word or two'
      set -l command
      for word in (commandline -opc)[2..-1]
        if set -q command[1]
          contains -- $command-$word %s
          and set command $command-$word
          break
        end
        switch $word
          case '-*'
          case 'ws://*' 'wss://*'
            set command ws
          case 'http://*' 'https://*'
            set command request
          case '*'
            set command $word
        end
      end
      set -q command[1]
      and echo $command
    end

    function __lariat_is --description 'Whether the command is one of these'
      set -l command (__lariat_command)
      and contains -- $command $argv
    end

    complete -c lariat -f
    %s\
    """
        .formatted(String.join(" ", twoWords), lines);
  }

  private static String line(String condition, Option option) {
    StringBuilder line = new StringBuilder("complete -c lariat -n ").append(quoted(condition));
    option.letters().forEach(name -> line.append(" -s ").append(name.substring(1)));
    option.longNames().forEach(name -> line.append(" -l ").append(name.substring(2)));
    line.append(
        switch (option.value()) {
          case NONE -> "";
          case FILE -> " -r -F";
          case WORD, OTHER -> " -x";
        });
    return line.append(" -d ").append(quoted(option.summary())).append('\n').toString();
  }

  private static String quoted(String text) {
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }
}
