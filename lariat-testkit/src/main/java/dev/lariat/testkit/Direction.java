package dev.lariat.testkit;

/** A direction of a connection. */
public enum Direction {
  /** What the client sends. */
  TO_ORIGIN,
  /** What the origin sends. */
  TO_CLIENT,
  /** Both. */
  BOTH;

  boolean isUp() {
    return this != TO_CLIENT;
  }

  boolean isDown() {
    return this != TO_ORIGIN;
  }
}
