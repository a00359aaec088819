package dev.lariat.message;

/**
 * A stream as messages name it. The handle that a user holds is one, so references can be compared
 * with {@code ==}.
 */
public interface StreamRef {

  /** The connection that carries the stream. */
  ConnectionRef connection();
}
