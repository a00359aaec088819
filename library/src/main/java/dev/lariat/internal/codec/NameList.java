package dev.lariat.internal.codec;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A list of names in a field, such as {@code Vary} (RFC 9110 section 5.6.1). */
public final class NameList {

  private NameList() {}

  /** The names in these values, in lower case and in their order; empty elements are none. */
  public static Set<String> of(List<String> values) {
    Set<String> names = new LinkedHashSet<>();
    for (String value : values) {
      for (String element : value.split(",", -1)) {
        if (!element.isBlank()) {
          names.add(element.strip().toLowerCase(Locale.ROOT));
        }
      }
    }
    return names;
  }
}
