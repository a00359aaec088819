package dev.lariat.cli;

import java.util.Locale;

/** A shell, and what makes it complete the words of {@code lariat}. */
enum Shell {
  BASH,
  ZSH,
  FISH;

  /** The script that the shell reads. */
  String script(Vocabulary words) {
    return switch (this) {
      case BASH -> BashScript.of(words);
      case ZSH -> ZshScript.of(words);
      case FISH -> FishScript.of(words);
    };
  }

  /** The name as it is typed. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
