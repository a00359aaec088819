package dev.lariat.internal.derived;

import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is derived from one {@code Tls} object and used again. That object refers to it and nothing
 * else does, so both are collected together, even if what is derived refers to that object. It is
 * no part of that object's value: an equal object derives all of it anew. Any thread may use it.
 *
 * <p>The classes that derive are on floors above the options, so the class of the options grants
 * the way to a field that users do not see.
 */
public final class Derived {
  private static final AtomicReference<@Nullable Function<Object, Derived>> GRANTED =
      new AtomicReference<>();

  private record Name(Class<?> type, Object key) {}

  private final ConcurrentMap<Name, Object> all = new ConcurrentHashMap<>(2);

  /** Makes this the way from a {@code Tls} object to its own; for its static initializer. */
  public static void grant(Function<Object, Derived> way) {
    GRANTED.set(way);
  }

  /** That of this {@code Tls} object. */
  public static Derived of(Object tls) {
    return Objects.requireNonNull(GRANTED.get(), "granted").apply(tls);
  }

  /**
   * What is derived under this key. The first caller makes it, and callers at the same time wait
   * for that. If {@code make} throws, so does this method, and the next caller tries again.
   *
   * @param make must not derive anything from the same object
   */
  public <T> T get(Class<T> type, Object key, Supplier<T> make) {
    return type.cast(all.computeIfAbsent(new Name(type, key), name -> make.get()));
  }
}
