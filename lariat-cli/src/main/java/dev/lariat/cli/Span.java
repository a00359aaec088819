package dev.lariat.cli;

import java.time.Duration;

/**
 * A bar of a picture.
 *
 * @param kind the name of its color: {@code step}, {@code open}, {@code waiting}, {@code failed}
 * @param height its part of the full height, above 0 to 1
 * @param detail what a reader is told who points at it
 */
record Span(Duration from, Duration took, String kind, double height, String detail) {

  static Span of(Duration from, Duration took, String kind, String detail) {
    return new Span(from, took, kind, 1, detail);
  }

  /** The same, earlier by this time. */
  Span earlier(Duration by) {
    return new Span(from.minus(by), took, kind, height, detail);
  }

  Duration end() {
    return from.plus(took);
  }

  JsonObject json() {
    return new JsonObject()
        .with("from", from)
        .with("took", took)
        .with("kind", kind)
        .with("detail", detail);
  }
}
