package dev.lariat.internal.codec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a server wants to be shown before it answers (RFC 9110 section 11.3).
 *
 * @param scheme in lower case: {@code basic}
 * @param token68 what stands in the place of parameters, if it does
 * @param parameters their names in lower case, each once
 */
record Challenge(String scheme, Optional<String> token68, Map<String, String> parameters) {

  /** The parameter of this name, in lower case. */
  public Optional<String> parameter(String name) {
    return Optional.ofNullable(parameters.get(name));
  }

  /** Reads a field's value, where several challenges may stand (section 11.6.1). */
  public static List<Challenge> parse(String value) throws Violation {
    return new Parser(value, "WWW-Authenticate").challenges();
  }

  /** Reads the parameters of an {@code Authentication-Info} field (section 11.6.3). */
  public static Map<String, String> information(String value) throws Violation {
    return new Parser(value, "Authentication-Info").parameters();
  }

  private static final class Parser {
    private final FieldText text;
    private final String field;

    Parser(String value, String field) {
      this.text = new FieldText(value);
      this.field = field;
    }

    List<Challenge> challenges() throws Violation {
      List<Challenge> challenges = new ArrayList<>();
      Map<String, String> parameters = null; // of the challenge that is read; null for a token68
      while (skipToElement()) {
        String name = token();
        boolean spaced = text.skipSpace();
        if (text.takes('=')) {
          put(parameters, name);
        } else {
          Optional<String> token68 = spaced ? token68() : Optional.empty();
          parameters = new LinkedHashMap<>();
          challenges.add(new Challenge(name.toLowerCase(Locale.ROOT), token68, parameters));
          if (token68.isPresent()) {
            parameters = null;
          } else if (!atBorder()) {
            first(spaced, parameters);
          }
        }
        end();
      }
      return challenges.stream()
          .map(c -> new Challenge(c.scheme, c.token68, Map.copyOf(c.parameters)))
          .toList();
    }

    Map<String, String> parameters() throws Violation {
      Map<String, String> parameters = new LinkedHashMap<>();
      while (skipToElement()) {
        first(true, parameters);
        end();
      }
      return Map.copyOf(parameters);
    }

    /** A parameter that must be one, of a scheme with a space behind it. */
    private void first(boolean spaced, Map<String, String> parameters) throws Violation {
      String name = token();
      text.skipSpace();
      if (!spaced || !text.takes('=')) {
        throw malformed();
      }
      put(parameters, name);
    }

    private void put(@Nullable Map<String, String> parameters, String name) throws Violation {
      text.skipSpace();
      Optional<String> value = text.quoted().or(text::token);
      if (parameters == null
          || value.isEmpty()
          || parameters.putIfAbsent(name.toLowerCase(Locale.ROOT), value.get()) != null) {
        throw malformed();
      }
    }

    private String token() throws Violation {
      return text.token().orElseThrow(this::malformed);
    }

    /** A token68 that is all of its challenge, so that it is no parameter's name. */
    private Optional<String> token68() {
      int place = text.place();
      Optional<String> token68 = text.token68();
      if (token68.isPresent() && atBorder()) {
        return token68;
      }
      text.back(place);
      return Optional.empty();
    }

    /** Whether the element ends here. */
    private boolean atBorder() {
      int place = text.place();
      text.skipSpace();
      boolean border = text.atEnd() || text.takes(',');
      text.back(place);
      return border;
    }

    /** Passes what separates elements; empty ones do not count (section 5.6.1.2). */
    private boolean skipToElement() {
      do {
        text.skipSpace();
      } while (text.takes(','));
      return !text.atEnd();
    }

    private void end() throws Violation {
      if (!atBorder()) {
        throw malformed();
      }
    }

    private Violation malformed() {
      return Violation.protocol("the server's " + field + " is malformed", "RFC 9110 section 11.2");
    }
  }
}
