package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The manual pages, which come from the same words as the help. */
final class ManualTest extends CommandTest {
  @TempDir private Path folder;

  private static CommandLine program() {
    OutputStream nowhere = OutputStream.nullOutputStream();
    return Main.program(
        new Io(
            InputStream.nullInputStream(), new Output(nowhere), new PrintStream(nowhere), false));
  }

  static Stream<String> commands() {
    return program().getSubcommands().keySet().stream();
  }

  private static String output(String... command) throws Exception {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(Map.of("LC_ALL", "C.UTF-8", "MANWIDTH", "80"));
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }

  private String page(String... command) throws Exception {
    assertThat(
            run("", Stream.concat(Stream.of("manual"), Stream.of(command)).toArray(String[]::new)))
        .isZero();
    return Files.write(folder.resolve("page.1"), out.toByteArray()).toString();
  }

  @Test
  void theProgramsPageNamesAllCommands() throws Exception {
    Terminal.needs("man", "man-db");
    String shown = output("man", "-l", page());
    assertThat(commands())
        .allSatisfy(name -> assertThat(shown).containsPattern("\n +" + name + "\\b"));
    assertThat(shown).contains("lariat URL [OPTIONS] [ITEM...]", "lariat-ws(1)");
  }

  @ParameterizedTest
  @MethodSource("commands")
  void aCommandsPageHasAllOptionsAndExitCodes(String name) throws Exception {
    Terminal.needs("man", "man-db");
    CommandLine command = program().getSubcommands().get(name);
    String shown = output("man", "-l", page(name));
    List<String> options =
        command.getCommandSpec().options().stream()
            .filter(option -> !option.hidden())
            .map(OptionSpec::longestName)
            .toList();
    assertThat(options)
        .allSatisfy(option -> assertThat(shown).containsPattern("\n +(.*, )?" + option + "\\b"));
    assertThat(command.getCommandSpec().usageMessage().exitCodeList().keySet())
        .allSatisfy(code -> assertThat(shown).containsPattern("\n +" + code.strip() + " "));
  }

  /** Neither of the two programs that show manual pages finds a fault. */
  @ParameterizedTest
  @MethodSource("commands")
  void aPageIsWithoutFaults(String name) throws Exception {
    Terminal.needs("mandoc", "mandoc");
    Terminal.needs("man", "man-db");
    String page = page(name);
    assertThat(output("mandoc", "-Tlint", page)).isEmpty();
    assertThat(output("/bin/sh", "-c", "man --warnings -l " + page + " 2>&1 >" + page + ".txt"))
        .isEmpty();
  }

  @Test
  void aTextCannotBeAMacro() {
    Roff page = new Roff("title", "2026-01-01", "lariat");
    page.text(".so /etc/passwd");
    page.verbatim("'tis a \\fBbackslash\\fR");
    assertThat(page.toString())
        .endsWith("\n\\&.so /etc/passwd\n.nf\n\\&'tis a \\efBbackslash\\efR\n.fi\n");
  }

  @Test
  void anUnknownCommandHasNoPage() {
    assertThat(run("", "manual", "gett")).isEqualTo(Exit.USAGE);
    assertThat(err.text()).isEqualTo("lariat: There is no command gett.\n");
  }
}
