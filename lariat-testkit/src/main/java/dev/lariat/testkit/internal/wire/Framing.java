package dev.lariat.testkit.internal.wire;

/** How a client of HTTP/1.1 knows where a body ends; HTTP/2 says it by a flag. */
public enum Framing {
  /** By the last chunk. */
  CHUNKED,
  /** By {@code Content-Length}. */
  LENGTH,
  /** By the end of the connection. */
  CLOSE
}
