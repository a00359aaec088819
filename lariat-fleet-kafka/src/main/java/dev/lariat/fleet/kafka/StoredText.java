package dev.lariat.fleet.kafka;

import java.nio.charset.StandardCharsets;

/**
 * Ids and positions as Kafka has them, in UTF-8. They are any text, and UTF-8 has no half of a
 * surrogate pair: that is written as {@code \\uXXXX}, and a backslash is doubled.
 */
final class StoredText {
  private StoredText() {}

  static byte[] of(String text) {
    StringBuilder stored = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            character -> {
              if (character == '\\') {
                stored.append("\\\\");
              } else if (Character.getType(character) == Character.SURROGATE) {
                stored.append(String.format("\\u%04x", character));
              } else {
                stored.appendCodePoint(character);
              }
            });
    return stored.toString().getBytes(StandardCharsets.UTF_8);
  }

  static String text(byte[] bytes) {
    String stored = new String(bytes, StandardCharsets.UTF_8);
    StringBuilder text = new StringBuilder(stored.length());
    for (int i = 0; i < stored.length(); i++) {
      if (stored.charAt(i) != '\\') {
        text.append(stored.charAt(i));
      } else if (stored.startsWith("u", ++i)) {
        text.append((char) Integer.parseInt(stored, i + 1, i + 5, 16));
        i += 4;
      } else {
        text.append('\\');
      }
    }
    return text.toString();
  }
}
