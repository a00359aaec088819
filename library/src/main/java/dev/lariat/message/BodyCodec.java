package dev.lariat.message;

import java.lang.reflect.Type;

/**
 * Writes and reads the values of one type in one format, such as {@code Order} as JSON. Lariat has
 * no codec of its own: the artifacts {@code lariat-jackson} and {@code lariat-jackson2} make them,
 * and you can write one for any other library.
 *
 * <p>Pass a codec to {@code request.body}, {@code answer.as}, {@code exchange.lines}, {@code
 * liveWebSocket.texts} and similar methods, or call it yourself. Lariat calls a codec only in the
 * thread that calls such a method, never on an event loop.
 *
 * <p>A codec is immutable, and any number of threads can use it at the same time.
 *
 * @param <T> the type of the values
 */
public interface BodyCodec<T> {

  /** {@return the type of the values, for messages to people} */
  Type type();

  /** {@return the media type of what it writes, such as {@code application/json}} */
  String mediaType();

  /**
   * {@return the value in its format, encoded in UTF-8 if the format is a text}
   *
   * @param value the value
   * @throws IllegalArgumentException if the value cannot be written
   */
  Bytes write(T value);

  /**
   * {@return the one value that these bytes are} A codec of a text format expects UTF-8, without a
   * byte order mark.
   *
   * @param bytes the bytes of the whole value
   * @throws UnreadableException if they are not exactly one value of the type, which is not null
   */
  T read(Bytes bytes);

  /**
   * {@return the one value that this text is} By default, it reads the UTF-8 form of the text.
   *
   * @param text the text of the whole value
   * @throws UnreadableException if it is not exactly one value of the type, which is not null
   */
  default T read(String text) {
    return read(Bytes.ofUtf8(text));
  }

  /**
   * {@return a text message with the value, to send on a WebSocket}
   *
   * @param value the value
   * @throws IllegalArgumentException if the value cannot be written
   */
  default Text text(T value) {
    return new Text(write(value).utf8());
  }
}
