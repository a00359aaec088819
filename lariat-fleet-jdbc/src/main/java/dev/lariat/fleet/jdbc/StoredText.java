package dev.lariat.fleet.jdbc;

/**
 * Ids and positions as the database has them. They are any text, and PostgreSQL refuses a zero and
 * half a surrogate pair. So these are written as {@code \\uXXXX}, and a backslash is doubled.
 */
final class StoredText {
  private StoredText() {}

  static String of(String text) {
    StringBuilder stored = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            character -> {
              if (character == '\\') {
                stored.append("\\\\");
              } else if (character == 0 || Character.getType(character) == Character.SURROGATE) {
                stored.append(String.format("\\u%04x", character));
              } else {
                stored.appendCodePoint(character);
              }
            });
    return stored.toString();
  }

  static String text(String stored) {
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
