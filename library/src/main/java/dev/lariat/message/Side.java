package dev.lariat.message;

/** One of the two ends of a connection. */
public enum Side {
  /** This end: the owner, or Lariat in its name. */
  CLIENT,
  /** The other end. */
  SERVER
}
