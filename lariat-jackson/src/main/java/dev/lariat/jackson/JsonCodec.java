package dev.lariat.jackson;

import dev.lariat.message.BodyCodec;
import dev.lariat.message.Bytes;
import dev.lariat.message.Text;
import dev.lariat.message.UnreadableException;
import java.lang.reflect.Type;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/** One type as JSON. */
final class JsonCodec<T> implements BodyCodec<T> {
  private final Type type; // as the user named it
  private final ObjectReader reader;
  private final ObjectWriter writer;

  JsonCodec(JsonMapper mapper, Type type, JavaType known) {
    this.type = type;
    this.reader = mapper.readerFor(known).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    // Of a generic type, the class of a value does not say what is in it. Of any other, the class
    // says more: it may be a subclass, with properties that the type does not have.
    this.writer = known.hasGenericTypes() ? mapper.writerFor(known) : mapper.writer();
  }

  @Override
  public Type type() {
    return type;
  }

  @Override
  public String mediaType() {
    return "application/json";
  }

  @Override
  public Bytes write(T value) {
    return written(() -> Bytes.wrap(writer.writeValueAsBytes(value)));
  }

  @Override
  public Text text(T value) {
    return written(() -> new Text(writer.writeValueAsString(value)));
  }

  @Override
  public T read(Bytes bytes) {
    byte[] utf8 = bytes.toArray();
    return read(utf8.length == 0, () -> reader.readValue(utf8));
  }

  @Override
  public T read(String text) {
    return read(text.isEmpty(), () -> reader.readValue(text));
  }

  private interface Call<V extends @Nullable Object> {
    V run();
  }

  private <V> V written(Call<V> call) {
    try {
      return call.run();
    } catch (RuntimeException e) { // of Jackson, and of the accessors of the value
      String why =
          e instanceof JacksonException jackson ? jackson.getOriginalMessage() : e.toString();
      throw new IllegalArgumentException(
          "value: a " + type.getTypeName() + " that cannot be written as JSON: " + why, e);
    }
  }

  private T read(boolean empty, Call<@Nullable T> call) {
    if (empty) {
      throw new UnreadableException(type, "it is empty", null);
    }
    @Nullable T value;
    try {
      value = call.run();
    } catch (JacksonException e) {
      throw unreadable(e);
    } catch (RuntimeException e) { // of the constructors of the type
      throw new UnreadableException(type, e.toString(), e);
    }
    if (value == null) {
      throw new UnreadableException(type, "it is null", null);
    }
    return value;
  }

  private UnreadableException unreadable(JacksonException e) {
    TokenStreamLocation at = e.getLocation();
    return new UnreadableException(
        type,
        e.getOriginalMessage(),
        at == null ? 0 : at.getLineNr(),
        at == null ? 0 : at.getColumnNr(),
        path(e),
        e);
  }

  private static String path(JacksonException e) {
    StringBuilder path = new StringBuilder("$");
    for (JacksonException.Reference step : e.getPath()) {
      String name = step.getPropertyName();
      if (name == null) {
        path.append('[').append(step.getIndex() < 0 ? "?" : step.getIndex()).append(']');
      } else if (isPlain(name)) {
        path.append('.').append(name);
      } else {
        path.append("['").append(name).append("']");
      }
    }
    return path.length() == 1 ? "" : path.toString();
  }

  private static boolean isPlain(String name) {
    return !name.isEmpty() && name.chars().allMatch(Character::isJavaIdentifierPart);
  }
}
