package dev.lariat.cli;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A JSON object (RFC 8259) that is written, field by field, or a flat one that is read. */
final class JsonObject {
  private final StringBuilder fields = new StringBuilder();

  /** Adds a field; an absent value adds none. */
  JsonObject with(String name, @Nullable Object value) {
    if (value == null || value instanceof Optional<?> optional && optional.isEmpty()) {
      return this;
    }
    fields.append(fields.isEmpty() ? "" : ",").append(Json.quoted(name)).append(':');
    fields.append(text(value));
    return this;
  }

  private static String text(Object value) {
    return switch (value) {
      case Optional<?> present -> text(present.orElseThrow());
      case Duration time -> seconds(time);
      case Double number -> String.format(Locale.ROOT, "%.3f", number);
      case Number number -> number.toString();
      case Boolean truth -> truth.toString();
      case JsonObject object -> object.toString();
      case List<?> all -> "[" + String.join(",", all.stream().map(JsonObject::text).toList()) + "]";
      default -> Json.quoted(value.toString());
    };
  }

  /** A time in seconds, to the microsecond. */
  static String seconds(Duration time) {
    return BigDecimal.valueOf(time.toNanos() / 1000, 6).toPlainString();
  }

  @Override
  public String toString() {
    return "{" + fields + "}";
  }

  // ---- reading

  /** It is not a flat JSON object; the message is a clause that says why. */
  static final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException(String why) {
      super(why);
    }
  }

  /**
   * Reads an object whose values are strings and numbers. A recording has no others, so no input
   * can nest deeply.
   *
   * @return the fields in their order: each a {@link String} or a {@link BigDecimal}
   */
  static Map<String, Object> flat(String line) throws MalformedException {
    return new Reader(line).object();
  }

  /**
   * The content of a string.
   *
   * @param literal with its quotes
   * @throws IllegalArgumentException if it is not one string
   */
  static String unquoted(String literal) {
    Reader reader = new Reader(literal);
    try {
      String content = reader.string();
      if (reader.at == literal.length()) {
        return content;
      }
    } catch (MalformedException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    throw new IllegalArgumentException("something follows the string");
  }

  private static final class Reader {
    private static final int DIGITS = 32; // of a number: a BigDecimal of a million is slow

    private final String line;
    private int at;

    Reader(String line) {
      this.line = line;
    }

    Map<String, Object> object() throws MalformedException {
      Map<String, Object> fields = new LinkedHashMap<>();
      expect('{');
      if (!next('}')) {
        do {
          String name = string();
          expect(':');
          if (fields.putIfAbsent(name, value()) != null) {
            throw new MalformedException("the field \"" + Line.plain(name) + "\" is there twice");
          }
        } while (next(','));
        expect('}');
      }
      blanks();
      if (at < line.length()) {
        throw new MalformedException("something follows the object, at character " + (at + 1));
      }
      return fields;
    }

    private void blanks() {
      while (at < line.length() && " \t\r".indexOf(line.charAt(at)) >= 0) {
        at++;
      }
    }

    private boolean next(char wanted) {
      blanks();
      if (at < line.length() && line.charAt(at) == wanted) {
        at++;
        return true;
      }
      return false;
    }

    private void expect(char wanted) throws MalformedException {
      if (!next(wanted)) {
        throw new MalformedException("it lacks " + wanted + " at character " + (at + 1));
      }
    }

    private Object value() throws MalformedException {
      blanks();
      return at < line.length() && line.charAt(at) == '"' ? string() : number();
    }

    private BigDecimal number() throws MalformedException {
      int start = at;
      while (at < line.length() && "+-.0123456789eE".indexOf(line.charAt(at)) >= 0) {
        at++;
      }
      String number = line.substring(start, at);
      if (number.length() > DIGITS || !number.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?")) {
        throw new MalformedException(
            "at character " + (start + 1) + " there is neither a string nor a decimal number");
      }
      return new BigDecimal(number);
    }

    private String string() throws MalformedException {
      expect('"');
      StringBuilder text = new StringBuilder();
      while (at < line.length()) {
        char c = line.charAt(at++);
        if (c == '"') {
          return text.toString();
        }
        if (c < 0x20) {
          throw new MalformedException("a string has a raw control character at character " + at);
        }
        text.append(c == '\\' ? escaped() : c);
      }
      throw new MalformedException("a string has no end");
    }

    private char escaped() throws MalformedException {
      char c = at < line.length() ? line.charAt(at++) : 0;
      int simple = "\"\\/bfnrt".indexOf(c);
      if (simple >= 0) {
        return "\"\\/\b\f\n\r\t".charAt(simple);
      }
      if (c == 'u' && at + 4 <= line.length()) {
        String hex = line.substring(at, at + 4);
        if (hex.matches("[0-9a-fA-F]{4}")) {
          at += 4;
          return (char) Integer.parseInt(hex, 16);
        }
      }
      throw new MalformedException("a string has an unknown escape at character " + at);
    }
  }
}
