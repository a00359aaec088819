package dev.lariat.option;

import dev.lariat.message.Bytes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * An immutable form as the body of a request: {@code application/x-www-form-urlencoded} (URL
 * standard, section 5.2).
 *
 * @param fields its fields in their order; a name can occur several times
 */
public record Form(List<Field> fields) {

  /** No fields. */
  public static final Form EMPTY = new Form(List.of());

  /** Its {@code Content-Type}. */
  public static final String TYPE = "application/x-www-form-urlencoded";

  /**
   * One field.
   *
   * @param name any text
   * @param value any text; unpaired surrogates in either become U+FFFD
   */
  public record Field(String name, String value) {

    /** Does not show the value. */
    @Override
    public String toString() {
      return "Field[" + name + "]";
    }
  }

  /** Copies the list. */
  public Form {
    fields = List.copyOf(fields);
  }

  /**
   * {@return a form of one field}
   *
   * @param name the name of the field
   * @param value the value of the field
   */
  public static Form of(String name, String value) {
    return EMPTY.and(name, value);
  }

  /**
   * Adds a field, after the existing ones.
   *
   * @param name the name of the field
   * @param value the value of the field
   * @return a copy of these options with this value
   */
  public Form and(String name, String value) {
    List<Field> more = new ArrayList<>(fields);
    more.add(new Field(name, value));
    return new Form(more);
  }

  /** {@return this form as text, which you can also use as the query of a target} */
  public String text() {
    StringBuilder text = new StringBuilder();
    for (Field field : fields) {
      text.append(text.isEmpty() ? "" : "&");
      text.append(encoded(field.name())).append('=').append(encoded(field.value()));
    }
    return text.toString();
  }

  /** {@return this form as a body} */
  public Bytes bytes() {
    return Bytes.ofUtf8(text());
  }

  /** Does not show the values, which can be passwords. */
  @Override
  public String toString() {
    return fields.stream().map(Field::name).collect(Collectors.joining(", ", "Form[", "]"));
  }

  // what URLEncoder leaves as it is, and its plus for a space, are the URL standard's
  private static String encoded(String text) {
    return URLEncoder.encode(Wellformed.text(text), StandardCharsets.UTF_8);
  }
}
