package dev.lariat.cli;

import dev.lariat.message.Headers;

/** Where the body of a response goes. */
interface Sink extends AutoCloseable {

  /** A response begins. */
  void begin(int status, Headers headers);

  /** The next bytes of the body. */
  void write(byte[] bytes);

  /** The body is complete. */
  void end();

  /** What is not complete is dropped, or kept to be resumed. */
  @Override
  void close();

  /** Standard output, as it comes. */
  record Plain(Output out) implements Sink {
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
