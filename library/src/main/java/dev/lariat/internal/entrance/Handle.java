package dev.lariat.internal.entrance;

/** The handles of users, which messages name by interfaces of a lower floor. */
public final class Handle {
  private Handle() {}

  /**
   * The handle that a message names.
   *
   * @throws IllegalArgumentException if it is one of another class
   */
  public static <T> T of(Class<T> wanted, Object named) {
    if (wanted.isInstance(named)) {
      return wanted.cast(named);
    }
    throw new IllegalArgumentException(
        "a %s was expected, and the message names a %s"
            .formatted(wanted.getSimpleName(), named.getClass().getSimpleName()));
  }
}
