package dev.lariat.message;

/**
 * A connection that heals itself, as messages name it: it outlives the connections that it is made
 * of, and is the one stream that all its messages are of. The handle that a user holds is one, so
 * references can be compared with {@code ==}.
 */
public interface LiveRef extends ConnectionRef, StreamRef {

  @Override
  default ConnectionRef connection() {
    return this;
  }
}
