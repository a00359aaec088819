package dev.lariat.spring;

import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Sets options by properties, and names the property if its value is not allowed. */
final class Setting {
  private Setting() {}

  /** These options with a value, or as they are without one. */
  static <O, V> O set(O options, String property, @Nullable V value, BiFunction<O, V, O> setter) {
    if (value == null) {
      return options;
    }
    try {
      return setter.apply(options, value);
    } catch (IllegalArgumentException e) {
      throw new BadPropertyException(property, value, String.valueOf(e.getMessage()));
    }
  }
}
