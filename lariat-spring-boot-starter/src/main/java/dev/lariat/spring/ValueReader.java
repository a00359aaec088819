package dev.lariat.spring;

import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;

/** Makes values of the texts that feeds receive. */
@FunctionalInterface
interface ValueReader {
  @Nullable Object read(String text, Type type) throws Exception;
}
