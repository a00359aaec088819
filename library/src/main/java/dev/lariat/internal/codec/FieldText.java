package dev.lariat.internal.codec;

import dev.lariat.message.Headers;
import java.util.Optional;

/** A field's value as its reader goes through it (RFC 9110 section 5.6). */
final class FieldText {
  private final String text;
  private int at;

  FieldText(String text) {
    this.text = text;
  }

  boolean atEnd() {
    return at == text.length();
  }

  /** Where it is, to come {@link #back} to. */
  int place() {
    return at;
  }

  void back(int place) {
    at = place;
  }

  /** Passes this character, if it is the next. */
  boolean takes(char c) {
    boolean there = !atEnd() && text.charAt(at) == c;
    if (there) {
      at++;
    }
    return there;
  }

  /** Passes spaces and tabs, and says whether there were some. */
  boolean skipSpace() {
    int from = at;
    while (!atEnd() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
    return at > from;
  }

  /** Passes all up to this character, or to the end. */
  void skipTo(char c) {
    int next = text.indexOf(c, at);
    at = next < 0 ? text.length() : next;
  }

  /** A token (section 5.6.2). */
  Optional<String> token() {
    int from = at;
    while (!atEnd() && Headers.isToken(text.substring(at, at + 1))) {
      at++;
    }
    return from == at ? Optional.empty() : Optional.of(text.substring(from, at));
  }

  /** Characters of a token68, with what pads them (section 11.2). */
  Optional<String> token68() {
    int from = at;
    while (!atEnd() && isOfToken68(text.charAt(at))) {
      at++;
    }
    if (from == at) {
      return Optional.empty();
    }
    while (takes('=')) {
      // padding stands at the end only
    }
    return Optional.of(text.substring(from, at));
  }

  private static boolean isOfToken68(char c) {
    return c >= 'a' && c <= 'z'
        || c >= 'A' && c <= 'Z'
        || c >= '0' && c <= '9'
        || "-._~+/".indexOf(c) >= 0;
  }

  /** What a quoted string stands for (section 5.6.4); empty, and no step further, if it is none. */
  Optional<String> quoted() {
    int from = at;
    if (!takes('"')) {
      return Optional.empty();
    }
    StringBuilder value = new StringBuilder();
    while (!takes('"')) {
      takes('\\');
      if (atEnd() || isControl(text.charAt(at))) {
        at = from;
        return Optional.empty();
      }
      value.append(text.charAt(at++));
    }
    return Optional.of(value.toString());
  }

  private static boolean isControl(char c) {
    return c < ' ' && c != '\t' || c == 0x7f;
  }
}
