package dev.lariat.internal.codec;

import org.jspecify.annotations.Nullable;

/**
 * Lends the WebSockets of one event loop their streams of DEFLATE. Whoever begins each message with
 * an empty window gives the stream back behind each message, and so holds none while it is idle;
 * one of each kind is kept here to be lent again.
 */
final class Zlib {
  private @Nullable InflateStream spareInflate;
  private @Nullable DeflateStream spareDeflate;
  private int lent;

  /** An empty stream to read, for a writer that looks back so far. */
  InflateStream inflate(int windowBits) {
    lent++;
    InflateStream spare = spareInflate;
    if (spare != null && spare.windowBits() == windowBits) {
      spareInflate = null;
      return spare;
    }
    return new InflateStream(windowBits);
  }

  /** An empty stream to write, with matches that look back so far. */
  DeflateStream deflate(int level, int windowBits) {
    lent++;
    DeflateStream spare = spareDeflate;
    if (spare != null && spare.level() == level && spare.windowBits() == windowBits) {
      spareDeflate = null;
      return spare;
    }
    return new DeflateStream(level, windowBits);
  }

  /** Takes a stream back that may be used again. */
  void giveBack(InflateStream stream) {
    if (spareInflate != null) {
      end(stream);
      return;
    }
    lent--;
    stream.reset();
    spareInflate = stream;
  }

  /** Takes a stream back that may be used again. */
  void giveBack(DeflateStream stream) {
    if (spareDeflate != null) {
      end(stream);
      return;
    }
    lent--;
    stream.reset();
    spareDeflate = stream;
  }

  /** Ends a stream for good. */
  void end(InflateStream stream) {
    lent--;
    stream.end();
  }

  /** Ends a stream for good. */
  void end(DeflateStream stream) {
    lent--;
    stream.end();
  }

  /** How many streams are lent and neither given back nor ended. */
  int lent() {
    return lent;
  }
}
