package dev.lariat.internal.pool;

/** Which connection a request wants. */
public enum Wish {
  /** Any that has room. */
  SHARED,
  /** Any that has room; it keeps one of HTTP/1.1 for itself. */
  OWN,
  /** One that carried nothing before. */
  FRESH
}
