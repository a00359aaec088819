package dev.lariat.option;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The values of one class of options. Its subclass has a field for each option, with the default.
 *
 * <p>A method that sets an option copies the draft, sets the field of the copy and checks the copy
 * as a whole. The options object keeps the draft in a final field, and nothing writes to a draft
 * that an options object keeps. So all threads see what was set, however they got the object (JLS
 * section 17.5).
 */
abstract class Draft<D extends Draft<D>> implements Cloneable {

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException if one is not allowed
   */
  abstract void check();

  /** The name and the value of each option, in turn: for equality and for text. */
  abstract Object[] parts();

  /**
   * A copy with this change, in which nothing is null, and which is not checked further yet. If
   * nothing has changed it is this draft, so that thousands of connections share one.
   *
   * @throws NullPointerException if an option became null, with its name
   */
  final D with(Consumer<D> change) {
    D copy = copy();
    change.accept(copy);
    Object[] parts = copy.parts();
    for (int i = 0; i < parts.length; i += 2) {
      Range.present((String) parts[i], parts[i + 1], "null");
    }
    return same(parts(), parts) ? self() : copy;
  }

  /**
   * Whether each part is the same object, or one of a class whose equal objects cannot be told
   * apart. Equality is not enough: two equal {@link Tls} read their key stores at different times.
   */
  private static boolean same(Object[] parts, Object[] others) {
    for (int i = 0; i < parts.length; i++) {
      Object part = content(parts[i]);
      Object other = content(others[i]);
      if (part != other && !(part instanceof Comparable<?> && part.equals(other))) {
        return false;
      }
    }
    return true;
  }

  private static @Nullable Object content(Object part) {
    return part instanceof Optional<?> optional ? optional.orElse(null) : part;
  }

  @SuppressWarnings("unchecked") // each subclass is its own parameter
  private D self() {
    return (D) this;
  }

  @SuppressWarnings("unchecked") // a clone has the class of its original
  private D copy() {
    try {
      return (D) clone();
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e); // it is Cloneable
    }
  }

  @Override
  public final boolean equals(@Nullable Object other) {
    return other instanceof Draft<?> its && Arrays.equals(parts(), its.parts());
  }

  @Override
  public final int hashCode() {
    return Arrays.hashCode(parts());
  }

  /** As a record shows its components. */
  @Override
  public final String toString() {
    Object[] parts = parts();
    StringBuilder text = new StringBuilder("[");
    for (int i = 0; i < parts.length; i += 2) {
      text.append(i == 0 ? "" : ", ").append(parts[i]).append('=').append(parts[i + 1]);
    }
    return text.append(']').toString();
  }
}
