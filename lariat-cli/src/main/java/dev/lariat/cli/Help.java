package dev.lariat.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The options of a command in groups, by what they are about. */
final class Help {
  /** A heading, and the options beneath it. */
  private record Group(String heading, List<String> names) {
    Group(String heading, String names) {
      this(heading, List.of(names.split(" ", -1)));
    }
  }

  private static final List<Group> GROUPS =
      List.of(
          new Group("Prompt", "--show --plain --no-check --no-history"),
          new Group(
              "Request",
              "--request --get --header --user-agent --referer --cookie --cookie-jar --compressed"),
          new Group(
              "Body",
              "--data --data-raw --data-binary --data-urlencode --json -F --form-string --form"
                  + " --upload-file"),
          new Group(
              "Response",
              "--output --remote-name --remote-header-name --create-dirs --resume --include --head"
                  + " --fail --location --max-redirs --pretty --raw --verbose --show-secrets"
                  + " --silent --show-error --write-out"),
          new Group("Authentication", "--user --digest --bearer"),
          new Group("TLS", "--insecure --cacert --cert --key --pass"),
          new Group(
              "Connection",
              "--http1.1 --http2 --http2-prior-knowledge --proxy --proxy-http2 --noproxy --resolve"
                  + " --connect-to --unix-socket --connect-timeout --max-time --read-timeout"
                  + " --retry"));

  /** Bold that ends. What picocli ends it with underlines twice on some terminals. */
  private static final CommandLine.Help.Ansi.IStyle BOLD =
      new CommandLine.Help.Ansi.IStyle() {
        @Override
        public String on() {
          return "\u001b[1m";
        }

        @Override
        public String off() {
          return "\u001b[22m";
        }
      };

  private Help() {}

  /** Gives the program and its commands their colours, and lines as wide as the terminal. */
  static void look(CommandLine program, boolean terminal) {
    program.setColorScheme(
        new CommandLine.Help.ColorScheme.Builder(CommandLine.Help.Ansi.AUTO)
            .commands(BOLD)
            .options(CommandLine.Help.Ansi.Style.fg_yellow)
            .parameters(CommandLine.Help.Ansi.Style.fg_yellow)
            .optionParams(CommandLine.Help.Ansi.Style.italic)
            .build());
    program.setUsageHelpAutoWidth(terminal);
  }

  /** Gives the options of this command their groups. */
  static void group(CommandLine command) {
    command
        .getHelpSectionMap()
        .put(CommandLine.Model.UsageMessageSpec.SECTION_KEY_OPTION_LIST, Help::list);
  }

  /** The beginning of a description, up to the end of its first sentence or to a colon. */
  static String summary(String[] description) {
    String first = description.length == 0 ? "" : plain(description[0]);
    return first.split("[.:]( |$)", 2)[0];
  }

  /** A part of a description as picocli shows it, which has formats in it. */
  static String plain(String part) {
    return part.replace("%%", "%").replace("%n", " ").strip();
  }

  /** The options of a command by their headings, in the order of the help. */
  static Map<String, List<OptionSpec>> groups(CommandSpec command) {
    List<OptionSpec> rest = new ArrayList<>(command.options());
    rest.removeIf(OptionSpec::hidden);
    Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
    groups.put("Options", rest); // a command's own come first
    for (Group group : GROUPS) {
      List<OptionSpec> its = new ArrayList<>();
      for (String name : group.names()) {
        rest.stream()
            .filter(option -> Arrays.asList(option.names()).contains(name))
            .filter(option -> !name.equals("--json") || option.arity().max() > 0) // the body
            .forEach(its::add);
      }
      rest.removeAll(its);
      groups.put(group.heading(), its);
    }
    groups.values().removeIf(List::isEmpty);
    return groups;
  }

  private static String list(CommandLine.Help help) {
    StringBuilder lists = new StringBuilder();
    groups(help.commandSpec())
        .forEach((heading, options) -> lists.append(list(help, heading + ":", options)));
    return lists.toString();
  }

  private static String list(CommandLine.Help help, String heading, List<OptionSpec> options) {
    CommandLine.Help.Layout layout = help.createDefaultLayout();
    for (OptionSpec option : options) {
      layout.addOption(option, help.createDefaultParamLabelRenderer());
    }
    return System.lineSeparator() + heading + System.lineSeparator() + layout;
  }
}
