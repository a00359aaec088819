package dev.lariat.internal.content;

import dev.lariat.internal.codec.InflateBounds;
import dev.lariat.internal.codec.Violation;
import dev.lariat.message.Reason.Bound;
import dev.lariat.option.Limits;
import java.nio.ByteBuffer;

/**
 * Undoes one coding of what another source gives, and stops a bomb: no more is decoded than was
 * asked for, and what was decoded is counted before it is handed on. Input that gives nothing is
 * counted too, whatever the coding.
 */
final class Decompression implements Source {
  private static final int PIECE = 8 << 10; // read from the source at a time

  private final Source coded;
  private final Coding coding;
  private final long limit;
  private final InflateBounds bounds;
  private final byte[] piece = new byte[PIECE];
  private ByteBuffer input = ByteBuffer.wrap(piece, 0, 0);
  private boolean taken; // anything
  private long given;

  Decompression(Source coded, Coding coding, Limits limits) {
    this.coded = coded;
    this.coding = coding;
    this.limit = limits.decompressed();
    this.bounds = new InflateBounds(limits.inflateRatio());
  }

  @Override
  public int read(byte[] room) throws Violation {
    while (true) {
      int count = coding.decode(input, room);
      if (count > 0) {
        count(count);
        return count;
      }
      int more = coded.read(piece);
      if (more == 0) {
        return 0;
      }
      taken = true;
      bounds.count(more, 0);
      input = ByteBuffer.wrap(piece, 0, more);
    }
  }

  private void count(int count) throws Violation {
    given += count;
    if (given > limit) {
      throw Violation.limit(Bound.DECOMPRESSED, limit);
    }
    bounds.count(0, count);
  }

  /** A body without a byte is no compressed data, but servers send it for an empty one. */
  @Override
  public void end() throws Violation {
    coded.end();
    if (taken && !coding.complete()) {
      throw coding.malformed("ends too early");
    }
  }

  @Override
  public void release() {
    coding.release();
    coded.release();
  }
}
