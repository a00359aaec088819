package dev.lariat.fleet;

import dev.lariat.message.Frame;
import dev.lariat.message.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A JSON pointer (RFC 6901). It goes through a text from its beginning to the member, and looks at
 * nothing behind it. Nothing is kept but the value.
 */
record JsonPointer(List<String> path) implements PositionFinder {
  private static final int DEEPEST = 500; // nested values; a server could exhaust the stack

  /**
   * The pointer with this text.
   *
   * @throws IllegalArgumentException if there is none
   */
  static JsonPointer of(String text) {
    Allowed.present("feed.position", text);
    if (!text.startsWith("/")) {
      throw Allowed.refused("feed.position", text, "a JSON pointer (RFC 6901) such as /data/seq");
    }
    List<String> path = new ArrayList<>();
    for (String part : text.substring(1).split("/", -1)) {
      if (part.replace("~0", "").replace("~1", "").contains("~")) {
        throw Allowed.refused("feed.position", text, "~ only in ~0 and ~1 (RFC 6901 section 3)");
      }
      path.add(part.replace("~1", "/").replace("~0", "~"));
    }
    return new JsonPointer(List.copyOf(path));
  }

  @Override
  public Optional<String> find(Frame data) {
    return data instanceof Text(var text) ? find(text) : Optional.empty();
  }

  Optional<String> find(String text) {
    try {
      return Optional.ofNullable(new Reader(text).find(path));
    } catch (NotJson e) {
      return Optional.empty();
    }
  }

  private static final class NotJson extends Exception {
    private static final long serialVersionUID = 1;

    NotJson() {
      super("no JSON", null, false, false);
    }
  }

  private static final class Reader {
    private final String text;
    private int at;
    private int depth;

    Reader(String text) {
      this.text = text;
    }

    /** The string or the number at the end of this path; null if there is none. */
    @Nullable String find(List<String> path) throws NotJson {
      for (String part : path) {
        space();
        boolean there =
            switch (peek()) {
              case '{' -> member(part);
              case '[' -> element(part);
              default -> false;
            };
        if (!there) {
          return null;
        }
      }
      space();
      char first = peek();
      if (first == '"') {
        return string();
      }
      return first == '-' || (first >= '0' && first <= '9') ? plain() : null;
    }

    /** Goes to the value of a member. The first one of a name counts. */
    private boolean member(String name) throws NotJson {
      expect('{');
      space();
      if (peek() == '}') {
        return false;
      }
      while (true) {
        space();
        String its = string();
        space();
        expect(':');
        if (its.equals(name)) {
          return true;
        }
        skip();
        space();
        if (peek() == '}') {
          return false;
        }
        expect(',');
      }
    }

    /** Goes to an element. */
    private boolean element(String index) throws NotJson {
      expect('[');
      space();
      if (peek() == ']' || !index.matches("0|[1-9][0-9]{0,8}")) {
        return false;
      }
      for (int i = Integer.parseInt(index); i > 0; i--) {
        skip();
        space();
        if (peek() == ']') {
          return false;
        }
        expect(',');
      }
      return true;
    }

    private void skip() throws NotJson {
      if (++depth > DEEPEST) {
        throw new NotJson();
      }
      space();
      switch (peek()) {
        case '"' -> string();
        case '{', '[' -> skipAll();
        default -> plain();
      }
      depth--;
    }

    private void skipAll() throws NotJson {
      boolean object = peek() == '{';
      char end = object ? '}' : ']';
      at++;
      space();
      if (peek() == end) {
        at++;
        return;
      }
      while (true) {
        space();
        if (object) {
          string();
          space();
          expect(':');
        }
        skip();
        space();
        if (peek() == end) {
          at++;
          return;
        }
        expect(',');
      }
    }

    /** A number or a word. */
    private String plain() throws NotJson {
      int start = at;
      while (at < text.length() && ",]} \t\r\n".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      if (at == start) {
        throw new NotJson();
      }
      return text.substring(start, at);
    }

    private String string() throws NotJson {
      expect('"');
      int start = at;
      StringBuilder decoded = null; // only if something is escaped
      while (true) {
        char c = peek();
        at++;
        if (c == '"') {
          return decoded == null ? text.substring(start, at - 1) : decoded.toString();
        }
        if (c == '\\') {
          if (decoded == null) {
            decoded = new StringBuilder(text.substring(start, at - 1));
          }
          decoded.append(escaped());
        } else if (c < ' ') {
          throw new NotJson();
        } else if (decoded != null) {
          decoded.append(c);
        }
      }
    }

    private char escaped() throws NotJson {
      char c = peek();
      at++;
      return switch (c) {
        case '"', '\\', '/' -> c;
        case 'b' -> '\b';
        case 'f' -> '\f';
        case 'n' -> '\n';
        case 'r' -> '\r';
        case 't' -> '\t';
        case 'u' -> unicode();
        default -> throw new NotJson();
      };
    }

    private char unicode() throws NotJson {
      int code = 0;
      for (int i = 0; i < 4; i++) {
        int digit = Character.digit(peek(), 16);
        if (digit < 0) {
          throw new NotJson();
        }
        code = code * 16 + digit;
        at++;
      }
      return (char) code;
    }

    private void space() {
      while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }

    private char peek() throws NotJson {
      if (at >= text.length()) {
        throw new NotJson();
      }
      return text.charAt(at);
    }

    private void expect(char c) throws NotJson {
      if (peek() != c) {
        throw new NotJson();
      }
      at++;
    }
  }
}
