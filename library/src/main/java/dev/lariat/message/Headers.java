package dev.lariat.message;

import dev.lariat.internal.uri.Mask;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;

/**
 * HTTP fields (RFC 9110 section 5) in their order. Names are kept in lower case and compared
 * without regard to case. A name can occur several times.
 */
public final class Headers implements Iterable<Headers.Field> {

  /** No fields. */
  public static final Headers EMPTY = new Headers(new String[0]);

  /**
   * One field.
   *
   * @param name its name, in lower case
   * @param value its value
   */
  public record Field(String name, String value) {

    /** The field as {@code name: value}, with {@code ***} instead of a secret value. */
    @Override
    public String toString() {
      return name + ": " + shown(name, value);
    }
  }

  /** Fields whose values give access to an account, so logs must not show them. */
  private static final Set<String> SECRET =
      Set.of("authorization", "proxy-authorization", "cookie", "set-cookie");

  private static final boolean[] TOKEN = tokenCharacters();

  private final String[] pairs; // name, value, name, value, …

  private Headers(String[] pairs) {
    this.pairs = pairs;
  }

  /**
   * {@return fields from alternating names and values}
   *
   * @param namesAndValues a name, its value, the next name, its value, and so on
   * @throws IllegalArgumentException if a name or a value is not allowed (see {@link #with}), or if
   *     the last value is missing
   */
  public static Headers of(String... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException(
          "headers: "
              + namesAndValues.length
              + " strings, allowed an even number: names and values in turn");
    }
    String[] pairs = namesAndValues.clone();
    for (int i = 0; i < pairs.length; i += 2) {
      pairs[i] = checkedName(pairs[i]);
      checkValue(pairs[i], pairs[i + 1]);
    }
    return pairs.length == 0 ? EMPTY : new Headers(pairs);
  }

  /**
   * {@return fields in this order, under the rules of {@link #with}}
   *
   * @param fields the fields, in their order
   */
  public static Headers of(List<Field> fields) {
    String[] pairs = new String[fields.size() * 2];
    int i = 0;
    for (Field field : fields) {
      pairs[i++] = field.name();
      pairs[i++] = field.value();
    }
    return of(pairs);
  }

  /**
   * {@return these fields, followed by one more}
   *
   * @param name the name of a header, in any case
   * @param value the value
   * @throws IllegalArgumentException if the name is not a token (RFC 9110 section 5.6.2), or the
   *     value contains CR, LF or NUL (section 5.5) or a character that is not in ISO 8859-1
   */
  public Headers with(String name, String value) {
    String[] longer = Arrays.copyOf(pairs, pairs.length + 2);
    longer[pairs.length] = checkedName(name);
    checkValue(name, value);
    longer[pairs.length + 1] = value;
    return new Headers(longer);
  }

  /**
   * {@return the value of the first field of this name}
   *
   * @param name the name of a header, in any case
   */
  public Optional<String> first(String name) {
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i].equalsIgnoreCase(name)) {
        return Optional.of(pairs[i + 1]);
      }
    }
    return Optional.empty();
  }

  /**
   * {@return the values of all fields of this name, in order}
   *
   * @param name the name of a header, in any case
   */
  public List<String> all(String name) {
    List<String> values = List.of();
    for (int i = 0; i < pairs.length; i += 2) {
      if (pairs[i].equalsIgnoreCase(name)) {
        values = values.isEmpty() ? List.of(pairs[i + 1]) : and(values, pairs[i + 1]);
      }
    }
    return values;
  }

  private static List<String> and(List<String> values, String last) {
    List<String> longer = new ArrayList<>(values);
    longer.add(last);
    return List.copyOf(longer);
  }

  /**
   * {@return whether there is a field of this name}
   *
   * @param name the name of a header, in any case
   */
  public boolean contains(String name) {
    return first(name).isPresent();
  }

  /** {@return how many fields there are} */
  public int size() {
    return pairs.length / 2;
  }

  /** {@return whether there are none} */
  public boolean isEmpty() {
    return pairs.length == 0;
  }

  @Override
  public Iterator<Field> iterator() {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < pairs.length;
      }

      @Override
      public Field next() {
        if (!hasNext()) {
          throw new NoSuchElementException();
        }
        Field field = new Field(pairs[next], pairs[next + 1]);
        next += 2;
        return field;
      }
    };
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Headers headers && Arrays.equals(pairs, headers.pairs);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(pairs);
  }

  /**
   * The fields as {@code {name: value, …}}. Shows {@code ***} instead of the values of {@code
   * Authorization}, {@code Proxy-Authorization}, {@code Cookie} and {@code Set-Cookie}, and instead
   * of the user information of URIs.
   */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    for (int i = 0; i < pairs.length; i += 2) {
      text.append(i == 0 ? "" : ", ").append(pairs[i]).append(": ");
      text.append(shown(pairs[i], pairs[i + 1]));
    }
    return text.append('}').toString();
  }

  private static String shown(String name, String value) {
    return SECRET.contains(name.toLowerCase(Locale.ROOT)) ? "***" : Mask.userInformation(value);
  }

  /**
   * {@return whether this is a token (RFC 9110 section 5.6.2): the form of header names, methods
   * and protocol names}
   *
   * @param text the text
   */
  public static boolean isToken(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= TOKEN.length || !TOKEN[c]) {
        return false;
      }
    }
    return !text.isEmpty();
  }

  private static boolean[] tokenCharacters() {
    boolean[] allowed = new boolean['~' + 1];
    for (char c = 0; c < allowed.length; c++) {
      boolean alphanumeric = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9';
      allowed[c] = alphanumeric || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }
    return allowed;
  }

  /**
   * {@return whether a header may have this value: no CR, LF or NUL (RFC 9110 section 5.5), and
   * only characters of ISO 8859-1}
   *
   * @param text the text
   */
  public static boolean isValue(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\r' || c == '\n' || c == 0 || c > 0xff) {
        return false;
      }
    }
    return true;
  }

  /**
   * Checks that a client may send all of these. A server's headers can contain control characters,
   * since some devices send them. What a client sends contains no control character except the tab
   * (RFC 9110 section 5.5).
   *
   * @return these
   * @throws IllegalArgumentException if a value contains a control character; the exception does
   *     not show the value
   */
  public Headers requireSendable() {
    for (Field field : this) {
      String value = field.value();
      for (int i = 0; i < value.length(); i++) {
        char c = value.charAt(i);
        if (c < ' ' && c != '\t' || c == 0x7f) {
          throw refusedValue(field.name(), value, i, "allowed no control character but the tab");
        }
      }
    }
    return this;
  }

  private static String checkedName(String name) {
    if (!isToken(name)) {
      throw new IllegalArgumentException(
          "header name: \"" + printable(name) + "\", allowed a token (RFC 9110 section 5.6.2)");
    }
    return name.toLowerCase(Locale.ROOT);
  }

  /** The value is not in the message: it may be a secret, and a token with a line end is common. */
  private static void checkValue(String name, String value) {
    if (!isValue(value)) {
      int at = 0;
      while (isValue(value.substring(at, at + 1))) {
        at++;
      }
      throw refusedValue(name, value, at, "allowed ISO 8859-1 without CR, LF and NUL");
    }
  }

  private static IllegalArgumentException refusedValue(
      String name, String value, int at, String allowed) {
    return new IllegalArgumentException(
        "header value of "
            + name
            + ": character "
            + (at + 1)
            + " of "
            + value.length()
            + " is "
            + String.format("U+%04X", (int) value.charAt(at))
            + ", "
            + allowed
            + " (RFC 9110 section 5.5)");
  }

  /** The text with what would break a log line made visible. */
  private static String printable(String text) {
    StringBuilder shown = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      shown.append(c < ' ' || c == 0x7f ? String.format("\\x%02x", (int) c) : String.valueOf(c));
    }
    return shown.toString();
  }
}
