package dev.lariat.message;

/**
 * A live connection as messages name it. It is one stream, which outlives the connections that it
 * uses, and all its messages belong to it. It is the handle that you hold, so you can compare
 * references with {@code ==}.
 */
public interface LiveRef extends ConnectionRef, StreamRef {

  @Override
  default ConnectionRef connection() {
    return this;
  }
}
