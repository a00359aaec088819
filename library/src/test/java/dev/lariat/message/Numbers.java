package dev.lariat.message;

import java.lang.reflect.Type;

/** Numbers in decimal, for tests: a codec as a user may write one. */
public final class Numbers implements BodyCodec<Integer> {

  /** A codec that fails with what no contract allows. */
  public static final BodyCodec<Integer> BROKEN =
      new BodyCodec<>() {
        @Override
        public Type type() {
          return Integer.class;
        }

        @Override
        public String mediaType() {
          return "application/json";
        }

        @Override
        public Bytes write(Integer value) {
          throw new IllegalArgumentException("value: " + value + ", allowed none");
        }

        @Override
        public Integer read(Bytes bytes) {
          throw new IllegalStateException("broken");
        }
      };

  /** A codec that reads nothing. */
  @SuppressWarnings("NullAway") // on purpose
  public static final BodyCodec<Integer> EMPTY =
      new BodyCodec<>() {
        @Override
        public Type type() {
          return Integer.class;
        }

        @Override
        public String mediaType() {
          return "application/json";
        }

        @Override
        public Bytes write(Integer value) {
          return Bytes.EMPTY;
        }

        @Override
        public Integer read(Bytes bytes) {
          return null;
        }
      };

  @Override
  public Type type() {
    return Integer.class;
  }

  @Override
  public String mediaType() {
    return "application/json";
  }

  @Override
  public Bytes write(Integer value) {
    return Bytes.ofUtf8(value.toString());
  }

  @Override
  public Integer read(Bytes bytes) {
    String text = bytes.utf8().strip();
    try {
      return Integer.valueOf(text);
    } catch (NumberFormatException e) {
      throw new UnreadableException(Integer.class, "\"" + text + "\" is no number", 1, 1, "$", e);
    }
  }
}
