package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** What is said of the options. */
final class HelpTest {
  private static final List<String> STANDARD = List.of("-h", "--help", "-V", "--version");

  static Stream<CommandLine> commands() {
    OutputStream nowhere = OutputStream.nullOutputStream();
    Io io =
        new Io(InputStream.nullInputStream(), new Output(nowhere), new PrintStream(nowhere), false);
    CommandLine sse = new CommandLine(new Sse(io));
    Help.group(sse);
    CommandLine ws = new CommandLine(new Ws(io));
    Help.group(ws);
    return Stream.of(Http.command(io, "GET"), sse, ws);
  }

  private static Stream<String> names(CommandLine command) {
    return command.getCommandSpec().options().stream()
        .filter(option -> !option.hidden())
        .map(OptionSpec::names)
        .flatMap(Stream::of)
        .filter(name -> !STANDARD.contains(name));
  }

  private static Path page() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("docs/COMMAND-LINE.md"))) {
      folder = folder.getParent();
    }
    return folder.resolve("docs/COMMAND-LINE.md");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void thePageHasEveryOption(CommandLine command) throws Exception {
    String page = Files.readString(page());

    assertThat(names(command))
        .allSatisfy(name -> assertThat(page).containsPattern("`" + Pattern.quote(name) + "[` ]"));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void theHelpHasEveryOptionInAGroup(CommandLine command) {
    String help = command.getUsageMessage(CommandLine.Help.Ansi.OFF);

    assertThat(names(command))
        .allSatisfy(
            name -> assertThat(help).containsPattern("[ ,]" + Pattern.quote(name) + "[,= \n]"));
    assertThat(help)
        .containsSubsequence("\nOptions:\n", "\nRequest:\n", "\nTLS:\n", "\nConnection:\n");
  }

  @Test
  void boldEndsAsEveryTerminalKnowsIt() {
    CommandLine command = commands().findFirst().orElseThrow();
    Help.look(command, false);
    String help =
        new CommandLine.Help(
                command.getCommandSpec(),
                new CommandLine.Help.ColorScheme.Builder(command.getColorScheme())
                    .ansi(CommandLine.Help.Ansi.ON)
                    .build())
            .abbreviatedSynopsis();

    assertThat(help).contains("\u001b[1m").contains("\u001b[22m").doesNotContain("\u001b[21m");
  }

  @Test
  void jsonThatSaysHowEventsAreWrittenIsNoBody() {
    CommandLine sse =
        commands().filter(its -> its.getCommandName().equals("sse")).findFirst().orElseThrow();

    var groups = Help.groups(sse.getCommandSpec());

    assertThat(groups.get("Body"))
        .extracting(option -> option.longestName())
        .containsExactly("--data", "--data-raw", "--data-binary");
    assertThat(groups.get("Options")).extracting(option -> option.longestName()).contains("--json");
  }
}
