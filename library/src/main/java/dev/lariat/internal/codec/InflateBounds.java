package dev.lariat.internal.codec;

import dev.lariat.message.Reason.Bound;

/**
 * How much compressed data may give, and how much of it may give nothing. Whoever inflates counts
 * each step here.
 *
 * <p>The ratio of decompressed to compressed bytes is looked at for each message, or body, from 1
 * MiB on. So that a thousand messages of just less are no way around it, what messages give beyond
 * the ratio is added up: there may be 16 MiB of it, as much as one message may have by default. It
 * shrinks by what other messages stay below the ratio, and by 1 MiB a second, so that a feed of
 * black pictures goes on.
 *
 * <p>Data that gives nothing (empty blocks and members, names, what is to be skipped) costs time
 * and passes no ratio. So there may be no more than 1 MiB of it, where each inflated byte makes up
 * for 16: a stream that is flushed for each byte needs 10.
 */
public final class InflateBounds {
  /** Below this many bytes neither says anything: a short message of one letter is no attack. */
  public static final int FROM = 1 << 20;

  static final int EXCESS = 16 << 20; // bytes beyond the ratio, of messages together
  private static final long FORGOTTEN = 1_000_000_000L >> 20; // nanoseconds for each of them
  private static final int WORTH = 16; // bytes without output that an inflated byte makes up for

  private final int maxRatio;
  private long taken; // compressed bytes of the current message
  private long given; // inflated bytes of the current message
  private long excess; // bytes beyond the ratio, of the messages before this one
  private long now;
  private long barren;

  /** The bounds of a stream with at most so many inflated bytes for each compressed byte. */
  public InflateBounds(int maxRatio) {
    this.maxRatio = maxRatio;
  }

  /** Says what time it is. */
  void at(long now) {
    if (excess > 0) {
      excess = Math.max(0, excess - (now - this.now) / FORGOTTEN);
    }
    this.now = now;
  }

  /** Counts a step that used up this much and gave that much. */
  public void count(int taken, int given) throws Violation {
    this.taken += taken;
    this.given += given;
    barren = Math.max(0, barren + taken - (long) given * WORTH);
    if (this.given > FROM && this.given > this.taken * maxRatio) {
      throw Violation.limit(Bound.INFLATE_RATIO, maxRatio);
    }
    if (barren > FROM) {
      throw Violation.limit(Bound.WITHOUT_OUTPUT, FROM);
    }
  }

  /** Whether anything of the current message was used up. */
  boolean begun() {
    return taken > 0;
  }

  /** The current message has ended, and another follows. */
  void ended() throws Violation {
    excess = Math.max(0, excess + given - taken * maxRatio);
    taken = 0;
    given = 0;
    if (excess > EXCESS) {
      throw Violation.limit(Bound.INFLATE_RATIO, maxRatio);
    }
  }
}
