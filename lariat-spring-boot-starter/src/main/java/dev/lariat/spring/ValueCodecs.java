package dev.lariat.spring;

import dev.lariat.message.BodyCodec;
import java.lang.reflect.Type;

/** Makes codecs of the types that methods want. */
@FunctionalInterface
interface ValueCodecs {
  BodyCodec<?> of(Type type);
}
