package dev.lariat.message;

/**
 * A stream as messages name it. The handle that a user holds is one, so references can be compared
 * with {@code ==}.
 */
public interface StreamRef {

  /** {@return the connection that carries the stream} */
  ConnectionRef connection();
}
