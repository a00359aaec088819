package dev.lariat.message;

/**
 * A stream as messages name it. It is the handle that you hold, so you can compare references with
 * {@code ==}.
 */
public interface StreamRef {

  /** {@return the connection that carries the stream} */
  ConnectionRef connection();
}
