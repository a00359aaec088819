package dev.lariat.internal.codec;

/** How many streams of zlib the WebSockets of a loop hold. */
public final class LentStreams {
  private LentStreams() {}

  /** Those that this lends. */
  public static int of(Shared shared) {
    return shared.zlib.lent();
  }
}
