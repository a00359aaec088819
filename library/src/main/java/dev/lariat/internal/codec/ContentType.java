package dev.lariat.internal.codec;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A media type with its parameters (RFC 9110 section 8.3.1). What is malformed about a parameter
 * costs that parameter alone: servers are careless here, and browsers forgive it.
 *
 * @param type type and subtype, in lower case: {@code text/html}
 * @param parameters their names in lower case; of one that stands twice, the first
 */
record ContentType(String type, Map<String, String> parameters) {

  /** Reads a field's value; empty if it does not begin with a type and a subtype. */
  static Optional<ContentType> parse(String value) {
    FieldText text = new FieldText(value);
    text.skipSpace();
    Optional<String> type = text.token();
    if (type.isEmpty() || !text.takes('/')) {
      return Optional.empty();
    }
    Optional<String> subtype = text.token();
    text.skipSpace();
    if (subtype.isEmpty() || !(text.atEnd() || text.takes(';'))) {
      return Optional.empty();
    }
    Map<String, String> parameters = new LinkedHashMap<>();
    while (!text.atEnd()) {
      parameter(text, parameters);
      text.skipTo(';');
      text.takes(';');
    }
    String name = type.get() + "/" + subtype.get();
    return Optional.of(new ContentType(name.toLowerCase(Locale.ROOT), Map.copyOf(parameters)));
  }

  private static void parameter(FieldText text, Map<String, String> parameters) {
    text.skipSpace();
    Optional<String> name = text.token();
    if (name.isEmpty() || !text.takes('=')) {
      return;
    }
    Optional<String> value = text.quoted().or(text::token);
    value.ifPresent(v -> parameters.putIfAbsent(name.get().toLowerCase(Locale.ROOT), v));
  }
}
