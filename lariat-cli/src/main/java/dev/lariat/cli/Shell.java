package dev.lariat.cli;

import java.util.Locale;
import java.util.function.Function;

/** A shell, and what makes it complete the words of {@code lariat}. */
enum Shell {
  BASH(BashScript::of),
  ZSH(ZshScript::of),
  FISH(FishScript::of);

  private final Function<Vocabulary, String> script;

  Shell(Function<Vocabulary, String> script) {
    this.script = script;
  }

  /** The script that the shell reads. */
  String script(Vocabulary words) {
    return script.apply(words);
  }

  /** The name as it is typed. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
