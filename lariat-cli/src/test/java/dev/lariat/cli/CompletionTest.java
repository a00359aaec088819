package dev.lariat.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the shells make of a tab. */
final class CompletionTest extends CommandTest {
  @TempDir private Path folder;

  @BeforeEach
  void aFile() throws Exception {
    Files.writeString(folder.resolve("session one.jsonl"), "");
  }

  /** A shell at a terminal, with the completion, in which {@code lariat} shows its arguments. */
  private Terminal terminal(Shell shell) throws Exception {
    Terminal.needs(shell.toString(), shell.toString());
    assertThat(run("", "completion", shell.toString())).isZero();
    Path script = Files.write(folder.resolve("script"), out.toByteArray());
    String start =
        switch (shell) {
          case BASH -> "bash --norc --noprofile -i";
          case ZSH -> "zsh -f -i";
          case FISH -> "fish --no-config --private -i";
        };
    String begin =
        switch (shell) {
          case BASH -> "lariat() { echo got: $*; }; ";
          case ZSH -> "lariat() { echo got: $* }; autoload -U compinit; compinit -u -D; ";
          case FISH -> "function lariat; echo got: $argv; end; ";
        };
    Terminal terminal =
        Terminal.of(
            "cd " + folder + "; export HOME=$PWD HISTFILE=; timeout --foreground 30 " + start);
    terminal.type(begin + "source " + script + "; echo rea''dy\n");
    terminal.await("ready\n");
    return terminal;
  }

  @ParameterizedTest
  @EnumSource
  void commandsAreListed(Shell shell) throws Exception {
    try (Terminal terminal = terminal(shell)) {
      terminal.type("lariat \t\t");
      terminal.await("(?s)(?=.*bench)(?=.*completion)(?=.*record)"); // in columns
    }
  }

  @ParameterizedTest
  @EnumSource
  void allOptionsOfACommandAreListed(Shell shell) throws Exception {
    try (Terminal terminal = terminal(shell)) {
      terminal.type("lariat bench --\t\t");
      terminal.await("(?s)--connections.*--duration");
    }
  }

  @ParameterizedTest
  @EnumSource
  void optionsThatBeginAlikeAreListed(Shell shell) throws Exception {
    try (Terminal terminal = terminal(shell)) {
      terminal.type("lariat ws --pro\t\t\t");
      terminal.await("--proxy-http2");
    }
  }

  @ParameterizedTest
  @EnumSource
  void optionsOfACommandOfTwoWordsAreListed(Shell shell) throws Exception {
    try (Terminal terminal = terminal(shell)) {
      terminal.type("lariat fleet status --\t\t");
      terminal.await("(?s)(?=.*--json)(?=.*--max-time)");
      assertThat(terminal.text()).doesNotContain("--join");
    }
  }

  /** What is typed, and what the program gets of it. */
  @ParameterizedTest
  @CsvSource({
    "'ec\t--po\t8', 'echo --port 8', 'echo --port=8'", // a command and its option
    "'wss://feed.example/ --subp\tx', 'wss://feed.example/ --subprotocol x',"
        + " 'wss://feed.example/ --subprotocol=x'", // a URL is its command
    "'ws --on-open se\t', 'ws --on-open session one.jsonl',", // a file of an option
    "'ws --on-open=se\t', 'ws --on-open=session one.jsonl',", // the same in one word
    "'report se\t', 'report session one.jsonl',", // a file as an argument
    "'completion fi\t', 'completion fish',", // a word as an argument
    "'fleet sta\t', 'fleet status',", // a command of a command
    "'fleet se\t', 'fleet session one.jsonl',", // or a file
    "'fleet --jo\tx', 'fleet --join x', 'fleet --join=x'", // an option of the first
    "'fleet status --js\t', 'fleet status --json',", // and one of the second, which the first has
    // not
    "'ws -x se\t', 'ws -x se',", // what nobody can guess
  })
  void whatIsUniqueIsCompleted(String typed, String got, @Nullable String inOneWord)
      throws Exception {
    for (Shell shell : Shell.values()) {
      out.reset();
      try (Terminal terminal = terminal(shell)) {
        terminal.type("lariat " + typed.replace("\\t", "\t") + "\n");
        terminal.await("got: .*\n");
        assertThat(terminal.text())
            .as(shell.toString())
            .containsPattern(
                "got: (" + Pattern.quote(got) + "|" + Pattern.quote(inOneWord + "") + ") *\n");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"tcsh, 'tcsh'", "'', ''"})
  void anotherShellIsRefused(String name, String shown) {
    assertThat(run("", "completion", name)).isEqualTo(Exit.USAGE);
    assertThat(err.text())
        .startsWith("lariat: ")
        .contains("'" + shown + "' is not bash, zsh or fish")
        .hasLineCount(1);
  }

  @Test
  void helpSaysHowToUseIt() {
    assertThat(run("", "completion", "--help")).isZero();
    assertThat(out.text()).contains("source <(lariat completion bash)");
  }
}
