package dev.lariat.option;

/** Text that UTF-8 can express. */
final class Wellformed {
  private Wellformed() {}

  /** The text with U+FFFD for each unpaired surrogate. */
  static String text(String text) {
    return text.codePoints()
        .map(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? 0xfffd : c)
        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
        .toString();
  }
}
