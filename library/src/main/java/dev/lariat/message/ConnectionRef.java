package dev.lariat.message;

/**
 * A connection as messages name it. The handle that a user holds is one, so references can be
 * compared with {@code ==}.
 */
public interface ConnectionRef {

  /**
   * {@return where the connection goes, as {@code host:port} or as a socket's path; for people, not
   * for parsing}
   */
  String authority();
}
