package dev.lariat.message;

/**
 * A connection as messages name it. It is the handle that you hold, so you can compare references
 * with {@code ==}.
 */
public interface ConnectionRef {

  /**
   * {@return where the connection leads, as {@code host:port} or as the path of a socket; for
   * people, not for parsing}
   */
  String authority();
}
