package dev.lariat.cli;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
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
              "--output --remote-name --resume --include --head --fail --location --max-redirs"
                  + " --pretty --raw --verbose --show-secrets --silent --show-error --write-out"),
          new Group("Authentication", "--user --digest --bearer"),
          new Group("TLS", "--insecure --cacert --cert --key --pass"),
          new Group(
              "Connection",
              "--http1.1 --http2 --http2-prior-knowledge --proxy --proxy-http2 --noproxy --resolve"
                  + " --connect-to --unix-socket --connect-timeout --max-time --retry"));

  private Help() {}

  /** Gives the options of this command their groups. */
  static void group(CommandLine command) {
    command
        .getHelpSectionMap()
        .put(CommandLine.Model.UsageMessageSpec.SECTION_KEY_OPTION_LIST, Help::list);
  }

  private static String list(CommandLine.Help help) {
    List<OptionSpec> rest = new ArrayList<>(help.commandSpec().options());
    rest.removeIf(OptionSpec::hidden);
    StringBuilder groups = new StringBuilder();
    boolean hasBody = help.commandSpec().findOption("--data") != null;
    for (Group group : GROUPS) {
      if (group.heading().equals("Body") && !hasBody) {
        continue; // --json means something else then
      }
      List<OptionSpec> its = new ArrayList<>();
      for (String name : group.names()) {
        rest.stream()
            .filter(option -> Arrays.asList(option.names()).contains(name))
            .forEach(its::add);
      }
      rest.removeAll(its);
      groups.append(list(help, group.heading() + ":", its));
    }
    return list(help, "Options:", rest) + groups; // a command's own come first
  }

  private static String list(CommandLine.Help help, String heading, List<OptionSpec> options) {
    if (options.isEmpty()) {
      return "";
    }
    CommandLine.Help.Layout layout = help.createDefaultLayout();
    for (OptionSpec option : options) {
      layout.addOption(option, help.createDefaultParamLabelRenderer());
    }
    return System.lineSeparator() + heading + System.lineSeparator() + layout;
  }
}
