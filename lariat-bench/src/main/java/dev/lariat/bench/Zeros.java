package dev.lariat.bench;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** A large body, in pieces that are always the same; the sink is told of each that is taken. */
record Zeros(long bytes, HttpPeer.Sink sink) implements Iterable<byte[]> {
  /** So long is a piece; every body is a multiple. */
  static final int PIECE = 64 << 10;

  private static final byte[] ZEROS = new byte[PIECE];

  /** One piece, which nobody changes. */
  static byte[] piece() {
    return ZEROS;
  }

  @Override
  public Iterator<byte[]> iterator() {
    return new Iterator<>() {
      private long left = bytes;

      @Override
      public boolean hasNext() {
        return left > 0;
      }

      @Override
      public byte[] next() {
        if (left <= 0) {
          throw new NoSuchElementException();
        }
        left -= PIECE;
        sink.sent(PIECE);
        return ZEROS;
      }
    };
  }
}
