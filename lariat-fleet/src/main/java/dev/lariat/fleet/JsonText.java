package dev.lariat.fleet;

/** One JSON object in one line, as it is written. */
final class JsonText {
  private final StringBuilder text;
  private boolean first = true;

  JsonText(StringBuilder text) {
    this.text = text.append('{');
  }

  JsonText member(String name, String value) {
    name(name);
    quote(text, value);
    return this;
  }

  JsonText member(String name, long value) {
    name(name).append(value);
    return this;
  }

  /** A member whose value the caller appends. */
  StringBuilder name(String name) {
    if (!first) {
      text.append(',');
    }
    first = false;
    quote(text, name);
    return text.append(':');
  }

  void end() {
    text.append('}');
  }

  static void quote(StringBuilder text, String value) {
    text.append('"');
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      switch (c) {
        case '"', '\\' -> text.append('\\').append(c);
        case '\n' -> text.append("\\n");
        case '\r' -> text.append("\\r");
        case '\t' -> text.append("\\t");
        default -> {
          // a terminal or a reader of lines may take more than LF for the end of a line
          boolean plain = c >= ' ' && c != 0x7f && c != 0x85 && c != 0x2028 && c != 0x2029;
          if (plain && !Character.isSurrogate(c)) {
            text.append(c);
          } else if (plain && isPair(value, i)) {
            text.append(c).append(value.charAt(++i));
          } else {
            text.append(String.format("\\u%04x", (int) c));
          }
        }
      }
    }
    text.append('"');
  }

  private static boolean isPair(String value, int i) {
    return i + 1 < value.length()
        && Character.isSurrogatePair(value.charAt(i), value.charAt(i + 1));
  }
}
