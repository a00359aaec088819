package dev.lariat.cli;

import dev.lariat.message.Headers;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The headers that a user sets, and the default ones that the user does not want. */
final class HeaderLines {
  private Headers set = Headers.EMPTY;
  private final Set<String> removed = new HashSet<>();

  /** Headers as the option {@code -H} has them: {@code Name:value} and the like, or a file. */
  static HeaderLines of(List<String> given) {
    HeaderLines lines = new HeaderLines();
    for (String line : given) {
      if (line.startsWith("@")) {
        Input.text("--header", line.substring(1))
            .lines()
            .filter(its -> !its.isBlank())
            .forEach(lines::add);
      } else {
        lines.add(line);
      }
    }
    return lines;
  }

  private void add(String line) {
    int colon = line.indexOf(':');
    if (colon < 0 && line.endsWith(";")) {
      set(line.substring(0, line.length() - 1), "");
      return;
    }
    if (colon < 1) {
      throw new UsageException(
          "--header: \"" + Line.plain(line) + "\" is not NAME:VALUE, NAME: or NAME;.");
    }
    String value = line.substring(colon + 1).strip();
    if (value.isEmpty()) {
      removed.add(line.substring(0, colon).strip().toLowerCase(Locale.ROOT));
    } else {
      set(line.substring(0, colon), value);
    }
  }

  /** Sets a header besides those with the same name. */
  void set(String name, String value) {
    try {
      set = set.with(name, value);
    } catch (IllegalArgumentException e) {
      throw UsageException.of("--header", e);
    }
  }

  /** Leaves a default header out. */
  void remove(String name) {
    removed.add(name.toLowerCase(Locale.ROOT));
  }

  /** Sets a header if the user has neither set nor removed it. */
  void setIfAbsent(String name, String value) {
    if (!set.contains(name) && !removed.contains(name.toLowerCase(Locale.ROOT))) {
      set(name, value);
    }
  }

  boolean contains(String name) {
    return set.contains(name);
  }

  Headers headers() {
    return set;
  }
}
