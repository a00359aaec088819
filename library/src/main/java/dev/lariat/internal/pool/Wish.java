package dev.lariat.internal.pool;

/** Which connection a request wants. */
public enum Wish {
  /** Any to its origin that has room. */
  SHARED,
  /** Any that has room, also one to another origin that may carry it ({@code pool.coalesce}). */
  ANYWHERE,
  /** Any that has room; it keeps one of HTTP/1.1 for itself. */
  OWN,
  /** One that carried nothing before. */
  FRESH
}
