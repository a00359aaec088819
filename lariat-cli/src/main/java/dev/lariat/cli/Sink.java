package dev.lariat.cli;

import dev.lariat.message.Headers;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Where the body of a response goes. */
interface Sink extends AutoCloseable {

  /** The head of a response as text, if that is wanted, and an empty line. */
  void head(String text);

  /** A response begins. */
  void begin(int status, Headers headers);

  /** Whether this response is a part of something else than what is here, so that all is needed. */
  default boolean needsAll(int status, Headers headers) {
    return false;
  }

  /** Whether a response of this status was what is wanted. Is asked after its end. */
  default boolean isServed(int status) {
    return status < 400;
  }

  /** Whether it is a file, so that nobody sees what comes. */
  default boolean isFile() {
    return false;
  }

  /** A sentence that belongs behind the one with an error status, or nothing. */
  default String remark() {
    return "";
  }

  /** The next bytes of the body. */
  void write(byte[] bytes);

  /**
   * The body has broken off: what is still to be asked for, so that it goes on from there; null if
   * it cannot.
   *
   * @param asking what was asked for
   */
  default @Nullable Asking rest(Asking asking) {
    return null;
  }

  /** The body is complete. */
  void end();

  /** What is not complete is dropped, or kept to be resumed. */
  @Override
  void close();

  /** Standard output, as it comes. */
  record Plain(Output out) implements Sink {
    @Override
    public void head(String text) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void begin(int status, Headers headers) {}

    @Override
    public void write(byte[] bytes) {
      out.write(bytes);
    }

    @Override
    public void end() {}

    @Override
    public void close() {}
  }
}
