package dev.lariat.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The grammar of JSON (RFC 8259), for texts that are checked, and of which a part is taken. */
final class Json {
  private static final int DEEPEST = 512; // what the stack of any thread holds

  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  /** A string of RFC 8259 section 7. */
  static String quoted(String text) {
    StringBuilder json = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '"', '\\' -> json.append('\\').append(c);
        case '\n' -> json.append("\\n");
        case '\r' -> json.append("\\r");
        case '\t' -> json.append("\\t");
        default -> {
          if (c < 0x20 || c == 0x7f) {
            json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
          } else {
            json.append(c);
          }
        }
      }
    }
    return json.append('"').toString();
  }

  /**
   * Why a text is no JSON.
   *
   * @param at the index of the first character that cannot be there; the length if it ends too soon
   * @param found what is there
   * @param allowed what may be there
   */
  record Fault(int at, String found, String allowed) {
    @Override
    public String toString() {
      return "at character " + (at + 1) + " is " + found + ", allowed is " + allowed;
    }
  }

  /** What is wrong with this text; null if it is one JSON value. */
  static @Nullable Fault fault(String text) {
    Json json = new Json(text);
    try {
      json.value(0);
      json.space();
      if (json.at < text.length()) {
        throw json.wrong("the end");
      }
      return null;
    } catch (Wrong e) {
      return e.fault;
    }
  }

  /** Whether this is the beginning of a JSON value that can go on in the next line. */
  static boolean goesOn(String text) {
    String line = text + "\n";
    Fault fault = fault(line);
    return fault != null && fault.at == line.length();
  }

  /**
   * What a path selects, each as it stands in the text; nothing if that is not JSON. Of members
   * with the same name the last one counts.
   */
  static List<String> selected(String text, List<Selection.Step> path) {
    Json json = new Json(text);
    try {
      List<String> selected = json.selected(path, 0);
      json.space();
      return json.at < text.length() ? List.of() : selected;
    } catch (Wrong e) {
      return List.of();
    }
  }

  private List<String> selected(List<Selection.Step> path, int depth) {
    space();
    int start = at;
    if (depth == path.size()) {
      value(depth);
      return List.of(text.substring(start, at));
    }
    List<String> selected = new ArrayList<>();
    Selection.Step step = path.get(depth);
    if (step instanceof Selection.Member(var wanted) && peek() == '{' && depth <= DEEPEST) {
      object(
          name -> {
            if (JsonObject.unquoted(name).equals(wanted)) {
              selected.clear();
              selected.addAll(selected(path, depth + 1));
            } else {
              value(depth + 1);
            }
          });
    } else if (!(step instanceof Selection.Member) && peek() == '[' && depth <= DEEPEST) {
      array(
          index -> {
            if (step instanceof Selection.Element(var wanted) && wanted != index) {
              value(depth + 1);
            } else {
              selected.addAll(selected(path, depth + 1));
            }
          });
    } else {
      value(depth);
    }
    return selected;
  }

  private static final class Wrong extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient Fault fault;

    Wrong(Fault fault) {
      super(fault.toString(), null, false, false);
      this.fault = fault;
    }
  }

  private Wrong wrong(String allowed) {
    String found =
        at < text.length() ? "'" + Line.plain(text.substring(at, at + 1)) + "'" : "the end";
    return new Wrong(new Fault(at, found, allowed));
  }

  private int peek() {
    return at < text.length() ? text.charAt(at) : -1;
  }

  private void space() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') {
      at++;
    }
  }

  private boolean takes(char c) {
    space();
    boolean there = peek() == c;
    at += there ? 1 : 0;
    return there;
  }

  private void value(int depth) {
    if (depth > DEEPEST) {
      throw new Wrong(new Fault(at, "level " + depth + " of nesting", "up to " + DEEPEST));
    }
    space();
    switch (peek()) {
      case '{' -> object(name -> value(depth + 1));
      case '[' -> array(index -> value(depth + 1));
      case '"' -> string();
      case 't' -> word("true");
      case 'f' -> word("false");
      case 'n' -> word("null");
      default -> number();
    }
  }

  /**
   * An object.
   *
   * @param member reads the value of the member with this name, which is in quotes
   */
  private void object(Consumer<String> member) {
    at++;
    if (takes('}')) {
      return;
    }
    do {
      space();
      if (peek() != '"') {
        throw wrong("a name in quotes");
      }
      int start = at;
      string();
      String name = text.substring(start, at);
      if (!takes(':')) {
        throw wrong("a colon");
      }
      member.accept(name);
    } while (takes(','));
    if (!takes('}')) {
      throw wrong("a comma or }");
    }
  }

  /**
   * An array.
   *
   * @param element reads the element with this index
   */
  private void array(IntConsumer element) {
    at++;
    if (takes(']')) {
      return;
    }
    int index = 0;
    do {
      element.accept(index++);
    } while (takes(','));
    if (!takes(']')) {
      throw wrong("a comma or ]");
    }
  }

  private void string() {
    at++;
    while (peek() != '"') {
      if (peek() < 0x20) {
        throw wrong("a quote that ends the string");
      }
      if (peek() == '\\') {
        at++;
        escape();
      } else {
        at++;
      }
    }
    at++;
  }

  private void escape() {
    if (peek() == 'u') {
      at++;
      for (int i = 0; i < 4; i++) {
        if (Character.digit(peek(), 16) < 0) {
          throw wrong("a hexadecimal digit");
        }
        at++;
      }
    } else if (peek() >= 0 && "\"\\/bfnrt".indexOf(peek()) >= 0) {
      at++;
    } else {
      throw wrong("an escape of JSON");
    }
  }

  private void word(String word) {
    for (int i = 0; i < word.length(); i++) {
      if (peek() != word.charAt(i)) {
        throw wrong(word);
      }
      at++;
    }
  }

  private void number() {
    int start = at;
    at += peek() == '-' ? 1 : 0;
    if (peek() == '0') {
      at++;
    } else {
      digits(start);
    }
    if (peek() == '.') {
      at++;
      digits(start);
    }
    if (peek() == 'e' || peek() == 'E') {
      at++;
      at += peek() == '+' || peek() == '-' ? 1 : 0;
      digits(start);
    }
  }

  private void digits(int start) {
    if (peek() < '0' || peek() > '9') {
      throw wrong(at == start ? "a value" : "a digit");
    }
    while (peek() >= '0' && peek() <= '9') {
      at++;
    }
  }
}
