package dev.lariat.internal.codec;

import dev.lariat.message.Headers;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * One element of a {@code Sec-WebSocket-Extensions} header (RFC 6455 section 9.1).
 *
 * @param name its name
 * @param parameters in their order, each name once
 */
record Extension(String name, List<Parameter> parameters) {

  /**
   * One parameter.
   *
   * @param name in lower case
   * @param value without its quotes
   */
  record Parameter(String name, Optional<String> value) {}

  /** Reads a whole header. */
  static List<Extension> parse(String header) throws Violation {
    return new Parser(header).extensions();
  }

  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    /** A list of one element or more; empty ones do not count (RFC 9110 section 5.6.1.2). */
    List<Extension> extensions() throws Violation {
      List<Extension> extensions = new ArrayList<>();
      do {
        skipSpace();
        if (at < text.length() && text.charAt(at) != ',') {
          extensions.add(extension());
        }
      } while (takes(','));
      if (at < text.length() || extensions.isEmpty()) {
        throw malformed();
      }
      return extensions;
    }

    private Extension extension() throws Violation {
      String name = token();
      List<Parameter> parameters = new ArrayList<>();
      Set<String> seen = new HashSet<>();
      while (takes(';')) {
        String parameter = token().toLowerCase(Locale.ROOT);
        if (!seen.add(parameter)) {
          throw Violation.protocol(
              "the server answered with the parameter " + parameter + " twice",
              "RFC 7692 section 7.1");
        }
        parameters.add(
            new Parameter(parameter, takes('=') ? Optional.of(value()) : Optional.empty()));
      }
      return new Extension(name, List.copyOf(parameters));
    }

    /** A token, or a quoted string that is one without its quotes and backslashes. */
    private String value() throws Violation {
      skipSpace();
      if (!takes('"')) {
        return token();
      }
      StringBuilder value = new StringBuilder();
      while (!takes('"')) {
        takes('\\');
        if (at == text.length()) {
          throw malformed();
        }
        value.append(text.charAt(at++));
      }
      skipSpace();
      if (!Headers.isToken(value.toString())) {
        throw malformed();
      }
      return value.toString();
    }

    private String token() throws Violation {
      skipSpace();
      int from = at;
      while (at < text.length() && Headers.isToken(text.substring(at, at + 1))) {
        at++;
      }
      if (from == at) {
        throw malformed();
      }
      String token = text.substring(from, at);
      skipSpace();
      return token;
    }

    private boolean takes(char c) {
      boolean there = at < text.length() && text.charAt(at) == c;
      if (there) {
        at++;
      }
      return there;
    }

    private void skipSpace() {
      while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
        at++;
      }
    }

    private static Violation malformed() {
      return Violation.protocol(
          "the server's Sec-WebSocket-Extensions header is malformed", "RFC 6455 section 9.1");
    }
  }
}
