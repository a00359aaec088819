package dev.lariat.message;

/** One of the two sides of a connection. */
public enum Side {
  /** This side: you, or Lariat for you. */
  CLIENT,
  /** The other side. */
  SERVER
}
