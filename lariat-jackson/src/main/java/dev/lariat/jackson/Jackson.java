package dev.lariat.jackson;

import static java.util.Objects.requireNonNull;

import dev.lariat.message.BodyCodec;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes codecs of JSON by Jackson 3.
 *
 * <p>{@link #json(Class)} uses the default mapper: {@code answer.as(json(Order.class))}. {@link
 * #with} uses yours, with its modules and settings: {@code answer.as(codecs.of(Order.class))}.
 *
 * <p>A codec reads exactly one value: more after it, or {@code null}, is an error. It makes its
 * reader and its writer once, so keep a codec that you use often. All methods can be called from
 * any thread.
 */
public final class Jackson {
  private static final Jackson DEFAULT = new Jackson(JsonMapper.shared());

  private final JsonMapper mapper;

  private Jackson(JsonMapper mapper) {
    this.mapper = mapper;
  }

  /**
   * {@return codecs that use this mapper}
   *
   * @param mapper a mapper of JSON
   */
  public static Jackson with(JsonMapper mapper) {
    requireNonNull(mapper, "mapper: null, allowed any other value");
    return new Jackson(mapper);
  }

  /**
   * {@return a codec of this type by the default mapper} The default mapper of Jackson 3, {@code
   * JsonMapper.shared()}: it ignores unknown properties.
   *
   * @param <T> the type of the values
   * @param type the type
   */
  public static <T> BodyCodec<T> json(Class<T> type) {
    return DEFAULT.of(type);
  }

  /**
   * {@return a codec of this generic type by the default mapper: {@code json(new
   * TypeReference<List<Order>>() {})}}
   *
   * @param <T> the type of the values
   * @param type the type
   */
  public static <T> BodyCodec<T> json(TypeReference<T> type) {
    return DEFAULT.of(type);
  }

  /**
   * {@return a codec of this type by this mapper}
   *
   * @param <T> the type of the values
   * @param type the type
   */
  public <T> BodyCodec<T> of(Class<T> type) {
    requireNonNull(type, "type: null, allowed any other value");
    return new JsonCodec<>(mapper, type, mapper.constructType(type));
  }

  /**
   * {@return a codec of this generic type by this mapper}
   *
   * @param <T> the type of the values
   * @param type the type, such as {@code new TypeReference<List<Order>>() {}}
   */
  public <T> BodyCodec<T> of(TypeReference<T> type) {
    requireNonNull(type, "type: null, allowed any other value");
    return new JsonCodec<>(mapper, type.getType(), mapper.constructType(type));
  }
}
